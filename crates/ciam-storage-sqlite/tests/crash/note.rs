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
    Join {
        phone: String,
        email: String,
        password: String,
    },
    SignIn {
        session: String,
        at: i64,
    },
    /// By name and password; the id is that of the flow in which a second factor comes next.
    Present {
        at: i64,
    },
    /// A code to sign in with, or to recover the password.
    Start {
        operation: String,
        to: String,
        at: i64,
    },
    /// The first factor of a flow that no token belongs to.
    First {
        flow: String,
        code: String,
    },
    /// A wrong code in such a flow.
    GuessOutside {
        flow: String,
    },
    /// The last factor; the id is what the session is known by.
    Enter {
        flow: String,
        code: Option<String>,
        password: String,
    },
    Refresh {
        session: String,
        token: String,
        at: i64,
    },
    Recover {
        flow: String,
        password: String,
    },
    /// Name and password of a deleted account.
    StartRestore {
        at: i64,
    },
    Restore {
        flow: String,
        code: String,
    },
    Erase,
    Begin {
        session: String,
        operation: String,
        at: i64,
    },
    AskForCode {
        flow: String,
        to: String,
    },
    Guess {
        flow: String,
    },
    Prove {
        session: String,
        flow: String,
        code: Option<String>,
    },
    Change {
        session: String,
        flow: String,
        change: Change,
        code: Option<String>,
    },
    EndOthers {
        session: String,
    },
    Cancel {
        session: String,
        flow: String,
    },
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
            | Self::First { flow, .. }
            | Self::GuessOutside { flow }
            | Self::Enter { flow, .. }
            | Self::Recover { flow, .. }
            | Self::Restore { flow, .. }
            | Self::Cancel { flow, .. } => Some(flow),
            Self::Join { .. }
            | Self::SignIn { .. }
            | Self::Present { .. }
            | Self::Start { .. }
            | Self::Refresh { .. }
            | Self::StartRestore { .. }
            | Self::Erase
            | Self::Begin { .. }
            | Self::EndOthers { .. } => None,
        }
    }
}

/// What a session is known by from outside, in one text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entered {
    pub(crate) session: String,
    pub(crate) refresh: String,
    pub(crate) ends_at: i64,
}

impl Entered {
    pub(crate) fn written(&self) -> String {
        serde_json::to_string(self).expect("text")
    }

    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("what was written")
    }
}
