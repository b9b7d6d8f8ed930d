//! What the operator does to accounts while the server runs, and what the trail says of it.

use std::process::Output;

use serde_json::{Value, json};

use crate::home::{Home, error_of};
use crate::server::Server;

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", error_of(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refused(output: &Output, reason: &str) {
    let said = error_of(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(reason) && said.lines().count() == 1 && output.stdout.is_empty(), "{said}");
}

#[test]
fn an_account_is_shown_as_it_stands() {
    let home = Home::new();
    let _server = Server::start(&home);
    let alice = home.person();
    assert!(home.run(&["user", "status", &alice.id, "--set", "locked"]).status.success());
    let shown = lines(&home.run(&["user", "show", &alice.id])).remove(0);
    assert_eq!(shown["userId"], alice.id.as_str());
    assert_eq!((&shown["status"], &shown["statusUntil"]), (&json!("locked"), &Value::Null));
    assert_eq!((&shown["admin"], &shown["hasPassword"]), (&json!(false), &json!(true)));
    assert_eq!(shown["mustChangePassword"], false);
    assert!(!shown.to_string().contains("argon2"));
    refused(&home.run(&["user", "show", "nobody"]), "access.unknown_user: ");
}

#[test]
fn accounts_are_listed_in_order_in_parts_and_by_status_with_masked_addresses() {
    let home = Home::new();
    let users = ["c", "a", "b"].map(|id| format!("[[user]]\nid = \"{id}\"\nusername = \"name-{id}\"\n"));
    home.write("setup.toml", &(users.concat() + "phone = \"+86 13800000001\"\nstatus = \"frozen\"\n"));
    assert!(home.run(&["apply", "setup.toml"]).status.success());
    let list = |arguments: &[&str]| -> Vec<String> {
        let listed = lines(&home.run(&[&["user", "list"], arguments].concat()));
        listed.iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list(&[]), ["a", "b", "c"]);
    assert_eq!(list(&["--limit", "2"]), ["a", "b"]);
    assert_eq!(list(&["--after", "a", "--limit", "70000"]), ["b", "c"]);
    assert_eq!(
        (list(&["--status", "frozen"]), list(&["--status", "erased"])),
        (vec!["b".to_owned()], vec![])
    );
    let frozen = lines(&home.run(&["user", "list", "--status", "frozen"])).remove(0);
    assert_eq!(frozen["username"], "name-b");
    assert!(frozen["phone"].as_str().unwrap().contains("****"), "{frozen}");
    for wrong in [["--status", "gone"], ["--limit", "0"], ["--after", "x y"]] {
        assert_eq!(home.run(&[&["user", "list"], &wrong[..]].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn sessions_are_listed_and_ended_beside_a_running_server() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let issue = |session: &str| {
        let issued = home.run(&["token", "issue", "--user", &alice.id, "--session", session]);
        String::from_utf8(issued.stdout).unwrap().trim_end().to_owned()
    };
    let (one, two) = (issue("one"), issue("two"));
    let listed = || {
        let sessions = lines(&home.run(&["user", "sessions", &alice.id]));
        let mut ids: Vec<_> =
            sessions.iter().map(|session| session["sessionId"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let lives = |token: &str| server.ask(token, "GET /user/token/check", None).is_done();
    assert_eq!(listed(), ["one", "two"]);
    assert_eq!(home.run(&["user", "end-sessions", &alice.id, "--session", "one"]).status.code(), Some(0));
    assert_eq!((listed(), lives(&one), lives(&two)), (vec!["two".to_owned()], false, true));
    assert_eq!(home.run(&["user", "end-sessions", &alice.id]).status.code(), Some(0));
    assert_eq!((listed(), lives(&two)), (Vec::new(), false));
}

#[test]
fn a_reset_shuts_the_person_out_and_marks_the_password() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    assert_eq!(home.run(&["user", "reset", &alice.id]).status.code(), Some(0));
    assert_eq!(server.ask(&token, "GET /user/token/check", None).status, 401);
    assert_eq!(lines(&home.run(&["user", "show", &alice.id]))[0]["mustChangePassword"], true);
    let bare = lines(&home.run(&["user", "add", "--username", "bare"])).remove(0);
    refused(&home.run(&["user", "reset", bare["userId"].as_str().unwrap()]), "factor.none: ");
}

#[test]
fn an_account_that_is_not_deleted_is_restored_to_what_it_is() {
    let home = Home::new();
    let alice = home.person();
    assert!(home.run(&["user", "status", &alice.id, "--set", "frozen"]).status.success());
    assert_eq!(home.run(&["user", "restore", &alice.id]).status.code(), Some(0));
    assert_eq!(lines(&home.run(&["user", "show", &alice.id]))[0]["status"], "frozen");
    refused(&home.run(&["user", "restore", "nobody"]), "access.unknown_user: ");
}

#[test]
fn the_trail_is_printed_newest_first_and_narrowed() {
    let home = Home::new();
    let _server = Server::start(&home);
    let alice = home.person();
    for status in ["frozen", "normal", "disabled"] {
        assert!(home.run(&["user", "status", &alice.id, "--set", status]).status.success());
    }
    refused(&home.run(&["user", "reset", "nobody"]), "access.unknown_user: ");
    let audit = |arguments: &[&str]| lines(&home.run(&[&["audit"], arguments].concat()));
    let details = |records: &[Value]| -> Vec<String> {
        records.iter().map(|record| record["detail"].as_str().unwrap().to_owned()).collect()
    };
    let set = audit(&["--user", &alice.id, "--action", "set_status"]);
    assert_eq!(details(&set), ["disabled", "normal", "frozen"]);
    assert!(set.iter().all(|record| record["actorKind"] == "system" && record["refusal"].is_null()));
    assert_eq!(details(&audit(&["--action", "set_status", "--limit", "2"])), ["disabled", "normal"]);
    let refusals = audit(&["--refused"]);
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0]["user"], "nobody");
    assert_eq!(refusals[0]["refusal"], "access.unknown_user");
    assert_eq!(audit(&["--since", "2999-01-01T00:00:00Z"]), [""; 0]);
    assert_eq!(audit(&["--since", "2020-01-01T00:00:00+08:00"]).len(), audit(&[]).len());
    for wrong in [["--action", "fly"], ["--since", "yesterday"], ["--limit", "many"], ["--user", "x y"]] {
        assert_eq!(home.run(&[&["audit"], &wrong[..]].concat()).status.code(), Some(2), "{wrong:?}");
    }
    let said = error_of(&home.run(&["audit", "--since", "yesterday"]));
    assert!(said.contains("like 2026-01-31T08:00:00Z"), "{said}");
}
