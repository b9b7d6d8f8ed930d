//! The contract of social sources notices each fault of a store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::social::{SocialSource, SocialSourceId};
use ciam_ports::{SocialSourceStore, StoreError};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{
    SOCIAL_SOURCE_RULES, SocialSourceFixture, check_social_sources, rules_named_in,
};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    DropsLogos,
    DropsDisabled,
    ListsNewestFirst,
    KeepsTheFirst,
    KeepsOldSettings,
    RemovesNothing,
    RemovesNamesakes,
    MixesTenants,
    RecordsNothing,
    RecordsNoRemoval,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 10] = [
    (Fault::DropsLogos, "a_source_is_found_as_it_was_put"),
    (Fault::DropsDisabled, "a_source_is_found_as_it_was_put"),
    (Fault::ListsNewestFirst, "sources_are_listed_by_id"),
    (Fault::KeepsTheFirst, "a_source_put_again_replaces_it"),
    (Fault::KeepsOldSettings, "a_source_put_again_replaces_it"),
    (Fault::RemovesNothing, "a_removed_source_is_gone"),
    (Fault::RemovesNamesakes, "sources_are_their_tenants_alone"),
    (Fault::MixesTenants, "sources_are_their_tenants_alone"),
    (Fault::RecordsNothing, "a_source_and_its_record_are_one_write"),
    (Fault::RecordsNoRemoval, "a_source_and_its_record_are_one_write"),
];

struct Broken {
    fault: Fault,
    sound: Arc<MemoryStore>,
}

impl Broken {
    /// Every source, of whichever tenant of the rules.
    async fn all(&self) -> Result<Vec<SocialSource>, StoreError> {
        let mut all = self.sound.sources(&TenantId::default()).await?;
        all.extend(self.sound.sources(&named("elsewhere")).await?);
        Ok(all)
    }
}

fn named(tenant: &str) -> TenantId {
    TenantId::parse(tenant).unwrap_or_default()
}

/// A record on a trail that nobody reads.
fn lost(record: AuditRecord) -> AuditRecord {
    AuditRecord { tenant: named("nowhere"), ..record }
}

#[async_trait]
impl SocialSourceStore for Broken {
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError> {
        let mut found = self.sound.sources(tenant).await?;
        match self.fault {
            // One source alone has settings and is disabled; the rule of replacing has no other.
            Fault::DropsDisabled if found.len() > 1 => found.retain(|source| source.enabled),
            Fault::ListsNewestFirst if found.len() > 3 => found.reverse(),
            Fault::MixesTenants if found.is_empty() => found = self.all().await?,
            _ => {}
        }
        Ok(found)
    }

    async fn put(&self, mut source: SocialSource, mut audit: AuditRecord) -> Result<(), StoreError> {
        let known = self.sound.sources(&source.tenant).await?.into_iter().find(|known| known.id == source.id);
        match (self.fault, known) {
            (Fault::DropsLogos, None) if !source.enabled => source.logo = None,
            (Fault::KeepsTheFirst, Some(known)) => source = known,
            (Fault::RecordsNothing, _) => audit = lost(audit),
            (Fault::KeepsOldSettings, Some(known)) => source.settings.extend(known.settings),
            _ => {}
        }
        self.sound.put(source, audit).await
    }

    async fn remove(
        &self,
        tenant: &TenantId,
        id: &SocialSourceId,
        audit: AuditRecord,
    ) -> Result<(), StoreError> {
        match self.fault {
            // It is recorded all the same: that is another rule.
            Fault::RemovesNothing if self.all().await?.iter().all(|source| source.tenant == *tenant) => {
                let nothing = SocialSourceId::parse("none").unwrap_or_else(|_| id.clone());
                self.sound.remove(tenant, &nothing, audit).await
            }
            Fault::RemovesNamesakes => {
                for source in self.all().await?.iter().filter(|source| source.id == *id) {
                    self.sound.remove(&source.tenant, id, lost(audit.clone())).await?;
                }
                self.sound.remove(tenant, id, audit).await
            }
            Fault::RecordsNoRemoval => self.sound.remove(tenant, id, lost(audit)).await,
            _ => self.sound.remove(tenant, id, audit).await,
        }
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let fixture = || {
        let sound = Arc::new(MemoryStore::new());
        let sources = Arc::new(Broken { fault, sound: sound.clone() });
        SocialSourceFixture { sources, audit: sound, keep: Arc::new(()) }
    };
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_social_sources(name, &fixture()))).is_err();
    SOCIAL_SOURCE_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in SOCIAL_SOURCE_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_store_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}

#[test]
fn the_rules_are_those_that_the_port_names() {
    let named = rules_named_in(include_str!("../../ciam-ports/src/social.rs"));
    assert_eq!(named, SOCIAL_SOURCE_RULES.iter().map(|rule| rule.name).collect());
}
