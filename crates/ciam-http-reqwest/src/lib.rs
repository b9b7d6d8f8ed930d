//! HTTPS calls of ciam to other services, by reqwest and rustls.
//!
//! [`ReqwestClient`] follows no redirect, sends nothing in the clear but to the loopback, reads a bounded body in a
//! bounded time, and uses the proxies of the environment only where it is told to. Certificates are checked against the
//! roots of the operating system. It tries once, and keeps connections open for later calls. It needs the runtime of
//! tokio.
//!
//! ```
//! use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
//!
//! let client = ReqwestClient::new(Bounds::default(), Proxies::None)?;
//! # Ok::<(), ciam_http_reqwest::ClientError>(())
//! ```

mod address;

use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::secret::SecretBytes;
use ciam_ports::{HttpClient, HttpError, HttpMethod, HttpReply, HttpRequest};
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

/// How much and how long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the call to the last byte of the reply; 8 seconds by default.
    pub timeout: Duration,
    /// For the connection and its handshake; 4 seconds by default.
    pub connect_timeout: Duration,
    /// The longest body, in bytes; 256 KiB by default.
    pub max_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(8),
            connect_timeout: Duration::from_secs(4),
            max_bytes: 256 * 1024,
        }
    }
}

/// Through whom calls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxies {
    /// Nobody.
    #[default]
    None,
    /// The proxies named by `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    Environment,
}

/// The client could not be made, such as without any root certificate.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client cannot be made")]
pub struct ClientError(#[source] reqwest::Error);

/// Calls other services.
#[derive(Debug, Clone)]
pub struct ReqwestClient {
    client: Client,
    max_bytes: usize,
}

impl ReqwestClient {
    /// A client with a pool of connections of its own.
    ///
    /// # Errors
    /// [`ClientError`] where TLS cannot be set up.
    pub fn new(bounds: Bounds, proxies: Proxies) -> Result<Self, ClientError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(bounds.timeout)
            .connect_timeout(bounds.connect_timeout)
            .referer(false)
            .retry(reqwest::retry::never());
        let client = match proxies {
            Proxies::None => client.no_proxy(),
            Proxies::Environment => client,
        };
        let client = client.build().map_err(ClientError)?;
        Ok(Self { client, max_bytes: bounds.max_bytes })
    }

    async fn whole(&self, mut response: Response) -> Result<HttpReply, HttpError> {
        let told = response.content_length().unwrap_or(0);
        if usize::try_from(told).map_or(true, |told| told > self.max_bytes) {
            return Err(HttpError::TooLong);
        }
        let status = response.status().as_u16();
        let mut body = Vec::with_capacity(4 * 1024);
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, body: SecretBytes::new(body) })
    }
}

#[async_trait]
impl HttpClient for ReqwestClient {
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        let url = address::parse(request.url.expose()).ok_or(HttpError::Address)?;
        let mut call = match request.method {
            HttpMethod::Get => self.client.get(url),
            HttpMethod::Post => self.client.post(url),
        };
        for (name, value) in &request.headers {
            let mut value = HeaderValue::from_str(value.expose())
                .map_err(|error| HttpError::Unreachable(Box::new(error)))?;
            value.set_sensitive(true);
            call = call.header(*name, value);
        }
        if let Some(body) = &request.body {
            call = call.body(body.expose().to_owned());
        }
        self.whole(call.send().await.map_err(unreachable)?).await
    }
}

/// The address holds secrets of some services, and goes into no error.
fn unreachable(error: reqwest::Error) -> HttpError {
    HttpError::Unreachable(Box::new(error.without_url()))
}
