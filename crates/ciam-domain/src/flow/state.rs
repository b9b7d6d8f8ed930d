//! Where a flow stands. Each state holds what exists only then.

use super::{Method, MethodSet};
use crate::Instant;
use crate::user::Channel;

/// What lets a flow act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The policy demanded no factor when the flow began.
    NotDemanded,
    /// The person signed in just now.
    SignIn {
        /// When.
        at: Instant,
    },
    /// A factor was proven.
    Factor {
        /// Which.
        method: Method,
        /// When.
        at: Instant,
    },
}

/// Where a flow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A second factor is to be proven.
    AwaitingFactor {
        /// By one of these.
        allowed: MethodSet,
    },
    /// The action, or the code to the new address, comes next.
    Ready {
        /// Why it may.
        proof: Proof,
    },
    /// A code is on its way to the new address; it says itself where it was sent.
    AwaitingAddress {
        /// Why it may.
        proof: Proof,
        /// The kind of the new address.
        channel: Channel,
    },
}
