//! Tokens that are issued here are read back here.

use std::sync::Arc;
use std::time::Duration;

use crate::forge::{
    AUDIENCE, EC, EC_PUBLIC, ED, ED_PUBLIC, ISSUER, RSA, RSA_PUBLIC, ed_key, now, own, verifier, verify,
};
use ciam_ports::domain::secret::SecretBytes;
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::{SessionId, TenantId, UserId};
use ciam_ports::{Random, RandomError, TokenClaims, TokenError, TokenGrant, TokenIssuer, TokenOrigin};
use ciam_tokens_jwt::{
    Algorithm, JwtIssuer, JwtVerifier, KeyError, Leeway, SigningKey, VerifyingKey, generate_ed25519,
};
use futures_executor::block_on;
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::{Value, json};

struct Fixed(u8);

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(self.0);
        Ok(())
    }
}

struct Silent;

impl Random for Silent {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError("gone".into()))
    }
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem).expect("a key")
}

fn grant() -> TokenGrant {
    TokenGrant {
        tenant: TenantId::default(),
        subject: UserId::parse("user-1").expect("an id"),
        session: SessionId::parse("session-1").expect("an id"),
        scopes: vec!["openid".to_owned(), "user".to_owned()],
        client: Some("app".to_owned()),
        amr: vec![Amr::Password, Amr::Sms],
        auth_time: now().before(Duration::from_mins(1)),
        issued_at: now(),
        expires_at: now().after(Duration::from_mins(15)),
    }
}

fn issue(key: SigningKey, grant: &TokenGrant) -> String {
    let issuer = JwtIssuer::new(ISSUER, AUDIENCE, key, Arc::new(Fixed(7)));
    block_on(issuer.issue(grant)).expect("a token").expose().to_owned()
}

fn parts(token: &str) -> (Value, Value) {
    let token = insecure_decode::<Value>(token).expect("a token");
    (json!(token.header), token.claims)
}

fn claims_of(grant: TokenGrant) -> TokenClaims {
    TokenClaims {
        origin: TokenOrigin::Own,
        tenant: grant.tenant,
        subject: grant.subject,
        session: Some(grant.session),
        scopes: grant.scopes,
        client: grant.client,
        amr: grant.amr,
        auth_time: Some(grant.auth_time),
        issued_at: grant.issued_at,
        expires_at: grant.expires_at,
    }
}

#[test]
fn a_token_of_every_algorithm_is_read_back_as_it_was_granted() {
    for (pem, algorithm) in [(ED, Algorithm::EdDsa), (EC, Algorithm::Es256), (RSA, Algorithm::Rs256)] {
        assert_eq!(key(pem).algorithm(), algorithm);
        let verifier = JwtVerifier::new(own(&[&key(pem)]), Leeway::default());
        assert_eq!(verify(&verifier, &issue(key(pem), &grant())), Some(claims_of(grant())), "{algorithm:?}");
    }
}

