//! What was acknowledged survives SIGKILL.

use serde_json::json;

use crate::home::{Home, PASSWORD};
use crate::server::Server;

#[test]
fn an_acknowledged_change_survives_a_kill() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    let flow = server.begin(&token, "UPDATE_PASSWORD");
    let proof = json!({"fId": flow, "type": "PWD", "password": PASSWORD});
    assert!(server.ask(&token, "POST /user/2fa/verify_code", Some(proof)).is_done());
    let change = json!({"fId": flow, "newPassword": "seven herons cross the bay"});
    assert!(server.ask(&token, "PUT /user/change_pwd", Some(change)).is_done());
    server.kill();

    let server = Server::start(&home);
    let flow = server.begin(&token, "UPDATE_PASSWORD");
    let prove = |password: &str| {
        let proof = json!({"fId": flow, "type": "PWD", "password": password});
        server.ask(&token, "POST /user/2fa/verify_code", Some(proof))
    };
    assert_eq!(prove(PASSWORD).body["message"], "Operation.Failure.User.Password.Error");
    assert!(prove("seven herons cross the bay").is_done());
}

#[test]
fn attempts_that_were_paid_stay_paid_after_a_kill() {
    let home = Home::new();
    let server = Server::start(&home);
    let alice = home.person();
    let token = home.token(&alice);
    let flow = server.begin(&token, "UPDATE_PASSWORD");
    let prove = |server: &Server, password: &str| {
        let proof = json!({"fId": flow, "type": "PWD", "password": password});
        server.ask(&token, "POST /user/2fa/verify_code", Some(proof))
    };
    for _ in 0..5 {
        assert!(!prove(&server, "no harbour and no lantern").is_done());
    }
    server.kill();
    let server = Server::start(&home);
    assert!(!prove(&server, PASSWORD).is_done(), "a restart gave attempts back");
}
