//! Tokens that must not pass, each one step away from one that does.

use std::time::Duration;

use crate::forge::{
    EC, ED_PUBLIC, NOW, base64url, ed_key, ed_signed, good, now, own, signed, unsigned, verifier, verify,
    verify_at,
};
use ciam_tokens_jwt::{JwtVerifier, Leeway};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

type Edit = fn(&mut Value, &mut Value);

fn spoilt(edit: Edit) -> (Value, Value) {
    let mut parts = good();
    edit(&mut parts.0, &mut parts.1);
    parts
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().expect("an object").remove(name);
}

const REFUSED: &[(&str, Edit)] = &[
    ("no key id", |header, _| remove(header, "kid")),
    ("an unknown key id", |header, _| header["kid"] = json!("another")),
    ("no type", |header, _| remove(header, "typ")),
    ("the type of an ID token", |header, _| header["typ"] = json!("JWT")),
    ("the type of a logout token", |header, _| header["typ"] = json!("logout+jwt")),
    ("a critical extension", |header, _| header["crit"] = json!(["b64"])),
    ("another algorithm in the header", |header, _| header["alg"] = json!("ES256")),
    ("an unknown algorithm in the header", |header, _| header["alg"] = json!("none")),
    ("no issuer", |_, claims| remove(claims, "iss")),
    ("another issuer", |_, claims| claims["iss"] = json!("https://id.example.org")),
    ("the issuer with a slash", |_, claims| claims["iss"] = json!("https://id.example/")),
    ("the issuer in a list", |_, claims| claims["iss"] = json!(["https://id.example"])),
    ("no audience", |_, claims| remove(claims, "aud")),
    ("another audience", |_, claims| claims["aud"] = json!("accounts")),
    ("other audiences", |_, claims| claims["aud"] = json!(["a", "b"])),
    ("no audience in the list", |_, claims| claims["aud"] = json!([])),
    ("the audience among words", |_, claims| claims["aud"] = json!("account other")),
    ("no subject", |_, claims| remove(claims, "sub")),
    ("a subject that is no id", |_, claims| claims["sub"] = json!("a b")),
    ("a number as subject", |_, claims| claims["sub"] = json!(1)),
    ("no expiry", |_, claims| remove(claims, "exp")),
    ("a text as expiry", |_, claims| claims["exp"] = json!("1800000900")),
    ("null as expiry", |_, claims| claims["exp"] = Value::Null),
    ("no time of issue", |_, claims| remove(claims, "iat")),
    ("a text as time of issue", |_, claims| claims["iat"] = json!("1800000000")),
    ("a time of issue to come", |_, claims| claims["iat"] = json!(NOW + 31)),
    ("a text as start", |_, claims| claims["nbf"] = json!("1800000000")),
    ("null as start", |_, claims| claims["nbf"] = Value::Null),
    ("a start to come", |_, claims| claims["nbf"] = json!(NOW + 31)),
    ("a text as time of sign-in", |_, claims| claims["auth_time"] = json!("1800000000")),
    ("a number as scope", |_, claims| claims["scope"] = json!(7)),
    ("a tenant that is no id", |_, claims| claims["tenant"] = json!("a b")),
    ("null as tenant", |_, claims| claims["tenant"] = Value::Null),
    ("a list as claims", |_, claims| *claims = json!([1])),
];

#[test]
fn the_token_that_the_others_are_made_of_passes() {
    assert!(verify(&verifier(), &ed_signed(&good())).is_some());
}

#[test]
fn a_token_with_one_defect_is_refused() {
    for (defect, edit) in REFUSED {
        assert_eq!(verify(&verifier(), &ed_signed(&spoilt(*edit))), None, "{defect}");
    }
}

#[test]
fn harmless_differences_pass() {
    let accepted: [(&str, Edit); 8] = [
        ("the long form of the type", |header, _| header["typ"] = json!("application/AT+JWT")),
        ("our audience among others", |_, claims| claims["aud"] = json!(["other", "account"])),
        ("no start", |_, claims| remove(claims, "nbf")),
        ("a start within the leeway", |_, claims| claims["nbf"] = json!(NOW + 30)),
        ("times with a fraction", |_, claims| claims["exp"] = json!(1_800_000_000.5)),
        ("a list as scope", |_, claims| claims["scope"] = json!(["openid", "user"])),
        ("unknown claims", |_, claims| claims["azp"] = json!({ "x": 1 })),
        ("locations of keys", |header, _| header["jku"] = json!("https://evil.example/jwks")),
    ];
    for (difference, edit) in accepted {
        let claims = verify(&verifier(), &ed_signed(&spoilt(edit))).expect(difference);
        assert_eq!(claims.scopes, ["openid", "user"], "{difference}");
    }
}

