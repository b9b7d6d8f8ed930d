//! The exchange of an authorization code for an ID token (RFC 6749, 4.1.3; RFC 7636, 4.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::http::form_encoded;
use ciam_ports::{HttpClient, HttpReply, HttpRequest, Source};
use serde::Deserialize;

use crate::settings::{ClientAuth, OidcSettings};

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    /// The issuer does not know the code, or does not any more.
    Rejected,
    /// Anything else: the settings, the network, the issuer.
    Unavailable(Source),
}

/// What a token endpoint said and should not have.
#[derive(Debug, thiserror::Error)]
enum ReplyError {
    #[error("the token endpoint answered {0} with the status {1}")]
    Refused(String, u16),
    #[error("the reply of the token endpoint is unreadable")]
    Unreadable(#[source] serde_json::Error),
}

/// A code, and what it was asked for with.
pub(crate) struct Code<'a> {
    pub(crate) value: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
}

/// The tokens of a person.
pub(crate) struct Tokens {
    pub(crate) id_token: SecretText,
    pub(crate) access_token: Option<SecretText>,
}

#[derive(Deserialize)]
struct Success {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
}

/// Asks the token endpoint once. A code is spent by that, whatever comes of it.
pub(crate) async fn exchange(
    http: &dyn HttpClient,
    endpoint: &str,
    (settings, secret): (&OidcSettings, &SecretText),
    code: &Code<'_>,
) -> Result<Tokens, ExchangeError> {
    let request = request(endpoint, settings, secret.expose(), code);
    let reply = http.send(request).await.map_err(|error| ExchangeError::Unavailable(error.into()))?;
    if reply.status == 200 { tokens(&reply) } else { Err(failure(&reply)) }
}

fn request(endpoint: &str, settings: &OidcSettings, secret: &str, code: &Code<'_>) -> HttpRequest {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code.value)];
    let redirect_uri = code.redirect_uri.or(settings.redirect_uri.as_deref());
    fields.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
    fields.extend(code.verifier.map(|verifier| ("code_verifier", verifier)));
    if settings.client_auth != ClientAuth::Basic {
        fields.push(("client_id", &settings.client_id));
    }
    if matches!(settings.client_auth, ClientAuth::Post | ClientAuth::AppleKey) {
        fields.push(("client_secret", secret));
    }
    let request = HttpRequest::post_form(SecretText::new(endpoint.to_owned()), &fields);
    match settings.client_auth {
        ClientAuth::Basic => request.with_header("authorization", basic(&settings.client_id, secret)),
        _ => request,
    }
}

/// Both parts are form-encoded first (RFC 6749, 2.3.1).
fn basic(id: &str, secret: &str) -> SecretText {
    let encoded = |text| {
        let field = form_encoded(&[("", text)]);
        SecretText::new(field.expose().trim_start_matches('=').to_owned())
    };
    let pair = SecretText::new(format!("{}:{}", encoded(id).expose(), encoded(secret).expose()));
    SecretText::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

fn tokens(reply: &HttpReply) -> Result<Tokens, ExchangeError> {
    let success: Success = serde_json::from_slice(reply.body.expose())
        .map_err(|error| ExchangeError::Unavailable(ReplyError::Unreadable(error).into()))?;
    let access_token = success.access_token.map(SecretText::new);
    Ok(Tokens { id_token: SecretText::new(success.id_token), access_token })
}

/// `invalid_grant` is the person's code; every other error is a matter of the host or of the issuer.
fn failure(reply: &HttpReply) -> ExchangeError {
    let named = serde_json::from_slice::<Failure>(reply.body.expose()).ok().map(|failure| failure.error);
    match named.as_deref() {
        Some("invalid_grant") => ExchangeError::Rejected,
        named => {
            let known =
                named.filter(|word| word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_graphic()));
            let word = known.unwrap_or("no error of RFC 6749").to_owned();
            ExchangeError::Unavailable(ReplyError::Refused(word, reply.status).into())
        }
    }
}
