//! What is known of an issuer, for how long, and how seldom it is asked.

use std::sync::Arc;

use ciam_testkit::stub::StubReply;
use serde_json::json;

use crate::forge::{KEY, NOW, good, rsa_public};
use crate::issuer::{Issuer, proof, rejected, unavailable, verify, verify_at};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn keys_are_fetched_once_an_hour() {
    let issuer = Issuer::start();
    let (verifier, source) = (issuer.verifier(), issuer.source(&[]));
    let token = proof(&good(&issuer.name()).with("exp", NOW + 9_000).signed());
    for now in [NOW, NOW + 1, NOW + 3_599] {
        verify_at(&verifier, &source, &token, now).await.expect("a person");
    }
    assert_eq!((issuer.count(DISCOVERY), issuer.count("/jwks")), (1, 1));
    verify_at(&verifier, &source, &token, NOW + 3_600).await.expect("a person");
    assert_eq!((issuer.count(DISCOVERY), issuer.count("/jwks")), (2, 2));
}

#[tokio::test]
async fn a32_a_withdrawn_key_is_refused_within_the_hour() {
    let issuer = Issuer::start();
    let (verifier, source) = (issuer.verifier(), issuer.source(&[]));
    let token = proof(&good(&issuer.name()).with("exp", NOW + 9_000).signed());
    verify(&verifier, &source, &token).await.expect("a person");
    issuer.set().keys = Some(Vec::new());
    rejected(verify_at(&verifier, &source, &token, NOW + 3_600).await, "the issuer has the key no more");
}

#[tokio::test]
async fn a_new_key_is_found_at_once() {
    let issuer = Issuer::start();
    let (verifier, source) = (issuer.verifier(), issuer.source(&[]));
    verify(&verifier, &source, &proof(&good(&issuer.name()).signed())).await.expect("a person");
    issuer.set().keys = Some(vec![rsa_public(KEY), rsa_public("key-2")]);
    let rotated = proof(&good(&issuer.name()).with_header("kid", "key-2").signed());
    verify_at(&verifier, &source, &rotated, NOW + 60).await.expect("the new key");
}

