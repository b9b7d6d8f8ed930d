//! Accounts found by the host and its administrators.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::identifier::{Login, Username};
use ciam::domain::user::{Status, StatusKind, User};
use ciam::domain::{TenantId, UserId};
use ciam::ports::{AuditQuery, DirectoryQuery, StoreError};
use ciam::{ADMIN_SCOPE, Authority, Ciam, Config, Error, Failure, ListedUser, NewUser, USER_PAGE};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::{Backend, SCOPE, World, block_on};

fn world() -> World {
    let memory = Arc::new(MemoryStore::new());
    World::new(Backend::of(memory))
}

fn named(name: &str) -> Login {
    Login::Username(Username::parse(name).unwrap())
}

async fn newest(world: &World, action: Action) -> Option<AuditRecord> {
    let query = AuditQuery { action: Some(action), ..AuditQuery::newest(TenantId::default(), 1) };
    world.backend.audit.records(&query).await.unwrap().records.pop()
}

#[test]
fn an_account_is_found_by_each_of_its_names_and_that_is_recorded() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let tenant = TenantId::default();
        let user = world.user(&alice.id).await;
        for by in [Authority::Host, Authority::Administrator(&root)] {
            for login in user.logins() {
                let found = world.ciam.find_user(by, &tenant, &login).await.unwrap();
                assert_eq!(found.as_ref(), Some(&user), "{login:?}");
                assert_eq!(newest(&world, Action::ViewUser).await.unwrap().user, alice.id);
            }
        }
        let elsewhere = TenantId::parse("elsewhere").unwrap();
        let found = world.ciam.find_user(Authority::Host, &elsewhere, &named("alice")).await.unwrap();
        assert_eq!(found, None);
    });
}

#[test]
fn that_nobody_has_a_name_is_recorded_on_the_administrator_who_asked() {
    block_on(async {
        let world = world();
        let root = world.administrator(1).await;
        let tenant = TenantId::default();
        assert_eq!(world.ciam.find_user(Authority::Host, &tenant, &named("nobody")).await.unwrap(), None);
        assert_eq!(newest(&world, Action::ViewUser).await, None);
        let by = Authority::Administrator(&root);
        assert_eq!(world.ciam.find_user(by, &tenant, &named("nobody")).await.unwrap(), None);
        let record = newest(&world, Action::ViewUser).await.unwrap();
        assert_eq!((&record.user, record.detail.as_deref()), (root.user(), Some("no account")));
        assert_eq!(record.actor, Actor::Administrator(root.user().clone()));
    });
}

#[test]
fn whoever_is_no_administrator_does_not_learn_whether_a_name_is_somebodys() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 2).await;
        let who = world.acting_as(&alice.id, &[SCOPE, ADMIN_SCOPE]).await;
        for name in ["alice", "nobody"] {
            let by = Authority::Administrator(&who);
            let refused = world.ciam.find_user(by, &TenantId::default(), &named(name)).await.unwrap_err();
            assert_eq!(refused.reason(), "access.insufficient_scope");
            let record = newest(&world, Action::ViewUser).await.unwrap();
            assert_eq!(record.outcome, Outcome::Refused("access.insufficient_scope".into()));
        }
    });
}

#[test]
fn the_host_alone_chooses_the_id_of_an_account_and_each_once() {
    block_on(async {
        let world = world();
        let root = world.administrator(1).await;
        let new = || NewUser { id: Some(UserId::parse("chosen").unwrap()), ..NewUser::default() };
        let refused = world.ciam.create_user(Authority::Administrator(&root), new()).await.unwrap_err();
        assert_eq!(refused.reason(), "access.insufficient_scope");
        assert_eq!(world.ciam.create_user(Authority::Host, new()).await.unwrap().id.as_str(), "chosen");
        let taken = world.ciam.create_user(Authority::Host, new()).await.unwrap_err();
        assert!(matches!(taken, Error::Failed(Failure::Store(StoreError::Conflict { .. }))), "{taken:?}");
    });
}

#[test]
fn an_administrator_lists_accounts_with_masked_addresses_and_that_is_recorded() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let user = world.user(&alice.id).await;
        world.directory.put(user.clone());
        let query = DirectoryQuery::first(TenantId::default(), 9);
        for by in [Authority::Administrator(&root), Authority::Host] {
            let page = world.ciam.users(by, &query).await.unwrap();
            let expected = ListedUser {
                id: user.id.clone(),
                username: user.username.clone(),
                status: Status::Normal,
                phone: Some(alice.phone.masked()),
                email: Some(alice.email.masked()),
                admin: false,
                created_at: user.created_at,
            };
            assert_eq!((page.users, page.next), (vec![expected], None));
        }
        let record = newest(&world, Action::ListUsers).await.unwrap();
        assert_eq!((&record.user, &record.outcome), (root.user(), &Outcome::Done));
        let shown = format!("{:?}", world.ciam.users(Authority::Host, &query).await.unwrap());
        assert!(
            !shown.contains(alice.email.canonical()) && !shown.contains(alice.phone.canonical()),
            "{shown}"
        );
    });
}

#[test]
fn a_list_is_narrowed_by_status_and_comes_in_pages_of_a_bounded_size() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 2).await;
        let alice = world.user(&alice.id).await;
        for number in 0..=USER_PAGE {
            let id = UserId::parse(&format!("u{number:04}")).unwrap();
            let status = if number == 7 { Status::Frozen } else { Status::Normal };
            world.directory.put(User { id, status, ..alice.clone() });
        }
        let query = DirectoryQuery::first(TenantId::default(), u16::MAX);
        let page = world.ciam.users(Authority::Host, &query).await.unwrap();
        assert_eq!(page.users.len(), usize::from(USER_PAGE));
        let rest = DirectoryQuery { after: page.next, ..query.clone() };
        assert_eq!(world.ciam.users(Authority::Host, &rest).await.unwrap().users.len(), 1);
        let frozen = DirectoryQuery { status: Some(StatusKind::Frozen), ..query };
        let page = world.ciam.users(Authority::Host, &frozen).await.unwrap();
        assert_eq!((page.users.len(), page.users[0].id.as_str(), page.next), (1, "u0007", None));
    });
}

#[test]
fn without_a_directory_nothing_is_listed() {
    block_on(async {
        let world = world();
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let query = DirectoryQuery::first(TenantId::default(), 9);
        let answer = ciam.users(Authority::Host, &query).await;
        assert!(matches!(answer, Err(Error::Failed(Failure::NotOffered))));
    });
}
