//! Access tokens: what they say, who checks them, who makes them.

use async_trait::async_trait;
use ciam_domain::secret::SecretText;
use ciam_domain::session::Amr;
use ciam_domain::{Instant, SessionId, TenantId, UserId};

/// Who signed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOrigin {
    /// This service; its sessions are in the store.
    Own,
    /// A trusted foreign issuer; its sessions may be unknown to the store.
    Foreign,
}

/// What a token with a good signature, issuer, audience and lifetime says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// Who signed it.
    pub origin: TokenOrigin,
    /// The tenant of the person.
    pub tenant: TenantId,
    /// `sub`: the person.
    pub subject: UserId,
    /// `sid`, else the `jti` of a foreign token; a token with neither opens nothing sensitive.
    pub session: Option<SessionId>,
    /// `scope` as whole words (RFC 6749, 3.3).
    pub scopes: Vec<String>,
    /// `client_id`: the application the token was issued to.
    pub client: Option<String>,
    /// `amr`: how the person signed in (RFC 8176).
    pub amr: Vec<Amr>,
    /// `auth_time`: when the person signed in.
    pub auth_time: Option<Instant>,
    /// `iat`: when the token was issued.
    pub issued_at: Instant,
    /// `exp`: when the token ends.
    pub expires_at: Instant,
}

/// What an access token shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub subject: UserId,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// The application it is issued to.
    pub client: Option<String>,
    /// How the person signed in.
    pub amr: Vec<Amr>,
    /// When the person signed in.
    pub auth_time: Instant,
    /// When the token is issued.
    pub issued_at: Instant,
    /// When the token ends.
    pub expires_at: Instant,
}

/// Why a token tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Malformed, wrongly signed, of another type, issuer or audience, not yet valid or expired.
    #[error("the token is not valid")]
    Invalid,
    /// Keys could not be had, or signing failed.
    #[error("tokens cannot be processed")]
    Unavailable(#[source] crate::Source),
}

/// Checks access tokens.
///
/// - MUST take algorithms from configuration, never from the token's header alone.
/// - MUST refuse a token whose type is not an access token's, or that lacks `iss`, `sub`, `aud`, `exp` or
///   `iat`, or carries them in another JSON type.
/// - MUST allow at most the configured clock skew, at most 60 seconds.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenVerifier: Send + Sync + 'static {
    /// Reads the claims of a token that passes every check at `now`.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] for any defect of the token; [`TokenError::Unavailable`] otherwise.
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError>;
}

/// Makes access tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenIssuer: Send + Sync + 'static {
    /// Signs a token for a session.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when no key can sign.
    async fn issue(&self, grant: &TokenGrant) -> Result<SecretText, TokenError>;
}
