//! ID tokens that are presented, one spoilt in each way.

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::forge::{CLIENT, KEY, NOW, Parts, RSA_PUBLIC, ec, good, public, rsa_public};
use crate::issuer::{Issuer, proof, proof_with_nonce, rejected, verify};

/// What is done to a token, and why it is refused then.
type Spoilt = (&'static str, fn(Parts) -> Parts);

/// Each spoilt token is refused, where the same one unspoilt passes.
async fn all_rejected(spoil: &[Spoilt]) {
    let issuer = Issuer::start();
    issuer.verify(&good(&issuer.name()).signed()).await.expect("an unspoilt token passes");
    for (why, spoil) in spoil {
        rejected(issuer.verify(&spoil(good(&issuer.name())).signed()).await, why);
    }
}

#[tokio::test]
async fn a_good_token_tells_issuer_and_subject_and_what_never_links() {
    let issuer = Issuer::start();
    let person = issuer.verify(&good(&issuer.name()).signed()).await.expect("a person");
    assert_eq!((person.issuer.as_str(), person.subject.as_str()), (issuer.name().as_str(), "248289761001"));
    assert_eq!((person.email.as_deref(), person.name.as_deref()), (Some("alice@example.com"), Some("Alice")));
}

#[tokio::test]
async fn a32_a_token_without_signature_is_refused() {
    let issuer = Issuer::start();
    for name in ["none", "None", "NONE", "nOnE"] {
        let parts = good(&issuer.name()).with_header("alg", name);
        rejected(issuer.verify(&format!("{}.", parts.unsigned())).await, name);
        rejected(issuer.verify(&parts.signed()).await, name);
    }
    let parts = good(&issuer.name());
    rejected(issuer.verify(&format!("{}.", parts.unsigned())).await, "an empty signature");
}

#[tokio::test]
async fn a32_the_public_key_is_no_secret() {
    let issuer = Issuer::start();
    let jwk = rsa_public(KEY);
    let modulus = jwk["n"].as_str().expect("a modulus").as_bytes().to_vec();
    for secret in [RSA_PUBLIC.to_vec(), modulus, jwk.to_string().into_bytes()] {
        for (name, algorithm) in [("HS256", Algorithm::HS256), ("HS512", Algorithm::HS512)] {
            let parts = good(&issuer.name()).with_header("alg", name);
            let token = parts.signed_with(&EncodingKey::from_secret(&secret), algorithm);
            rejected(issuer.verify(&token).await, name);
        }
    }
}

#[tokio::test]
async fn a32_the_algorithm_is_that_of_the_settings() {
    let issuer = Issuer::start();
    issuer.set().keys = Some(vec![rsa_public(KEY), public(&ec(), Algorithm::ES256, "key-2")]);
    let parts = good(&issuer.name()).with_header("alg", "ES256").with_header("kid", "key-2");
    let token = parts.signed_with(&ec(), Algorithm::ES256);
    rejected(issuer.verify(&token).await, "the issuer has the key, the settings do not name the algorithm");
    let allowed = issuer.source(&[("algorithms", "RS256 ES256")]);
    verify(&issuer.verifier(), &allowed, &proof(&token)).await.expect("the settings name it");
    let mixed = good(&issuer.name()).with_header("alg", "ES256").signed_with(&ec(), Algorithm::ES256);
    rejected(
        verify(&issuer.verifier(), &allowed, &proof(&mixed)).await,
        "a key of another kind by that name",
    );
}

#[tokio::test]
async fn a32_an_unknown_key_is_refused() {
    let issuer = Issuer::start();
    rejected(issuer.verify(&good(&issuer.name()).with_header("kid", "key-9").signed()).await, "unknown");
    rejected(issuer.verify(&good(&issuer.name()).without_header("kid").signed()).await, "unnamed");
    let own = good(&issuer.name()).with_header("alg", "ES256").signed_with(&ec(), Algorithm::ES256);
    rejected(issuer.verify(&own).await, "the attacker's key under the issuer's name");
}

#[tokio::test]
async fn a32_a_key_that_the_token_brings_along_means_nothing() {
    let stranger = Issuer::start();
    let url = format!("{}/jwks", stranger.name());
    let issuer = Issuer::start();
    issuer.set().keys = Some(vec![rsa_public("another")]);
    let extras: [(&str, Value); 8] = [
        ("jwk", rsa_public(KEY)),
        ("jku", url.clone().into()),
        ("x5u", url.into()),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("enc", "A128GCM".into()),
        ("zip", "DEF".into()),
        ("b64", false.into()),
    ];
    for (name, value) in extras {
        for kid in [KEY, "another"] {
            let parts = good(&issuer.name()).with_header(name, value.clone()).with_header("kid", kid);
            rejected(issuer.verify(&parts.signed()).await, name);
        }
    }
    assert_eq!(stranger.count("/jwks"), 0, "nobody else is asked for keys");
}

#[tokio::test]
async fn a32_another_issuer_is_refused() {
    all_rejected(&[
        ("another issuer", |parts| parts.with("iss", "https://evil.example")),
        ("a slash more", |parts| {
            let iss = format!("{}/", parts.claims["iss"].as_str().expect("an issuer"));
            parts.with("iss", iss)
        }),
        ("no issuer", |parts| parts.without("iss")),
        ("a list", |parts| {
            let iss = parts.claims["iss"].clone();
            parts.with("iss", json!([iss]))
        }),
    ])
    .await;
}

#[tokio::test]
async fn a32_a_token_for_others_is_refused() {
    all_rejected(&[
        ("another client", |parts| parts.with("aud", "other.example")),
        ("a longer name", |parts| parts.with("aud", format!("{CLIENT}.evil"))),
        ("nobody", |parts| parts.without("aud")),
        ("an empty list", |parts| parts.with("aud", json!([]))),
        ("two, and nobody says who asked", |parts| parts.with("aud", json!([CLIENT, "other.example"]))),
        ("two, and one of them is not trusted", |parts| {
            parts.with("aud", json!([CLIENT, "other.example"])).with("azp", CLIENT)
        }),
        ("another client asked", |parts| parts.with("azp", "other.example")),
        ("a client that is no text", |parts| parts.with("azp", Value::Null)),
    ])
    .await;
}

#[tokio::test]
async fn a32_two_audiences_need_trust_and_the_client_as_the_party() {
    let issuer = Issuer::start();
    let trusting = issuer.source(&[("trusted_audiences", "api.example, other.example")]);
    let both = good(&issuer.name()).with("aud", json!([CLIENT, "other.example"]));
    let verifier = issuer.verifier();
    verify(&verifier, &trusting, &proof(&both.clone().with("azp", CLIENT).signed())).await.expect("trusted");
    rejected(verify(&verifier, &trusting, &proof(&both.clone().signed())).await, "nobody says who asked");
    let asked = both.with("azp", "other.example").signed();
    rejected(verify(&verifier, &trusting, &proof(&asked)).await, "another client asked");
    let alone = good(&issuer.name()).with("aud", "other.example").with("azp", CLIENT).signed();
    rejected(verify(&verifier, &trusting, &proof(&alone)).await, "a trusted audience is not the client");
    let party = issuer.source(&[("authorized_parties", "android.example")]);
    let android = good(&issuer.name()).with("azp", "android.example").signed();
    verify(&verifier, &party, &proof(&android)).await.expect("an app asks for its backend");
}

#[tokio::test]
async fn a32_a_token_of_another_time_is_refused() {
    all_rejected(&[
        ("over", |parts| parts.with("exp", NOW)),
        ("over long ago", |parts| parts.with("exp", 1)),
        ("no end", |parts| parts.without("exp")),
        ("an end as text", |parts| parts.with("exp", (NOW + 600).to_string())),
        ("an end that is none", |parts| parts.with("exp", Value::Null)),
        ("an end as a list", |parts| parts.with("exp", json!([NOW + 600]))),
        ("not begun", |parts| parts.with("nbf", NOW + 31)),
        ("a beginning as text", |parts| parts.with("nbf", NOW.to_string())),
        ("a beginning that is none", |parts| parts.with("nbf", Value::Null)),
        ("issued later", |parts| parts.with("iat", NOW + 31)),
        ("issued as text", |parts| parts.with("iat", NOW.to_string())),
        ("never issued", |parts| parts.without("iat")),
    ])
    .await;
    let issuer = Issuer::start();
    let fast = good(&issuer.name()).with("iat", NOW + 30).with("nbf", NOW + 30).signed();
    issuer.verify(&fast).await.expect("a clock may be half a minute ahead");
}

#[tokio::test]
async fn a32_other_kinds_of_token_are_refused() {
    all_rejected(&[
        ("an access token", |parts| parts.with_header("typ", "at+jwt")),
        ("an access token, spelled out", |parts| parts.with_header("typ", "application/at+JWT")),
        ("a logout token", |parts| parts.with_header("typ", "logout+jwt")),
        ("an access token by its claim", |parts| parts.with("typ", "Bearer")),
        ("an access token by its use", |parts| parts.with("token_use", "access")),
        ("a logout token by its events", |parts| {
            parts.with("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }))
        }),
        ("nobody", |parts| parts.without("sub")),
        ("an empty person", |parts| parts.with("sub", "")),
        ("a person as a number", |parts| parts.with("sub", 7)),
        ("a person of 256 letters", |parts| parts.with("sub", "x".repeat(256))),
        ("a person of other letters", |parts| parts.with("sub", "алиса")),
    ])
    .await;
}

#[tokio::test]
async fn a32_a_claim_that_stands_twice_is_refused() {
    let issuer = Issuer::start();
    let parts = good(&issuer.name());
    let text = parts.claims.to_string().replacen('{', r#"{"sub":"someone-else","#, 1);
    let header = parts.unsigned().split('.').next().expect("a header").to_owned();
    let message = format!("{header}.{}", crate::forge::encoded(&text));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &crate::forge::rsa(), Algorithm::RS256);
    rejected(issuer.verify(&format!("{message}.{}", signature.expect("a signature"))).await, "two subjects");
}

#[tokio::test]
async fn a32_the_nonce_is_that_of_the_proof() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier();
    let (with, bare) = (good(&issuer.name()).with("nonce", "n-1").signed(), good(&issuer.name()).signed());
    let lax = issuer.source(&[]);
    verify(&verifier, &lax, &proof_with_nonce(&with, "n-1")).await.expect("the same nonce");
    rejected(verify(&verifier, &lax, &proof_with_nonce(&with, "n-2")).await, "another nonce");
    rejected(verify(&verifier, &lax, &proof_with_nonce(&bare, "n-1")).await, "a token without the nonce");
    rejected(verify(&verifier, &lax, &proof(&with)).await, "a proof without the nonce");
    let strict = issuer.source(&[("nonce", "required")]);
    rejected(verify(&verifier, &strict, &proof(&bare)).await, "the source demands one");
    verify(&verifier, &strict, &proof_with_nonce(&with, "n-1")).await.expect("the nonce that is demanded");
    let untold = issuer.source(&[("nonce", "if_given")]);
    verify(&verifier, &untold, &proof(&with)).await.expect("an app that cannot tell its nonce");
    rejected(
        verify(&verifier, &untold, &proof_with_nonce(&with, "n-2")).await,
        "a nonce that was told must match",
    );
    let odd = good(&issuer.name()).with("nonce", json!(["n-1"])).signed();
    rejected(verify(&verifier, &lax, &proof_with_nonce(&odd, "n-1")).await, "a nonce as a list");
}

#[tokio::test]
async fn a32_what_is_no_token_is_refused_before_anybody_is_asked() {
    let issuer = Issuer::start();
    let only = issuer.source(&[("accepts", "id_token")]);
    let verifier = issuer.verifier();
    let long = good(&issuer.name()).with("name", "x".repeat(20_000)).signed();
    for text in
        ["", ".", "..", "eyJ..", "eyJhbGciOiJSUzI1NiJ9", "ewogImFsZyI6Im5vbmUifQ..", "a.b.c.d.e", &long]
    {
        rejected(verify(&verifier, &only, &proof(text)).await, text.get(..20).unwrap_or(text));
    }
    assert_eq!(issuer.count("/.well-known/openid-configuration"), 0);
    let code_only = issuer.source(&[("accepts", "code")]);
    let token = good(&issuer.name()).signed();
    rejected(verify(&verifier, &code_only, &proof(&token)).await, "the source takes no token");
}
