//! What people enrol beside what the vendor has, and the types that prove them then.

use std::time::Duration;

use ciam::Config;
use ciam::domain::secret::SecretText;
use ciam::ports::Clock;
use ciam_testkit::fake::FakeAuthenticator;
use ciam_testkit::{PASSWORD, block_on};
use serde_json::json;

use crate::site::{OBTAIN, Site, UNSUBSCRIBE, VERIFY, success};

const BEGIN: &str = "/user/totp/begin";
const CONFIRM: &str = "/user/totp/confirm";
const REMOVE: &str = "/user/totp/remove";
const RENEW: &str = "/user/recovery_code/renew";

fn eager() -> Config {
    let mut config = Config::default();
    config.flow.recent_factor = Duration::ZERO;
    config
}

#[test]
fn an_app_is_set_up_proves_its_person_and_is_removed() {
    block_on(async {
        let site = Site::with(eager(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let begun = site.post(&token, BEGIN, &json!({})).await;
        let uri = begun.body["data"]["uri"].as_str().unwrap();
        let secret = begun.body["data"]["secret"].as_str().unwrap();
        assert_eq!(
            uri,
            format!(
                "otpauth://totp/ciam:alice?secret={secret}&issuer=ciam&algorithm=SHA1&digits=6&period=30"
            )
        );
        let app = FakeAuthenticator::scan(&SecretText::new(uri.to_owned()));
        let now = || app.code(site.world.clock.now()).expose().to_owned();
        site.post(&token, CONFIRM, &json!({"code": ""}))
            .await
            .is_refused("Params.Illegal", "Params.Illegal.Code");
        site.post(&token, CONFIRM, &json!({"code": now()})).await.is_done();
        site.world.clock.advance(Duration::from_secs(30));
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let sent = site.post(&token, OBTAIN, &json!({"fId": flow, "type": "TOTP"})).await;
        sent.is_refused("Params.Illegal", "Operation.Failure.Unsupport.2fa.Type");
        let proven = site.post(&token, VERIFY, &json!({"fId": flow, "type": "TOTP", "code": now()})).await;
        proven.is(200, &success(&json!({"fId": flow, "flowType": "USER_UNSUBSCRIBE", "additional": null})));
        let removed = site.post(&token, REMOVE, &json!({"fId": "", "password": PASSWORD})).await;
        removed.is_done();
        let gone = site.post(&token, REMOVE, &json!({})).await;
        gone.is_refused("Operation.Denied", "Operation.Denied.User.2fa.Not.Enrolled");
        let late = site.post(&token, UNSUBSCRIBE, &json!({"fId": flow})).await;
        late.is_refused("Params.Illegal", "Params.Illegal.FId");
    });
}

#[test]
fn recovery_codes_are_made_by_a_flow_and_prove_their_person_once() {
    block_on(async {
        let site = Site::with(eager(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "RENEW_RECOVERY_CODES").await;
        let made = site.post(&token, RENEW, &json!({"fId": flow})).await;
        let codes: Vec<_> = made.body["data"]["codes"].as_array().unwrap().clone();
        assert_eq!((made.status, codes.len()), (200, 10));
        for expected in [true, false] {
            let flow = site.flow(&token, "UNSUBSCRIBE").await;
            let body = json!({"fId": flow, "type": "RECOVERY_CODE", "code": codes[0]});
            let answer = site.post(&token, VERIFY, &body).await;
            if expected {
                answer.is(
                    200,
                    &success(&json!({"fId": flow, "flowType": "USER_UNSUBSCRIBE", "additional": null})),
                );
            } else {
                answer.is_refused("Params.Illegal", "Params.Illegal.Code");
            }
        }
    });
}

#[test]
fn without_a_fresh_sign_in_a_proof_is_asked_for() {
    block_on(async {
        let site = Site::with(eager(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.world.clock.advance(Duration::from_mins(5));
        for path in [BEGIN, REMOVE, RENEW] {
            let stale = site.post(&token, path, &json!({})).await;
            assert_eq!(
                (stale.status, &stale.body["error"]),
                (401, &json!("insufficient_user_authentication"))
            );
            let foreign = site.post(&token, path, &json!({"fId": "nobodys"})).await;
            foreign.is_refused("Params.Illegal", "Params.Illegal.FId");
            let guessed = site.post(&token, path, &json!({"password": "not the password"})).await;
            guessed.is_refused("Operation.Failure", "Operation.Failure.User.Password.Error");
        }
    });
}
