//! The contract of extracts notices each fault, and the rows that tests play with keep it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::export::Exported;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::{PersonalExtract, PersonalRecords, StoreError};
use ciam_testkit::contract::{
    Keepsakes, PERSONAL_EXTRACT_RULES, PersonalExtractFixture, check_personal_extract, rules_named_in,
};
use ciam_testkit::fake::PersonalRows;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    TellsAPage,
    MixesTenants,
    MixesPeople,
    TellsOfNobody,
    GivesItAway,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 5] = [
    (Fault::TellsAPage, "an_extract_tells_everything"),
    (Fault::MixesTenants, "an_extract_is_one_persons_alone"),
    (Fault::MixesPeople, "an_extract_is_one_persons_alone"),
    (Fault::TellsOfNobody, "an_extract_of_nothing_is_none"),
    (Fault::GivesItAway, "an_extract_changes_nothing"),
];

struct Broken {
    fault: Fault,
    sound: PersonalRows,
}

impl Broken {
    /// What is kept, with what is kept of somebody else.
    async fn beside(&self, told: Exported, other: (&TenantId, &UserId)) -> Result<Exported, StoreError> {
        let more = self.sound.extract(other.0, other.1).await?;
        Ok(if more == Exported::NONE { told } else { Exported::list([told, more]) })
    }
}

#[async_trait]
impl PersonalExtract for Broken {
    async fn extract(&self, tenant: &TenantId, user: &UserId) -> Result<Exported, StoreError> {
        let told = self.sound.extract(tenant, user).await?;
        let named = |name| UserId::parse(name).unwrap_or_else(|_| user.clone());
        match self.fault {
            Fault::MixesTenants => {
                let elsewhere = TenantId::parse("elsewhere").unwrap_or_default();
                self.beside(told, (&elsewhere, user)).await
            }
            Fault::MixesPeople => self.beside(told, (tenant, &named("alice2"))).await,
            Fault::TellsOfNobody if told == Exported::NONE => Ok(Exported::list([])),
            Fault::GivesItAway => {
                self.sound.erase(tenant, user).await?;
                Ok(told)
            }
            _ => Ok(told),
        }
    }
}

#[async_trait]
impl Keepsakes for Broken {
    async fn keep(&self, tenant: &TenantId, user: &UserId, word: &str) {
        // What comes after the first page of a thousand is never read.
        if self.fault != Fault::TellsAPage
            || !word.starts_with("word-1")
            || word.len() < "word-1000-end".len()
        {
            self.sound.note(tenant, user, word);
        }
    }
}

fn fixture(fault: Fault) -> PersonalExtractFixture {
    let broken = Arc::new(Broken { fault, sound: PersonalRows::default() });
    PersonalExtractFixture { extract: broken.clone(), keepsakes: broken, keep: Arc::new(()) }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks = |name: &str| {
        catch_unwind(AssertUnwindSafe(|| check_personal_extract(name, &fixture(fault)))).is_err()
    };
    PERSONAL_EXTRACT_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in PERSONAL_EXTRACT_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn sound_extracts_break_no_rule() {
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
    let named = rules_named_in(include_str!("../../ciam-ports/src/extract.rs"));
    assert_eq!(named, PERSONAL_EXTRACT_RULES.iter().map(|rule| rule.name).collect());
}

fn played() -> PersonalExtractFixture {
    fixture(Fault::None)
}

mod played_rows {
    use super::played;

    ciam_testkit::personal_extract_contract!(played);
}
