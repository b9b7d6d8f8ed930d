//! The vendor's own requests and replies, value by value; only what varies from run to run is filled in.

use ciam::Config;
use ciam::domain::flow::TwoFactor;
use ciam_testkit::block_on;
use ciam_transport_http::alibaba::TokenCheckReply;
use serde_json::{Value, json};

use crate::site::{
    CHECK, CONTACT_OBTAIN, CONTACT_VERIFY, OBTAIN, PASSWORD, Site, UNSUBSCRIBE, VERIFY, success,
};

fn without_factor() -> Config {
    let mut config = Config::default();
    config.flow.two_factor = TwoFactor::Off;
    config
}

#[test]
fn a_valid_token_is_told_by_number() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let valid = json!({"success": true, "code": 200, "message": null, "data": null});
        site.get(&token, CHECK).await.is(200, &valid);
    });
}

#[test]
fn a_valid_token_is_told_by_name_where_the_host_says_so() {
    block_on(async {
        let site = Site::with(Config::default(), |options| options.token_check = TokenCheckReply::Named);
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.get(&token, CHECK).await.is_done();
    });
}

#[test]
fn an_invalid_token_is_told_in_the_two_fields_of_the_table() {
    block_on(async {
        let answer = Site::new().get("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", CHECK).await;
        answer.is(401, &json!({"error": "invalid_token", "error_description": "Invalid access token"}));
    });
}

#[test]
fn an_operation_check_says_whether_a_second_factor_is_required() {
    block_on(async {
        for (config, next) in [(Config::default(), "NEED_TWO_FACTOR"), (without_factor(), "USER_UPDATE_PWD")]
        {
            let site = Site::with(config, |_| {});
            let token = site.token(&site.world.person("alice", 1).await).await;
            let answer = site.get(&token, "/user/operate_check?operateType=UPDATE_PASSWORD").await;
            let flow = answer.body["data"]["fId"].clone();
            assert!(flow.as_str().unwrap().ends_with("_Y_03"), "{flow}");
            answer.is(200, &success(&json!({"fId": flow, "flowType": next, "additional": null})));
        }
    });
}

#[test]
fn a_password_is_changed_by_a_code_to_the_phone() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "type": "SMS", "captchaCode": "", "captchaText": ""});
        site.post(&token, OBTAIN, &body).await.is(200, &success(&json!({"fId": flow})));
        let body = json!({"code": site.code("+8613800000001"), "type": "SMS", "fId": flow});
        let next = json!({"fId": flow, "flowType": "USER_UPDATE_PWD", "additional": null});
        site.post(&token, VERIFY, &body).await.is(200, &success(&next));
        let body = json!({"newPassword": "seven herons cross the bay", "fId": flow});
        site.post(&token, PASSWORD, &body).await.is_done();
    });
}

#[test]
fn a_password_is_changed_by_the_old_one() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let body = json!({"password": "966966", "type": "PWD", "fId": flow});
        let answer = site.post(&token, VERIFY, &body).await;
        answer.is_refused("Operation.Failure", "Operation.Failure.User.Password.Error");
        let body = json!({"password": ciam_testkit::PASSWORD, "type": "PWD", "fId": flow});
        let next = json!({"fId": flow, "flowType": "USER_UPDATE_PWD", "additional": null});
        site.post(&token, VERIFY, &body).await.is(200, &success(&next));
        let same = json!({"newPassword": ciam_testkit::PASSWORD, "fId": flow});
        let answer = site.post(&token, PASSWORD, &same).await;
        answer.is_refused("Operation.Failure", "Params.Illegal.User.Password.Same.Old");
        let body = json!({"newPassword": "seven herons cross the bay", "fId": flow});
        site.post(&token, PASSWORD, &body).await.is_done();
    });
}