#[tokio::test]
async fn a32_random_key_names_do_not_make_us_hammer_the_issuer() {
    let issuer = Issuer::start();
    let (verifier, source) = (Arc::new(issuer.verifier()), issuer.source(&[]));
    for number in 0..50 {
        let token = good(&issuer.name()).with_header("kid", format!("key-{number}-x")).signed();
        rejected(verify(&verifier, &source, &proof(&token)).await, "unknown");
    }
    assert_eq!(issuer.count("/jwks"), 1, "what was fetched a moment ago is not fetched again");
    for number in 0..50 {
        let token = good(&issuer.name()).with_header("kid", format!("key-{number}-x")).signed();
        rejected(verify_at(&verifier, &source, &proof(&token), NOW + 60).await, "unknown");
    }
    assert_eq!(issuer.count("/jwks"), 2, "once a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_ask_once() {
    let issuer = Issuer::start();
    let verifier = Arc::new(issuer.verifier());
    let token = good(&issuer.name()).signed();
    let calls: Vec<_> = (0..20)
        .map(|number| {
            let (verifier, source, proof) = (Arc::clone(&verifier), issuer.source(&[]), proof(&token));
            // Their clocks were read one after the other, and they come in any order.
            tokio::spawn(async move { verify_at(&verifier, &source, &proof, NOW + number % 7).await.is_ok() })
        })
        .collect();
    for call in calls {
        assert!(call.await.expect("no panic"));
    }
    assert_eq!((issuer.count(DISCOVERY), issuer.count("/jwks")), (1, 1));
}

#[tokio::test]
async fn a32_a_discovery_of_another_issuer_is_refused() {
    let issuer = Issuer::start();
    let token = good(&issuer.name()).signed();
    for name in ["https://evil.example".to_owned(), format!("{}/", issuer.name()), String::new()] {
        issuer.set().name = Some(name);
        unavailable(issuer.verify(&token).await, "the document is another's");
    }
    let own = issuer.name();
    issuer.set().name = None;
    let document = json!({
        "issuer": "https://evil.example", "jwks_uri": format!("{own}/jwks"), "token_endpoint": format!("{own}/token"),
    });
    issuer.set().discovery = Some(StubReply::ok(document.to_string()));
    unavailable(issuer.verify(&token).await, "the document is another's, though the keys are at hand");
}

#[tokio::test]
async fn a32_a_key_is_taken_for_what_it_is_for_alone() {
    let issuer = Issuer::start();
    let token = good(&issuer.name()).signed();
    for (name, value) in [("alg", json!("PS256")), ("use", json!("enc")), ("key_ops", json!(["encrypt"]))] {
        let mut key = rsa_public(KEY);
        key[name] = value;
        issuer.set().keys = Some(vec![key]);
        rejected(issuer.verify(&token).await, name);
    }
    issuer.set().keys = Some(vec![rsa_public(KEY)]);
    issuer.verify(&token).await.expect("the key as it should be");
}

#[tokio::test]
async fn a32_an_issuer_of_the_world_sends_nobody_to_the_loopback() {
    let inner = Issuer::start();
    let issuer = Issuer::named("https://id.example");
    let token = good("https://id.example").signed();
    issuer.verify(&token).await.expect("its own endpoints");
    for field in ["jwks_uri", "token_endpoint"] {
        let mut document = json!({
            "issuer": "https://id.example", "jwks_uri": "https://id.example/jwks",
            "token_endpoint": "https://id.example/token",
        });
        document[field] = format!("{}/jwks", inner.name()).into();
        issuer.set().discovery = Some(StubReply::ok(document.to_string()));
        unavailable(issuer.verify(&token).await, field);
    }
    assert_eq!(inner.count("/jwks"), 0);
}

#[tokio::test]
async fn a32_hostile_documents_are_no_keys() {
    let other = Issuer::start();
    let redirect = StubReply::redirect(&format!("{}/jwks", other.name()));
    let replies = [
        redirect,
        StubReply::Silence,
        StubReply::ok("x".repeat(70_000)),
        StubReply::ok("not JSON"),
        StubReply::ok("[]"),
        StubReply::ok("<html>"),
        StubReply::Whole(500, json!({ "keys": [rsa_public(KEY)] }).to_string()),
        StubReply::Raw(Vec::new()),
    ];
    for reply in replies {
        let issuer = Issuer::start();
        let token = good(&issuer.name()).signed();
        issuer.set().jwks = Some(reply.clone());
        unavailable(issuer.verify(&token).await, "keys");
        issuer.set().jwks = None;
        issuer.set().discovery = Some(reply);
        unavailable(issuer.verify(&token).await, "discovery");
    }
    assert_eq!(other.count("/jwks"), 0, "no redirect is followed");
}

#[tokio::test]
async fn a_failing_issuer_is_asked_again_after_a_pause() {
    let issuer = Issuer::start();
    let (verifier, source) = (issuer.verifier(), issuer.source(&[]));
    let token = proof(&good(&issuer.name()).signed());
    issuer.set().discovery = Some(StubReply::Whole(503, String::new()));
    for now in [NOW, NOW + 1, NOW + 4] {
        unavailable(verify_at(&verifier, &source, &token, now).await, "the issuer is down");
    }
    assert_eq!(issuer.count(DISCOVERY), 1, "callers do not queue up at an issuer that is down");
    issuer.set().discovery = None;
    verify_at(&verifier, &source, &token, NOW + 5).await.expect("the issuer is back");
}

#[tokio::test]
async fn a_clock_that_was_set_back_leaves_no_keys_for_good() {
    let issuer = Issuer::start();
    let (verifier, source) = (issuer.verifier(), issuer.source(&[]));
    let token = proof(&good(&issuer.name()).with("exp", NOW + 90_000).signed());
    verify_at(&verifier, &source, &token, NOW + 86_400).await.expect("a person");
    verify(&verifier, &source, &token).await.expect("a person");
    assert_eq!(issuer.count("/jwks"), 2, "keys of tomorrow are not of today");
}
