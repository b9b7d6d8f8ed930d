//! Calls to other services over HTTPS: identity providers and what else speaks HTTP.

use async_trait::async_trait;
use ciam_domain::secret::{SecretBytes, SecretText};

/// The methods that are used (RFC 9110, 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpMethod {
    /// Reads.
    Get,
    /// Sends the body.
    Post,
}

/// What is asked. All of it is a secret, for some services want theirs in the address.
#[derive(Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: HttpMethod,
    /// The whole address, `https://` and all.
    pub url: SecretText,
    /// Further header fields.
    pub headers: Vec<(&'static str, SecretText)>,
    /// The body; none is sent where it is absent.
    pub body: Option<SecretText>,
}

impl HttpRequest {
    /// Reads an address that wants a JSON reply.
    #[must_use]
    pub fn get(url: SecretText) -> Self {
        Self { method: HttpMethod::Get, url, headers: vec![accept()], body: None }
    }

    /// Posts fields as a form that wants a JSON reply.
    #[must_use]
    pub fn post_form(url: SecretText, fields: &[(&str, &str)]) -> Self {
        let form = SecretText::new("application/x-www-form-urlencoded;charset=utf-8".to_owned());
        let headers = vec![accept(), ("content-type", form)];
        Self { method: HttpMethod::Post, url, headers, body: Some(form_encoded(fields)) }
    }

    /// Adds a header field.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: SecretText) -> Self {
        self.headers.push((name, value));
        self
    }
}

fn accept() -> (&'static str, SecretText) {
    ("accept", SecretText::new("application/json".to_owned()))
}

/// Fields as `application/x-www-form-urlencoded`, as a body or behind the `?` of an address.
#[must_use]
pub fn form_encoded(fields: &[(&str, &str)]) -> SecretText {
    let mut text = String::with_capacity(256);
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        push_encoded(&mut text, name);
        text.push('=');
        push_encoded(&mut text, value);
    }
    SecretText::new(text)
}

fn push_encoded(text: &mut String, part: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            _ => text.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

/// What came back, whatever its status.
#[derive(Debug)]
pub struct HttpReply {
    /// The status (RFC 9110, 15).
    pub status: u16,
    /// The body.
    pub body: SecretBytes,
}

/// Why there is no reply. No variant shows the address.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is none, or would send secrets in the clear; nothing was sent.
    #[error("the address is neither https nor on the loopback")]
    Address,
    /// The body is longer than the client reads.
    #[error("the reply is too long")]
    TooLong,
    /// The other side was not reached, broke off, or took too long.
    #[error("the service cannot be reached")]
    Unreachable(#[source] crate::Source),
}

/// Calls other services.
///
/// - `a_request_arrives_as_it_is`: method, path, query, header fields and body MUST arrive unchanged.
/// - `a_reply_comes_back_as_it_is`: status and body MUST come back unchanged, be the status one of success or not.
/// - `a_redirect_is_not_followed`: a reply of status 3xx MUST come back as any other; what was sent holds secrets
///   of the address alone that it was sent to.
/// - `a_long_reply_is_an_error`: a body beyond the bound of the client MUST be [`HttpError::TooLong`] and not be read
///   to its end, be its length told or not.
/// - `a_reply_cut_short_is_an_error`: a body that ends before its told length MUST be [`HttpError::Unreachable`].
/// - `a_silent_server_is_an_error`: a server that does not reply in the time of the client MUST be
///   [`HttpError::Unreachable`].
/// - `nothing_goes_in_the_clear`: `http://` to another host than the loopback, and any other scheme, MUST be
///   [`HttpError::Address`].
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends one request, once.
    ///
    /// # Errors
    /// [`HttpError`].
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_form_are_encoded() {
        let form = form_encoded(&[("a b", "1+2=3&4"), ("名", "~/*-._é")]);
        assert_eq!(form.expose(), "a+b=1%2B2%3D3%264&%E5%90%8D=%7E%2F*-._%C3%A9");
    }

    #[test]
    fn a_request_shows_nothing_of_its_secrets() {
        let request =
            HttpRequest::post_form(SecretText::new("https://a/?k=s3cret".to_owned()), &[("p", "s3cret")])
                .with_header("authorization", SecretText::new("s3cret".to_owned()));
        assert!(!format!("{request:?}").contains("s3cret"));
    }
}
