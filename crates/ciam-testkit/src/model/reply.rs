//! What calls are answered.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::flow::Method;

use super::visit::In;

/// A factor, how long it has to wait, and how many of its codes are left.
pub(super) type Offer = (Method, Option<Duration>, Option<usize>);

/// What a use case is expected to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Done,
    /// The factors to choose from; `None`: the action comes next.
    Next(Option<Vec<Method>>),
    /// The factors with their waiting times, and how many of their codes are left; `None`: no factor is demanded.
    Offers(Option<Vec<Offer>>),
    /// Something was begun that can be confirmed until then.
    Begun(Instant),
    Refused(&'static str),
    /// The devices by number, and whether each is bound.
    Devices(Vec<(usize, bool)>),
    /// The passkeys by authenticator, and when each was used last.
    Keys(Vec<(usize, Option<Instant>)>),
    /// A passkey is asked for until then: one of these.
    Asked(Instant, Vec<usize>),
    /// The sessions by name, and whether each is the one that asks.
    Own(Vec<(usize, bool)>),
    /// Signed in, or tokens replaced.
    In(In),
    /// A second factor comes first.
    Second(Vec<Method>),
    /// A new password comes first, after one of these.
    NewPassword(Vec<Method>),
    /// A deletion can be called back after one of these.
    Restorable(Vec<Method>),
    /// A deletion is called back.
    Restored,
    /// How the erasure of each account ended.
    Purged(Vec<(usize, &'static str)>),
    /// The world failed.
    Failed,
}
