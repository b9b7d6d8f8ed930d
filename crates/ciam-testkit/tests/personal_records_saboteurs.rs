//! The contract of personal records notices each fault, and the rows that tests play with keep it.
#![expect(clippy::unwrap_used, reason = "a poisoned lock ends the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::{Erased, PersonalRecords, StoreError};
use ciam_testkit::contract::{
    Belongings, PERSONAL_RECORDS_RULES, PersonalRecordsFixture, check_personal_records, rules_named_in,
};
use ciam_testkit::fake::PersonalRows;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    ErasesABatch,
    MixesTenants,
    MatchesByPrefix,
    MissesWhatIsGone,
    TakesTheFirstStepForAll,
    AnswersEarly,
    TellsNothing,
    TellsWhatNeverWent,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 8] = [
    (Fault::ErasesABatch, "an_erasure_takes_everything"),
    (Fault::MixesTenants, "an_erasure_is_one_persons_alone"),
    (Fault::MatchesByPrefix, "an_erasure_is_one_persons_alone"),
    (Fault::MissesWhatIsGone, "an_erasure_may_be_repeated"),
    (Fault::TakesTheFirstStepForAll, "a_broken_erasure_goes_on"),
    (Fault::AnswersEarly, "an_erasure_answers_when_all_is_gone"),
    (Fault::TellsNothing, "an_erasure_tells_what_went"),
    (Fault::TellsWhatNeverWent, "an_erasure_tells_what_went"),
];

/// How many rows go in one step.
const BATCH: usize = 1_000;

type Row = (TenantId, UserId);

struct Broken {
    fault: Fault,
    rows: Mutex<Vec<Row>>,
    /// Whose erasure began.
    begun: Mutex<Vec<Row>>,
    /// Whose rows go before the next erasure.
    late: Mutex<Vec<Row>>,
}

impl Broken {
    fn is_of(&self, row: &Row, whose: &Row) -> bool {
        match self.fault {
            Fault::MixesTenants => row.1 == whose.1,
            Fault::MatchesByPrefix => row.0 == whose.0 && row.1.as_str().starts_with(whose.1.as_str()),
            _ => row == whose,
        }
    }

    /// Removes up to so many rows.
    fn remove(&self, whose: &Row, most: usize) -> u64 {
        let (mut rows, mut gone) = (self.rows.lock().unwrap(), 0);
        rows.retain(|row| {
            let goes = gone < most && self.is_of(row, whose);
            gone += usize::from(goes);
            !goes
        });
        u64::try_from(gone).unwrap()
    }
}

#[async_trait]
impl PersonalRecords for Broken {
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError> {
        let whose = (tenant.clone(), user.clone());
        for late in std::mem::take(&mut *self.late.lock().unwrap()) {
            self.remove(&late, usize::MAX);
        }
        let has = u64::from(self.rows.lock().unwrap().iter().any(|row| self.is_of(row, &whose)));
        let rows = match self.fault {
            Fault::ErasesABatch => self.remove(&whose, BATCH),
            Fault::MissesWhatIsGone if has == 0 && user.as_str() == "alice" => {
                return Err(StoreError::Unavailable("no such rows".into()));
            }
            Fault::TakesTheFirstStepForAll => {
                let again = self.begun.lock().unwrap().contains(&whose);
                self.begun.lock().unwrap().push(whose.clone());
                if again {
                    0
                } else {
                    let first = self.remove(&whose, 1);
                    Pause::default().await;
                    first + self.remove(&whose, usize::MAX)
                }
            }
            Fault::AnswersEarly => {
                self.late.lock().unwrap().push(whose);
                has
            }
            _ => self.remove(&whose, usize::MAX),
        };
        Ok(Erased {
            rows: match self.fault {
                Fault::TellsNothing => 0,
                Fault::TellsWhatNeverWent => rows.max(1),
                _ => rows,
            },
        })
    }
}

#[async_trait]
impl Belongings for Broken {
    async fn keep(&self, tenant: &TenantId, user: &UserId, rows: u64) {
        let row = (tenant.clone(), user.clone());
        self.rows.lock().unwrap().extend((0..rows).map(|_| row.clone()));
    }

    async fn count(&self, tenant: &TenantId, user: &UserId) -> u64 {
        let rows = self.rows.lock().unwrap();
        u64::try_from(rows.iter().filter(|(t, u)| t == tenant && u == user).count()).unwrap()
    }
}

/// Waits for one poll.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}

fn fixture(fault: Fault) -> PersonalRecordsFixture {
    let (rows, begun, late) = Default::default();
    let broken = Arc::new(Broken { fault, rows, begun, late });
    PersonalRecordsFixture { records: broken.clone(), belongings: broken, keep: Arc::new(()) }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks = |name: &str| {
        catch_unwind(AssertUnwindSafe(|| check_personal_records(name, &fixture(fault)))).is_err()
    };
    PERSONAL_RECORDS_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in PERSONAL_RECORDS_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn sound_records_break_no_rule() {
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
    let named = rules_named_in(include_str!("../../ciam-ports/src/personal_records.rs"));
    assert_eq!(named, PERSONAL_RECORDS_RULES.iter().map(|rule| rule.name).collect());
}

/// The rows that tests play with.
struct Played(Arc<PersonalRows>);

#[async_trait]
impl Belongings for Played {
    async fn keep(&self, tenant: &TenantId, user: &UserId, rows: u64) {
        self.0.keep_in(tenant, user, rows);
    }

    async fn count(&self, tenant: &TenantId, user: &UserId) -> u64 {
        self.0.in_tenant(tenant, user)
    }
}

fn played() -> PersonalRecordsFixture {
    let rows = Arc::new(PersonalRows::default());
    PersonalRecordsFixture { records: rows.clone(), belongings: Arc::new(Played(rows)), keep: Arc::new(()) }
}

mod played_rows {
    use super::played;

    ciam_testkit::personal_records_contract!(played);
}
