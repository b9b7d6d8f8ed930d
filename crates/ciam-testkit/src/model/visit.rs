//! What somebody does who is not signed in, and what they hold afterwards.

use ciam::domain::Instant;
use ciam::domain::flow::{Method, Operation};

use super::command::{Guess, Id};
use super::gadget::Knock;
use super::keyring::Answer;
use super::state::Spot;

/// User names by number; the first four are somebody's.
pub(super) const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin.f", "frank"];

/// What somebody signs in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    User(usize),
    Spot(Spot),
    /// Text that is no name at all.
    Junk,
}

/// A name and a password as they are presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) tenant: usize,
    pub(super) name: Name,
    pub(super) password: usize,
    /// The token of a device, whosever it is.
    pub(super) device: Option<usize>,
    /// The network, where it is known.
    pub(super) source: Option<u8>,
}

/// A flow in a tenant; `None` is an id that never was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct On {
    pub(super) tenant: usize,
    pub(super) flow: Id,
}

/// A call without an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visit {
    SignIn(Entry),
    /// To call back a deletion.
    Restore(Entry),
    /// A code to sign in with, or to recover the password.
    Start {
        operation: Operation,
        tenant: usize,
        name: Name,
        source: Option<u8>,
    },
    SendCode(On, Method),
    VerifyCode(On, Method, Guess),
    VerifyPassword(On, usize),
    SetPassword(On, usize),
    /// A challenge for a device to sign in by.
    Ask {
        tenant: usize,
        device: usize,
    },
    /// A challenge for whichever passkey, at the door or in a flow, and the answers to it.
    AskKey {
        tenant: usize,
    },
    AskKeyIn(On),
    KeyIn(On, Answer),
    ByKey {
        tenant: usize,
        answer: Answer,
        source: Option<u8>,
    },
    /// By the sign of a device.
    Knock(Knock),
    /// With a refresh token, whosever it is; `None` is one that somebody made up.
    Refresh {
        tenant: usize,
        pass: Option<usize>,
    },
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) account: usize,
    pub(super) session: usize,
    /// A session whose id was given out again is another one.
    pub(super) signed_in: Instant,
    pub(super) generation: u32,
}

/// Tokens that were given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct In {
    pub(super) account: usize,
    /// The name of the session.
    pub(super) session: usize,
    /// The refresh token, in the order of their first appearance.
    pub(super) pass: usize,
    pub(super) access_ends_at: Instant,
    pub(super) ends_at: Instant,
}

/// An identifier of an erased account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tomb {
    pub(super) tenant: usize,
    pub(super) name: Name,
    pub(super) until: Instant,
}

impl Visit {
    /// Whether it may begin a flow.
    pub(super) const fn begins(&self) -> bool {
        matches!(self, Self::SignIn(_) | Self::Restore(_) | Self::Start { .. } | Self::Knock(_))
    }
}
