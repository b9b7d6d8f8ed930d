//! The login history: when, how and from where somebody signed in.

use std::sync::Arc;

use crate::source::Source;
use crate::{DeviceId, EventId, Instant, TenantId, UserId};

/// Why a text cannot stand in the login history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginTextError {
    /// It is no name of a way to sign in.
    #[error("a way to sign in is named by 1 to 32 characters of A-Z, a-z, 0-9, '_' or '-'")]
    Mode,
    /// It is no name of a place.
    #[error("a place is named by 1 to 128 characters, none of them a control character")]
    Location,
}

/// How somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginMode(Name);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Known(&'static str),
    Host(Arc<str>),
}

impl LoginMode {
    /// By password.
    pub const PASSWORD: Self = Self(Name::Known("PWD"));
    /// By a code in a text message.
    pub const SMS: Self = Self(Name::Known("SMS"));
    /// By a code in an e-mail.
    pub const EMAIL: Self = Self(Name::Known("EMAIL"));
    /// By an account elsewhere.
    pub const SOCIAL: Self = Self(Name::Known("SOCIAL"));
    /// By a gesture on a device.
    pub const GESTURE: Self = Self(Name::Known("GESTURE"));
    /// By a passkey.
    pub const PASSKEY: Self = Self(Name::Known("PASSKEY"));

    const KNOWN: [Self; 6] =
        [Self::PASSWORD, Self::SMS, Self::EMAIL, Self::SOCIAL, Self::GESTURE, Self::PASSKEY];

    /// Reads a name: one of those above, or a host's own of 1 to 32 characters of `A-Z a-z 0-9 _ -`.
    ///
    /// # Errors
    /// [`LoginTextError::Mode`] for anything else.
    pub fn parse(text: &str) -> Result<Self, LoginTextError> {
        if let Some(known) = Self::KNOWN.into_iter().find(|known| known.as_str() == text) {
            return Ok(known);
        }
        let fits = (1..=32).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
            return Ok(Self(Name::Host(text.into())));
        }
        Err(LoginTextError::Mode)
    }

    /// The stable name in stores and on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Known(name) => name,
            Name::Host(name) => name,
        }
    }
}

/// How signing in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoginOutcome {
    /// The person is signed in.
    Succeeded,
    /// The person is not.
    Failed,
}

impl LoginOutcome {
    /// The stable name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Finds the outcome of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Succeeded, Self::Failed].into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// The name of a place, as the host found it for a network address; personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoginLocation(Arc<str>);

impl LoginLocation {
    /// Reads the name of a place.
    ///
    /// # Errors
    /// [`LoginTextError::Location`] where it is blank, over 128 characters long, or holds a control character.
    pub fn parse(text: &str) -> Result<Self, LoginTextError> {
        let text = text.trim();
        let fits = (1..=128).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            return Ok(Self(text.into()));
        }
        Err(LoginTextError::Location)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LoginLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginLocation(..)")
    }
}

/// One line of somebody's login history.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRecord {
    /// Its id.
    pub id: EventId,
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// When.
    pub at: Instant,
    /// How.
    pub mode: LoginMode,
    /// How it ended.
    pub outcome: LoginOutcome,
    /// From which network address, where the host knows it.
    pub source: Option<Source>,
    /// From which place, where the host knows it.
    pub location: Option<LoginLocation>,
    /// By which application (`client_id`).
    pub client: Option<String>,
    /// On which device.
    pub device: Option<DeviceId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_read_back_is_the_mode_it_was() {
        for mode in LoginMode::KNOWN {
            assert_eq!(LoginMode::parse(mode.as_str()), Ok(mode));
        }
        assert_eq!(LoginMode::parse("QR_CODE").unwrap().as_str(), "QR_CODE");
    }

    #[test]
    fn texts_that_could_break_out_of_a_line_are_refused() {
        for text in ["", "with space", "a\nb", "é", &"x".repeat(33)] {
            assert_eq!(LoginMode::parse(text), Err(LoginTextError::Mode), "{text:?}");
        }
        for text in ["", "  ", "a\u{7}b", &"é".repeat(129)] {
            assert_eq!(LoginLocation::parse(text), Err(LoginTextError::Location), "{text:?}");
        }
        assert_eq!(LoginLocation::parse(" 杭州, 中国 ").unwrap().as_str(), "杭州, 中国");
    }

    #[test]
    fn a_place_is_not_shown() {
        assert_eq!(format!("{:?}", LoginLocation::parse("Hangzhou").unwrap()), "LoginLocation(..)");
    }
}
