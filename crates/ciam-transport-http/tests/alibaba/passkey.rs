//! Passkeys on the wire: the JSON of browsers, in and out.

use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use ciam::domain::passkey::UserVerification;
use ciam::{Ciam, Config};
use ciam_passkey_webauthn::WebauthnPasskeys;
use ciam_testkit::fake::FakePasskeys;
use ciam_testkit::{PASSWORD, World, block_on};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::site::{Site, UNSUBSCRIBE, VERIFY, backend, success};

pub(crate) const BEGIN: &str = "/user/passkey/begin";
pub(crate) const CONFIRM: &str = "/user/passkey/confirm";
pub(crate) const LIST: &str = "/user/passkey/list";
pub(crate) const REMOVE: &str = "/user/passkey/remove";
pub(crate) const CHALLENGE: &str = "/user/passkey/challenge";

/// A site over the adapter that browsers are for.
fn site() -> Site {
    let mut config = Config::default();
    config.flow.recent_factor = Duration::ZERO;
    let world = World::with(backend(), config.clone());
    let party = FakePasskeys::party(UserVerification::Required);
    let ciam = Ciam::new(world.ports.clone(), config).unwrap();
    let ciam = ciam.with_issuer(world.tokens.clone());
    let ciam = Arc::new(ciam.with_passkeys(Arc::new(WebauthnPasskeys::new()), party));
    Site::over(world, ciam, |_| {})
}

async fn made(site: &Site, token: &str) -> Browser {
    let begun = site.post(token, BEGIN, &json!({})).await;
    let browser = Browser::new("https://example.org");
    let credential = browser.create(&begun.body["data"]["publicKey"]);
    site.post(token, CONFIRM, &json!({"name": "My phone", "credential": credential})).await.is_done();
    browser
}

#[test]
fn options_are_what_browsers_take() {
    block_on(async {
        let site = site();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let begun = site.post(&token, BEGIN, &json!({})).await;
        let mut data = begun.body["data"].clone();
        let drawn = [&mut data["publicKey"]["challenge"].take(), &mut data["publicKey"]["user"]["id"].take()]
            .map(|text| BASE64_URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap().len());
        assert_eq!(drawn, [32, 32]);
        let until = data["expireTime"].take().as_i64().unwrap();
        assert_eq!(until, ciam::ports::Clock::now(&*site.world.clock).unix_seconds() * 1_000 + 300_000);
        let expected = json!({
            "publicKey": {
                "rp": {"id": "example.org", "name": "Example"},
                "user": {"id": null, "name": "alice", "displayName": "alice"},
                "challenge": null,
                "pubKeyCredParams": [
                    {"type": "public-key", "alg": -8},
                    {"type": "public-key", "alg": -7},
                    {"type": "public-key", "alg": -257},
                ],
                "timeout": 300_000,
                "excludeCredentials": [],
                "authenticatorSelection": {
                    "residentKey": "required",
                    "requireResidentKey": true,
                    "userVerification": "required",
                },
                "attestation": "none",
            },
            "expireTime": null,
        });
        assert_eq!(data, expected);
        let browser = made(&site, &token).await;
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let asked = site.post(&token, CHALLENGE, &json!({"fId": flow})).await;
        let mut data = asked.body["data"].clone();
        assert!(data["publicKey"]["challenge"].take().is_string() && data["expireTime"].take().is_number());
        let known = json!([{"type": "public-key", "id": browser.id(), "transports": ["internal"]}]);
        let expected = json!({
            "publicKey": {
                "challenge": null,
                "timeout": 300_000,
                "rpId": "example.org",
                "allowCredentials": known,
                "userVerification": "required",
            },
            "expireTime": null,
        });
        assert_eq!(data, expected);
        let again = site.post(&token, BEGIN, &json!({})).await;
        assert_eq!(again.body["data"]["publicKey"]["excludeCredentials"], known);
    });
}

