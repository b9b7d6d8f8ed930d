//! Sessions and how they were opened.

use std::sync::Arc;

use crate::source::Source;
use crate::user::{SecurityStamp, User};
use crate::{DeviceId, Instant, SessionId, TenantId, UserId};

/// One way a person proved who they are, by its name in the `amr` claim (RFC 8176).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Amr {
    /// `pwd`: a password.
    Password,
    /// `sms`: a code sent to a phone.
    Sms,
    /// `email`: a code sent to an e-mail address; a name of our own, for RFC 8176 has none.
    Email,
    /// `otp`: a one-time code of an app or a sheet; elsewhere, and in sessions of former versions, a code by any means.
    Otp,
    /// `social`: an account elsewhere; a name of our own, for RFC 8176 has none.
    Social,
    /// `pop`: a passkey. Where its key is kept nobody attests to, so neither `hwk` nor `swk` is claimed (`OpenID` Connect
    /// EAP ACR Values 1.0, 4).
    Passkey,
    /// Any other registered or private value.
    Other(Arc<str>),
}

impl Amr {
    /// `mfa`: several factors by one means, such as a passkey that verifies its person.
    #[must_use]
    pub fn several() -> Self {
        Self::parse("mfa")
    }

    /// Whether the value says enough to tell what the session was opened with. `mfa` and private values do not;
    /// where nothing does, no factor can be shown to be another one.
    #[must_use]
    pub fn tells(&self) -> bool {
        match self {
            Self::Password | Self::Sms | Self::Email | Self::Otp | Self::Social | Self::Passkey => true,
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
            "email" => Self::Email,
            "otp" => Self::Otp,
            "social" => Self::Social,
            "pop" => Self::Passkey,
            other => Self::Other(other.into()),
        }
    }

    /// The claim value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Password => "pwd",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Otp => "otp",
            Self::Social => "social",
            Self::Passkey => "pop",
            Self::Other(other) => other,
        }
    }
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionStage {
    /// The person is still signing in: nothing but that sign-in knows the session.
    Pending,
    /// The person is signed in.
    Open,
    /// It was ended, and stands here so that nothing opens it again: another issuer may still renew its tokens.
    Ended,
}

impl SessionStage {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }

    /// Finds the stage of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Open, Self::Ended].into_iter().find(|stage| stage.as_str() == name)
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
    /// Whether the person is signed in yet.
    pub stage: SessionStage,
    /// The compare-and-set counter.
    pub revision: u32,
    /// How often its refresh token was replaced: only the token of this generation is current.
    pub generation: u32,
    /// When it was last used for new tokens.
    pub used_at: Instant,
    /// When it ends unless it is used before.
    pub idle_ends_at: Option<Instant>,
    /// The application that it was opened for (`client_id`).
    pub client: Option<String>,
    /// The scopes that its access tokens carry.
    pub scopes: Vec<String>,
    /// The device that it was opened on.
    pub device: Option<DeviceId>,
    /// Where it was opened or last used from.
    pub source: Option<Source>,
}

impl Session {
    /// A session of a person who signs in now: nothing is known of how and from where.
    #[must_use]
    pub fn open(user: &User, id: SessionId, now: Instant, expires_at: Instant) -> Self {
        Self {
            tenant: user.tenant.clone(),
            id,
            user: user.id.clone(),
            stamp: user.stamp,
            amr: Vec::new(),
            auth_time: now,
            expires_at,
            stage: SessionStage::Open,
            revision: 0,
            generation: 0,
            used_at: now,
            idle_ends_at: None,
            client: None,
            scopes: Vec::new(),
            device: None,
            source: None,
        }
    }

    /// What stands for a session that was ended at `now`, as long as a session may live.
    #[must_use]
    pub fn ended(user: &User, id: SessionId, now: Instant, expires_at: Instant) -> Self {
        Self { stage: SessionStage::Ended, ..Self::open(user, id, now, expires_at) }
    }

    /// Whether the session may act for a user whose stamp is `stamp`.
    #[must_use]
    pub fn is_alive(&self, stamp: &SecurityStamp, now: Instant) -> bool {
        self.stage == SessionStage::Open && self.stamp == *stamp && now < self.ends_at()
    }

    /// When it ends, unless it is used before.
    #[must_use]
    pub fn ends_at(&self) -> Instant {
        self.idle_ends_at.map_or(self.expires_at, |idle| idle.min(self.expires_at))
    }
}
