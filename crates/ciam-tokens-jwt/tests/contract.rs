//! Issuer and verifier keep every rule of their ports.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam_testkit::contract::TokenFixture;
use ciam_testkit::fake::FakeRandom;
use ciam_tokens_jwt::{JwtIssuer, JwtVerifier, Leeway, OwnIssuer, SigningKey, generate_ed25519};

fn key(seed: u64) -> SigningKey {
    let pem = generate_ed25519(&FakeRandom::seeded(seed)).unwrap();
    SigningKey::from_pem(pem.expose()).unwrap()
}

fn issuer(key: SigningKey) -> Arc<JwtIssuer> {
    Arc::new(JwtIssuer::new("https://issuer.example", "ciam", key, Arc::new(FakeRandom::seeded(3))))
}

fn fixture() -> TokenFixture {
    let own = key(1);
    let trusted = OwnIssuer {
        issuer: "https://issuer.example".to_owned(),
        audience: "ciam".to_owned(),
        keys: vec![own.verifying_key()],
    };
    TokenFixture {
        issuer: issuer(own),
        verifier: Arc::new(JwtVerifier::new(trusted, Leeway::default())),
        stranger: issuer(key(2)),
    }
}

ciam_testkit::token_contract!(fixture);
