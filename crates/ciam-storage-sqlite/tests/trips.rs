//! What a call costs: one round trip, and few statements.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use ciam_ports::domain::User;
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::store::{ChallengeWrite, FlowWrite, SessionWrite};
use ciam_ports::{Charge, Charged, Commit, StepQuery, Store};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore, Trips};
use ciam_testkit::contract::sample;
use futures_executor::block_on;
use tempfile::TempDir;

fn scene(folder: &TempDir) -> (SqliteStore, User, Flow) {
    let store = SqliteStore::open(folder.path().join("ciam.db"), SqliteOptions::default()).unwrap();
    let user = sample::user("thrifty");
    let session = sample::session(&user, "s");
    let flow = sample::flow(&user, &session, Operation::UpdatePassword, sample::START);
    let code = Box::new(sample::challenge(&flow, sample::slot(&flow), "123456"));
    let begin = Commit {
        session: SessionWrite::Put(session.into()),
        flow: sample::open(&flow),
        challenge: ChallengeWrite::Put(code),
        ..sample::insert(&user)
    };
    block_on(store.commit(begin)).unwrap();
    (store, user, flow)
}

fn cost(store: &SqliteStore, call: impl FnOnce()) -> Trips {
    let before = store.trips();
    call();
    let after = store.trips();
    Trips {
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
        statements: after.statements - before.statements,
        commits: after.commits - before.commits,
    }
}

#[test]
fn a_load_is_one_statement() {
    let folder = TempDir::new().unwrap();
    let (store, user, flow) = scene(&folder);
    let spent = cost(&store, || {
        let loaded = block_on(store.load(&sample::query(&user, &flow))).unwrap().unwrap();
        assert!(loaded.session.is_some() && loaded.flow.is_some() && loaded.challenges.len() == 1);
    });
    assert_eq!(spent, Trips { reads: 1, statements: 1, ..Trips::default() });
}

#[test]
fn a_load_with_counts_is_one_trip_and_one_view() {
    let folder = TempDir::new().unwrap();
    let (store, user, flow) = scene(&folder);
    let rates = vec![sample::backoff("one").key, sample::backoff("other").key];
    let query = StepQuery { rates, ..sample::query(&user, &flow) };
    let spent = cost(&store, || drop(block_on(store.load(&query)).unwrap()));
    assert_eq!(spent, Trips { reads: 1, statements: 4, ..Trips::default() });
}

#[test]
fn a_charge_is_one_commit() {
    let folder = TempDir::new().unwrap();
    let (store, user, flow) = scene(&folder);
    let charge = Charge { rates: vec![sample::backoff("one")], ..sample::charge(&user, &flow) };
    let spent = cost(&store, || {
        let charged = block_on(Store::charge(&store, &charge)).unwrap().unwrap();
        assert!(matches!(charged, Charged::Paid { attempts: 1, .. }));
    });
    assert_eq!(spent, Trips { writes: 1, statements: 6, commits: 1, ..Trips::default() });
}

#[test]
fn a_refused_charge_commits_nothing() {
    let folder = TempDir::new().unwrap();
    let (store, user, flow) = scene(&folder);
    let charge = Charge { max_attempts: 0, ..sample::charge(&user, &flow) };
    let spent = cost(&store, || {
        let charged = block_on(Store::charge(&store, &charge)).unwrap().unwrap();
        assert!(matches!(charged, Charged::Exhausted { .. }));
    });
    assert_eq!((spent.writes, spent.statements), (1, 3));
}

#[test]
fn a_sensitive_change_with_all_its_consequences_is_one_commit() {
    let folder = TempDir::new().unwrap();
    let (store, user, flow) = scene(&folder);
    let next = sample::changed(&user, |user| user.restamp(sample::stamp("next"), sample::START));
    let commit = Commit {
        session: SessionWrite::Put(sample::session(&next, "s").into()),
        flow: FlowWrite::Remove(*flow.key()),
        cleared: vec![sample::backoff("one").key],
        audit: vec![sample::record(&user, "e")],
        outbox: vec![sample::notice(&user, "e")],
        ..sample::replace(&user, &next)
    };
    let spent = cost(&store, || block_on(store.commit(commit)).unwrap());
    assert_eq!(spent, Trips { writes: 1, statements: 8, commits: 1, ..Trips::default() });
}
