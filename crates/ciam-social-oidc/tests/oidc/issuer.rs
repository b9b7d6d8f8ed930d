//! An issuer on the loopback, and a verifier that asks it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{
    HttpClient, HttpError, HttpReply, HttpRequest, SocialError, SocialIdentity, SocialProof, SocialVerifier,
};
use ciam_social_oidc::OidcVerifier;
use ciam_testkit::stub::{StubReply, StubRequest, StubServer};
use serde_json::{Value, json};

use crate::forge::{CLIENT, KEY, NOW, rsa_public};

/// What an issuer answers; what is absent is as it should be.
#[derive(Default)]
pub(crate) struct Answers {
    /// The name in the discovery document.
    pub(crate) name: Option<String>,
    pub(crate) discovery: Option<StubReply>,
    pub(crate) keys: Option<Vec<Value>>,
    pub(crate) jwks: Option<StubReply>,
    pub(crate) token: Option<StubReply>,
}

pub(crate) struct Issuer {
    server: StubServer,
    answers: Arc<Mutex<Answers>>,
    /// The address that the settings name instead of the server's own.
    public: Option<String>,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let answers: Arc<Mutex<Answers>> = Arc::default();
        let said = Arc::clone(&answers);
        let server = StubServer::start(move |request| {
            reply(request, &said.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Self { server, answers, public: None }
    }

    /// An issuer that is reached by a name of the world.
    pub(crate) fn named(name: &str) -> Self {
        let issuer = Self { public: Some(name.to_owned()), ..Self::start() };
        issuer.set().name = Some(name.to_owned());
        issuer
    }

    pub(crate) fn name(&self) -> String {
        self.public.clone().unwrap_or_else(|| self.server.url(""))
    }

    pub(crate) fn set(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn token_requests(&self) -> Vec<StubRequest> {
        self.server.requests().into_iter().filter(|request| request.path() == "/token").collect()
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.server.count(path)
    }

    pub(crate) fn verifier(&self) -> OidcVerifier {
        let bounds =
            Bounds { timeout: Duration::from_millis(1_500), max_bytes: 64 * 1024, ..Bounds::default() };
        let client = ReqwestClient::new(bounds, Proxies::None).expect("a client");
        OidcVerifier::new(Arc::new(Rerouted { client, from: self.name(), to: self.server.url("") }))
    }

    pub(crate) fn source(&self, settings: &[(&str, &str)]) -> SocialSource {
        let name = self.name();
        let all =
            [("issuer", name.as_str()), ("client_id", CLIENT)].into_iter().chain(settings.iter().copied());
        source("oidc", &all.collect::<Vec<_>>())
    }

    /// What a fresh verifier says of a token at `NOW`, by the default settings.
    pub(crate) async fn verify(&self, token: &str) -> Result<SocialIdentity, SocialError> {
        verify(&self.verifier(), &self.source(&[]), &proof(token)).await
    }
}

/// Brings what is meant for a name of the world to the loopback.
struct Rerouted {
    client: ReqwestClient,
    from: String,
    to: String,
}

#[async_trait]
impl HttpClient for Rerouted {
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        let url = SecretText::new(request.url.expose().replacen(&self.from, &self.to, 1));
        self.client.send(HttpRequest { url, ..request }).await
    }
}

fn reply(request: &StubRequest, said: &Answers) -> StubReply {
    let own = format!("http://{}", request.header("host").expect("a host"));
    let name = said.name.clone().unwrap_or(own);
    match request.path() {
        "/.well-known/openid-configuration" => said.discovery.clone().unwrap_or_else(|| {
            let token_endpoint = format!("{name}/token");
            let jwks_uri = format!("{name}/jwks");
            StubReply::ok(json!({
                "issuer": name, "authorization_endpoint": format!("{name}/auth"), "token_endpoint": token_endpoint,
                "jwks_uri": jwks_uri, "response_types_supported": ["code"],
            }).to_string())
        }),
        "/jwks" => said.jwks.clone().unwrap_or_else(|| {
            let keys = said.keys.clone().unwrap_or_else(|| vec![rsa_public(KEY)]);
            StubReply::ok(json!({ "keys": keys }).to_string())
        }),
        "/token" => said.token.clone().unwrap_or_else(|| StubReply::Whole(500, String::new())),
        _ => StubReply::Whole(404, String::new()),
    }
}

pub(crate) fn source(social_type: &str, settings: &[(&str, &str)]) -> SocialSource {
    let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    SocialSource {
        tenant: TenantId::default(),
        id: SocialSourceId::parse("source-1").expect("an id"),
        name: "A source".to_owned(),
        logo: None,
        social_type: SocialType::parse(social_type).expect("a type"),
        enabled: true,
        settings,
    }
}

pub(crate) fn key_of() -> (TenantId, SocialSourceId) {
    (TenantId::default(), SocialSourceId::parse("source-1").expect("an id"))
}

pub(crate) fn proof(code: &str) -> SocialProof {
    SocialProof::of(SecretText::new(code.to_owned()))
}

pub(crate) fn proof_with_nonce(code: &str, nonce: &str) -> SocialProof {
    SocialProof { nonce: Some(SecretText::new(nonce.to_owned())), ..proof(code) }
}

pub(crate) async fn verify(
    verifier: &OidcVerifier,
    source: &SocialSource,
    proof: &SocialProof,
) -> Result<SocialIdentity, SocialError> {
    verify_at(verifier, source, proof, NOW).await
}

pub(crate) async fn verify_at(
    verifier: &OidcVerifier,
    source: &SocialSource,
    proof: &SocialProof,
    now: i64,
) -> Result<SocialIdentity, SocialError> {
    verifier.verify(source, proof, Instant::from_unix_seconds(now)).await
}

#[track_caller]
pub(crate) fn rejected(answer: Result<SocialIdentity, SocialError>, why: &str) {
    match answer {
        Err(SocialError::Rejected) => {}
        other => unreachable!("{why}: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn unavailable(answer: Result<SocialIdentity, SocialError>, why: &str) {
    match answer {
        Err(SocialError::Unavailable(_)) => {}
        other => unreachable!("{why}: {other:?}"),
    }
}
