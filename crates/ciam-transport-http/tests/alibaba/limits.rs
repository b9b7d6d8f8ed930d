//! Contacts that are refused, limits, and whose limits they are.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Method;
use ciam::Config;
use ciam::domain::identifier::CountryCode;
use ciam_testkit::block_on;
use serde_json::{Value, json};

use crate::site::{CONTACT_OBTAIN, CONTACT_VERIFY, OBTAIN, Site, VERIFY, refusal, request};

#[test]
fn each_defect_of_a_new_address_has_its_own_message() {
    block_on(async {
        let mut config = Config::default();
        config.phone.served = Some(vec![CountryCode::CHINA]);
        let site = Site::with(config, |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        for (operation, body, message) in [
            ("UPDATE_EMAIL", json!({"type": "EMAIL", "email": "no address"}), "Params.Illegal.User.Email"),
            ("UPDATE_EMAIL", json!({"type": "SMS", "phoneNumber": "13900000001"}), "Params.Illegal.Type"),
            ("UPDATE_EMAIL", json!({"type": "FAX", "email": "new@example.org"}), "Params.Illegal.Type"),
            ("UPDATE_PHONE", json!({"type": "EMAIL", "email": "new@example.org"}), "Params.Illegal.Type"),
            ("UPDATE_PHONE", json!({"type": "SMS", "phoneNumber": "12"}), "Params.Illegal.User.Phone.Number"),
            (
                "UPDATE_PHONE",
                json!({"type": "SMS", "phoneNumber": "2025550123", "phoneRegion": "1"}),
                "Params.Illegal.User.Phone.Region",
            ),
        ] {
            let mut body = body;
            body["fId"] = site.proven(&token, operation).await.into();
            site.post(&token, CONTACT_OBTAIN, &body).await.is_refused("Params.Illegal", message);
        }
    });
}

#[test]
fn a_taken_address_is_told_only_after_its_code() {
    block_on(async {
        for (operation, kind, field, value, canonical, message) in [
            (
                "UPDATE_EMAIL",
                "EMAIL",
                "email",
                "bob@example.org",
                "bob@example.org",
                "Params.Exist.User.Email",
            ),
            (
                "UPDATE_PHONE",
                "SMS",
                "phoneNumber",
                "13800000002",
                "+8613800000002",
                "Params.Exist.User.Phone.Number",
            ),
        ] {
            let site = Site::new();
            let token = site.token(&site.world.person("alice", 1).await).await;
            site.world.person("bob", 2).await;
            let flow = site.proven(&token, operation).await;
            let mut body = json!({"fId": flow, "type": kind});
            body[field] = value.into();
            let answer = site.post(&token, CONTACT_OBTAIN, &body).await;
            assert_eq!(answer.body["success"], true, "{}", answer.text);
            let body = json!({"fId": flow, "type": kind, "code": site.code(canonical)});
            site.post(&token, CONTACT_VERIFY, &body).await.is_refused("Operation.Failure", message);
        }
    });
}

#[test]
fn a_second_code_too_soon_is_told_when_it_may_be_asked_for() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let body = json!({"fId": site.flow(&token, "UPDATE_PASSWORD").await, "type": "SMS"});
        assert_eq!(site.post(&token, OBTAIN, &body).await.status, 200);
        site.world.clock.advance(Duration::from_millis(17_500));
        let answer = site.post(&token, OBTAIN, &body).await;
        answer.is(429, &refusal("Operation.Failure", "Operation.Failure.SmsAuth.Overflow.Pause"));
        assert_eq!(answer.header("retry-after"), Some("43"));
        site.world.clock.advance(Duration::from_secs(43));
        assert_eq!(site.post(&token, OBTAIN, &body).await.status, 200);
    });
}

#[test]
fn too_many_wrong_codes_are_refused_as_such() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let mut answers = Vec::new();
        for _ in 0..3 {
            let flow = site.flow(&token, "UPDATE_PASSWORD").await;
            for _ in 0..4 {
                let body = json!({"fId": flow, "type": "SMS", "code": "no code"});
                answers.push(site.post(&token, VERIFY, &body).await);
            }
        }
        let last = answers.split_off(10);
        for answer in answers {
            answer.is_refused("Params.Illegal", "Params.Illegal.Code");
        }
        for answer in last {
            answer.is(429, &refusal("Operation.Failure", "Operation.Failure.Verify.Overflow.Pause"));
            assert_eq!(answer.header("retry-after"), Some("3600"));
        }
    });
}

/// One code is asked for from each of three sources, of which the limits allow one each.
async fn from(site: &Site, token: &str, peer: &str, forwarded: &str) -> (u16, Value) {
    let flow = site.flow(token, "UPDATE_PASSWORD").await;
    let request = request(Method::POST, token, OBTAIN)
        .header("Content-Type", "application/json")
        .header("X-Forwarded-For", forwarded)
        .extension(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
    let body = Body::from(json!({"fId": flow, "type": "SMS"}).to_string());
    let answer = site.send(request.body(body).unwrap()).await;
    (answer.status, answer.body["message"].clone())
}

fn one_code_per_source() -> Config {
    let mut config = Config::default();
    config.send.per_source_hour = 1;
    config
}

#[test]
fn a_forged_header_does_not_make_another_source() {
    block_on(async {
        let site = Site::with(one_code_per_source(), |_| {});
        let mut seen = Vec::new();
        for number in 1..=3_u16 {
            let token = site.token(&site.world.person(&format!("person-{number}"), number).await).await;
            let peer = if number == 3 { "198.51.100.2" } else { "198.51.100.1" };
            seen.push(from(&site, &token, peer, &format!("192.0.2.{number}")).await.0);
        }
        assert_eq!(seen, [200, 429, 200]);
    });
}

#[test]
fn behind_a_trusted_hop_its_word_makes_the_source() {
    block_on(async {
        let site = Site::with(one_code_per_source(), |options| options.trusted_hops = 1);
        let mut seen = Vec::new();
        for (number, forwarded) in [(1, "192.0.2.1"), (2, "192.0.2.2"), (3, "192.0.2.9, 192.0.2.1")] {
            let token = site.token(&site.world.person(&format!("person-{number}"), number).await).await;
            seen.push(from(&site, &token, "198.51.100.1", forwarded).await.0);
        }
        assert_eq!(seen, [200, 200, 429]);
    });
}
