//! Social sign-in by Alipay for ciam.
//!
//! [`AlipayVerifier`] exchanges the code of an application at the gateway of Alipay and tells whom Alipay names. Requests
//! are signed with the private key of the application, which comes from the host; a reply counts when it is signed with
//! Alipay's public key, which is a setting of the source. Both are RSA2: RSA PKCS #1 v1.5 with SHA-256, by aws-lc-rs.
//! Certificates in the place of keys are not supported.

mod gateway;
mod rsa2;
mod settings;

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{Issuer, SocialSource, SocialSourceId};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{HttpClient, SocialError, SocialIdentity, SocialProof, SocialVerifier, SourceSecrets};

use crate::gateway::GatewayError;
use crate::rsa2::ApplicationKey;
use crate::settings::AlipaySettings;

pub use rsa2::KeyError;
pub use settings::SettingError;

/// The longest code that is passed on; Alipay's have 40 characters at most.
const MAX_CODE: usize = 128;

/// The host gave no key for a source.
#[derive(Debug, thiserror::Error)]
#[error("the host gave no private key for this source")]
struct NoKey;

/// Checks codes of the type `alipay`.
pub struct AlipayVerifier {
    http: Arc<dyn HttpClient>,
    keys: SourceSecrets<ApplicationKey>,
}

impl AlipayVerifier {
    /// A verifier that asks Alipay through a client.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>) -> Self {
        Self { http, keys: SourceSecrets::default() }
    }

    /// Gives the private key of a source's application: PKCS #8 or PKCS #1, in PEM or as the one line of base64 that
    /// Alipay's tools write.
    ///
    /// # Errors
    /// [`KeyError`] where it is no RSA key of 2048 bits or more.
    pub fn with_key(
        mut self,
        source: (TenantId, SocialSourceId),
        key: &SecretText,
    ) -> Result<Self, KeyError> {
        self.keys.insert(source, ApplicationKey::read(key)?);
        Ok(self)
    }

    /// Checks the settings of a source without asking anybody.
    ///
    /// # Errors
    /// [`SettingError`] for the first that cannot be used.
    pub fn check(source: &SocialSource) -> Result<(), SettingError> {
        AlipaySettings::read(&source.settings).map(drop)
    }
}

#[async_trait]
impl SocialVerifier for AlipayVerifier {
    async fn verify(
        &self,
        source: &SocialSource,
        proof: &SocialProof,
        now: Instant,
    ) -> Result<SocialIdentity, SocialError> {
        let code = Some(proof.code.expose()).filter(|code| is_code(code)).ok_or(SocialError::Rejected)?;
        let settings = AlipaySettings::read(&source.settings).map_err(SocialError::unavailable)?;
        let key = self.keys.of(source).ok_or_else(|| SocialError::unavailable(NoKey))?;
        let request = gateway::request(&settings, key, code, now).map_err(SocialError::unavailable)?;
        let reply = self.http.send(request).await.map_err(SocialError::unavailable)?;
        let subject = gateway::subject(&reply, &settings).map_err(|error| match error {
            GatewayError::Code => SocialError::Rejected,
            other => SocialError::unavailable(other),
        })?;
        let issuer = Issuer::parse(&settings.issuer()).map_err(SocialError::unavailable)?;
        Ok(SocialIdentity { issuer, subject, email: None, name: None })
    }
}

fn is_code(text: &str) -> bool {
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
