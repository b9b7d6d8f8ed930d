//! Tokens of issuers other than this service.

use crate::forge::{EC, RSA, base64url, ed_signed, good, signed, verifier, verify};
use ciam_ports::domain::{SessionId, TenantId};
use ciam_ports::{TokenClaims, TokenOrigin};
use ciam_tokens_jwt::{Algorithm, ForeignIssuer, ForeignIssuerError, JwtVerifier, SigningKey};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

const THEIRS: &str = "https://idp.example";

fn jwk(pem: &str) -> Value {
    let key = SigningKey::from_pem(pem).expect("a key");
    let verifier = JwtVerifier::new(crate::forge::own(&[&key]), ciam_tokens_jwt::Leeway::default());
    let published: Value = serde_json::from_str(&verifier.jwks()).expect("JSON");
    published["keys"][0].clone()
}

fn named(pem: &str, id: &str) -> Value {
    let mut key = jwk(pem);
    key["kid"] = json!(id);
    key
}

fn foreign(keys: &[Value]) -> ForeignIssuer {
    ForeignIssuer {
        issuer: THEIRS.to_owned(),
        audience: "api".to_owned(),
        algorithms: vec![Algorithm::Es256],
        jwks: json!({ "keys": keys }).to_string(),
        types: ForeignIssuer::TYPES.map(str::to_owned).to_vec(),
        tenant: TenantId::parse("acme").expect("an id"),
    }
}

fn trusting(issuer: ForeignIssuer) -> JwtVerifier {
    verifier().with_foreign(issuer).expect("keys")
}

/// A token of theirs, changed.
fn theirs(edit: fn(&mut Value, &mut Value)) -> String {
    let mut parts = good();
    parts.0 = json!({ "typ": "JWT", "alg": "ES256", "kid": "k1" });
    parts.1["iss"] = json!(THEIRS);
    parts.1["aud"] = json!(["api", "other"]);
    edit(&mut parts.0, &mut parts.1);
    signed(&parts, &EncodingKey::from_ec_pem(EC.as_bytes()).expect("a key"), jsonwebtoken::Algorithm::ES256)
}

fn read(edit: fn(&mut Value, &mut Value)) -> Option<TokenClaims> {
    verify(&trusting(foreign(&[named(EC, "k1")])), &theirs(edit))
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().expect("an object").remove(name);
}

fn session(edit: fn(&mut Value, &mut Value)) -> Option<String> {
    read(edit).expect("a good token").session.as_ref().map(SessionId::to_string)
}

#[test]
fn a_foreign_token_says_where_it_is_from() {
    let claims = read(|_, _| ()).expect("a good token");
    assert_eq!((claims.origin, claims.subject.as_str()), (TokenOrigin::Foreign, "user-1"));
    assert!(read(|header, _| header["typ"] = json!("at+jwt")).is_some());
}

#[test]
fn its_session_is_its_sid_else_its_jti_else_none() {
    let by_sid = session(|_, _| ()).expect("a session");
    assert_eq!(session(|_, claims| claims["jti"] = json!("token-2")), Some(by_sid.clone()));
    let by_jti = session(|_, claims| remove(claims, "sid")).expect("a session");
    let alike = session(|_, claims| claims["sid"] = json!("token-1")).expect("a session");
    assert!(by_sid != by_jti && by_jti != alike, "a jti is no sid of the same letters");
    assert_eq!(session(|_, claims| claims["sid"] = json!("no session id")), None);
    let neither = session(|_, claims| {
        remove(claims, "sid");
        remove(claims, "jti");
    });
    assert_eq!(neither, None);
}

#[test]
fn sessions_of_two_people_are_two_whatever_their_issuer_calls_them() {
    let another = session(|_, claims| claims["sub"] = json!("user-2"));
    assert!(another.is_some());
    assert_ne!(another, session(|_, _| ()));
    assert_ne!(session(|_, _| ()).as_deref(), Some("session-1"), "nor is one ever a session of this service");
}

