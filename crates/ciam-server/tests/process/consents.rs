//! Terms from a file, agreements by the operator and over HTTP, and what is told of them later.

use std::process::Output;

use serde_json::{Value, json};

use crate::home::{Home, error_of};
use crate::server::Server;

const TERMS: &str = r#"
[[terms]]
id = "privacy"
demand = "required"
name = "Privacy"
external_id = "a4a94594-528c"

[[terms_version]]
document = "privacy"
number = "v1.0"
locale = "zh-CN"
title = "Test"
kind = "HTML"
file = "privacy.html"
"#;

const TEXT: &str = "<p>测试</p>\n";

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn document(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(output: &Output, said: &str) {
    let text = error_of(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(said) && text.lines().count() == 1 && output.stdout.is_empty(), "{text}");
}

/// A home with terms, and the id of their version.
fn home() -> (Home, String) {
    let home = Home::new();
    home.write("terms.toml", TERMS);
    home.write("privacy.html", TEXT);
    let applied = lines(&home.run(&["apply", "terms.toml"]));
    assert_eq!(applied[0], json!({"section": "terms", "id": "privacy", "did": "created"}));
    assert_eq!((&applied[1]["section"], &applied[1]["did"]), (&json!("terms_version"), &json!("created")));
    let version = applied[1]["id"].as_str().unwrap().to_owned();
    (home, version)
}

#[test]
fn terms_of_a_file_are_published_once_and_end_where_it_says() {
    let (home, version) = home();
    let again = lines(&home.run(&["apply", "terms.toml"]));
    assert!(again.iter().all(|line| line["did"] == "unchanged" && line["differs"].is_null()), "{again:?}");
    let listed = lines(&home.run(&["consent", "terms"])).remove(0);
    assert_eq!((&listed["version"], &listed["status"]), (&json!(version), &json!("published")));
    home.write("privacy.html", "<p>you owe us all</p>");
    let rewritten = home.run(&["apply", "terms.toml"]);
    assert!(error_of(&rewritten).contains("consent.immutable"), "{}", error_of(&rewritten));
    assert_eq!(rewritten.status.code(), Some(1));
    home.write("privacy.html", TEXT);
    home.write("terms.toml", &format!("{TERMS}expires_at = 2020-01-01T00:00:00Z\n"));
    let ended = lines(&home.run(&["apply", "terms.toml"])).remove(1);
    assert_eq!(ended["did"], "updated");
    assert_eq!(lines(&home.run(&["consent", "terms"]))[0]["status"], "expired");
    let alice = home.person();
    refused(&home.run(&["consent", "record", "--user", &alice.id, "--version", &version]), "consent.expired");
    home.write("terms.toml", TERMS);
    let kept = lines(&home.run(&["apply", "terms.toml"])).remove(1);
    assert_eq!((&kept["did"], &kept["differs"]), (&json!("unchanged"), &json!(["expires_at"])));
}

#[test]
fn what_the_operator_recorded_is_listed_and_recalled_over_http_and_shown_later() {
    let (home, version) = home();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    let agreed = || server.ask(&token, "GET /user/get_agree_records", None).body["data"].clone();
    assert_eq!(agreed(), json!([]));
    let record = ["consent", "record", "--user", &alice.id, "--version", &version, "--client", "shop"];
    let recorded = lines(&home.run(&record)).remove(0);
    let listed = agreed();
    assert_eq!(listed[0]["uuid"], recorded["id"]);
    assert_eq!(
        (&listed[0]["recordUuid"], &listed[0]["recordExternalId"]),
        (&json!("privacy"), &json!("a4a94594-528c"))
    );
    assert_eq!(listed[0]["base64EncodeContent"], "PHA+5rWL6K+VPC9wPgo=");
    let recall = json!({"uuid": listed[0]["uuid"]});
    for _ in 0..2 {
        assert!(server.ask(&token, "POST /user/agree_records/recall", Some(recall.clone())).is_done());
    }
    assert_eq!(agreed(), json!([]));
    let standing = lines(&home.run(&["consent", "list", &alice.id])).remove(0);
    assert!(standing["recalledAt"].is_string(), "{standing}");
    let evidence = document(&home.run(&["consent", "evidence", &alice.id]));
    let acts: Vec<_> = evidence["ledger"].as_array().unwrap().iter().map(|line| &line["act"]).collect();
    assert_eq!(acts, ["agreed", "recalled"]);
    assert_eq!(evidence["versions"][0]["text"], TEXT);
    assert_eq!(evidence["versions"][0]["sha256"], evidence["ledger"][0]["sha256"]);
    let trail = lines(&home.run(&["audit", "--user", &alice.id, "--action", "recall_consent"]));
    assert_eq!((trail.len(), &trail[0]["actorKind"]), (1, &json!("person")));
    refused(&home.run(&["consent", "evidence", "nobody"]), "access.unknown_user");
    refused(
        &home.run(&["consent", "record", "--user", "nobody", "--version", &version]),
        "access.unknown_user",
    );
}

#[test]
fn an_export_tells_everything_but_secrets() {
    let (home, version) = home();
    let alice = home.person();
    let token = home.token(&alice);
    lines(&home.run(&["consent", "record", "--user", &alice.id, "--version", &version]));
    let exported = document(&home.run(&["user", "export", &alice.id]));
    assert_eq!(exported["account"]["phone"]["address"], alice.phone);
    assert_eq!(exported["account"]["email"]["address"], alice.email);
    assert_eq!(exported["credentials"][0]["kind"], "password");
    assert_eq!(
        (&exported["sessions"][0]["openedBy"], &exported["consents"][0]["act"]),
        (&json!(["pwd"]), &json!("agreed"))
    );
    let text = exported.to_string();
    for secret in ["argon2", "lantern", token.as_str()] {
        assert!(!text.contains(secret), "{text}");
    }
    let trail = lines(&home.run(&["audit", "--user", &alice.id, "--action", "export_personal_data"]));
    assert_eq!((trail.len(), &trail[0]["actorKind"]), (1, &json!("system")));
    refused(&home.run(&["user", "export", "nobody"]), "access.unknown_user");
}