/// The two spellings of one refusal: sending says `Unsupport`, verification `Unsupported`.
#[test]
fn an_unsupported_factor_is_spelled_differently_at_sending_and_at_verification() {
    block_on(async {
        let mut config = Config::default();
        config.flow.methods = [ciam::domain::flow::Method::Sms].into_iter().collect();
        let site = Site::with(config, |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        for kind in ["PWD", "EMAIL", "FAX", "sms"] {
            let answer = site.post(&token, OBTAIN, &json!({"fId": flow, "type": kind})).await;
            answer.is_refused("Params.Illegal", "Operation.Failure.Unsupport.2fa.Type");
            let body = json!({"fId": flow, "type": kind, "code": "000000", "password": "966966"});
            let answer = site.post(&token, VERIFY, &body).await;
            answer.is_refused("Operation.Failure", "Operation.Failure.Unsupported.2fa.Type");
        }
    });
}

async fn change(site: &Site, token: &str, operation: &str, body: Value, canonical: &str) {
    let flow = site.proven(token, operation).await;
    let mut body = body;
    body["fId"] = flow.as_str().into();
    site.post(token, CONTACT_OBTAIN, &body).await.is(200, &success(&json!({"fId": flow})));
    let body = json!({"fId": flow, "type": body["type"], "code": site.code(canonical)});
    site.post(token, CONTACT_VERIFY, &body).await.is_done();
}

#[test]
fn an_email_address_is_changed_by_a_code_to_the_new_one() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let body =
            json!({"type": "EMAIL", "email": "123456@example.org", "phoneNumber": "", "phoneRegion": ""});
        change(&site, &token, "UPDATE_EMAIL", body, "123456@example.org").await;
        let email = site.world.user(&alice.id).await.email.unwrap();
        assert_eq!(email.address.original(), "123456@example.org");
    });
}

#[test]
fn a_phone_number_is_changed_with_and_without_its_region() {
    block_on(async {
        let mut config = Config::default();
        config.phone.served = None;
        let site = Site::with(config, |_| {});
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let body = json!({"type": "SMS", "email": "", "phoneNumber": "13900000001", "phoneRegion": "86"});
        change(&site, &token, "UPDATE_PHONE", body, "+8613900000001").await;
        let body = json!({"type": "SMS", "phoneNumber": "13900000002", "phoneRegion": ""});
        change(&site, &token, "UPDATE_PHONE", body, "+8613900000002").await;
        let body = json!({"type": "SMS", "phoneNumber": "2025550123", "phoneRegion": "1"});
        change(&site, &token, "UPDATE_PHONE", body, "+12025550123").await;
    });
}

#[test]
fn an_account_is_deleted_and_its_token_says_so() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "UNSUBSCRIBE").await;
        site.post(&token, UNSUBSCRIBE, &json!({"fId": flow})).await.is_done();
        let deleted = json!({"error": "user_deleted", "error_description": "The user is deleted"});
        site.get(&token, CHECK).await.is(401, &deleted);
    });
}

#[test]
fn each_operation_names_its_own_next_step() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        for (operation, next) in [
            ("UPDATE_PASSWORD", "USER_UPDATE_PWD"),
            ("UPDATE_PHONE", "USER_UPDATE_PHONE"),
            ("UPDATE_EMAIL", "USER_UPDATE_EMAIL"),
            ("UNSUBSCRIBE", "USER_UNSUBSCRIBE"),
        ] {
            let flow = site.flow(&token, operation).await;
            let body = json!({"fId": flow, "type": "PWD", "password": ciam_testkit::PASSWORD});
            let answer = site.post(&token, VERIFY, &body).await;
            answer.is(200, &success(&json!({"fId": flow, "flowType": next, "additional": null})));
        }
    });
}

#[test]
fn language_and_gateway_go_on_to_the_sender() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "UPDATE_EMAIL").await;
        let body = json!({"fId": flow, "type": "EMAIL", "email": "new@example.org", "language": "zh-CN",
            "engineCode": "mail_2", "captchaCode": "c", "captchaText": "t"});
        site.post(&token, CONTACT_OBTAIN, &body).await.is(200, &success(&json!({"fId": flow})));
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "type": "SMS", "language": "en", "engineCode": ""});
        site.post(&token, OBTAIN, &body).await.is(200, &success(&json!({"fId": flow})));
        let asked: Vec<_> =
            site.world.mailbox.codes().into_iter().map(|sent| (sent.language, sent.gateway)).collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(asked, [(text("zh-CN"), text("mail_2")), (text("en"), None)]);
    });
}
