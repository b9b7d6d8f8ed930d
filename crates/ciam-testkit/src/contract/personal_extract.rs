//! The contract of what is told of people from elsewhere: all of it, of one person alone.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::PersonalExtract;
use ciam_ports::domain::export::Exported;
use ciam_ports::domain::{TenantId, UserId};
use futures_executor::block_on;

use super::Trial;

/// The other side of an extract: whoever keeps what it tells, as the suite asks for it.
#[async_trait]
pub trait Keepsakes: Send + Sync {
    /// Keeps something of a person that says a word, of every kind that there is.
    async fn keep(&self, tenant: &TenantId, user: &UserId, word: &str);
}

/// An extract of nobody yet.
#[derive(Clone)]
pub struct PersonalExtractFixture {
    /// The extract.
    pub extract: Arc<dyn PersonalExtract>,
    /// What it tells, as the host has it.
    pub keepsakes: Arc<dyn Keepsakes>,
    /// What must live as long as they do: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of extracts.
#[derive(Clone, Copy)]
pub struct PersonalExtractRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a PersonalExtractFixture) -> Trial<'a>,
}

/// Hands every rule of extracts to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_personal_extract_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            personal_extract {
                an_extract_tells_everything an_extract_is_one_persons_alone an_extract_of_nothing_is_none
                an_extract_changes_nothing
            }
        }
    };
}

macro_rules! table {
    (() personal_extract { $($rule:ident)* }) => {
        /// Every rule of extracts.
        pub const PERSONAL_EXTRACT_RULES: &[PersonalExtractRule] =
            &[$(PersonalExtractRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_personal_extract_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_personal_extract(name: &str, on: &PersonalExtractFixture) {
    let rule = PERSONAL_EXTRACT_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of extracts; `make` is called for a fresh
/// [`PersonalExtractFixture`](crate::contract::PersonalExtractFixture) each time.
#[macro_export]
macro_rules! personal_extract_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_personal_extract_rule! {
            [$crate::contract_tests] (($crate::contract::check_personal_extract) [$(#[$attr])*] $make)
        }
    };
}

/// More than one page of whoever reads in pages.
const MANY: u32 = 1_200;

impl PersonalExtractFixture {
    async fn keep_in(&self, tenant: &str, name: &str, word: &str) {
        let tenant = TenantId::parse(tenant).expect("a tenant");
        self.keepsakes.keep(&tenant, &UserId::parse(name).expect("an id"), word).await;
    }

    async fn told_of(&self, name: &str) -> Exported {
        let user = UserId::parse(name).expect("an id");
        self.extract.extract(&TenantId::default(), &user).await.expect("an extract")
    }
}

async fn an_extract_tells_everything(on: &PersonalExtractFixture) {
    for number in 0..MANY {
        on.keep_in("default", "alice", &format!("word-{number}-end")).await;
    }
    let told = on.told_of("alice").await.to_json();
    let missed = (0..MANY).find(|number| !told.contains(&format!("word-{number}-end")));
    assert_eq!(missed, None, "a word is not told");
}

async fn an_extract_is_one_persons_alone(on: &PersonalExtractFixture) {
    on.keep_in("default", "alice", "of-alice").await;
    let others = [
        ("default", "alice2", "of-a-namesake"),
        ("default", "bob", "of-bob"),
        ("elsewhere", "alice", "of-there"),
    ];
    for (tenant, name, word) in others {
        on.keep_in(tenant, name, word).await;
    }
    let told = on.told_of("alice").await.to_json();
    for (.., word) in others {
        assert!(!told.contains(word), "{word} is told of alice");
    }
}

async fn an_extract_of_nothing_is_none(on: &PersonalExtractFixture) {
    assert_eq!(on.told_of("carol").await, Exported::NONE);
    on.keep_in("default", "alice", "of-alice").await;
    assert_ne!(on.told_of("alice").await, Exported::NONE);
}

async fn an_extract_changes_nothing(on: &PersonalExtractFixture) {
    on.keep_in("default", "alice", "of-alice").await;
    let told = on.told_of("alice").await;
    assert_eq!(on.told_of("alice").await, told);
}
