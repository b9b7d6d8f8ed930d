//! The contract of what is kept of people beside their accounts: gone with them, and with nobody else.

use std::any::Any;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use async_trait::async_trait;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::{Erased, PersonalRecords, StoreError};
use futures_executor::block_on;

use super::Trial;

/// The other side of the records: whoever writes them, as the suite asks for it.
#[async_trait]
pub trait Belongings: Send + Sync {
    /// Keeps so many rows of a person more, of every kind that there is.
    async fn keep(&self, tenant: &TenantId, user: &UserId, rows: u64);

    /// How many rows of a person there are.
    async fn count(&self, tenant: &TenantId, user: &UserId) -> u64;
}

/// Records of nobody yet.
#[derive(Clone)]
pub struct PersonalRecordsFixture {
    /// The records, as an erasure has them.
    pub records: Arc<dyn PersonalRecords>,
    /// The same records, as the host has them.
    pub belongings: Arc<dyn Belongings>,
    /// What must live as long as they do: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of personal records.
#[derive(Clone, Copy)]
pub struct PersonalRecordsRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a PersonalRecordsFixture) -> Trial<'a>,
}

/// Hands every rule of personal records to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_personal_records_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            personal_records {
                an_erasure_takes_everything an_erasure_is_one_persons_alone an_erasure_may_be_repeated
                a_broken_erasure_goes_on an_erasure_answers_when_all_is_gone an_erasure_tells_what_went
            }
        }
    };
}

macro_rules! table {
    (() personal_records { $($rule:ident)* }) => {
        /// Every rule of personal records.
        pub const PERSONAL_RECORDS_RULES: &[PersonalRecordsRule] =
            &[$(PersonalRecordsRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_personal_records_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_personal_records(name: &str, on: &PersonalRecordsFixture) {
    let rule = PERSONAL_RECORDS_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// What an acknowledged erasure took is not there after the records of a directory were closed and opened again.
pub fn erasures_outlive_the_process(open: impl Fn(&Path) -> PersonalRecordsFixture) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let on = open(directory.path());
    block_on(on.keep_of("dora", 3));
    block_on(on.keep_of("emil", 3));
    block_on(on.erase("dora"));
    drop(on);
    let on = open(directory.path());
    assert_eq!(block_on(on.rows_of("dora")), 0, "what was erased stays so");
    assert!(block_on(on.rows_of("emil")) > 0, "what was kept stays so");
}

/// One test for each rule of personal records; `make` is called for a fresh
/// [`PersonalRecordsFixture`](crate::contract::PersonalRecordsFixture) each time.
#[macro_export]
macro_rules! personal_records_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_personal_records_rule! {
            [$crate::contract_tests] (($crate::contract::check_personal_records) [$(#[$attr])*] $make)
        }
    };
}

fn user(name: &str) -> UserId {
    UserId::parse(name).expect("an id")
}

fn elsewhere() -> TenantId {
    TenantId::parse("elsewhere").expect("a tenant")
}

impl PersonalRecordsFixture {
    async fn keep_of(&self, name: &str, rows: u64) {
        self.belongings.keep(&TenantId::default(), &user(name), rows).await;
    }

    async fn rows_of(&self, name: &str) -> u64 {
        self.belongings.count(&TenantId::default(), &user(name)).await
    }

    async fn try_erase(&self, name: &str) -> Result<Erased, StoreError> {
        self.records.erase(&TenantId::default(), &user(name)).await
    }

    async fn erase(&self, name: &str) -> u64 {
        self.try_erase(name).await.expect("an erasure").rows
    }
}

/// More than one batch of whoever works in batches.
const MANY: u64 = 1_200;

async fn an_erasure_takes_everything(on: &PersonalRecordsFixture) {
    on.keep_of("alice", MANY).await;
    on.erase("alice").await;
    // Whether it was too early is for another rule to say.
    on.erase("nobody-else").await;
    assert_eq!(on.rows_of("alice").await, 0, "rows are left");
}

async fn an_erasure_is_one_persons_alone(on: &PersonalRecordsFixture) {
    let twin = (elsewhere(), user("alice"));
    on.keep_of("alice", 2).await;
    on.keep_of("alice2", 2).await;
    on.keep_of("bob", 2).await;
    on.belongings.keep(&twin.0, &twin.1, 2).await;
    let before =
        (on.rows_of("alice2").await, on.rows_of("bob").await, on.belongings.count(&twin.0, &twin.1).await);
    on.erase("alice").await;
    let after =
        (on.rows_of("alice2").await, on.rows_of("bob").await, on.belongings.count(&twin.0, &twin.1).await);
    assert_eq!(before, after, "rows of others went");
    assert!(after.0 > 0 && after.1 > 0 && after.2 > 0, "rows of others are kept at all");
}

async fn an_erasure_may_be_repeated(on: &PersonalRecordsFixture) {
    on.keep_of("alice", 2).await;
    on.erase("alice").await;
    assert!(on.try_erase("alice").await.is_ok(), "what is gone is no error");
    assert!(on.try_erase("carol").await.is_ok(), "what never was is no error");
}

async fn a_broken_erasure_goes_on(on: &PersonalRecordsFixture) {
    for polls in 1..8 {
        on.keep_of("alice", 4).await;
        break_off(on, polls);
        // What a repetition answers is for another rule to say.
        drop(on.try_erase("alice").await);
        on.erase("nobody-else").await;
        assert_eq!(
            on.rows_of("alice").await,
            0,
            "rows are left of an erasure that broke off after {polls} polls"
        );
    }
}

/// Drops an erasure that has not answered after so many polls.
fn break_off(on: &PersonalRecordsFixture, polls: u32) {
    let mut erasure = pin!(on.try_erase("alice"));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if erasure.as_mut().poll(&mut context).is_ready() {
            return;
        }
    }
}

async fn an_erasure_answers_when_all_is_gone(on: &PersonalRecordsFixture) {
    on.keep_of("alice", 1).await;
    on.erase("alice").await;
    assert_eq!(on.rows_of("alice").await, 0, "it answered too early");
}

async fn an_erasure_tells_what_went(on: &PersonalRecordsFixture) {
    on.keep_of("alice", 1).await;
    assert!(on.erase("alice").await > 0, "something went and was not told");
    let again = on.try_erase("alice").await.map_or(0, |erased| erased.rows);
    assert_eq!(again, 0, "nothing went and something was told");
}
