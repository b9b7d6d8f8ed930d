//! `user` and `token`, beside a running server and before one.

use std::process::Output;

use serde_json::{Value, json};

use crate::home::{Home, error_of, messages};
use crate::server::Server;

fn refusal(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty(), "a refusal prints no result");
    (output.status.code(), error_of(output).trim_end().to_owned())
}

#[test]
fn what_is_taken_is_refused_in_one_line() {
    let home = Home::new();
    home.person();
    let add = |arguments: &[&str]| refusal(&home.run(&[&["user", "add"], arguments].concat()));
    assert_eq!(add(&["--username", "ALICE"]), (Some(1), "username is taken".to_owned()));
    let phone = ["--username", "bob", "--phone", "13800000001"];
    assert_eq!(add(&phone), (Some(1), "phone is taken".to_owned()));
    let email = ["--username", "bob", "--email", "Alice@Example.com"];
    assert_eq!(add(&email), (Some(1), "email is taken".to_owned()));
}

#[test]
fn a_password_that_the_policy_refuses_makes_no_account() {
    let home = Home::new();
    let arguments = ["user", "add", "--username", "bob", "--password-stdin"];
    let (status, said) = refusal(&home.run_with_input(&arguments, "short\n"));
    assert_eq!(status, Some(1));
    assert!(said.starts_with("password.too_short: ") && said.lines().count() == 1, "{said}");
    assert_eq!(home.run(&["user", "add", "--username", "bob"]).status.code(), Some(0));
}

#[test]
fn a_replaced_address_is_given_back_by_the_code_that_came_there() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    let flow = server.begin(&token, "UPDATE_EMAIL");
    let step = |call: &str, body: Value| assert!(server.ask(&token, call, Some(body)).is_done(), "{call}");
    step("POST /user/2fa/obtain_code", json!({"fId": flow, "type": "SMS"}));
    step(
        "POST /user/2fa/verify_code",
        json!({"fId": flow, "type": "SMS", "code": home.code_to(alice.phone)}),
    );
    let new = "thief@example.net";
    step("POST /user/change_phone_or_email/obtain_code", json!({"fId": flow, "type": "EMAIL", "email": new}));
    let verify = "POST /user/change_phone_or_email/verify_code";
    step(verify, json!({"fId": flow, "type": "EMAIL", "code": home.code_to(new)}));
    let came = || {
        let mut messages = messages(&home.path("messages.jsonl")).into_iter();
        messages.find(|message| message["to"] == alice.email && message["code"].is_string())
    };
    // The server relays once a second or so; a command takes its time, too.
    for _ in 0..500 {
        if came().is_none() {
            assert_eq!(home.run(&["config", "check"]).status.code(), Some(0));
        }
    }
    let code = came().unwrap()["code"].as_str().unwrap().to_owned();
    let revert =
        |address: &str, code: &str| home.run(&["user", "revert", "--address", address, "--code", code]);
    let not = (Some(1), "contact.not_reverted: the address was not restored".to_owned());
    assert_eq!(refusal(&revert(alice.email, "0000-0000-0000-0000")), not);
    assert_eq!(refusal(&revert(new, &code)), not);
    assert_eq!(revert("nobody", &code).status.code(), Some(2));
    assert_eq!(revert(alice.email, &code).status.code(), Some(0));
    assert_eq!(refusal(&revert(alice.email, &code)), not);
    let claimed = home.run(&["user", "add", "--username", "bob", "--email", alice.email]);
    assert_eq!(refusal(&claimed), (Some(1), "email is taken".to_owned()));
}

#[test]
fn arguments_that_cannot_be_read_end_with_2() {
    let home = Home::new();
    let cases: [&[&str]; 11] = [
        &["user", "add"],
        &["user", "add", "--username", "bob", "--phone", "12"],
        &["user", "add", "--username", "bob", "--email", "nobody"],
        &["user", "add", "--username", "bob", "--email", ""],
        &["user", "add", "--username", "bob", "--phone", ""],
        &["user", "status", "x y", "--set", "frozen"],
        &["token", "issue", "--user", "bob", "--ttl", "soon"],
        &["token", "issue", "--user", "bob", "--ttl", "999ms"],
        &["token", "issue", "--user", "bob", "--ttl", "86401s"],
        &["token", "issue", "--user", "bob", "--ttl", "0s"],
        &["fly"],
    ];
    for case in cases {
        assert_eq!(home.run(case).status.code(), Some(2), "{case:?}");
    }
}