#[test]
fn passkeys_are_made_and_removed_by_a_flow() {
    block_on(async {
        let site = site();
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.world.clock.advance(Duration::from_mins(6));
        let without = site.post(&token, BEGIN, &json!({})).await;
        assert_ne!(without.body["success"], true, "{}", without.text);
        let flow = site.proven(&token, "BIND_PASSKEY").await;
        let begun = site.post(&token, BEGIN, &json!({"fId": flow})).await;
        let browser = Browser::new("https://example.org");
        let credential = browser.create(&begun.body["data"]["publicKey"]);
        site.post(&token, CONFIRM, &json!({"name": "Mine", "credential": credential})).await.is_done();
        let flow = site.proven(&token, "UNBIND_PASSKEY").await;
        site.post(&token, REMOVE, &json!({"fId": flow, "id": browser.id()})).await.is_done();
    });
}

#[test]
fn a_passkey_is_made_listed_proves_its_person_and_is_removed() {
    block_on(async {
        let site = site();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let browser = made(&site, &token).await;
        let now = ciam::ports::Clock::now(&*site.world.clock).unix_seconds() * 1_000;
        let line = |used: Value| json!([{"id": browser.id(), "name": "My phone", "backup": "eligible", "createTime": now, "lastUseTime": used}]);
        site.get(&token, LIST).await.is(200, &success(&line(Value::Null)));
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let asked = site.post(&token, CHALLENGE, &json!({"fId": flow})).await;
        let credential = browser.get(&asked.body["data"]["publicKey"]);
        let body = json!({"fId": flow, "type": "PASSKEY", "credential": credential});
        let proven = site.post(&token, VERIFY, &body).await;
        proven.is(200, &success(&json!({"fId": flow, "flowType": "USER_UNSUBSCRIBE", "additional": null})));
        site.get(&token, LIST).await.is(200, &success(&line(json!(now))));
        let remove = |id: &str| json!({"id": id, "password": PASSWORD});
        site.post(&token, REMOVE, &remove("")).await.is_refused("Params.Blank", "Params.Blank.Passkey.Id");
        site.post(&token, REMOVE, &remove("+/"))
            .await
            .is_refused("Params.Illegal", "Params.Illegal.Passkey.Id");
        let unknown = site.post(&token, REMOVE, &remove("AAAA")).await;
        unknown.is_refused("Resource.NotFound", "Resource.NotFound.Passkey");
        site.post(&token, REMOVE, &remove(&browser.id())).await.is_done();
        site.get(&token, LIST).await.is(200, &success(&json!([])));
        let late = site.post(&token, UNSUBSCRIBE, &json!({"fId": flow})).await;
        late.is_refused("Params.Illegal", "Params.Illegal.FId");
    });
}

#[test]
fn a35_what_a_page_elsewhere_gets_opens_nothing() {
    block_on(async {
        let site = site();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let (rejected, flow_of) =
            (("Operation.Failure", "Operation.Failure.Passkey.Rejected"), "UNSUBSCRIBE");
        let begun = site.post(&token, BEGIN, &json!({})).await;
        let options = &begun.body["data"]["publicKey"];
        let phished = Browser::new("https://example.org.evil.test").create(options);
        for credential in [phished, json!({}), json!("text"), Value::Null] {
            let body = json!({"name": "My phone", "credential": credential});
            site.post(&token, CONFIRM, &body).await.is_refused(rejected.0, rejected.1);
        }
        let browser = Browser::new("https://example.org");
        let unnamed = json!({"credential": browser.create(options)});
        site.post(&token, CONFIRM, &unnamed)
            .await
            .is_refused("Params.Illegal", "Params.Illegal.Passkey.Name");
        let browser = made(&site, &token).await;
        let flow = site.flow(&token, flow_of).await;
        let asked = site.post(&token, CHALLENGE, &json!({"fId": flow})).await;
        let phished = browser.at("https://example.org.evil.test").get(&asked.body["data"]["publicKey"]);
        for credential in [phished, json!({}), Value::Null] {
            let body = json!({"fId": flow, "type": "PASSKEY", "credential": credential});
            site.post(&token, VERIFY, &body).await.is_refused(rejected.0, rejected.1);
        }
        site.post(&token, CHALLENGE, &json!({})).await.is_refused("Params.Blank", "Params.Blank.FId");
        site.post(&token, CHALLENGE, &json!({"fId": "nobodys"}))
            .await
            .is_refused("Params.Illegal", "Params.Illegal.FId");
        site.post(&token, CONFIRM, &json!({"name": "x"}))
            .await
            .is_refused("Operation.Denied", "Operation.Denied.Passkey.Not.Begun");
    });
}
