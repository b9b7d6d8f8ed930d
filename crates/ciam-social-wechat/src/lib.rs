//! Social sign-in by `WeChat` for ciam.
//!
//! [`WechatVerifier`] exchanges the code of a web or mobile application, of an official account or of a mini program, and
//! tells whom `WeChat` names: by the `openid` of the application, or by the `unionid` of its account on the Open Platform.
//! The secrets of applications come from the host. What `WeChat` gives besides (tokens, session keys) is not kept.
//!
//! `WeChat` takes codes and secrets in the address, as its documents say; here they stand in no error and no log.

mod reply;
mod settings;

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{Issuer, SocialSource, SocialSourceId};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::http::form_encoded;
use ciam_ports::{
    HttpClient, HttpRequest, SocialError, SocialIdentity, SocialProof, SocialVerifier, SourceSecrets,
};

use crate::reply::{ReplyError, subject};
use crate::settings::WechatSettings;

pub use settings::SettingError;

/// The longest code that is passed on; `WeChat`'s have 32 characters.
const MAX_CODE: usize = 128;

/// The host gave no secret for a source.
#[derive(Debug, thiserror::Error)]
#[error("the host gave no secret for this source")]
struct NoSecret;

/// Checks codes of the type `wechat`.
pub struct WechatVerifier {
    http: Arc<dyn HttpClient>,
    secrets: SourceSecrets<SecretText>,
}

impl WechatVerifier {
    /// A verifier that asks `WeChat` through a client.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>) -> Self {
        Self { http, secrets: SourceSecrets::default() }
    }

    /// Gives the `AppSecret` of a source.
    #[must_use]
    pub fn with_secret(mut self, source: (TenantId, SocialSourceId), secret: SecretText) -> Self {
        self.secrets.insert(source, secret);
        self
    }

    /// Checks the settings of a source without asking anybody.
    ///
    /// # Errors
    /// [`SettingError`] for the first that cannot be used.
    pub fn check(source: &SocialSource) -> Result<(), SettingError> {
        WechatSettings::read(&source.settings).map(drop)
    }

    fn request(
        &self,
        source: &SocialSource,
        settings: &WechatSettings,
        code: &str,
    ) -> Result<HttpRequest, NoSecret> {
        let secret = self.secrets.of(source).ok_or(NoSecret)?;
        let query = form_encoded(&[
            ("appid", settings.app_id.as_str()),
            ("secret", secret.expose()),
            (settings.code_field(), code),
            ("grant_type", "authorization_code"),
        ]);
        let url = SecretText::new(format!("{}?{}", settings.endpoint(), query.expose()));
        Ok(HttpRequest::get(url))
    }
}

#[async_trait]
impl SocialVerifier for WechatVerifier {
    async fn verify(
        &self,
        source: &SocialSource,
        proof: &SocialProof,
        _now: Instant,
    ) -> Result<SocialIdentity, SocialError> {
        let code = Some(proof.code.expose()).filter(|code| is_code(code)).ok_or(SocialError::Rejected)?;
        let settings = WechatSettings::read(&source.settings).map_err(SocialError::unavailable)?;
        let request = self.request(source, &settings, code).map_err(SocialError::unavailable)?;
        let reply = self.http.send(request).await.map_err(SocialError::unavailable)?;
        let subject = subject(reply.status, reply.body.expose(), &settings.subject);
        let subject = subject.map_err(|error| match error {
            ReplyError::Code => SocialError::Rejected,
            other => SocialError::unavailable(other),
        })?;
        let issuer = Issuer::parse(&settings.issuer()).map_err(SocialError::unavailable)?;
        Ok(SocialIdentity { issuer, subject, email: None, name: None })
    }
}

fn is_code(text: &str) -> bool {
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
