//! `apply`, beside a running server and before one.

use std::process::Output;

use serde_json::{Value, json};

use crate::home::{Home, PASSWORD, error_of};
use crate::server::Server;

const SETUP: &str = r#"
[[user]]
username = "alice"
id = "alice-1"
phone = "+86 13800000001"
email = "alice@example.com"
password = { file = "alice.password" }
nickname = "Ally"
full_name = "Alice Zhang"
admin = true

[[user]]
username = "Bob"
"#;

fn home() -> Home {
    let home = Home::new();
    home.write("setup.toml", SETUP);
    home.write("alice.password", &format!("{PASSWORD}\n"));
    home
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn apply(home: &Home, text: &str) -> Output {
    home.write("setup.toml", text);
    home.run(&["apply", "setup.toml"])
}

fn stopped(output: &Output, status: i32, said: &str) {
    let text = error_of(output);
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.starts_with(said) && text.lines().count() == 1, "{text}");
}

#[test]
fn a_file_is_carried_out_beside_a_running_server_and_changes_nothing_the_second_time() {
    let home = home();
    let server = Server::start(&home);
    let first = lines(&home.run(&["apply", "setup.toml"]));
    assert_eq!(first[0], json!({"section": "user", "id": "alice-1", "did": "created"}));
    assert_eq!((first.len(), &first[1]["did"]), (2, &json!("created")));
    let again = lines(&home.run(&["apply", "setup.toml"]));
    let unchanged: Vec<_> = again.iter().map(|line| (&line["id"], &line["did"], &line["differs"])).collect();
    let expected = json!("unchanged");
    assert_eq!(
        unchanged,
        [(&first[0]["id"], &expected, &Value::Null), (&first[1]["id"], &expected, &Value::Null)]
    );
    let shown = lines(&home.run(&["user", "show", "alice-1"])).remove(0);
    assert_eq!((&shown["admin"], &shown["hasPassword"]), (&json!(true), &json!(true)));
    assert_eq!((&shown["phone"], &shown["nickname"]), (&json!("+8613800000001"), &json!("Ally")));
    let issued = home.run(&["token", "issue", "--user", "alice-1"]);
    let token = String::from_utf8(issued.stdout).unwrap();
    assert!(server.ask(token.trim_end(), "GET /user/token/check", None).is_done());
    let made = lines(&home.run(&["audit", "--user", "alice-1", "--action", "create_user"]));
    assert_eq!((made.len(), &made[0]["actorKind"]), (1, &json!("system")));
}

#[test]
fn what_stands_otherwise_is_named_and_left() {
    let home = home();
    lines(&home.run(&["apply", "setup.toml"]));
    let other = "[[user]]\nusername = \"alice\"\nphone = \"+86 13800000009\"\nnickname = \"Ally\"";
    let line = lines(&apply(&home, other)).remove(0);
    assert_eq!(line["did"], "unchanged");
    assert_eq!(line["differs"], json!(["phone", "email", "password", "full_name", "admin"]));
    assert_eq!(lines(&home.run(&["user", "show", "alice-1"]))[0]["phone"], "+8613800000001");
    let other = "[[user]]\nusername = \"alice\"\nid = \"alice-2\"";
    stopped(&apply(&home, other), 1, "user alice: the account that is there has the id alice-1");
}

#[test]
fn a_status_is_set_where_the_account_is_there_already() {
    let home = home();
    lines(&home.run(&["apply", "setup.toml"]));
    for (status, did) in [("frozen", "updated"), ("frozen", "unchanged"), ("normal", "updated")] {
        let text = format!("[[user]]\nusername = \"bob\"\nstatus = \"{status}\"");
        let line = lines(&apply(&home, &text)).remove(0);
        assert_eq!(line["did"], did, "{status}");
        let shown = lines(&home.run(&["user", "show", line["id"].as_str().unwrap()])).remove(0);
        assert_eq!(shown["status"], status);
    }
    let text = "[[user]]\nusername = \"carol\"\nstatus = \"disabled\"";
    let line = lines(&apply(&home, text)).remove(0);
    assert_eq!(line["did"], "created");
    assert_eq!(lines(&home.run(&["user", "show", line["id"].as_str().unwrap()]))[0]["status"], "disabled");
}

#[test]
fn a_file_with_an_error_anywhere_writes_nothing() {
    let home = home();
    for (wrong, said) in [
        ("nick = \"B\"", "setup.toml: line 14: unknown field"),
        ("[[users]]\nusername = \"c\"", "setup.toml: line 14: unknown field"),
        ("email = \"nowhere\"", "setup.toml: line 12: [[user]] email: "),
        ("password = { file = \"absent\" }", "setup.toml: line 12: [[user]] password: "),
        ("[[user]]\nusername = \"ALICE\"", "setup.toml: line 14: [[user]] alice stands twice"),
    ] {
        stopped(&apply(&home, &format!("{SETUP}{wrong}\n")), 2, said);
        assert!(!home.path("ciam.db").exists(), "{wrong}");
    }
    stopped(&home.run(&["apply", "absent.toml"]), 2, "absent.toml: ");
    assert_eq!(home.run(&["apply"]).status.code(), Some(2));
}

#[test]
fn a_rule_that_refuses_ends_with_1_and_leaves_what_was_printed_before() {
    let home = home().with_environment(&[("BOB_PASSWORD", "short")]);
    let output = apply(&home, &format!("{SETUP}password = {{ env = \"BOB_PASSWORD\" }}\n"));
    stopped(&output, 1, "user bob: password.too_short: ");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&printed["id"], &printed["did"]), (&json!("alice-1"), &json!("created")));
    let taken = "[[user]]\nusername = \"carol\"\nemail = \"Alice@Example.com\"";
    stopped(&apply(&home, taken), 1, "user carol: email is taken");
}

#[test]
fn the_key_of_a_device_is_made_known_and_stays() {
    let home = home();
    let key = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";
    let device = |username: &str, key: &str| {
        format!(
            "{SETUP}\n[[device]]\nusername = \"{username}\"\ndevice = \"phone-1\"\nalgorithm = \"ED25519\"\n\
             public_key = \"{key}\"\n"
        )
    };
    let made = lines(&apply(&home, &device("alice", key)));
    assert_eq!(made[2], json!({"section": "device", "id": "alice/phone-1", "did": "created"}));
    let again = lines(&apply(&home, &device("alice", key)));
    assert_eq!(again[2], json!({"section": "device", "id": "alice/phone-1", "did": "unchanged"}));
    let other = lines(&apply(&home, &device("alice", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
    assert_eq!((&other[2]["did"], &other[2]["differs"]), (&json!("unchanged"), &json!(["public_key"])));
    let nobody = apply(&home, &device("nobody", key));
    assert_eq!(nobody.status.code(), Some(1), "{}", error_of(&nobody));
    assert_eq!(apply(&home, &device("alice", "no base64!")).status.code(), Some(2));
}