#[test]
fn without_a_session_id_an_own_token_has_no_session() {
    let claims = verify(&verifier(), &ed_signed(&spoilt(|_, claims| remove(claims, "sid"))));
    assert_eq!(claims.expect("a good token").session, None);
}

#[test]
fn a_token_ends_when_its_leeway_ends() {
    let token = ed_signed(&good());
    let end = now().after(Duration::from_secs(930));
    assert!(verify_at(&verifier(), &token, end.before(Duration::from_micros(1))).is_some());
    assert!(verify_at(&verifier(), &token, end).is_none());
    let strict = JwtVerifier::new(own(&[&ed_key()]), Leeway::new(Duration::ZERO).expect("a leeway"));
    assert!(verify_at(&strict, &token, now().after(Duration::from_secs(899))).is_some());
    assert!(verify_at(&strict, &token, now().after(Duration::from_mins(15))).is_none());
}

#[test]
fn a_token_without_signature_is_refused() {
    let mut parts = good();
    for algorithm in ["none", "None", "NONE", "EdDSA"] {
        parts.0["alg"] = json!(algorithm);
        for signature in ["", "."] {
            assert_eq!(verify(&verifier(), &format!("{}{signature}", unsigned(&parts))), None, "{algorithm}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    let public: Value = serde_json::from_str(&verifier().jwks()).expect("JSON");
    let raw = pem::parse(ED_PUBLIC).expect("PEM").into_contents();
    let coordinate = public["keys"][0]["x"].as_str().expect("a key").as_bytes().to_vec();
    let parts = spoilt(|header, _| header["alg"] = json!("HS256"));
    for secret in [ED_PUBLIC.as_bytes().to_vec(), raw[raw.len() - 32..].to_vec(), raw, coordinate] {
        let token = signed(&parts, &EncodingKey::from_secret(&secret), Algorithm::HS256);
        assert_eq!(verify(&verifier(), &token), None);
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_believed() {
    let intruder = EncodingKey::from_ec_pem(EC.as_bytes()).expect("a key");
    let mut parts = good();
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&intruder, Algorithm::ES256).expect("a key");
    parts.0["alg"] = json!("ES256");
    parts.0["jwk"] = json!(jwk);
    assert_eq!(verify(&verifier(), &signed(&parts, &intruder, Algorithm::ES256)), None);
}

#[test]
fn a_token_that_was_changed_is_refused() {
    let token = ed_signed(&good());
    let [header, claims, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let (_, mut other) = good();
    other["sub"] = json!("user-2");
    let other = base64url(other.to_string().as_bytes());
    let cut = &signature[..signature.len() - 4];
    for changed in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{claims}.{cut}"),
        format!("{header}.{claims}"),
        format!("{token}."),
        format!("{token}="),
        format!("{token}.{signature}"),
        format!(" {token}"),
        String::new(),
    ] {
        assert_eq!(verify(&verifier(), &changed), None, "{changed}");
    }
}

#[test]
fn a_claim_that_is_there_twice_is_refused() {
    let (header, claims) = good();
    let twice = claims.to_string().replacen('{', "{\"sub\":\"user-2\",", 1);
    let message = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(twice.as_bytes()));
    let key = EncodingKey::from_ed_pem(crate::forge::ED.as_bytes()).expect("a key");
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("a signature");
    assert_eq!(verify(&verifier(), &format!("{message}.{signature}")), None);
}

#[test]
fn a_token_above_eight_kibibytes_is_refused_however_good() {
    let filled = |bytes: usize| {
        let mut parts = good();
        parts.1["pad"] = json!("x".repeat(bytes));
        ed_signed(&parts)
    };
    let fits = filled(5_600);
    assert!(fits.len() <= 8_192 && verify(&verifier(), &fits).is_some(), "{}", fits.len());
    let long = filled(6_000);
    assert!(long.len() > 8_192 && verify(&verifier(), &long).is_none(), "{}", long.len());
}
