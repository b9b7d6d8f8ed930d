//! The contract of social sources notices each fault of a store, and the fake that tests play with keeps it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::social::{SocialSource, SocialSourceId};
use ciam_ports::{SocialSourceStore, StoreError};
use ciam_testkit::contract::{SOCIAL_SOURCE_RULES, SocialSourceFixture, check_social_sources};
use ciam_testkit::fake::FakeSocialSources;

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
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 8] = [
    (Fault::DropsLogos, "a_source_is_found_as_it_was_put"),
    (Fault::DropsDisabled, "a_source_is_found_as_it_was_put"),
    (Fault::ListsNewestFirst, "sources_are_listed_by_id"),
    (Fault::KeepsTheFirst, "a_source_put_again_replaces_it"),
    (Fault::KeepsOldSettings, "a_source_put_again_replaces_it"),
    (Fault::RemovesNothing, "a_removed_source_is_gone"),
    (Fault::RemovesNamesakes, "sources_are_their_tenants_alone"),
    (Fault::MixesTenants, "sources_are_their_tenants_alone"),
];

struct Broken {
    fault: Fault,
    sound: FakeSocialSources,
}

#[async_trait]
impl SocialSourceStore for Broken {
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError> {
        let mut found = self.sound.sources(tenant).await?;
        match self.fault {
            // One source alone has settings and is disabled; the rule of replacing has no other.
            Fault::DropsDisabled if found.len() > 1 => found.retain(|source| source.enabled),
            Fault::ListsNewestFirst if found.len() > 3 => found.reverse(),
            Fault::MixesTenants if found.is_empty() => found = self.sound.all(),
            _ => {}
        }
        Ok(found)
    }

    async fn put(&self, mut source: SocialSource) -> Result<(), StoreError> {
        let known = self.sound.sources(&source.tenant).await?.into_iter().find(|known| known.id == source.id);
        match (self.fault, known) {
            (Fault::DropsLogos, None) if !source.enabled => source.logo = None,
            (Fault::KeepsTheFirst, Some(_)) => return Ok(()),
            (Fault::KeepsOldSettings, Some(known)) => source.settings.extend(known.settings),
            _ => {}
        }
        self.sound.put(source).await
    }

    async fn remove(&self, tenant: &TenantId, id: &SocialSourceId) -> Result<(), StoreError> {
        match self.fault {
            Fault::RemovesNothing => {
                let others = self.sound.all().iter().any(|source| source.tenant != *tenant);
                if others { self.sound.remove(tenant, id).await } else { Ok(()) }
            }
            Fault::RemovesNamesakes => {
                for source in self.sound.all().iter().filter(|source| source.id == *id) {
                    self.sound.remove(&source.tenant, id).await?;
                }
                Ok(())
            }
            _ => self.sound.remove(tenant, id).await,
        }
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let fixture = || {
        let sources = Arc::new(Broken { fault, sound: FakeSocialSources::default() });
        SocialSourceFixture { sources, keep: Arc::new(()) }
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
    let port = include_str!("../../ciam-ports/src/social.rs");
    let lines = port.lines().filter_map(|line| line.strip_prefix("/// - `"));
    let named: BTreeSet<&str> = lines.filter_map(|line| line.split('`').next()).collect();
    assert_eq!(named, SOCIAL_SOURCE_RULES.iter().map(|rule| rule.name).collect());
}
