//! `purge`, of an account that its owner deleted over HTTP.

use serde_json::{Value, json};

use crate::home::{Home, error_of};
use crate::server::Server;

/// Deletes an account over HTTP, and gives its id.
fn deleted(home: &Home) -> String {
    let server = Server::start(home);
    let alice = home.person();
    let token = home.token(&alice);
    let flow = server.begin(&token, "UNSUBSCRIBE");
    let sms = json!({"fId": flow, "type": "SMS"});
    assert!(server.ask(&token, "POST /user/2fa/obtain_code", Some(sms)).is_done());
    let verify = json!({"fId": flow, "type": "SMS", "code": home.code_to(alice.phone)});
    assert!(server.ask(&token, "POST /user/2fa/verify_code", Some(verify)).is_done());
    assert!(server.ask(&token, "POST /user/unsubscribe", Some(json!({"fId": flow}))).is_done());
    alice.id
}

#[test]
fn what_is_not_due_yet_is_left_alone() {
    let home = Home::new();
    deleted(&home);
    let output = home.run(&["purge"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"".as_slice()));
    let taken = home.run(&["user", "add", "--username", "alice"]);
    assert_eq!(error_of(&taken).trim_end(), "username is taken");
}

#[test]
fn a_due_account_is_told_in_a_line_of_json_and_its_name_stays_kept() {
    // Over before another process has begun.
    let home = Home::new().with_environment(&[("CIAM_DELETION__GRACE", "1ms")]);
    let alice = deleted(&home);
    let output = home.run(&["purge", "--limit", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert_eq!((&lines[0]["userId"], &lines[0]["outcome"]), (&json!(alice), &json!("erased")));
    assert_eq!(lines[0]["steps"][3], json!({"name": "account", "rows": 1}));
    assert!(!text.contains("alice@example.com") && !text.contains("13800000001"), "{text}");
    assert!(home.run(&["purge"]).stdout.is_empty(), "nothing is left to do");
    let taken = home.run(&["user", "add", "--username", "ALICE"]);
    assert_eq!(error_of(&taken).trim_end(), "username is taken");
    assert_eq!(home.run(&["purge", "--limit", "0"]).status.code(), Some(2));
}
