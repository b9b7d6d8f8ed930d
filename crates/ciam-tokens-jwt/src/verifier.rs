//! Checking tokens.

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{TokenClaims, TokenError, TokenVerifier};
use jsonwebtoken::decode_header;
use jsonwebtoken::jwk::{Jwk, JwkSet};

use crate::foreign::{ForeignIssuer, ForeignIssuerError};
use crate::key::VerifyingKey;
use crate::leeway::Leeway;
use crate::trust::{ACCESS_TOKEN, Trust};

/// A longer token is refused before any work is done on it.
const MAX_BYTES: usize = 8 * 1024;

/// This service as an issuer.
#[derive(Debug, Clone)]
pub struct OwnIssuer {
    /// Its name, exactly as in `iss`.
    pub issuer: String,
    /// What `aud` must contain.
    pub audience: String,
    /// The public half of the key in use, and of those it replaced for as long as their tokens live.
    pub keys: Vec<VerifyingKey>,
}

/// Checks access tokens of this service and of the foreign issuers it trusts.
pub struct JwtVerifier {
    leeway: Leeway,
    published: Vec<Jwk>,
    trusts: Vec<Trust>,
}

impl JwtVerifier {
    /// A verifier that trusts this service alone.
    #[must_use]
    pub fn new(own: OwnIssuer, leeway: Leeway) -> Self {
        let OwnIssuer { issuer, audience, keys } = own;
        let published = keys.iter().map(|key| key.jwk.clone()).collect();
        let types = vec![ACCESS_TOKEN.to_owned()];
        Self { leeway, published, trusts: vec![Trust { issuer, audience, types, keys, foreign: None }] }
    }

    /// Trusts one more issuer.
    ///
    /// # Errors
    /// [`ForeignIssuerError`] when none of its keys can be used.
    pub fn with_foreign(mut self, issuer: ForeignIssuer) -> Result<Self, ForeignIssuerError> {
        self.trusts.push(issuer.trust()?);
        Ok(self)
    }

    /// The public keys of this service as a JWKS document (RFC 7517, 5), to be published.
    #[must_use]
    pub fn jwks(&self) -> String {
        serde_json::json!(JwkSet { keys: self.published.clone() }).to_string()
    }

    fn read(&self, token: &str, now: Instant) -> Option<TokenClaims> {
        let header = (token.len() <= MAX_BYTES).then(|| decode_header(token).ok())??;
        if header.crit.is_some() {
            return None;
        }
        self.trusts.iter().find_map(|trust| trust.read(token, &header, now, self.leeway))
    }
}

#[async_trait]
impl TokenVerifier for JwtVerifier {
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError> {
        self.read(token.expose(), now).ok_or(TokenError::Invalid)
    }
}
