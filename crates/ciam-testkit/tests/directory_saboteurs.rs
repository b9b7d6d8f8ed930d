//! The contract of directories notices each fault of one, and the fake that tests play with keeps it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::user::{StatusKind, User};
use ciam_ports::{DirectoryPage, DirectoryQuery, StoreError, UserDirectory};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{DIRECTORY_RULES, DirectoryFixture, check_directory, rules_named_in};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    SortsLikeADictionary,
    LeavesOutTheErased,
    RepeatsTheCursor,
    EndsEarly,
    FiltersThePage,
    FindsNobodyLocked,
    MixesTenants,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 7] = [
    (Fault::SortsLikeADictionary, "accounts_come_in_the_order_of_their_ids"),
    (Fault::LeavesOutTheErased, "accounts_come_in_the_order_of_their_ids"),
    (Fault::RepeatsTheCursor, "pages_of_accounts_meet"),
    (Fault::EndsEarly, "pages_of_accounts_meet"),
    (Fault::FiltersThePage, "a_status_narrows_the_directory"),
    (Fault::FindsNobodyLocked, "a_status_narrows_the_directory"),
    (Fault::MixesTenants, "a_directory_keeps_tenants_apart"),
];

struct Broken {
    fault: Fault,
    sound: Arc<MemoryStore>,
}

impl Broken {
    /// Everybody whom a query could mean, in order.
    async fn all(&self, query: &DirectoryQuery) -> Result<Vec<User>, StoreError> {
        let whole = DirectoryQuery { after: None, limit: 1_000, ..query.clone() };
        Ok(self.sound.page(&whole).await?.users)
    }
}

fn cut(mut users: Vec<User>, query: &DirectoryQuery) -> DirectoryPage {
    let from = query.after.as_ref().and_then(|after| users.iter().position(|user| user.id == *after));
    users.drain(..from.map_or(0, |place| place + 1));
    let more = users.len() > query.limit.into();
    users.truncate(query.limit.into());
    let next = users.last().filter(|_| more).map(|user| user.id.clone());
    DirectoryPage { users, next }
}

#[async_trait]
impl UserDirectory for Broken {
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
        match self.fault {
            Fault::None => self.sound.page(query).await,
            Fault::SortsLikeADictionary => {
                let mut users = self.all(query).await?;
                users.sort_by_key(|user| user.id.as_str().to_lowercase());
                Ok(cut(users, query))
            }
            Fault::LeavesOutTheErased => {
                let mut users = self.all(query).await?;
                let asked = query.status.is_some() || query.limit < 100;
                users.retain(|user| asked || user.status.kind() != StatusKind::Erased);
                Ok(cut(users, query))
            }
            Fault::RepeatsTheCursor => {
                let mut page = self.sound.page(query).await?;
                if let (Some(after), 2..) = (&query.after, query.limit) {
                    let repeated = self.all(query).await?.into_iter().find(|user| user.id == *after);
                    page.users.extend(repeated);
                    page.users.sort_by(|one, other| one.id.cmp(&other.id));
                }
                Ok(page)
            }
            Fault::EndsEarly => {
                let page = self.sound.page(query).await?;
                let next = page.next.filter(|_| query.limit < 5);
                Ok(DirectoryPage { next, ..page })
            }
            Fault::FiltersThePage => {
                let limit = if query.limit == 1 { 1 } else { 1_000 };
                let mut page =
                    self.sound.page(&DirectoryQuery { status: None, limit, ..query.clone() }).await?;
                page.users.retain(|user| query.status.is_none_or(|status| user.status.kind() == status));
                if query.limit > 1 {
                    page = cut(page.users, &DirectoryQuery { after: None, ..query.clone() });
                }
                Ok(page)
            }
            Fault::FindsNobodyLocked => {
                if query.status != Some(StatusKind::Locked) {
                    return self.sound.page(query).await;
                }
                Ok(DirectoryPage::default())
            }
            Fault::MixesTenants => {
                let mut page = self.sound.page(query).await?;
                let elsewhere = ciam_ports::domain::TenantId::parse("elsewhere").unwrap_or_default();
                let other = DirectoryQuery { tenant: elsewhere, ..query.clone() };
                if query.tenant != other.tenant {
                    page.users.extend(self.sound.page(&other).await?.users);
                }
                Ok(page)
            }
        }
    }
}

fn fixture(fault: Fault) -> DirectoryFixture {
    let sound = Arc::new(MemoryStore::new());
    let directory = Arc::new(Broken { fault, sound: sound.clone() });
    DirectoryFixture { store: sound, directory, keep: Arc::new(()) }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_directory(name, &fixture(fault)))).is_err();
    DIRECTORY_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in DIRECTORY_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_directory_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule], "{fault:?}");
    }
}

#[test]
fn the_rules_are_those_that_the_port_names() {
    let named = rules_named_in(include_str!("../../ciam-ports/src/directory.rs"));
    assert_eq!(named, DIRECTORY_RULES.iter().map(|rule| rule.name).collect());
}
