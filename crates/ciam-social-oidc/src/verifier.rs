//! The verifier: a proof in, a person out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{Issuer, SocialSource, SocialSourceId, Subject};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{HttpClient, SocialError, SocialIdentity, SocialProof, SocialVerifier, SourceSecrets};

use crate::claims::{Claims, Expected};
use crate::client_secret::{self, ClientSecretError};
use crate::exchange::{Code, ExchangeError, Tokens, exchange};
use crate::id_token::Unverified;
use crate::provider::{Known, Provider, ProviderError};
use crate::settings::{ClientAuth, OidcSettings, Preset, ProofKind, SettingError};

/// Issuers that are remembered; one more makes all of them be asked again.
const MAX_ISSUERS: usize = 1_024;
/// The longest code that is passed on.
const MAX_CODE: usize = 4_096;

/// Checks proofs of the types `oidc`, `google` and `apple`.
pub struct OidcVerifier {
    http: Arc<dyn HttpClient>,
    secrets: SourceSecrets<SecretText>,
    providers: Mutex<BTreeMap<String, Arc<Provider>>>,
}

impl OidcVerifier {
    /// A verifier that asks issuers through a client.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>) -> Self {
        Self { http, secrets: SourceSecrets::default(), providers: Mutex::default() }
    }

    /// Gives the secret of a source: the client secret, or Apple's key in PEM. It is needed for codes alone.
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
        settings(source).map(drop)
    }

    fn provider(&self, issuer: &str) -> Arc<Provider> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        if providers.len() >= MAX_ISSUERS && !providers.contains_key(issuer) {
            providers.clear();
        }
        let new = || Arc::new(Provider::new(issuer.to_owned()));
        Arc::clone(providers.entry(issuer.to_owned()).or_insert_with(new))
    }

    /// What the client proves itself with; nothing for a public one.
    fn secret(
        &self,
        source: &SocialSource,
        settings: &OidcSettings,
        now: Instant,
    ) -> Result<SecretText, ClientSecretError> {
        if settings.client_auth == ClientAuth::None {
            return Ok(SecretText::new(String::new()));
        }
        let given = self.secrets.of(source).ok_or(ClientSecretError::Missing)?;
        match settings.client_auth {
            ClientAuth::AppleKey => client_secret::of_apple(settings, given, now),
            _ => Ok(SecretText::new(given.expose().to_owned())),
        }
    }

    async fn exchanged(
        &self,
        known: &Known,
        client: (&OidcSettings, &SecretText),
        proof: &SocialProof,
    ) -> Result<Tokens, SocialError> {
        let endpoint = known.metadata.token_endpoint.as_deref().ok_or(ProviderError::NoTokenEndpoint);
        let code = Code {
            value: proof.code.expose(),
            redirect_uri: proof.redirect_uri.as_deref(),
            verifier: proof.pkce_verifier.as_ref().map(SecretText::expose),
        };
        let tokens =
            exchange(self.http.as_ref(), endpoint.map_err(SocialError::unavailable)?, client, &code).await;
        tokens.map_err(|error| match error {
            ExchangeError::Rejected => SocialError::Rejected,
            ExchangeError::Unavailable(cause) => SocialError::Unavailable(cause),
        })
    }

    async fn claims(
        &self,
        provider: &Provider,
        known: Arc<Known>,
        token: &Unverified<'_>,
        now: Instant,
    ) -> Result<Claims, SocialError> {
        let known = match token.key(&known.keys) {
            Some(_) => known,
            None => {
                provider.refreshed(self.http.as_ref(), known, now).await.map_err(SocialError::Unavailable)?
            }
        };
        let key = token.key(&known.keys).ok_or(SocialError::Rejected)?;
        token.verified(key).ok_or(SocialError::Rejected)
    }
}

#[async_trait]
impl SocialVerifier for OidcVerifier {
    async fn verify(
        &self,
        source: &SocialSource,
        proof: &SocialProof,
        now: Instant,
    ) -> Result<SocialIdentity, SocialError> {
        let settings = settings(source).map_err(SocialError::unavailable)?;
        let given = proof.code.expose();
        let kind = kind(given).filter(|kind| settings.accepts(*kind)).ok_or(SocialError::Rejected)?;
        // A token that cannot pass is refused before anybody is asked.
        if kind == ProofKind::IdToken {
            Unverified::read(given, &settings).ok_or(SocialError::Rejected)?;
        }
        let provider = self.provider(&settings.issuer);
        let known = provider.known(self.http.as_ref(), now).await.map_err(SocialError::Unavailable)?;
        let exchanged = match kind {
            ProofKind::IdToken => None,
            ProofKind::Code => {
                let secret = self.secret(source, &settings, now).map_err(SocialError::unavailable)?;
                Some(self.exchanged(&known, (&settings, &secret), proof).await?)
            }
        };
        let token = exchanged.as_ref().map_or(given, |tokens| tokens.id_token.expose());
        let token = Unverified::read(token, &settings).ok_or(SocialError::Rejected)?;
        let claims = self.claims(&provider, known, &token, now).await?;
        let access_token = exchanged.as_ref().and_then(|tokens| tokens.access_token.as_ref());
        let expected = Expected {
            nonce: proof.nonce.as_ref().map(SecretText::expose),
            access_token: access_token.map(SecretText::expose),
            algorithm: token.algorithm,
        };
        if !claims.fit(&settings, &expected, now) {
            return Err(SocialError::Rejected);
        }
        let issuer = Issuer::parse(&settings.issuer).map_err(SocialError::unavailable)?;
        let subject = Subject::parse(&claims.sub).map_err(|_| SocialError::Rejected)?;
        Ok(SocialIdentity { issuer, subject, email: claims.email(), name: claims.name() })
    }
}

fn settings(source: &SocialSource) -> Result<OidcSettings, SettingError> {
    let preset = Preset::parse(source.social_type.as_str())
        .ok_or_else(|| SettingError { setting: "social_type".to_owned(), range: "oidc, google or apple" })?;
    OidcSettings::read(preset, &source.settings)
}

/// What a text is: a signed JWT, whose header begins with a brace in base64, or a code (RFC 6749, A.11). Codes may have
/// dots too.
fn kind(text: &str) -> Option<ProofKind> {
    let begins_with_brace = text.starts_with("ey") || text.starts_with("ew");
    if begins_with_brace && text.matches('.').count() == 2 {
        return Some(ProofKind::IdToken);
    }
    let is_code =
        (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_code.then_some(ProofKind::Code)
}
