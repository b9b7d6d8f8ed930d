//! What differs at Google and at Apple.

use ciam_ports::domain::secret::SecretText;
use ciam_testkit::stub::StubReply;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::forge::{CLIENT, NOW, ec, ec_pem, good, public};
use crate::issuer::{Issuer, key_of, proof, proof_with_nonce, rejected, source, unavailable, verify};

const GOOGLE: &str = "https://accounts.google.com";
const APPLE: &str = "https://appleid.apple.com";

#[tokio::test]
async fn both_spellings_of_google_are_one_person() {
    let issuer = Issuer::named(GOOGLE);
    let (verifier, google) = (issuer.verifier(), source("google", &[("client_id", CLIENT)]));
    for spelling in [GOOGLE, "accounts.google.com"] {
        let token = good(spelling).with("azp", CLIENT).signed();
        let person = verify(&verifier, &google, &proof(&token)).await.expect("a person");
        assert_eq!((person.issuer.as_str(), person.subject.as_str()), (GOOGLE, "248289761001"));
    }
    for other in
        ["http://accounts.google.com", "https://accounts.google.com/", "accounts.google.com.evil.example"]
    {
        rejected(verify(&verifier, &google, &proof(&good(other).signed())).await, other);
    }
}

#[tokio::test]
async fn a32_a_token_that_another_client_asked_google_for_needs_trust() {
    let issuer = Issuer::named(GOOGLE);
    let verifier = issuer.verifier();
    let token = good(GOOGLE).with("azp", "android.example").signed();
    rejected(verify(&verifier, &source("google", &[("client_id", CLIENT)]), &proof(&token)).await, "azp");
    let trusting = source("google", &[("client_id", CLIENT), ("authorized_parties", "android.example")]);
    verify(&verifier, &trusting, &proof(&token)).await.expect("a person");
}

#[tokio::test]
async fn an_identity_token_of_apple_is_taken_for_its_bundle_alone() {
    let issuer = Issuer::named(APPLE);
    let (verifier, apple) = (issuer.verifier(), source("apple", &[("client_id", CLIENT)]));
    let claims =
        good(APPLE).with("email_verified", "true").with("is_private_email", "true").with("auth_time", NOW);
    let person = verify(&verifier, &apple, &proof(&claims.signed())).await.expect("a person");
    assert_eq!(person.issuer.as_str(), APPLE);
    rejected(
        verify(&verifier, &apple, &proof(&claims.clone().with("aud", "other.app").signed())).await,
        "bundle",
    );
    let plain = claims.with("iss", "appleid.apple.com").signed();
    rejected(verify(&verifier, &apple, &proof(&plain)).await, "another spelling");
}

#[tokio::test]
async fn a32_the_nonce_of_apple_may_be_its_digest() {
    let issuer = Issuer::named(APPLE);
    let verifier = issuer.verifier();
    let digest: String = hex::encode(Sha256::digest("n-1"));
    let hashed = good(APPLE).with("nonce", digest.clone()).signed();
    let plain = good(APPLE).with("nonce", "n-1").signed();
    let apple = source("apple", &[("client_id", CLIENT)]);
    verify(&verifier, &apple, &proof_with_nonce(&hashed, "n-1")).await.expect("a person");
    verify(&verifier, &apple, &proof_with_nonce(&plain, "n-1")).await.expect("a person");
    rejected(verify(&verifier, &apple, &proof_with_nonce(&hashed, "n-2")).await, "another nonce");
    let strict = source("apple", &[("client_id", CLIENT), ("nonce_hash", "sha256")]);
    verify(&verifier, &strict, &proof_with_nonce(&hashed, "n-1")).await.expect("a person");
    rejected(
        verify(&verifier, &strict, &proof_with_nonce(&hashed, &digest)).await,
        "what a thief reads in the token",
    );
    let generic = Issuer::start();
    let hashed = good(&generic.name()).with("nonce", digest).signed();
    let answer = verify(&generic.verifier(), &generic.source(&[]), &proof_with_nonce(&hashed, "n-1")).await;
    rejected(answer, "elsewhere a nonce stands as it is");
}

#[tokio::test]
async fn a_code_of_apple_is_exchanged_with_a_signed_secret() {
    let issuer = Issuer::named(APPLE);
    issuer.set().token =
        Some(StubReply::ok(json!({ "access_token": "a", "id_token": good(APPLE).signed() }).to_string()));
    let verifier = issuer.verifier().with_secret(key_of(), SecretText::new(ec_pem()));
    let settings = [("client_id", CLIENT), ("team_id", "TEAM123456"), ("key_id", "KEY1234567")];
    verify(&verifier, &source("apple", &settings), &proof("c123.0.mrtx.abc")).await.expect("a person");
    let requests = issuer.token_requests();
    let secret = requests[0].field("client_secret").expect("a secret");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_audience(&[APPLE]);
    let key: jsonwebtoken::jwk::Jwk =
        serde_json::from_value(public(&ec(), Algorithm::ES256, "any")).expect("a key");
    let key = DecodingKey::from_jwk(&key).expect("a key");
    let secret = jsonwebtoken::decode::<Value>(&secret, &key, &validation).expect("a signed secret");
    assert_eq!(secret.header.kid.as_deref(), Some("KEY1234567"));
    let expected = json!({ "iss": "TEAM123456", "sub": CLIENT, "aud": APPLE, "iat": NOW, "exp": NOW + 300 });
    assert_eq!(secret.claims, expected);
    assert_eq!(requests[0].field("client_id").as_deref(), Some(CLIENT));
    let teamless = source("apple", &[("client_id", CLIENT)]);
    unavailable(verify(&verifier, &teamless, &proof("c123.0.mrtx.abc")).await, "no team");
    let odd = issuer.verifier().with_secret(key_of(), SecretText::new("no key".to_owned()));
    unavailable(verify(&odd, &source("apple", &settings), &proof("c123.0.mrtx.abc")).await, "no key");
}

#[tokio::test]
async fn another_type_of_source_is_not_for_this_verifier() {
    let issuer = Issuer::start();
    let wechat = source("wechat", &[("client_id", CLIENT)]);
    unavailable(verify(&issuer.verifier(), &wechat, &proof("a-code")).await, "another type");
}
