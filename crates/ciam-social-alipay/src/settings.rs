//! What the settings of a source say.

use std::collections::BTreeMap;

/// The gateway in production.
const GATEWAY: &str = "https://openapi.alipay.com/gateway.do";

/// A setting of a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {setting} must be {range}")]
pub struct SettingError {
    /// Its name.
    pub setting: String,
    /// What it may be.
    pub range: &'static str,
}

fn refused(setting: &str, range: &'static str) -> SettingError {
    SettingError { setting: setting.to_owned(), range }
}

/// By what a person is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The `user_id`, the same for every application.
    UserId,
    /// The `open_id`, one for each application.
    OpenId,
}

/// A source as configured.
#[derive(Debug)]
pub(crate) struct AlipaySettings {
    pub(crate) app_id: String,
    pub(crate) gateway: String,
    pub(crate) subject: Subject,
    /// The public key of Alipay for this application, in PEM or as its one line of base64.
    pub(crate) alipay_public_key: String,
}

impl AlipaySettings {
    pub(crate) fn read(settings: &BTreeMap<String, String>) -> Result<Self, SettingError> {
        let known = ["client_id", "gateway", "subject", "alipay_public_key"];
        if let Some(unknown) = settings.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(refused(unknown, "absent: there is no such setting"));
        }
        let text = |name: &str| settings.get(name).filter(|value| !value.is_empty()).cloned();
        let subject = match text("subject").as_deref() {
            None | Some("user_id") => Subject::UserId,
            Some("open_id") => Subject::OpenId,
            Some(_) => return Err(refused("subject", "user_id or open_id")),
        };
        Ok(Self {
            app_id: text("client_id").ok_or_else(|| refused("client_id", "the app_id"))?,
            gateway: text("gateway").unwrap_or_else(|| GATEWAY.to_owned()),
            subject,
            alipay_public_key: text("alipay_public_key")
                .ok_or_else(|| refused("alipay_public_key", "the public key of Alipay"))?,
        })
    }

    /// Who names the subject.
    pub(crate) fn issuer(&self) -> String {
        match self.subject {
            Subject::UserId => "alipay:user".to_owned(),
            Subject::OpenId => format!("alipay:app:{}", self.app_id),
        }
    }
}
