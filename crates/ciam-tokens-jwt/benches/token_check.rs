//! Checking a token with all its claims, signed by Ed25519 or by ES256, beside the bare call of the backend that checks
//! its signature.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up ends")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::{Instant, SessionId, TenantId, UserId};
use ciam_ports::{TokenGrant, TokenIssuer, TokenVerifier};
use ciam_system_native::SystemRandom;
use ciam_testkit::measure::{Clock, Goal, Verdict, in_turns, rounds};
use ciam_tokens_jwt::{JwtIssuer, JwtVerifier, Leeway, OwnIssuer, SigningKey, generate_ed25519};
use futures_executor::block_on;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

const ISSUER: &str = "https://id.example.org";
const AUDIENCE: &str = "account";
const TIMES: u32 = 200;
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

/// A key that signs measurements and nothing else.
const EC: &str = include_str!("../tests/keys/es256.pem");

fn grant() -> TokenGrant {
    TokenGrant {
        tenant: TenantId::default(),
        subject: UserId::parse("alice").expect("an id"),
        session: SessionId::parse("session").expect("an id"),
        scopes: vec!["account".to_owned()],
        client: None,
        amr: vec![Amr::Password],
        auth_time: NOW,
        issued_at: NOW,
        expires_at: NOW.after(Duration::from_mins(15)),
    }
}

/// The bare backend: signature and audience.
fn bare(verifier: &JwtVerifier, algorithm: Algorithm) -> (DecodingKey, Validation) {
    let keys: JwkSet = serde_json::from_str(&verifier.jwks()).expect("keys");
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_exp = false;
    (DecodingKey::from_jwk(&keys.keys[0]).expect("a key"), validation)
}

fn token(key: SigningKey) -> SecretText {
    let issuer = JwtIssuer::new(ISSUER, AUDIENCE, key, Arc::new(SystemRandom));
    block_on(issuer.issue(&grant())).expect("a token")
}

fn measure(name: &str, (pem, algorithm): (&str, Algorithm), verdict: &mut Verdict) {
    let key = SigningKey::from_pem(pem).expect("a key");
    let own = OwnIssuer {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys: vec![key.verifying_key()],
    };
    let verifier = JwtVerifier::new(own, Leeway::default());
    let (bare_key, validation) = bare(&verifier, algorithm);
    let token = token(key);
    let mut least = || {
        let check = || drop(decode::<Value>(token.expose(), &bare_key, &validation).expect("a good token"));
        Clock::Thread.time(|| (0..TIMES).for_each(|_| check())) / TIMES
    };
    let mut ours = || {
        let check = || drop(block_on(verifier.verify(&token, NOW)).expect("a good token"));
        Clock::Thread.time(|| (0..TIMES).for_each(|_| check())) / TIMES
    };
    let times = in_turns(rounds(31), &mut [("jsonwebtoken", &mut least), ("token check", &mut ours)]);
    times.print();
    verdict.judge(name, times.ratio("token check", "jsonwebtoken"), Goal::AtMost(1.15));
}

fn main() -> ExitCode {
    let ed25519 = generate_ed25519(&SystemRandom).expect("a key");
    let mut verdict = Verdict::default();
    measure("P14: Ed25519 / jsonwebtoken", (ed25519.expose(), Algorithm::EdDSA), &mut verdict);
    measure("P14: ES256 / jsonwebtoken", (EC, Algorithm::ES256), &mut verdict);
    verdict.exit_code()
}
