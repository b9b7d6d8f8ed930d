//! Requests to the gateway and its replies (`alipay.system.oauth.token`).

use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{SocialTextError, Subject as Name};
use ciam_ports::{HttpReply, HttpRequest};
use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

use crate::rsa2::{ApplicationKey, KeyError, is_signed_by};
use crate::settings::{AlipaySettings, Subject};

const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// Why the gateway names nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatewayError {
    /// The code is unknown, used or over.
    #[error("the code is not accepted")]
    Code,
    #[error("the gateway answered with the error {0}")]
    Service(String),
    #[error("the gateway answered with the status {0}")]
    Status(u16),
    #[error("the reply of the gateway is unreadable")]
    Unreadable(#[source] serde_json::Error),
    #[error("the reply is not signed by Alipay")]
    Unsigned,
    #[error("the reply of the gateway names nobody")]
    Nobody,
    #[error("the gateway names somebody oddly")]
    Name(#[from] SocialTextError),
    #[error("a key cannot be used")]
    Key(#[from] KeyError),
    #[error("the time cannot be written")]
    Time(#[source] time::error::Format),
}

/// The signed request that trades a code for the name of a person.
pub(crate) fn request(
    settings: &AlipaySettings,
    key: &ApplicationKey,
    code: &str,
    now: Instant,
) -> Result<HttpRequest, GatewayError> {
    // The gateway reads times as those of Beijing.
    let timestamp =
        OffsetDateTime::from(now).to_offset(offset!(+8)).format(TIMESTAMP).map_err(GatewayError::Time)?;
    // In the order of the alphabet, as they are signed.
    let mut fields = vec![
        ("app_id", settings.app_id.as_str()),
        ("charset", "utf-8"),
        ("code", code),
        ("format", "JSON"),
        ("grant_type", "authorization_code"),
        ("method", "alipay.system.oauth.token"),
        ("sign_type", "RSA2"),
        ("timestamp", &timestamp),
        ("version", "1.0"),
    ];
    let signed = SecretText::new(
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"),
    );
    let signature = key.sign(signed.expose())?;
    fields.push(("sign", &signature));
    Ok(HttpRequest::post_form(SecretText::new(settings.gateway.clone()), &fields))
}

/// The reply with the parts that are signed as the text that they came as.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "alipay_system_oauth_token_response")]
    response: Option<&'a RawValue>,
    #[serde(borrow, rename = "error_response")]
    error: Option<&'a RawValue>,
    sign: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    code: Option<String>,
    sub_code: Option<String>,
    user_id: Option<String>,
    open_id: Option<String>,
}

/// The subject that a reply names, signed by Alipay. An error need not be signed: it lets nobody in.
pub(crate) fn subject(reply: &HttpReply, settings: &AlipaySettings) -> Result<Name, GatewayError> {
    if reply.status != 200 {
        return Err(GatewayError::Status(reply.status));
    }
    let envelope: Envelope<'_> =
        serde_json::from_slice(reply.body.expose()).map_err(GatewayError::Unreadable)?;
    let text = envelope.error.or(envelope.response).ok_or(GatewayError::Nobody)?.get();
    let content: Content = serde_json::from_str(text).map_err(GatewayError::Unreadable)?;
    if envelope.error.is_some() || content.code.as_deref().is_some_and(|code| code != "10000") {
        return Err(refusal(content));
    }
    if !is_signed_by(&settings.alipay_public_key, text, envelope.sign.as_deref().unwrap_or_default())? {
        return Err(GatewayError::Unsigned);
    }
    let named = match settings.subject {
        Subject::UserId => content.user_id,
        Subject::OpenId => content.open_id,
    };
    Ok(Name::parse(&named.ok_or(GatewayError::Nobody)?)?)
}

/// `isv.code-invalid` is the person's code; every other error is a matter of the host or of Alipay.
fn refusal(content: Content) -> GatewayError {
    let named = content.sub_code.or(content.code).unwrap_or_default();
    if named.starts_with("isv.code-") {
        return GatewayError::Code;
    }
    let is_word = named.len() <= 64 && named.bytes().all(|byte| byte.is_ascii_graphic());
    GatewayError::Service(if is_word { named } else { String::new() })
}
