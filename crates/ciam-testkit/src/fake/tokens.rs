//! Tokens that are names of claims.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use ciam::domain::Instant;
use ciam::domain::secret::SecretText;
use ciam::ports::{TokenClaims, TokenError, TokenGrant, TokenIssuer, TokenOrigin, TokenVerifier};

use super::locked;

/// Issues tokens and knows what each one says.
#[derive(Debug, Default)]
pub struct FakeTokens(Mutex<HashMap<String, TokenClaims>>);

impl FakeTokens {
    /// Forgets every token, so that a long measurement does not grow.
    pub fn forget(&self) {
        locked(&self.0).clear();
    }

    /// A token that says exactly this.
    pub fn says(&self, claims: TokenClaims) -> SecretText {
        let mut known = locked(&self.0);
        let name = format!("fake-token-{}-of-{}", known.len(), claims.subject);
        known.insert(name.clone(), claims);
        SecretText::new(name)
    }
}

#[async_trait]
impl TokenVerifier for FakeTokens {
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError> {
        let known = locked(&self.0).get(token.expose()).cloned();
        known.filter(|claims| now < claims.expires_at).ok_or(TokenError::Invalid)
    }
}

#[async_trait]
impl TokenIssuer for FakeTokens {
    async fn issue(&self, grant: &TokenGrant) -> Result<SecretText, TokenError> {
        Ok(self.says(TokenClaims {
            origin: TokenOrigin::Own,
            tenant: grant.tenant.clone(),
            subject: grant.subject.clone(),
            session: Some(grant.session.clone()),
            scopes: grant.scopes.clone(),
            client: grant.client.clone(),
            amr: grant.amr.clone(),
            auth_time: Some(grant.auth_time),
            issued_at: grant.issued_at,
            expires_at: grant.expires_at,
        }))
    }
}
