//! What can happen to a flow, and what follows from it.

use super::{Flow, Method, MethodSet, Operation};
use crate::challenge::{CodeMatch, Purpose};
use crate::refusal::Refusal;
use crate::user::{Address, Channel};

/// What can happen to a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The person asks for a code as second factor.
    RequestFactorCode(Method),
    /// The person presented a code as second factor; the attempt is paid for.
    PresentFactorCode {
        /// The method they say it is of.
        method: Method,
        /// How the comparison ended.
        outcome: CodeMatch,
        /// Attempts paid in this flow, this one included.
        attempts: u8,
    },
    /// The person presented their password as second factor; the attempt is paid for.
    PresentFactorPassword {
        /// Whether it is the password in use.
        outcome: CodeMatch,
        /// Attempts paid in this flow, this one included.
        attempts: u8,
    },
    /// The person presented a passkey as second factor; the attempt is paid for.
    PresentPasskey {
        /// Whether it is one that proves them here.
        outcome: CodeMatch,
        /// Attempts paid in this flow, this one included.
        attempts: u8,
    },
    /// The person names a new address.
    RequestAddressCode(Address),
    /// The person presented the code sent to the new address; the attempt is paid for.
    PresentAddressCode {
        /// The kind of address they say it confirms.
        channel: Channel,
        /// How the comparison ended.
        outcome: CodeMatch,
        /// Attempts paid in this flow, this one included.
        attempts: u8,
    },
    /// The action, for operations without a new address.
    Act(Operation),
    /// The action was tried with a password that the policy refuses.
    RefusePassword,
    /// The person gives the flow up.
    Cancel,
}

/// What a step wants done, besides storing the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Draw a code, put it in its slot, and send it.
    IssueCode {
        /// What it is for.
        purpose: Purpose,
        /// Where it goes.
        to: Address,
    },
    /// Carry the operation out.
    Perform(Operation),
}

/// What comes next for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Prove one of these factors.
    SecondFactor(MethodSet),
    /// Carry the operation out; a change of address begins with a code to the new one.
    Act(Operation),
}

/// A step that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A code is on its way.
    CodeIssued,
    /// The factor is proven.
    Proven(NextStep),
    /// The operation is carried out, and the flow is over.
    Performed(Operation),
    /// The flow is over.
    Cancelled,
}

/// The outcome of an event. A refusal is part of it: what was charged stays charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The flow as it stands now; `None` when it is over.
    pub next: Option<Flow>,
    /// What is to be done.
    pub effect: Option<Effect>,
    /// The answer.
    pub reply: Result<Reply, Refusal>,
}
