//! From an empty directory to a changed password.

use serde_json::json;

use crate::home::{Home, PASSWORD, messages};
use crate::server::{MOUNT, Server};

const NEW_PASSWORD: &str = "seven herons cross the bay";

#[test]
fn a_person_changes_their_password_by_a_code_and_nothing_of_it_is_logged() {
    let home = Home::new().with_environment(&[("CIAM_LOG__LEVEL", "debug"), ("CIAM_CODE__LENGTH", "8")]);
    let server = Server::start(&home);
    let alice = home.person();
    let (token, elsewhere) = (home.token(&alice), home.token(&alice));
    let flow = server.begin(&token, "UPDATE_PASSWORD");

    let sms = json!({"fId": flow, "type": "SMS"});
    assert!(server.ask(&token, "POST /user/2fa/obtain_code", Some(sms)).is_done());
    let code = home.code_to(alice.phone);
    assert_eq!(code.len(), 8, "the environment sets the length");
    let verify = json!({"fId": flow, "type": "SMS", "code": code});
    assert!(server.ask(&token, "POST /user/2fa/verify_code", Some(verify)).is_done());
    let change = json!({"fId": flow, "newPassword": NEW_PASSWORD});
    assert!(server.ask(&token, "PUT /user/change_pwd", Some(change.clone())).is_done());

    assert!(!server.ask(&token, "PUT /user/change_pwd", Some(change)).is_done(), "a flow is spent once");
    assert!(server.ask(&token, "GET /user/token/check", None).is_done());
    let in_query = server.call("GET", &format!("{MOUNT}/user/token/check?access_token={token}"));
    assert!(in_query.is_done());
    assert_eq!(server.ask(&elsewhere, "GET /user/token/check", None).status, 401);

    server.terminate();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("/user/change_pwd"), "requests are logged by route: {log}");
    let personal = ["13800000001", alice.email, PASSWORD, NEW_PASSWORD, &flow, &token, &code, &alice.id];
    for secret in personal {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

#[test]
fn a_message_is_one_line_of_json_with_the_documented_keys() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    let flow = server.begin(&token, "UPDATE_PHONE");
    let email = json!({"fId": flow, "type": "EMAIL", "language": "zh-CN"});
    assert!(server.ask(&token, "POST /user/2fa/obtain_code", Some(email)).is_done());
    let messages = messages(&home.path("messages.jsonl"));
    let message = messages[0].as_object().unwrap();
    for key in ["at", "channel", "to", "purpose", "language", "code", "text"] {
        assert!(message[key].is_string(), "{key}");
    }
    assert_eq!((&message["channel"], &message["to"]), (&json!("EMAIL"), &json!(alice.email)));
    assert_eq!(message["language"], "zh-CN");
}
