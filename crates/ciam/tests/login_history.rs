//! The login history, from report to page, to its end.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::login_history::{LoginMode, LoginOutcome};
use ciam::domain::user::Status;
use ciam::domain::{TenantId, UserId};
use ciam::ports::LoginCursor;
use ciam::{Ciam, Config, Failure, LOGIN_PAGE, LoginPage, LoginReport};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::{Backend, World, block_on};

const DAY: Duration = Duration::from_hours(24);

fn world() -> World {
    let memory = Arc::new(MemoryStore::new());
    World::new(Backend::of(memory))
}

fn report(user: &UserId, outcome: LoginOutcome) -> LoginReport {
    LoginReport {
        tenant: TenantId::default(),
        user: user.clone(),
        mode: LoginMode::PASSWORD,
        outcome,
        source: None,
        location: None,
        client: None,
        device: None,
    }
}

async fn record(world: &World, user: &UserId) {
    world.ciam.record_login(report(user, LoginOutcome::Succeeded)).await.unwrap();
}

#[test]
fn a_page_follows_the_page_before_and_is_never_longer_than_its_cap() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        for _ in 0..LOGIN_PAGE + 5 {
            world.clock.advance(Duration::from_secs(1));
            record(&world, &alice.id).await;
        }
        let who = world.sign_in(&alice).await;
        let greedy = LoginPage { before: None, limit: u16::MAX };
        let first = world.ciam.login_history(&who, greedy).await.unwrap();
        assert_eq!(first.len(), usize::from(LOGIN_PAGE));
        let before = first.last().map(LoginCursor::of);
        let rest = world.ciam.login_history(&who, LoginPage { before, limit: 9 }).await.unwrap();
        assert_eq!(rest.len(), 5);
        assert!(first.iter().chain(&rest).is_sorted_by(|newer, older| newer.at > older.at));
    });
}

#[test]
fn a_failed_login_is_kept_for_the_host_and_not_shown() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        world.ciam.record_login(report(&alice.id, LoginOutcome::Failed)).await.unwrap();
        let who = world.sign_in(&alice).await;
        assert_eq!(world.ciam.login_history(&who, LoginPage::default()).await.unwrap(), []);
        assert_eq!(world.logins.all().len(), 1);
    });
}

#[test]
fn what_is_too_old_is_not_shown_and_the_sweep_takes_it() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        record(&world, &alice.id).await;
        world.clock.advance(180 * DAY);
        let who = world.sign_in(&alice).await;
        let shown = async || world.ciam.login_history(&who, LoginPage::default()).await.unwrap().len();
        world.ciam.sweep().await.unwrap();
        assert_eq!((shown().await, world.logins.all().len()), (1, 1), "kept to the end of its time");
        world.clock.advance(Duration::from_micros(1));
        assert_eq!((shown().await, world.logins.all().len()), (0, 1), "gone before it was swept");
        world.ciam.sweep().await.unwrap();
        assert_eq!(world.logins.all().len(), 0);
    });
}

#[test]
fn an_account_that_is_none_has_no_logins() {
    block_on(async {
        let world = world();
        let nobody = UserId::parse("nobody").unwrap();
        let unknown = world.ciam.record_login(report(&nobody, LoginOutcome::Succeeded)).await.unwrap_err();
        assert_eq!(unknown.reason(), "access.unknown_user");
        let alice = world.person("alice", 1).await;
        record(&world, &alice.id).await;
        world.ciam.erase_login_history(&TenantId::default(), &alice.id).await.unwrap();
        assert_eq!(world.logins.all(), []);
        world
            .ciam
            .set_status(ciam::Authority::Host, &TenantId::default(), &alice.id, Status::Erased)
            .await
            .unwrap();
        let erased = world.ciam.record_login(report(&alice.id, LoginOutcome::Failed)).await.unwrap_err();
        assert_eq!(erased.reason(), "access.deleted");
        assert_eq!(world.logins.all(), []);
    });
}

#[test]
fn a_host_without_a_history_offers_none() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let bare = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let shown = bare.login_history(&who, LoginPage::default()).await.unwrap_err();
        let recorded = bare.record_login(report(&alice.id, LoginOutcome::Succeeded)).await.unwrap_err();
        for error in [shown, recorded] {
            assert!(matches!(error, ciam::Error::Failed(Failure::NotOffered)), "{error:?}");
        }
        bare.sweep().await.unwrap();
    });
}

#[test]
fn a_history_is_kept_for_a_day_to_ten_years() {
    let kept = |keep| {
        let mut config = Config::default();
        config.login_history.keep = keep;
        config.check().is_ok()
    };
    assert!(kept(DAY) && kept(3_650 * DAY));
    assert!(!kept(Duration::from_hours(24 - 1)) && !kept(3_650 * DAY + Duration::from_micros(1)));
}