#[test]
fn it_speaks_for_the_people_of_the_configured_tenant_alone() {
    let claims = read(|_, claims| claims["tenant"] = json!("another")).expect("a good token");
    assert_eq!(claims.tenant.as_str(), "acme");
}

#[test]
fn its_issuer_audience_type_and_key_must_fit() {
    let refused: [fn(&mut Value, &mut Value); 6] = [
        |_, claims| claims["iss"] = json!(crate::forge::ISSUER),
        |_, claims| claims["aud"] = json!(crate::forge::AUDIENCE),
        |header, _| header["typ"] = json!("logout+jwt"),
        |header, _| remove(header, "typ"),
        |header, _| header["kid"] = json!("k2"),
        |_, claims| claims["sub"] = json!("no user id"),
    ];
    for (position, edit) in refused.into_iter().enumerate() {
        assert_eq!(read(edit), None, "{position}");
    }
}

#[test]
fn issuers_do_not_sign_for_each_other() {
    let verifier = trusting(foreign(&[named(EC, "k1")]));
    assert!(verify(&verifier, &ed_signed(&good())).is_some());
    let mut ours_as_theirs = good();
    ours_as_theirs.1["iss"] = json!(THEIRS);
    ours_as_theirs.1["aud"] = json!("api");
    assert_eq!(verify(&verifier, &ed_signed(&ours_as_theirs)), None);
}

#[test]
fn two_issuers_may_name_their_keys_alike() {
    let other = ForeignIssuer { issuer: "https://other.example".to_owned(), ..foreign(&[named(EC, "k1")]) };
    let verifier = trusting(other).with_foreign(foreign(&[named(EC, "k1")])).expect("keys");
    assert!(verify(&verifier, &theirs(|_, _| ())).is_some());
}

#[test]
fn keys_of_other_kinds_are_passed_over() {
    let odd = [
        json!({ "kty": "oct", "kid": "k1", "alg": "HS256", "k": "c2VjcmV0" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "k1", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "X25519", "kid": "k1", "x": "AA" }),
        json!({ "kty": "new", "kid": "k1" }),
        jwk(RSA),
        named(EC, "k1"),
    ];
    assert!(verify(&trusting(foreign(&odd)), &theirs(|_, _| ())).is_some());
}

#[test]
fn an_issuer_without_a_usable_key_is_refused() {
    let mut nameless = jwk(EC);
    remove(&mut nameless, "kid");
    let mut encrypts = named(EC, "k1");
    encrypts["use"] = json!("enc");
    let mut otherwise = named(EC, "k1");
    otherwise["alg"] = json!("ES384");
    for keys in [vec![], vec![nameless], vec![encrypts], vec![otherwise], vec![named(RSA, "k1")]] {
        let refused = verifier().with_foreign(foreign(&keys)).err();
        assert!(matches!(refused, Some(ForeignIssuerError::NoKey)), "{keys:?}");
    }
    let broken = ForeignIssuer { jwks: "{}".to_owned(), ..foreign(&[]) };
    assert!(matches!(verifier().with_foreign(broken).err(), Some(ForeignIssuerError::Unreadable(_))));
}

#[test]
fn a_secret_in_their_document_signs_nothing_here() {
    let secret = json!({ "kty": "oct", "kid": "k1", "alg": "HS256", "k": base64url(b"secret") });
    let mut parts = good();
    parts.0 = json!({ "typ": "JWT", "alg": "HS256", "kid": "k1" });
    parts.1["iss"] = json!(THEIRS);
    parts.1["aud"] = json!("api");
    let token = signed(&parts, &EncodingKey::from_secret(b"secret"), jsonwebtoken::Algorithm::HS256);
    assert!(verify(&trusting(foreign(&[secret, named(EC, "k1")])), &token).is_none());
}
