//! Sessions and how they were opened.

use std::sync::Arc;

use crate::user::SecurityStamp;
use crate::{Instant, SessionId, TenantId, UserId};

/// One way a person proved who they are, by its name in the `amr` claim (RFC 8176).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Amr {
    /// `pwd`: a password.
    Password,
    /// `sms`: a code sent to a phone.
    Sms,
    /// `otp`: a one-time code by any means; an e-mail is one, a text message may have been.
    Otp,
    /// Any other registered or private value.
    Other(Arc<str>),
}

impl Amr {
    /// Whether the value says enough to tell what the session was opened with. `mfa` and private values do not;
    /// where nothing does, no factor can be shown to be another one.
    #[must_use]
    pub fn tells(&self) -> bool {
        match self {
            Self::Password | Self::Sms | Self::Otp => true,
            Self::Other(name) => {
                ["face", "fpt", "hwk", "iris", "pin", "retina", "sc", "swk", "vbm"].contains(&&**name)
            }
        }
    }

    /// Reads a claim value.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "pwd" => Self::Password,
            "sms" => Self::Sms,
            "otp" => Self::Otp,
            other => Self::Other(other.into()),
        }
    }

    /// The claim value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Password => "pwd",
            Self::Sms => "sms",
            Self::Otp => "otp",
            Self::Other(other) => other,
        }
    }
}

/// One signed-in session.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// `sid`.
    pub id: SessionId,
    /// Whose session it is.
    pub user: UserId,
    /// The user's stamp when the session was opened or last re-stamped; another stamp now means it is dead.
    pub stamp: SecurityStamp,
    /// How the person signed in.
    pub amr: Vec<Amr>,
    /// When the person signed in.
    pub auth_time: Instant,
    /// The absolute end of the session, used or not.
    pub expires_at: Instant,
}

impl Session {
    /// Whether the session may act for a user whose stamp is `stamp`.
    #[must_use]
    pub fn is_alive(&self, stamp: &SecurityStamp, now: Instant) -> bool {
        self.stamp == *stamp && now < self.expires_at
    }
}
