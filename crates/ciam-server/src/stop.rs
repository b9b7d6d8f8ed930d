//! Why a command ends early.

use std::fmt::Display;

/// A command did not do what was asked. The text is one line for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// It was understood and refused, or the world failed: exit status 1.
    #[error("{0}")]
    Refused(String),
    /// Arguments or configuration cannot be used: exit status 2.
    #[error("{0}")]
    Unusable(String),
}

impl Stop {
    /// A refusal that says what was being done and why it did not work, down to the first cause.
    pub(crate) fn failed(doing: impl Display, error: &dyn std::error::Error) -> Self {
        Self::Refused(format!("{doing}: {}", causes(error)))
    }

    /// The exit status of the process.
    pub(crate) const fn status(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Unusable(_) => 2,
        }
    }
}

/// An error and its causes in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
