//! Abuse cases that reach the wire, by their numbers; `tokens` and `bodies` have the others.

use ciam::Config;
use ciam::domain::user::Channel;
use ciam_testkit::block_on;
use serde_json::{Value, json};

use crate::capture;
use crate::site::{
    CHECK, CONTACT_OBTAIN, CONTACT_VERIFY, OBTAIN, PASSWORD, Site, UNSUBSCRIBE, VERIFY, refusal,
};

async fn alice() -> (Site, String) {
    let site = Site::new();
    let token = site.token(&site.world.person("alice", 1).await).await;
    (site, token)
}

#[test]
fn a15_two_addresses_or_an_array_are_malformed_and_nothing_is_sent() {
    block_on(async {
        let (site, token) = alice().await;
        let flow = site.proven(&token, "UPDATE_EMAIL").await;
        let malformed = refusal("Params.Illegal", "Params.Illegal.Body");
        for body in [
            json!({"fId": flow, "type": "EMAIL", "email": ["a@example.org", "b@example.org"]}),
            json!({"fId": flow, "type": "EMAIL", "email": "a@example.org", "cc": "b@example.org"}),
            json!({"fId": flow, "type": "EMAIL", "email": "a@example.org", "userId": "bob"}),
        ] {
            site.post(&token, CONTACT_OBTAIN, &body).await.is(400, &malformed);
        }
        let twice =
            format!(r#"{{"fId":"{flow}","type":"EMAIL","email":"a@example.org","email":"b@example.org"}}"#);
        site.raw(&token, CONTACT_OBTAIN, &twice).await.is(400, &malformed);
        for email in [
            "a@example.org,b@example.org",
            "a@example.org b@example.org",
            "Alice <a@example.org>",
            "a@example.org\r\nBcc: b@example.org",
        ] {
            let body = json!({"fId": flow, "type": "EMAIL", "email": email});
            let answer = site.post(&token, CONTACT_OBTAIN, &body).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.User.Email");
        }
        assert_eq!(site.world.mailbox.codes(), []);
    });
}

#[test]
fn a15_an_address_of_the_other_kind_contradicts_the_type() {
    block_on(async {
        let (site, token) = alice().await;
        let (email, phone) = ("new@example.org", "13900000001");
        for (operation, kind, message) in [
            ("UPDATE_EMAIL", "EMAIL", "Params.Illegal.User.Phone.Number"),
            ("UPDATE_PHONE", "SMS", "Params.Illegal.User.Email"),
        ] {
            let flow = site.proven(&token, operation).await;
            let body = json!({"fId": flow, "type": kind, "email": email, "phoneNumber": phone});
            site.post(&token, CONTACT_OBTAIN, &body).await.is_refused("Params.Illegal", message);
        }
        assert_eq!(site.world.mailbox.codes(), []);
    });
}

#[test]
fn a15_verification_takes_no_address_from_the_request() {
    block_on(async {
        let (site, token) = alice().await;
        let flow = site.proven(&token, "UPDATE_EMAIL").await;
        let body = json!({"fId": flow, "type": "EMAIL", "email": "new@example.org"});
        assert_eq!(site.post(&token, CONTACT_OBTAIN, &body).await.body["success"], true);
        let code = site.code("new@example.org");
        for (field, value) in
            [("email", "other@example.org"), ("phoneNumber", "13900000001"), ("phoneRegion", "")]
        {
            let mut body = json!({"fId": flow, "type": "EMAIL", "code": code});
            body[field] = value.into();
            let answer = site.post(&token, CONTACT_VERIFY, &body).await;
            answer.is(400, &refusal("Params.Illegal", "Params.Illegal.Body"));
        }
        let body = json!({"fId": flow, "type": "EMAIL", "code": code});
        site.post(&token, CONTACT_VERIFY, &body).await.is_done();
        let sent = site.world.mailbox.codes();
        assert_eq!(sent.iter().map(|sent| sent.to.canonical()).collect::<Vec<_>>(), ["new@example.org"]);
    });
}

#[test]
fn a15_a_second_factor_code_goes_to_the_stored_address_alone() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let flow = site.flow(&token, "UPDATE_EMAIL").await;
        let code_to = |kind: &str| json!({"fId": flow, "type": kind, "email": "thief@example.org", "phoneNumber": "13900000001"});
        let changed = site.post(&token, OBTAIN, &code_to("EMAIL")).await;
        assert_eq!(
            changed.body["message"], "Operation.Failure.Unsupport.2fa.Type",
            "it proves no change of itself"
        );
        assert_eq!(site.post(&token, OBTAIN, &code_to("SMS")).await.body["success"], true);
        let sent = site.world.mailbox.codes();
        assert_eq!(sent.len(), 1);
        assert_eq!(&sent[0].to, alice.address(Channel::Sms));
    });
}

