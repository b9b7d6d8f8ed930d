//! An issuer that somebody else wrote, from the first redirect to the person: the package oidc-provider on Node.js.
//!
//! `CIAM_OIDC_PROVIDER=$(tests/oidc_provider/install) cargo test -p ciam-social-oidc --test oidc_provider -- --ignored`

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

mod browser;
mod node;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_ports::domain::TenantId;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam_ports::{Clock, HttpClient, HttpRequest, SocialError, SocialIdentity, SocialProof, SocialVerifier};
use ciam_social_oidc::OidcVerifier;
use ciam_system_native::SystemClock;
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::node::Node;

const SECRET: &str = "s3cret +/%";
const REDIRECT: &str = "https://app.example/callback";
const PKCE: &str = "a-verifier-of-forty-three-letters-or-more-0123456789";
const NONCE: &str = "n-0S6_WzA2Mj";

/// The clients, each with its algorithm and further settings.
const CLIENTS: [(&str, &str, &str); 4] = [
    ("app-rs256", "RS256", "client_secret_basic"),
    ("app-ps256", "PS256", "client_secret_post"),
    ("app-es256", "ES256", "client_secret_basic"),
    ("app-eddsa", "EdDSA", "client_secret_basic"),
];

/// Signs alice in and brings back the code.
fn code(issuer: &str, client: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(PKCE));
    let start = format!(
        "{issuer}/auth?client_id={client}&response_type=code&scope=openid&state=s&nonce={NONCE}\
        &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_challenge={challenge}&code_challenge_method=S256"
    );
    let browser = Browser::default();
    let login = browser.follow(&start);
    let consent = browser.follow(&browser.post(&login, "prompt=login&login=alice&password=any"));
    let callback = browser.follow(&browser.post(&consent, "prompt=consent"));
    let (_, query) = callback.split_once("https://app.example/callback?").expect("the callback");
    query.split('&').find_map(|pair| pair.strip_prefix("code=")).expect("a code").to_owned()
}

fn client() -> Arc<dyn HttpClient> {
    Arc::new(ReqwestClient::new(Bounds::default(), Proxies::None).expect("a client"))
}

fn verifier(secret: &str) -> OidcVerifier {
    OidcVerifier::new(client()).with_secret(key_of(), SecretText::new(secret.to_owned()))
}

fn settings_of(issuer: &str, (id, algorithm, auth): (&str, &str, &str)) -> SocialSource {
    let settings = [
        ("issuer", issuer),
        ("client_id", id),
        ("algorithms", algorithm),
        ("client_auth", auth),
        ("nonce", "required"),
    ];
    source("oidc", &settings)
}

fn source(social_type: &str, settings: &[(&str, &str)]) -> SocialSource {
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

fn key_of() -> (TenantId, SocialSourceId) {
    (TenantId::default(), SocialSourceId::parse("source-1").expect("an id"))
}

fn proof(code: &str) -> SocialProof {
    SocialProof::of(SecretText::new(code.to_owned()))
}

fn proof_of(code: &str) -> SocialProof {
    SocialProof {
        nonce: Some(SecretText::new(NONCE.to_owned())),
        redirect_uri: Some(REDIRECT.to_owned()),
        pkce_verifier: Some(SecretText::new(PKCE.to_owned())),
        ..proof(code)
    }
}

async fn ask(source: &SocialSource, proof: &SocialProof) -> Result<SocialIdentity, SocialError> {
    verifier(SECRET).verify(source, proof, SystemClock.now()).await
}

#[track_caller]
fn rejected(answer: Result<SocialIdentity, SocialError>, why: &str) {
    match answer {
        Err(SocialError::Rejected) => {}
        other => unreachable!("{why}: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "needs Node.js and the npm package oidc-provider"]
async fn a_real_issuer_vouches_for_a_person() {
    let node = Node::start();
    for client in CLIENTS {
        let source = settings_of(node.issuer(), client);
        let person = ask(&source, &proof_of(&code(node.issuer(), client.0))).await.expect("a person");
        assert_eq!((person.issuer.as_str(), person.subject.as_str()), (node.issuer(), "alice"), "{client:?}");
    }
}

#[tokio::test]
#[ignore = "needs Node.js and the npm package oidc-provider"]
async fn a32_a_real_issuer_refuses_what_is_not_right() {
    let node = Node::start();
    let issuer = node.issuer();
    let source = settings_of(issuer, CLIENTS[0]);
    let used = code(issuer, "app-rs256");
    ask(&source, &proof_of(&used)).await.expect("a person");
    rejected(ask(&source, &proof_of(&used)).await, "the code was used");
    rejected(ask(&source, &proof_of("a-code-that-nobody-made")).await, "unknown");
    let other = SocialProof {
        nonce: Some(SecretText::new("another".to_owned())),
        ..proof_of(&code(issuer, "app-rs256"))
    };
    rejected(ask(&source, &other).await, "another nonce");
    let without = SocialProof { pkce_verifier: None, ..proof_of(&code(issuer, "app-rs256")) };
    rejected(ask(&source, &without).await, "no verifier of PKCE");
    let elsewhere = SocialProof {
        redirect_uri: Some("https://evil.example/".to_owned()),
        ..proof_of(&code(issuer, "app-rs256"))
    };
    rejected(ask(&source, &elsewhere).await, "another redirect address");
    rejected(ask(&source, &proof_of(&code(issuer, "app-es256"))).await, "the code of another client");
    let answer =
        verifier("wrong").verify(&source, &proof_of(&code(issuer, "app-rs256")), SystemClock.now()).await;
    assert!(
        matches!(answer, Err(SocialError::Unavailable(_))),
        "our secret is not the person's fault: {answer:?}"
    );
}

#[tokio::test]
#[ignore = "needs Node.js and the npm package oidc-provider"]
async fn a32_a_token_of_a_real_issuer_is_for_its_client_alone() {
    let node = Node::start();
    let token = id_token(node.issuer(), "app-ps256").await;
    let own = settings_of(node.issuer(), CLIENTS[1]);
    ask(&own, &proof_of(&token)).await.expect("a person");
    rejected(ask(&own, &proof(&token)).await, "no nonce");
    let other = settings_of(node.issuer(), ("app-rs256", "PS256", "client_secret_basic"));
    rejected(ask(&other, &proof_of(&token)).await, "another client");
    let pinned = settings_of(node.issuer(), ("app-ps256", "RS256", "client_secret_post"));
    rejected(ask(&pinned, &proof_of(&token)).await, "another algorithm");
    let mut spoilt = token.into_bytes();
    let place = spoilt.len() - 20;
    spoilt[place] = if spoilt[place] == b'A' { b'B' } else { b'A' };
    rejected(ask(&own, &proof_of(&String::from_utf8(spoilt).expect("text"))).await, "another signature");
}

/// An ID token as an app would get it.
async fn id_token(issuer: &str, client_id: &str) -> String {
    let code = code(issuer, client_id);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", PKCE),
        ("client_id", client_id),
        ("client_secret", SECRET),
    ];
    let request = HttpRequest::post_form(SecretText::new(format!("{issuer}/token")), &fields);
    let reply = client().send(request).await.expect("a reply");
    let reply: serde_json::Value = serde_json::from_slice(reply.body.expose()).expect("JSON");
    reply["id_token"].as_str().expect("an ID token").to_owned()
}
