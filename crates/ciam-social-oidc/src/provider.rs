//! What is known of an issuer: its endpoints and its keys, fetched seldom and by one caller at a time.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{HttpClient, HttpRequest, Source};
use serde::Deserialize;

use crate::issuer_key::IssuerKey;

/// How long keys are used before they are fetched again: as long does a key live that the issuer withdrew.
const KEYS_TTL: Duration = Duration::from_hours(1);
/// How long nothing is fetched for a token of an unknown key after the last time.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_mins(1);
/// How long nothing is fetched after a fetch that failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
/// How far apart the times of callers may be that come together.
const ABREAST: Duration = Duration::from_secs(30);

/// Why nothing is known of an issuer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("the document of the issuer is unreadable")]
    Unreadable(#[source] serde_json::Error),
    #[error("the issuer answered with the status {0}")]
    Status(u16),
    #[error("the document is that of another issuer")]
    OtherIssuer,
    #[error("an endpoint of an https issuer is not https")]
    Plain,
    #[error("the issuer could not be reached a moment ago")]
    Paused,
    #[error("the issuer has no token endpoint")]
    NoTokenEndpoint,
}

/// The parts of a discovery document that are used (OpenID Connect Discovery, 3).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    jwks_uri: String,
    pub(crate) token_endpoint: Option<String>,
}

/// What was fetched.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) metadata: Metadata,
    pub(crate) keys: Vec<IssuerKey>,
    fetched_at: Instant,
}

/// One issuer.
pub(crate) struct Provider {
    issuer: String,
    known: RwLock<Option<Arc<Known>>>,
    /// When it was asked last. Who holds it asks; the others wait and find what was fetched.
    asked_at: tokio::sync::Mutex<Option<Instant>>,
}

impl Provider {
    pub(crate) fn new(issuer: String) -> Self {
        Self { issuer, known: RwLock::default(), asked_at: tokio::sync::Mutex::default() }
    }

    /// Endpoints and keys that are not too old at `now`.
    pub(crate) async fn known(&self, http: &dyn HttpClient, now: Instant) -> Result<Arc<Known>, Source> {
        if let Some(known) = self.current(now) {
            return Ok(known);
        }
        let mut asked_at = self.asked_at.lock().await;
        if let Some(known) = self.current(now) {
            return Ok(known);
        }
        if is_within(*asked_at, now, FAILURE_PAUSE) {
            return Err(ProviderError::Paused.into());
        }
        *asked_at = Some(now);
        let metadata = self.discover(http).await?;
        self.fetch_keys(http, metadata, now).await
    }

    /// The keys fetched again for a token whose key is not among `old`, unless that was done a moment ago.
    pub(crate) async fn refreshed(
        &self,
        http: &dyn HttpClient,
        old: Arc<Known>,
        now: Instant,
    ) -> Result<Arc<Known>, Source> {
        let mut asked_at = self.asked_at.lock().await;
        match self.current(now) {
            Some(newer) if !Arc::ptr_eq(&newer, &old) => return Ok(newer),
            _ if is_within(*asked_at, now, UNKNOWN_KEY_PAUSE) => return Ok(old),
            _ => {}
        }
        *asked_at = Some(now);
        self.fetch_keys(http, old.metadata.clone(), now).await
    }

    fn current(&self, now: Instant) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        is_within(Some(known.fetched_at), now, KEYS_TTL).then_some(known)
    }

    async fn discover(&self, http: &dyn HttpClient) -> Result<Metadata, Source> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata =
            serde_json::from_slice(&document(http, url).await?).map_err(ProviderError::Unreadable)?;
        if metadata.issuer != self.issuer {
            return Err(ProviderError::OtherIssuer.into());
        }
        // Plain http is for an issuer on the loopback alone, and no way there for one elsewhere.
        let is_https = |url: &str| url.starts_with("https://");
        let endpoints = [Some(metadata.jwks_uri.as_str()), metadata.token_endpoint.as_deref()];
        if is_https(&self.issuer) && !endpoints.into_iter().flatten().all(is_https) {
            return Err(ProviderError::Plain.into());
        }
        Ok(metadata)
    }

    async fn fetch_keys(
        &self,
        http: &dyn HttpClient,
        metadata: Metadata,
        now: Instant,
    ) -> Result<Arc<Known>, Source> {
        let keys = document(http, metadata.jwks_uri.clone()).await?;
        let keys = IssuerKey::all(&keys).map_err(ProviderError::Unreadable)?;
        let known = Arc::new(Known { metadata, keys, fetched_at: now });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }
}

/// Whether `now` is less than `span` after a moment. A moment that is still far away is none: the clock was set back.
fn is_within(moment: Option<Instant>, now: Instant, span: Duration) -> bool {
    moment.is_some_and(|moment| moment <= now.after(ABREAST) && now < moment.after(span))
}

async fn document(http: &dyn HttpClient, url: String) -> Result<Vec<u8>, Source> {
    let reply = http.send(HttpRequest::get(SecretText::new(url))).await?;
    if reply.status == 200 {
        Ok(reply.body.expose().to_vec())
    } else {
        Err(ProviderError::Status(reply.status).into())
    }
}
