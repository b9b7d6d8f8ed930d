//! The contract of directories: complete, in order, narrowed by status, one tenant's alone.

use std::any::Any;
use std::sync::Arc;

use ciam_ports::domain::user::{Status, StatusKind};
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::{DirectoryPage, DirectoryQuery, Store, UserDirectory};
use futures_executor::block_on;

use super::Trial;
use super::sample::{self, START, at};

/// An empty store with its directory.
#[derive(Clone)]
pub struct DirectoryFixture {
    /// The store.
    pub store: Arc<dyn Store>,
    /// What it tells of its accounts.
    pub directory: Arc<dyn UserDirectory>,
    /// What must live as long as it does: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of directories.
#[derive(Clone, Copy)]
pub struct DirectoryRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a DirectoryFixture) -> Trial<'a>,
}

/// Hands every rule of directories to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_directory_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            directory {
                accounts_come_in_the_order_of_their_ids pages_of_accounts_meet
                a_status_narrows_the_directory a_directory_keeps_tenants_apart
            }
        }
    };
}

macro_rules! table {
    (() directory { $($rule:ident)* }) => {
        /// Every rule of directories.
        pub const DIRECTORY_RULES: &[DirectoryRule] =
            &[$(DirectoryRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_directory_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_directory(name: &str, on: &DirectoryFixture) {
    let rule = DIRECTORY_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of directories; `make` is called for a fresh
/// [`DirectoryFixture`](crate::contract::DirectoryFixture) each time.
#[macro_export]
macro_rules! directory_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_directory_rule! {
            [$crate::contract_tests] (($crate::contract::check_directory) [$(#[$attr])*] $make)
        }
    };
}

/// Every status.
const STATUSES: [Status; 7] = [
    Status::Normal,
    Status::Locked { until: Some(START) },
    Status::Frozen,
    Status::Disabled,
    Status::PendingDeletion { erase_at: START },
    Status::Purging { tried_at: START },
    Status::Erased,
];

impl DirectoryFixture {
    async fn add(&self, user: &User) {
        self.store.commit(sample::insert(user)).await.expect("a commit that nothing speaks against");
    }

    async fn change(&self, user: &User, change: impl FnOnce(&mut User)) -> User {
        let next = sample::changed(user, change);
        let commit = sample::replace(user, &next);
        self.store.commit(commit).await.expect("a commit that nothing speaks against");
        next
    }

    async fn page(&self, query: &DirectoryQuery) -> DirectoryPage {
        self.directory.page(query).await.expect("a directory")
    }

    async fn all(&self, status: Option<StatusKind>) -> Vec<User> {
        self.page(&DirectoryQuery { status, ..first(1_000) }).await.users
    }

    /// People of every status, in the order of their ids.
    async fn crowd(&self) -> Vec<User> {
        let mut crowd = Vec::new();
        for (n, status) in STATUSES.into_iter().chain(STATUSES).enumerate() {
            let user = sample::user(&format!("crowd.{n:02}"));
            self.add(&user).await;
            crowd.push(self.change(&user, |user| user.status = status).await);
        }
        crowd
    }
}

fn first(limit: u16) -> DirectoryQuery {
    DirectoryQuery::first(TenantId::default(), limit)
}

async fn accounts_come_in_the_order_of_their_ids(on: &DirectoryFixture) {
    assert_eq!(on.page(&first(9)).await, DirectoryPage::default());
    // Written in another order, and with letters whose order by bytes is not that of a dictionary.
    let mut users: Vec<User> = Vec::new();
    for name in ["zoe", "Zora", "a.b", "ab", "a-b", "B", "9", "c", "c1", "C_"] {
        let user =
            User { id: UserId::parse(name).expect("an id"), ..sample::user(&format!("of.{}", users.len())) };
        on.add(&user).await;
        users.push(user);
    }
    users[0] = on.change(&users[0], |user| sample::rename(user, "later")).await;
    users[1] = on.change(&users[1], User::erase).await;
    users.sort_by(|one, other| one.id.as_str().as_bytes().cmp(other.id.as_str().as_bytes()));
    assert_eq!(on.all(None).await, users);
    assert_eq!(on.page(&first(3)).await.users, users[..3]);
}

async fn pages_of_accounts_meet(on: &DirectoryFixture) {
    let crowd = on.crowd().await;
    for status in [None, Some(StatusKind::Normal), Some(StatusKind::Frozen)] {
        let mut expected = crowd.clone();
        expected.retain(|user| status.is_none_or(|status| user.status.kind() == status));
        for limit in [1, 2, 5, 14] {
            let (mut read, mut after) = (Vec::new(), None);
            for round in 0.. {
                let page = on.page(&DirectoryQuery { status, after, ..first(limit) }).await;
                read.extend(page.users);
                after = page.next;
                if after.is_none() || round > 99 {
                    break;
                }
                // Somebody comes before everybody else.
                if round < 2 {
                    let name = format!("again.{limit}.{round}.{}", status.map_or("any", StatusKind::as_str));
                    on.add(&sample::user(&name)).await;
                }
            }
            read.retain(|user| crowd.contains(user));
            assert_eq!(read, expected, "{limit} at a time of {status:?}");
        }
    }
}

async fn a_status_narrows_the_directory(on: &DirectoryFixture) {
    let crowd = on.crowd().await;
    for status in StatusKind::ALL {
        let mut expected = crowd.clone();
        expected.retain(|user| user.status.kind() == status);
        assert_eq!(on.all(Some(status)).await, expected, "{status:?}");
        let one = on.page(&DirectoryQuery { status: Some(status), ..first(1) }).await;
        assert_eq!(
            (one.users, one.next),
            (expected[..1].to_vec(), Some(expected[0].id.clone())),
            "{status:?}"
        );
    }
    let moved = on.change(&crowd[2], |user| user.status = Status::Locked { until: Some(at(9)) }).await;
    assert_eq!(on.all(Some(StatusKind::Frozen)).await, crowd[9..10]);
    assert!(on.all(Some(StatusKind::Locked)).await.contains(&moved));
}

async fn a_directory_keeps_tenants_apart(on: &DirectoryFixture) {
    let elsewhere = TenantId::parse("elsewhere").expect("an id");
    let (here, there) = (sample::user("olga"), sample::user_of(&elsewhere, "olga"));
    on.add(&here).await;
    on.add(&there).await;
    assert_eq!(on.all(None).await, [here]);
    let there = on.change(&there, |user| user.status = Status::Frozen).await;
    assert_eq!(on.all(Some(StatusKind::Frozen)).await, []);
    let query = DirectoryQuery { tenant: elsewhere, ..first(9) };
    assert_eq!(on.page(&query).await.users, [there]);
}
