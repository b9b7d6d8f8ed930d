//! What was answered, and what the store must say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::{Action, AuditRecord, Outcome};
use ciam::domain::rate::{RateKey, RateScope};
use ciam::ports::{AuditQuery, StepQuery, StoreError};
use ciam::{Error, Failure};

use super::{Storm, VICTIM, WANTED};
use crate::world::Person;

/// What each call was answered: how often, by person, action and reason; no reason where it was done.
type Answers = BTreeMap<(usize, Action, Option<String>), usize>;

#[derive(Default)]
pub(super) struct Ledger {
    answers: Answers,
}

impl Ledger {
    pub(super) fn note<T>(&mut self, person: usize, action: Action, answer: Result<T, Error>) -> Option<T> {
        let (done, reason) = match answer {
            Ok(done) => (Some(done), None),
            // A host that loses every race may ask again; nothing was written.
            Err(Error::Failed(Failure::Store(StoreError::Stale))) if action == Action::SetStatus => {
                return None;
            }
            Err(error) => (None, Some(error.reason().to_owned())),
        };
        *self.answers.entry((person, action, reason)).or_insert(0) += 1;
        done
    }

    fn done(&self, person: usize, actions: &[Action]) -> usize {
        actions.iter().filter_map(|action| self.answers.get(&(person, *action, None))).sum()
    }

    fn refused(&self, person: usize, action: Action, reason: &str) -> usize {
        self.answers.get(&(person, action, Some(reason.to_owned()))).copied().unwrap_or_default()
    }
}

/// What gives an account its next version, and of that what is announced.
const WRITES: [Action; 4] =
    [Action::ChangePassword, Action::ChangeContact, Action::EndOtherSessions, Action::SetStatus];
const ANNOUNCED: [Action; 2] = [Action::ChangePassword, Action::ChangeContact];

pub(super) async fn check(storm: &Storm) {
    let ledger = std::mem::take(&mut *storm.ledger.lock().unwrap());
    let mut told = BTreeMap::new();
    let mut emails = BTreeSet::new();
    let mut happened = 0;
    for (number, person) in storm.people.iter().enumerate() {
        let trail = trail(storm, person).await;
        assert_eq!(recorded(number, &trail), of(number, &ledger.answers), "records and answers of {number}");
        let user = storm.world.user(&person.id).await;
        let writes = u64::try_from(ledger.done(number, &WRITES)).unwrap();
        assert_eq!(user.version.number(), 1 + writes, "each effect of {number} is one write");
        assert!(
            emails.insert(user.email.unwrap().address.canonical().to_owned()),
            "{number} shares an address"
        );
        let done = trail.iter().filter(|record| record.outcome == Outcome::Done);
        told.extend(
            done.filter(|record| ANNOUNCED.contains(&record.action)).map(|record| (record.id.clone(), 0)),
        );
        happened += ledger.done(number, &WRITES);
    }
    assert!(happened > 20, "the storm changed {happened} things");
    counts(storm, &ledger).await;
    notices(storm, told).await;
}

async fn trail(storm: &Storm, person: &Person) -> Vec<AuditRecord> {
    let query = AuditQuery::of(TenantId::default(), person.id.clone(), u16::MAX);
    let mut trail = storm.world.backend.audit.records(&query).await.unwrap().records;
    trail.retain(|record| record.action != Action::CreateUser);
    trail
}

fn recorded(person: usize, trail: &[AuditRecord]) -> Answers {
    let mut answers = Answers::new();
    for record in trail {
        let reason = match &record.outcome {
            Outcome::Done => None,
            Outcome::Refused(reason) => Some(reason.clone().into_owned()),
        };
        *answers.entry((person, record.action, reason)).or_insert(0) += 1;
    }
    answers
}

fn of(person: usize, answers: &Answers) -> Answers {
    answers
        .iter()
        .filter(|((whose, ..), _)| *whose == person)
        .map(|(key, count)| (key.clone(), *count))
        .collect()
}

/// Each guess and each send counts once.
async fn counts(storm: &Storm, ledger: &Ledger) {
    let victim = &storm.people[VICTIM].id;
    let guesses = RateKey::new(RateScope::Password, &[victim.as_str()]);
    let wanted = (0..WANTED).map(|number| format!("wanted.{number}@example.org"));
    let targets: Vec<_> = wanted.map(|to| (RateKey::new(RateScope::TargetHour, &[&to]), to)).collect();
    let rates = targets.iter().map(|(key, _)| *key).chain([guesses]).collect();
    let query = StepQuery { rates, ..StepQuery::of(TenantId::default(), victim.clone()) };
    let held = storm.world.backend.store.load(&query).await.unwrap().unwrap().rates;
    let count =
        |key: &RateKey| held.iter().find(|(held, _)| held == key).map_or(0, |(_, counter)| counter.count);
    let wrong = ledger.refused(VICTIM, Action::VerifyFactor, "factor.wrong_password");
    assert_eq!(usize::try_from(count(&guesses)).unwrap(), wrong, "guesses counted");
    assert_eq!(wrong, 5, "guesses before the first pause");
    let codes = storm.world.mailbox.codes();
    for (key, to) in targets {
        let sent = codes.iter().filter(|sent| sent.to.canonical() == to).count();
        assert_eq!(usize::try_from(count(&key)).unwrap(), sent, "codes to {to}");
    }
}

/// Each change is told once to each address, and nothing else is.
async fn notices(storm: &Storm, mut told: BTreeMap<ciam::domain::EventId, usize>) {
    while storm.world.ciam.relay_once().await.unwrap().sent > 0 {}
    storm.world.clock.advance(Duration::from_mins(2));
    assert_eq!(storm.world.ciam.relay_once().await.unwrap().sent, 0, "no notice comes again");
    let mut sent = BTreeSet::new();
    for notice in storm.world.mailbox.notices() {
        assert!(sent.insert((notice.id.clone(), notice.to.canonical().to_owned())), "told twice");
        *told.get_mut(&notice.id).unwrap() += 1;
    }
    assert!(told.values().all(|times| *times == 2), "phone and e-mail address each hear of it: {told:?}");
}
