//! Signing in, step by step, over memory storage and fakes.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ciam::domain::flow::Method;
use ciam::domain::login_history::LoginRecord;
use ciam::domain::secret::SecretText;
use ciam::domain::source::Source;
use ciam::domain::{DeviceId, Instant, TenantId, UserId};
use ciam::ports::{LoginHistoryStore, LoginQuery, StoreError};
use ciam::{Ciam, Config, Error, Failure, LoginPage, SignInRequest, SignedIn, SignedOutStep, Wording};
use ciam_testkit::{Backend, PASSWORD, SCOPE, World, block_on};

fn world() -> World {
    let memory = Arc::new(ciam_storage_memory::MemoryStore::new());
    World::new(Backend::of(memory))
}

fn password() -> SecretText {
    SecretText::new(PASSWORD.to_owned())
}

fn from_a_phone() -> SignInRequest {
    SignInRequest {
        client: Some("app".to_owned()),
        scopes: vec![SCOPE.to_owned()],
        device: Some(DeviceId::parse("phone-1").expect("an id")),
        source: Some(Source::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)))),
        ..SignInRequest::default()
    }
}

#[test]
fn each_way_in_is_written_down_with_what_is_known_of_it() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let request = from_a_phone();
        let SignedIn::Done(_) = world.ciam.sign_in(&request, "alice", &password()).await.unwrap() else {
            unreachable!("the password is all that is asked for")
        };
        world.clock.advance(std::time::Duration::from_secs(1));
        let flow = world.ciam.start_sign_in(&request, "alice@example.org", Wording::default()).await.unwrap();
        let (tenant, code) = (TenantId::default(), world.code(&alice.email));
        let on = SignedOutStep { tenant: &tenant, flow: &flow, source: request.source };
        let signed_in = world.ciam.verify_sign_in_code(&on, Method::Email, &code).await.unwrap();
        let SignedIn::Done(tokens) = signed_in else { unreachable!("the code is all that is asked for") };
        world.ciam.sign_in(&request, "alice", &SecretText::new("wrong".to_owned())).await.unwrap_err();
        let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
        let history = world.ciam.login_history(&who, LoginPage::default()).await.unwrap();
        let modes: Vec<_> = history.iter().map(|record| record.mode.as_str()).collect();
        assert_eq!(modes, ["EMAIL", "PWD"]);
        for record in history {
            assert_eq!((record.source, record.client.as_deref()), (request.source, Some("app")));
            assert_eq!(record.device, request.device);
        }
        let sessions = world.ciam.own_sessions(&who).await.unwrap();
        assert!(sessions.iter().all(|session| session.device == request.device));
    });
}

/// A history that takes nothing down.
struct Broken;

#[async_trait::async_trait]
impl LoginHistoryStore for Broken {
    async fn append(&self, _: LoginRecord) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("the disk is full".into()))
    }

    async fn records(&self, _: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn erase(&self, _: &TenantId, _: &UserId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn forget(&self, _: Instant) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[test]
fn without_its_history_nobody_comes_in() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let ciam = ciam.with_issuer(world.tokens.clone()).with_login_history(Arc::new(Broken));
        let error = ciam.sign_in(&from_a_phone(), "alice", &password()).await.unwrap_err();
        assert!(matches!(error, Error::Failed(Failure::Store(StoreError::Unavailable(_)))), "{error:?}");
        let sessions = world.backend.store.sessions(&TenantId::default(), &alice.id).await.unwrap();
        assert_eq!(sessions, []);
    });
}

#[test]
fn without_an_issuer_nobody_is_asked_for_a_password() {
    block_on(async {
        let world = world();
        world.person("alice", 1).await;
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let before = world.hasher.calls();
        let error = ciam.sign_in(&from_a_phone(), "alice", &password()).await.unwrap_err();
        assert!(matches!(error, Error::Failed(Failure::NotOffered)), "{error:?}");
        assert_eq!(world.hasher.calls(), before);
    });
}
