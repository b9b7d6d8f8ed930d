//! Failures of the world: no detail outside, all causes in the log, and never a success.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::Instant;
use ciam::domain::secret::SecretText;
use ciam::ports::{DeliveryError, OtpMessage, OtpSender, TokenClaims, TokenError, TokenVerifier};
use ciam::{Ciam, Config, CorePorts};
use ciam_testkit::{World, block_on};
use serde_json::json;

use crate::capture;
use crate::site::{CHECK, OBTAIN, Site, VERIFY, backend, refusal};

fn over(change: impl FnOnce(&mut CorePorts)) -> Site {
    let world = World::with(backend(), Config::default());
    let mut ports = world.ports.clone();
    change(&mut ports);
    let ciam = Arc::new(Ciam::new(ports, Config::default()).unwrap());
    Site::over(world, ciam, |_| {})
}

struct Panicking;

#[async_trait]
impl TokenVerifier for Panicking {
    async fn verify(&self, token: &SecretText, _: Instant) -> Result<TokenClaims, TokenError> {
        panic!("the verifier broke over {}", token.expose())
    }
}

#[test]
fn a_panic_is_answered_in_the_dialect_and_logged_without_its_text() {
    let (answer, log) = capture::logged(|| {
        let site = over(|ports| ports.tokens = Arc::new(Panicking));
        block_on(site.get("a-token-that-breaks-it", CHECK))
    });
    answer.is(500, &refusal("Service.Internal.Error", "Service.Internal.Error"));
    assert!(log.contains("a call panicked"), "{log}");
    assert!(!log.contains("a-token-that-breaks-it"), "{log}");
}

#[test]
fn overload_says_when_to_come_back() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        site.world.hasher.set_overloaded(true);
        let body = json!({"fId": flow, "type": "PWD", "password": ciam_testkit::PASSWORD});
        let answer = site.post(&token, VERIFY, &body).await;
        answer.is(503, &refusal("Service.Internal.Error", "Service.Internal.Error"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    });
}

#[test]
fn a_failed_delivery_is_logged_with_its_cause_and_shown_without() {
    let (answer, log) = capture::logged(|| {
        block_on(async {
            let site = Site::new();
            let token = site.token(&site.world.person("alice", 1).await).await;
            let flow = site.flow(&token, "UPDATE_PASSWORD").await;
            site.world.mailbox.set_broken(true);
            site.post(&token, OBTAIN, &json!({"fId": flow, "type": "SMS"})).await
        })
    });
    answer.is(503, &refusal("Service.Internal.Error", "Service.Internal.Error"));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(log.contains("delivery is unavailable: the fake gateway is broken"), "{log}");
}

#[test]
fn without_chance_nothing_begins() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.world.random.set_broken(true);
        let answer = site.get(&token, "/user/operate_check?operateType=UNSUBSCRIBE").await;
        answer.is(503, &refusal("Service.Internal.Error", "Service.Internal.Error"));
    });
}

struct DeadEnd;

#[async_trait]
impl OtpSender for DeadEnd {
    async fn send(&self, _: OtpMessage) -> Result<(), DeliveryError> {
        Err(DeliveryError::Undeliverable)
    }
}

#[test]
fn an_address_that_takes_no_messages_is_named_so() {
    block_on(async {
        let site = over(|ports| ports.otp = Arc::new(DeadEnd));
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let answer = site.post(&token, OBTAIN, &json!({"fId": flow, "type": "SMS"})).await;
        answer.is_refused("Operation.Failure", "Operation.Failure.Address.Undeliverable");
    });
}

struct Hanging;

#[async_trait]
impl OtpSender for Hanging {
    async fn send(&self, _: OtpMessage) -> Result<(), DeliveryError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_in_the_dialect() {
    let world = World::with(backend(), Config::default());
    let ports = CorePorts { otp: Arc::new(Hanging), ..world.ports.clone() };
    let ciam = Arc::new(Ciam::new(ports, Config::default()).unwrap());
    let limit = Duration::from_millis(500);
    let site = Site::over(world, ciam, |options| options.request_timeout = Some(limit));
    let token = site.token(&site.world.person("alice", 1).await).await;
    let flow = site.flow(&token, "UPDATE_PASSWORD").await;
    let answer = site.post(&token, OBTAIN, &json!({"fId": flow, "type": "SMS"})).await;
    answer.is(503, &refusal("Service.Internal.Error", "Service.Internal.Error"));
    assert_eq!(answer.header("retry-after"), Some("5"));
}
