//! Authorization codes, exchanged at an issuer that is sound or not.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciam_ports::SocialProof;
use ciam_ports::domain::secret::SecretText;
use ciam_testkit::stub::StubReply;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::forge::{CLIENT, Parts, good};
use crate::issuer::{Issuer, key_of, proof, rejected, unavailable, verify};

const SECRET: &str = "s3cret +/%:ü";

fn tokens(parts: &Parts) -> StubReply {
    let reply = json!({ "access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 3600, "id_token": parts.signed() });
    StubReply::ok(reply.to_string())
}

fn refusal(status: u16, error: &str) -> StubReply {
    StubReply::Whole(status, json!({ "error": error, "error_description": "Bad Request" }).to_string())
}

fn left_half(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
}

fn secret() -> SecretText {
    SecretText::new(SECRET.to_owned())
}

fn full_proof() -> SocialProof {
    SocialProof {
        nonce: Some(SecretText::new("n-1".to_owned())),
        redirect_uri: Some("https://app.example/callback?x=1".to_owned()),
        pkce_verifier: Some(SecretText::new("verifier-of-pkce".to_owned())),
        ..proof("a code/+&=")
    }
}

#[tokio::test]
async fn a_code_is_exchanged_with_all_that_it_was_asked_for_with() {
    let issuer = Issuer::start();
    issuer.set().token =
        Some(tokens(&good(&issuer.name()).with("nonce", "n-1").with("at_hash", left_half("SlAV32hkKG"))));
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    let person = verify(&verifier, &issuer.source(&[]), &full_proof()).await.expect("a person");
    assert_eq!(person.subject.as_str(), "248289761001");
    let requests = issuer.token_requests();
    let [request] = requests.as_slice() else { unreachable!("a code is sent once") };
    let field = |name| request.field(name).unwrap_or_default();
    assert_eq!((request.method.as_str(), field("grant_type").as_str()), ("POST", "authorization_code"));
    assert_eq!(field("code"), "a code/+&=");
    assert_eq!(field("redirect_uri"), "https://app.example/callback?x=1");
    assert_eq!(field("code_verifier"), "verifier-of-pkce");
    let pair = STANDARD.encode(format!("{CLIENT}:s3cret+%2B%2F%25%3A%C3%BC"));
    assert_eq!(request.header("authorization"), Some(format!("Basic {pair}").as_str()));
    assert_eq!((request.field("client_secret"), request.field("client_id")), (None, None));
}

#[tokio::test]
async fn a_secret_goes_where_the_settings_say() {
    let issuer = Issuer::start();
    issuer.set().token = Some(tokens(&good(&issuer.name())));
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    let settings = [("client_auth", "client_secret_post"), ("redirect_uri", "https://app.example/fixed")];
    verify(&verifier, &issuer.source(&settings), &proof("a-code")).await.expect("a person");
    verify(&verifier, &issuer.source(&[("client_auth", "none")]), &proof("a-code")).await.expect("a person");
    let requests = issuer.token_requests();
    let fields: Vec<_> =
        requests.iter().map(|request| (request.field("client_id"), request.field("client_secret"))).collect();
    let client = Some(CLIENT.to_owned());
    assert_eq!(fields, [(client.clone(), Some(SECRET.to_owned())), (client, None)]);
    assert!(requests.iter().all(|request| request.header("authorization").is_none()));
    assert_eq!(requests[0].field("redirect_uri").as_deref(), Some("https://app.example/fixed"));
}

#[tokio::test]
async fn a32_a_code_that_was_used_is_refused() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    issuer.set().token = Some(refusal(400, "invalid_grant"));
    rejected(
        verify(&verifier, &issuer.source(&[]), &proof("a-code")).await,
        "the issuer knows the code no more",
    );
}

#[tokio::test]
async fn what_the_host_did_wrong_is_not_the_persons_fault() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    for error in
        ["invalid_client", "unauthorized_client", "invalid_request", "redirect_uri_mismatch", "x y\n"]
    {
        issuer.set().token = Some(refusal(400, error));
        unavailable(verify(&verifier, &issuer.source(&[]), &proof("a-code")).await, error);
    }
    let asked = issuer.token_requests().len();
    unavailable(verify(&issuer.verifier(), &issuer.source(&[]), &proof("a-code")).await, "no secret");
    unavailable(
        verify(&verifier, &issuer.source(&[("nonse", "required")]), &proof("a-code")).await,
        "a setting",
    );
    assert_eq!(issuer.token_requests().len(), asked, "nothing is sent without a secret or with odd settings");
}

#[tokio::test]
async fn a32_hostile_token_endpoints_let_nobody_in() {
    let other = Issuer::start();
    let replies = [
        StubReply::redirect(&format!("{}/token", other.name())),
        StubReply::Silence,
        StubReply::ok("x".repeat(70_000)),
        StubReply::ok("not JSON"),
        StubReply::ok("{}"),
        StubReply::ok(json!({ "access_token": "SlAV32hkKG", "token_type": "Bearer" }).to_string()),
        StubReply::ok(json!({ "id_token": Value::Null }).to_string()),
        StubReply::Whole(500, "oops".to_owned()),
        StubReply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
    ];
    for reply in replies {
        let issuer = Issuer::start();
        issuer.set().token = Some(reply);
        let verifier = issuer.verifier().with_secret(key_of(), secret());
        unavailable(verify(&verifier, &issuer.source(&[]), &proof("a-code")).await, "no token");
    }
    assert_eq!(other.count("/token"), 0, "no redirect is followed: a code and a secret would go along");
}

#[tokio::test]
async fn a32_a_token_from_the_token_endpoint_is_checked_as_any() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    let name = issuer.name();
    let spoilt = [
        ("another client", good(&name).with("nonce", "n-1").with("aud", "other.example")),
        ("another nonce", good(&name).with("nonce", "n-2")),
        ("no nonce", good(&name)),
        ("over", good(&name).with("nonce", "n-1").with("exp", 1)),
        ("another access token", good(&name).with("nonce", "n-1").with("at_hash", left_half("another"))),
        ("an access token", good(&name).with("nonce", "n-1").with_header("typ", "at+jwt")),
    ];
    for (why, parts) in spoilt {
        issuer.set().token = Some(tokens(&parts));
        rejected(verify(&verifier, &issuer.source(&[]), &full_proof()).await, why);
    }
    let unsigned = format!("{}.", good(&name).with_header("alg", "none").unsigned());
    issuer.set().token = Some(StubReply::ok(json!({ "id_token": unsigned }).to_string()));
    rejected(verify(&verifier, &issuer.source(&[]), &proof("a-code")).await, "TLS is no signature");
}

#[tokio::test]
async fn a32_what_can_be_no_code_is_not_sent() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    for code in ["", "a\nb", "a\0", "é", &"x".repeat(4_097)] {
        rejected(verify(&verifier, &issuer.source(&[]), &proof(code)).await, "no code");
    }
    rejected(
        verify(&verifier, &issuer.source(&[("accepts", "id_token")]), &proof("a-code")).await,
        "tokens alone",
    );
    assert_eq!(issuer.count("/token"), 0);
}

#[tokio::test]
async fn an_error_shows_neither_code_nor_secret() {
    let issuer = Issuer::start();
    let verifier = issuer.verifier().with_secret(key_of(), secret());
    issuer.set().token = Some(StubReply::Whole(500, "a-code s3cret".to_owned()));
    let error = verify(&verifier, &issuer.source(&[]), &proof("a-code")).await.expect_err("no person");
    let told = format!("{error:?} {error}");
    assert!(!told.contains("a-code") && !told.contains("s3cret"), "{told}");
}
