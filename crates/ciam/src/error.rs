//! What a use case answers when it does not do what was asked.

use std::time::Duration;

use ciam_domain::Refusal;
use ciam_domain::consent::ConsentRefusal;
use ciam_domain::password::PasswordRefusal;
use ciam_domain::refusal::{
    AccessRefusal, CaptchaRefusal, ContactRefusal, CredentialRefusal, FactorRefusal, FlowRefusal,
    GestureRefusal, PasskeyRefusal, ProfileRefusal, RateRefusal, SignInRefusal, SocialRefusal,
};
use ciam_ports::{
    CaptchaError, DeliveryError, GestureError, HasherError, KeysError, PasskeyError, RandomError,
    SocialError, StoreError, TokenError,
};

/// The use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The world failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The world failed. Nothing was decided; nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Too much at once; try again after this time.
    #[error("too busy")]
    Overloaded {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// A message did not go out. It counts against its limits all the same.
    #[error("delivery failed")]
    Delivery(#[source] DeliveryError),
    /// The password hasher failed.
    #[error("password hashing failed")]
    Hasher(#[source] HasherError),
    /// Keys could not be had.
    #[error("keys could not be had")]
    Keys(#[from] KeysError),
    /// Chance could not be had.
    #[error("randomness could not be had")]
    Random(#[from] RandomError),
    /// Tokens could not be processed.
    #[error("tokens could not be processed")]
    Token(#[source] TokenError),
    /// The captcha service failed. What needed a captcha was not done.
    #[error("the captcha service failed")]
    Captcha(#[from] CaptchaError),
    /// A provider of accounts elsewhere could not be asked. Nothing was bound or opened.
    #[error("the provider could not be asked")]
    Social(#[source] SocialError),
    /// The sign of a device could not be looked at.
    #[error("the sign of a device could not be verified")]
    Gesture(#[from] GestureError),
    /// The answer of an authenticator could not be looked at.
    #[error("passkeys could not be verified")]
    Passkey(#[from] PasskeyError),
    /// The host has no port for this.
    #[error("the host does not offer this")]
    NotOffered,
}

impl Failure {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !matches!(self, Self::NotOffered | Self::Store(StoreError::Corrupt(_)))
    }
}

impl Error {
    pub(crate) const fn is_stale(&self) -> bool {
        matches!(self, Self::Failed(Failure::Store(StoreError::Stale)))
    }

    /// The stable reason code; `failure` when no rule but the world said no.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.reason(),
            Self::Failed(_) => "failure",
        }
    }
}

macro_rules! refusals {
    ($($area:ty),*) => {
        $(impl From<$area> for Error {
            fn from(refusal: $area) -> Self {
                Self::Refused(refusal.into())
            }
        })*
    };
}

refusals!(
    AccessRefusal,
    FlowRefusal,
    FactorRefusal,
    PasswordRefusal,
    ContactRefusal,
    RateRefusal,
    SignInRefusal,
    CaptchaRefusal,
    ConsentRefusal,
    GestureRefusal,
    PasskeyRefusal,
    ProfileRefusal,
    SocialRefusal,
    CredentialRefusal
);

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Failed(Failure::Store(error))
    }
}

impl From<HasherError> for Error {
    fn from(error: HasherError) -> Self {
        Self::Failed(match error {
            HasherError::Overloaded { retry_after } => Failure::Overloaded { retry_after },
            other => Failure::Hasher(other),
        })
    }
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<RandomError> for Error {
    fn from(error: RandomError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => AccessRefusal::InvalidToken.into(),
            unavailable @ TokenError::Unavailable(_) => Self::Failed(Failure::Token(unavailable)),
        }
    }
}
