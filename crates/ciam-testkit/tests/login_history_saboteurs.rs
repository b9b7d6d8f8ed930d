//! The contract of login histories notices each fault of one, and the fake that tests play with keeps it.
#![expect(clippy::unwrap_used, reason = "a poisoned lock ends the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::login_history::{LoginOutcome, LoginRecord};
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{LoginCursor, LoginHistoryStore, LoginQuery, StoreError};
use ciam_testkit::contract::{LOGIN_HISTORY_RULES, LoginHistoryFixture, check_login_history, rules_named_in};
use ciam_testkit::fake::FakeLoginHistory;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    DropsDevices,
    OrdersByArrival,
    RepeatsTheCursor,
    FiltersThePage,
    MixesTenants,
    ErasesEverybody,
    AppendsAgain,
    KeepsFailures,
    ForgetsTheEdge,
    ForgetsABatch,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 10] = [
    (Fault::DropsDevices, "a_login_is_found_as_it_was_appended"),
    (Fault::OrdersByArrival, "logins_are_newest_first"),
    (Fault::RepeatsTheCursor, "pages_of_logins_meet"),
    (Fault::FiltersThePage, "failed_logins_are_told_apart"),
    (Fault::MixesTenants, "logins_are_their_persons_alone"),
    (Fault::ErasesEverybody, "logins_are_their_persons_alone"),
    (Fault::AppendsAgain, "a_login_appended_twice_is_one_record"),
    (Fault::KeepsFailures, "erased_logins_are_gone"),
    (Fault::ForgetsTheEdge, "forgetting_takes_what_is_older"),
    (Fault::ForgetsABatch, "forgetting_takes_what_is_older"),
];

struct Broken {
    fault: Fault,
    sound: FakeLoginHistory,
    twice: Mutex<Vec<LoginRecord>>,
}

#[async_trait]
impl LoginHistoryStore for Broken {
    async fn append(&self, mut record: LoginRecord) -> Result<(), StoreError> {
        if self.fault == Fault::DropsDevices {
            record.device = None;
        }
        if self.fault == Fault::AppendsAgain && self.sound.all().contains(&record) {
            self.twice.lock().unwrap().push(record.clone());
        }
        self.sound.append(record).await
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        let mut query = query.clone();
        let (before, outcome) = (query.before.clone(), query.outcome);
        match self.fault {
            Fault::RepeatsTheCursor => {
                if let Some(before) = &mut query.before {
                    before.at = before.at.after(Duration::from_micros(1));
                }
            }
            Fault::FiltersThePage => query.outcome = None,
            _ => {}
        }
        let mut found = self.sound.records(&query).await?;
        match self.fault {
            Fault::OrdersByArrival => {
                let arrived: Vec<_> = self.sound.all().into_iter().rev().collect();
                found.sort_by_key(|record| arrived.iter().position(|other| other == record));
            }
            Fault::FiltersThePage => {
                found.retain(|record| outcome.is_none_or(|outcome| record.outcome == outcome));
            }
            Fault::MixesTenants => {
                found = self.sound.all().into_iter().filter(|record| record.user == query.user).collect();
                found.sort_by_key(|record| std::cmp::Reverse(LoginCursor::of(record)));
                found.retain(|record| {
                    before.as_ref().is_none_or(|before| LoginCursor::of(record) < *before)
                        && outcome.is_none_or(|outcome| record.outcome == outcome)
                });
                found.truncate(query.limit.into());
            }
            Fault::AppendsAgain => found.extend(self.twice.lock().unwrap().clone()),
            _ => {}
        }
        Ok(found)
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        let all = self.sound.all();
        self.sound.erase(tenant, user).await?;
        for record in all {
            if self.fault == Fault::ErasesEverybody {
                self.sound.erase(&record.tenant, &record.user).await?;
            }
            let failed = record.outcome == LoginOutcome::Failed;
            if self.fault == Fault::KeepsFailures && failed {
                self.sound.append(record).await?;
            }
        }
        Ok(())
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        match self.fault {
            Fault::ForgetsTheEdge => self.sound.forget(before.after(Duration::from_micros(1))).await,
            Fault::ForgetsABatch => {
                let mut old: Vec<_> = self.sound.all().iter().map(|record| record.at).collect();
                old.retain(|at| *at < before);
                old.sort();
                self.sound.forget(old.get(500).copied().unwrap_or(before)).await
            }
            _ => self.sound.forget(before).await,
        }
    }
}

fn fixture(fault: Fault) -> LoginHistoryFixture {
    let history = Arc::new(Broken { fault, sound: FakeLoginHistory::default(), twice: Mutex::default() });
    LoginHistoryFixture { history, keep: Arc::new(()) }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_login_history(name, &fixture(fault)))).is_err();
    LOGIN_HISTORY_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in LOGIN_HISTORY_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_history_breaks_no_rule() {
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
    let named = rules_named_in(include_str!("../../ciam-ports/src/login_history.rs"));
    assert_eq!(named, LOGIN_HISTORY_RULES.iter().map(|rule| rule.name).collect());
}
