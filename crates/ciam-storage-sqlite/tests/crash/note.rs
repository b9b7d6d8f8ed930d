//! What a process says about itself while it lives: one line before and one after every effect.

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Note {
    /// A person is about to do something.
    Will { who: String, deed: Deed },
    /// What they were about to do is acknowledged; with the id that came back, if one did.
    Did { who: String, id: Option<String> },
    /// What they were about to do is refused.
    Refused { who: String, reason: String },
    /// A notice reached its gateway.
    Delivered { event: String, user: String, kind: String, to: String },
}

/// What a person does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Deed {
    Join { phone: String, email: String, password: String },
    SignIn { session: String, at: i64 },
    Begin { session: String, operation: String, at: i64 },
    AskForCode { flow: String, to: String },
    Guess { flow: String },
    Prove { session: String, flow: String, code: Option<String> },
    Change { session: String, flow: String, change: Change, code: Option<String> },
    EndOthers { session: String },
    Cancel { session: String, flow: String },
}

/// What an operation changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Password(String),
    Email(String),
    Phone(String),
    Deletion,
}

impl Deed {
    /// The flow that it belongs to.
    pub(crate) fn flow(&self) -> Option<&str> {
        match self {
            Self::AskForCode { flow, .. }
            | Self::Guess { flow }
            | Self::Prove { flow, .. }
            | Self::Change { flow, .. }
            | Self::Cancel { flow, .. } => Some(flow),
            Self::Join { .. } | Self::SignIn { .. } | Self::Begin { .. } | Self::EndOthers { .. } => None,
        }
    }
}
