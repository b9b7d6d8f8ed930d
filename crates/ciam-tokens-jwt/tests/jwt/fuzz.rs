//! Tokens and claims that were tampered with: whatever passes, we signed, and says what was checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use ciam_ports::domain::UserId;
use ciam_tokens_jwt::{JwtVerifier, Leeway};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::forge::{
    AUDIENCE, EC, ED, ISSUER, NOW, base64url, ed_key, ed_signed, good, own, signed, unsigned, verifier,
    verify,
};
use crate::runner::Fuzz;

/// Tokens that differ in one thing from one that passes, as past advisories had them.
fn tokens() -> Vec<String> {
    let (header, claims) = good();
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        (header, claims.clone())
    };
    let right = ed_signed(&good());
    let signature = right.rsplit('.').next().expect("a signature").to_owned();
    let ec = EncodingKey::from_ec_pem(EC.as_bytes()).expect("a key");
    vec![
        format!("{}.", unsigned(&with("alg", json!("none")))),
        format!("{}.{signature}", unsigned(&with("alg", json!("nOnE")))),
        format!("{}.{signature}", unsigned(&with("alg", json!("HS256")))),
        format!("{}.{signature}", unsigned(&with("kid", json!("../../dev/null")))),
        format!("{}.{signature}", unsigned(&with("jwk", json!({"kty": "OKP"})))),
        format!("{}.{signature}", unsigned(&with("jku", json!("https://evil.example/jwks")))),
        format!("{}.{signature}", unsigned(&with("crit", json!(["exp"])))),
        format!("{}.{signature}", unsigned(&with("b64", json!(false)))),
        signed(&with("alg", json!("ES256")), &ec, Algorithm::ES256),
        format!("{right}."),
        format!("{right}="),
        right.replacen('.', "..", 1),
        right.rsplit_once('.').expect("a dot").0.to_owned(),
        right,
    ]
}

#[test]
fn a_token_that_passes_is_one_we_signed() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jwt/corpus/token");
    let right = ed_signed(&good());
    let verifier = verifier();
    let more = tokens().into_iter().map(String::into_bytes).collect();
    let passed = Mutex::new(0);
    Fuzz { corpus, more, inputs: 10_000 }.run(|bytes| {
        let Ok(token) = std::str::from_utf8(bytes) else { return };
        if verify(&verifier, token).is_some() {
            *passed.lock().expect("no panic") += 1;
            assert_eq!(token, right);
        }
    });
    assert!(passed.into_inner().expect("no panic") > 0, "the right one passes");
}

fn claims_signed(claims: &[u8], key: &EncodingKey) -> String {
    let header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": ed_key().id() });
    let message = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).expect("a signature");
    format!("{message}.{signature}")
}

/// The claims that are asked about. What stands in the others may be anything: bytes that are no UTF-8, numbers that no type holds.
fn known_claims(claims: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(claims);
    let all: BTreeMap<String, &RawValue> = serde_json::from_str(&text).expect("an object");
    ["iss", "aud", "exp", "iat", "nbf", "sub", "scope"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), serde_json::from_str(all.get(name)?.get()).expect("JSON"))))
        .collect()
}

/// A number of seconds, by a reading of its own.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<f64> {
    claims.get(name).map(|value| value.as_f64().expect("a number"))
}

fn words(value: &Value) -> BTreeSet<String> {
    let words = match value {
        Value::String(line) => line.split(' ').map(str::to_owned).collect::<Vec<_>>(),
        Value::Array(words) => words.iter().map(|word| word.as_str().expect("a text").to_owned()).collect(),
        other => unreachable!("{other} was taken for words"),
    };
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

#[test]
fn claims_that_pass_are_current_and_meant_for_us() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/jwt/corpus/claims");
    let key = EncodingKey::from_ed_pem(ED.as_bytes()).expect("a key");
    let verifier = JwtVerifier::new(own(&[&ed_key()]), Leeway::default());
    let more = vec![good().1.to_string().into_bytes()];
    let (now, leeway) = (f64::from(u32::try_from(NOW).expect("seconds")), 30.0);
    Fuzz { corpus, more, inputs: 4_000 }.run(|bytes| {
        let Some(read) = verify(&verifier, &claims_signed(bytes, &key)) else { return };
        let claims = known_claims(bytes);
        assert_eq!(claims["iss"], ISSUER);
        match &claims["aud"] {
            Value::String(audience) => assert_eq!(audience, AUDIENCE),
            audiences => assert!(words(audiences).contains(AUDIENCE)),
        }
        assert!(seconds(&claims, "exp").is_some_and(|end| now < end + leeway));
        assert!(seconds(&claims, "iat").is_some_and(|begin| begin <= now + leeway));
        assert!(seconds(&claims, "nbf").is_none_or(|begin| begin <= now + leeway));
        assert_eq!(claims["sub"].as_str().map(UserId::parse), Some(Ok(read.subject)));
        let scopes: BTreeSet<_> = read.scopes.into_iter().filter(|scope| !scope.is_empty()).collect();
        assert_eq!(scopes, claims.get("scope").map(words).unwrap_or_default());
    });
}