/// What a journey keeps to itself.
struct Secrets(Vec<String>);

/// Every call once in vain and once to its end, the token in the query throughout.
async fn journey(secrets: &mut Secrets) -> Vec<String> {
    let mut config = Config::default();
    // With six digits a code may stand in an id by chance.
    config.flow.code.length = 10;
    let site = Site::with(config, |_| {});
    let token = site.token(&site.world.person("alice", 1).await).await;
    let query = format!("access_token={token}");
    let mut replies = Vec::new();
    let mut call = async |path: &str, body: Value| {
        let answer = site.post("", &format!("{path}?{query}"), &body).await;
        replies.push(answer.text);
    };
    let flow = site.flow(&token, "UPDATE_EMAIL").await;
    call(OBTAIN, json!({"fId": flow, "type": "SMS", "captchaText": "captcha-text"})).await;
    let code = site.code("+8613800000001");
    call(VERIFY, json!({"fId": flow, "type": "SMS", "code": "no-such-code"})).await;
    call(VERIFY, json!({"fId": flow, "type": "PWD", "password": "wrong-password"})).await;
    call(VERIFY, json!({"fId": flow, "type": "SMS", "code": code})).await;
    call(CONTACT_OBTAIN, json!({"fId": flow, "type": "EMAIL", "email": "no address\n\u{1b}[31m\u{202e}"}))
        .await;
    call(CONTACT_OBTAIN, json!({"fId": flow, "type": "EMAIL", "email": "new@example.org"})).await;
    let second = site.code("new@example.org");
    call(CONTACT_VERIFY, json!({"fId": flow, "type": "EMAIL", "code": second})).await;
    let third = site.proven(&token, "UPDATE_PASSWORD").await;
    call("/user/change_pwds", json!({"fId": third})).await;
    let fourth = site.flow(&token, "UNSUBSCRIBE").await;
    site.world.hasher.set_overloaded(true);
    call(UNSUBSCRIBE, json!({"fId": third, "newPassword": ["no text"]})).await;
    call(VERIFY, json!({"fId": fourth, "type": "PWD", "password": "wrong-password"})).await;
    site.world.hasher.set_overloaded(false);
    let answer =
        site.post(&token, PASSWORD, &json!({"fId": third, "newPassword": "new-password-of-hers"})).await;
    replies.push(answer.text);
    replies.push(site.get(&format!("{token}-forged"), CHECK).await.text);
    let texts = ["captcha-text", "no-such-code", "wrong-password", "new-password-of-hers", "new@example.org"];
    secrets.0.extend(texts.map(str::to_owned));
    secrets.0.extend([token, code, second, flow, third, fourth, query, ciam_testkit::PASSWORD.to_owned()]);
    replies
}

#[test]
fn a25_neither_replies_nor_traces_hold_what_was_secret() {
    let mut secrets = Secrets(Vec::new());
    let (replies, log) = capture::logged(|| block_on(journey(&mut secrets)));
    assert!(log.contains("factor.wrong_code") && log.contains("a call failed"), "{log}");
    assert!(replies.iter().any(|reply| reply.contains("USER_UPDATE_EMAIL")), "{replies:?}");
    for secret in &secrets.0 {
        assert!(!log.contains(secret), "{secret} in {log}");
        // The flow's id is the client's own, and is handed back to it.
        let handed_back = secret.ends_with("_Y_03");
        assert!(
            handed_back || !replies.iter().any(|reply| reply.contains(secret)),
            "{secret} in {replies:?}"
        );
    }
    assert!(!log.contains(['\u{1b}', '\u{202e}']), "{log}");
}

#[test]
fn a25_debug_forms_hold_no_settings_of_the_world() {
    block_on(async {
        let (site, _) = alice().await;
        let options =
            ciam_transport_http::alibaba::Options::new(site.world.clock.clone(), site.world.random.clone());
        let expected = r#"Options { scope: "USER_API", token_check: Numeric, trusted_hops: 0, request_timeout: None, .. }"#;
        assert_eq!(format!("{options:?}"), expected);
    });
}
