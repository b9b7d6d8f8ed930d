//! Signing tokens.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::EventId;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{Random, TokenError, TokenGrant, TokenIssuer};
use jsonwebtoken::Header;

use crate::claims::Written;
use crate::key::SigningKey;
use crate::trust::ACCESS_TOKEN;

/// Makes access tokens of RFC 9068.
pub struct JwtIssuer {
    issuer: String,
    audience: String,
    key: SigningKey,
    random: Arc<dyn Random>,
}

impl JwtIssuer {
    /// An issuer with its name, the audience of its tokens and the key in use; `random` gives each token its `jti`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str, key: SigningKey, random: Arc<dyn Random>) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), key, random }
    }

    fn header(&self) -> Header {
        let mut header = Header::new(self.key.algorithm().wire());
        header.typ = Some(ACCESS_TOKEN.to_owned());
        header.kid = Some(self.key.id().to_owned());
        header
    }
}

#[async_trait]
impl TokenIssuer for JwtIssuer {
    async fn issue(&self, grant: &TokenGrant) -> Result<SecretText, TokenError> {
        let mut bits = [0; 16];
        self.random.fill(&mut bits).map_err(|error| TokenError::Unavailable(Box::new(error)))?;
        let jti = EventId::from_random(bits);
        let claims = Written::new(&self.issuer, &self.audience, jti.as_str(), grant);
        jsonwebtoken::encode(&self.header(), &claims, &self.key.key)
            .map(SecretText::new)
            .map_err(|error| TokenError::Unavailable(Box::new(error)))
    }
}