#[test]
fn a_token_names_its_type_key_and_claims() {
    let (header, claims) = parts(&issue(ed_key(), &grant()));
    assert_eq!(header, json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": ed_key().id() }));
    let expected = json!({
        "iss": ISSUER, "sub": "user-1", "aud": AUDIENCE, "exp": 1_800_000_900, "iat": 1_800_000_000,
        "jti": "07".repeat(16), "sid": "session-1", "auth_time": 1_799_999_940, "amr": ["pwd", "sms"],
        "scope": "openid user", "client_id": "app",
    });
    assert_eq!(claims, expected);
}

#[test]
fn what_a_grant_does_not_have_is_left_out_and_another_tenant_is_named() {
    let tenant = TenantId::parse("acme").expect("an id");
    let bare = TokenGrant { tenant, scopes: Vec::new(), client: None, amr: Vec::new(), ..grant() };
    let token = issue(ed_key(), &bare);
    let (_, claims) = parts(&token);
    assert_eq!(claims["tenant"], "acme");
    for name in ["scope", "client_id", "amr"] {
        assert!(claims.get(name).is_none(), "{name}");
    }
    assert_eq!(verify(&verifier(), &token), Some(claims_of(bare)));
}

#[test]
fn tokens_of_a_replaced_key_are_read_while_it_is_listed() {
    let token = issue(key(EC), &grant());
    let both = JwtVerifier::new(own(&[&ed_key(), &key(EC)]), Leeway::default());
    assert!(verify(&both, &token).is_some());
    assert!(verify(&verifier(), &token).is_none());
}

#[test]
fn a_public_key_has_the_name_of_its_private_half() {
    for (private, public) in [(ED, ED_PUBLIC), (EC, EC_PUBLIC), (RSA, RSA_PUBLIC)] {
        let (private, public) = (key(private), VerifyingKey::from_pem(public).expect("a key"));
        assert_eq!((private.id(), private.algorithm()), (public.id(), public.algorithm()));
    }
}

#[test]
fn a_private_key_is_read_in_der_as_well() {
    for pem in [ED, EC, RSA] {
        let der = pem::parse(pem).expect("PEM").into_contents();
        assert_eq!(SigningKey::from_pkcs8_der(&SecretBytes::new(der)).expect("a key").id(), key(pem).id());
    }
}

#[test]
fn a_generated_key_signs_and_every_draw_is_another_key() {
    let generated = |seed| key(generate_ed25519(&Fixed(seed)).expect("a key").expose());
    assert_ne!(generated(1).id(), generated(2).id());
    let verifier = JwtVerifier::new(own(&[&generated(1)]), Leeway::default());
    assert!(verify(&verifier, &issue(generated(1), &grant())).is_some());
    assert!(generate_ed25519(&Silent).is_err());
}

#[test]
fn the_generated_key_of_the_rfc_has_its_public_half() {
    // RFC 8032, 7.1, test 3 with its seed as the only chance.
    struct Seed;
    impl Random for Seed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
            let seed = 0xc5aa_8df4_3f9f_837b_edb7_442f_31dc_b7b1_u128.to_be_bytes();
            let rest = 0x66d3_8535_076f_094b_85ce_3a2e_0b44_58f7_u128.to_be_bytes();
            bytes.copy_from_slice(&[seed, rest].concat());
            Ok(())
        }
    }
    let key = key(generate_ed25519(&Seed).expect("a key").expose());
    let published: Value =
        serde_json::from_str(&JwtVerifier::new(own(&[&key]), Leeway::default()).jwks()).expect("JSON");
    assert_eq!(published["keys"][0]["x"], "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU");
}

#[test]
fn the_published_keys_are_public_and_complete() {
    let keys = [ed_key(), key(EC), key(RSA)];
    let verifier = JwtVerifier::new(own(&keys.iter().collect::<Vec<_>>()), Leeway::default());
    let published: Value = serde_json::from_str(&verifier.jwks()).expect("JSON");
    let names = |key: &Value| key.as_object().expect("a key").keys().cloned().collect::<Vec<_>>().join(" ");
    let published = published["keys"].as_array().expect("keys");
    let kinds: Vec<_> = published.iter().map(names).collect();
    assert_eq!(kinds, ["alg crv kid kty use x", "alg crv kid kty use x y", "alg e kid kty n use"]);
    for (key, published) in keys.iter().zip(published) {
        assert_eq!(
            (&published["kid"], &published["alg"]),
            (&json!(key.id()), &json!(key.algorithm().as_str()))
        );
    }
}

#[test]
fn without_chance_there_is_no_token() {
    let issuer = JwtIssuer::new(ISSUER, AUDIENCE, ed_key(), Arc::new(Silent));
    assert!(matches!(block_on(issuer.issue(&grant())), Err(TokenError::Unavailable(_))));
}

#[test]
fn other_keys_are_refused() {
    let p384 = include_str!("../keys/p384.pem");
    let weak = include_str!("../keys/rsa1024.pem");
    for pem in ["", "no key", ED_PUBLIC] {
        assert!(matches!(SigningKey::from_pem(pem), Err(KeyError::Unreadable)), "{pem}");
    }
    for pem in [p384, weak, RSA_PUBLIC] {
        assert!(matches!(SigningKey::from_pem(pem), Err(KeyError::Unusable(_))), "{pem}");
    }
    for pem in ["", ED, RSA, EC] {
        assert!(VerifyingKey::from_pem(pem).is_err(), "{pem}");
    }
}