#[test]
fn a_frozen_account_is_shut_out_at_once_and_let_in_again() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    assert!(server.ask(&token, "GET /user/token/check", None).is_done());

    let set = |status: &str| home.run(&["user", "status", &alice.id, "--set", status]);
    assert_eq!(set("frozen").status.code(), Some(0));
    let answer = server.ask(&token, "GET /user/token/check", None);
    assert_eq!((answer.status, answer.body["error"].as_str()), (401, Some("unauthorized_user")));
    let (code, said) = refusal(&home.run(&["token", "issue", "--user", &alice.id]));
    assert_eq!(code, Some(1));
    assert!(said.starts_with("access.frozen: "), "{said}");

    assert_eq!(set("normal").status.code(), Some(0));
    let token = home.token(&alice);
    assert!(server.ask(&token, "GET /user/token/check", None).is_done());
}

#[test]
fn an_account_that_does_not_exist_is_refused() {
    let home = Home::new();
    home.person();
    for arguments in
        [&["user", "status", "nobody", "--set", "locked"][..], &["token", "issue", "--user", "nobody"]]
    {
        let (status, said) = refusal(&home.run(arguments));
        assert_eq!(status, Some(1));
        assert!(said.starts_with("access.unknown_user: "), "{said}");
    }
}

#[test]
fn a_mistyped_data_directory_is_told_and_not_made() {
    let home = Home::new();
    home.person();
    for arguments in [
        &["user", "list"][..],
        &["user", "status", "nobody", "--set", "locked"],
        &["token", "issue", "--user", "nobody"],
        &["audit"],
        &["purge"],
    ] {
        let (status, said) = refusal(&home.run(&[arguments, &["--data-dir", "mistyped"]].concat()));
        assert_eq!(status, Some(1), "{arguments:?}");
        assert_eq!(said.trim_end(), "there is no data directory at mistyped", "{arguments:?}");
    }
    assert!(!home.path("../mistyped").exists());
}

#[test]
fn a_token_without_the_scope_of_the_dialect_is_refused_by_it() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let issued = home.run(&["token", "issue", "--user", &alice.id, "--scope", "openid USER_APIS"]);
    let token = String::from_utf8(issued.stdout).unwrap();
    assert_eq!(server.ask(token.trim_end(), "GET /user/token/check", None).status, 403);
}

#[test]
fn a_session_of_another_account_is_named_so() {
    let home = Home::new();
    let alice = home.person();
    let made = home.run(&["user", "add", "--username", "bob"]);
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let issue = |user: &str| home.run(&["token", "issue", "--user", user, "--session", "one-session"]);
    assert_eq!(issue(&alice.id).status.code(), Some(0));
    assert_eq!(issue(&alice.id).status.code(), Some(0), "it is used again");
    let (status, said) = refusal(&issue(made["userId"].as_str().unwrap()));
    assert_eq!((status, said.as_str()), (Some(1), "the session belongs to another account"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_id_of_an_account_is_told_even_where_nobody_reads_the_output() {
    let home = Home::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = home.command(&["user", "add", "--username", "bob"]).stdout(full).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = error_of(&output);
    let id = said.split("userId ").nth(1).unwrap().split(',').next().unwrap();
    assert_eq!(home.run(&["token", "issue", "--user", id]).status.code(), Some(0), "{said}");
}

#[test]
fn processes_that_begin_at_once_in_an_empty_directory_agree_on_everything() {
    let home = Home::new();
    let names = ["ann", "ben", "cleo", "dan"];
    let started: Vec<_> = names
        .iter()
        .map(|name| home.command(&["user", "add", "--username", name]).spawn().unwrap())
        .collect();
    for child in started {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    }
    let server = Server::start(&home);
    let token = home.token(&home.person());
    assert!(server.ask(&token, "GET /user/token/check", None).is_done());
}
