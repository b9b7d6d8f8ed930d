//! Counts of one subject lie in one row and go one by one.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::Duration;

use ciam_ports::domain::rate::{Rate, RateKey, RateRule, RateScope, RateSubject};
use ciam_ports::{Commit, StepQuery, Store};
use ciam_storage_sqlite::SqliteStore;
use ciam_testkit::contract::sample;
use futures_executor::block_on;

const SCOPES: [RateScope; 3] = [RateScope::CodeHour, RateScope::CodeDay, RateScope::Password];

fn key(scope: RateScope) -> RateKey {
    RateSubject::new(&["subject"]).within(scope)
}

fn window(scope: RateScope, span: Duration) -> Rate {
    Rate { key: key(scope), rule: RateRule::Window { max: 9, span } }
}

fn left(store: &SqliteStore, query: &StepQuery) -> Vec<RateScope> {
    let loaded = block_on(store.load(query)).unwrap().unwrap();
    loaded.rates.iter().map(|(key, _)| key.scope).collect()
}

fn scene() -> (SqliteStore, Commit, StepQuery) {
    let store = SqliteStore::in_memory().unwrap();
    let user = sample::user("counted");
    block_on(store.commit(sample::insert(&user))).unwrap();
    let rates = SCOPES.map(key).to_vec();
    let query = StepQuery { rates, ..StepQuery::of(user.tenant.clone(), user.id.clone()) };
    (store, sample::commit(&user), query)
}

#[test]
fn a_count_without_end_outlives_the_others_of_its_row() {
    let (store, commit, query) = scene();
    let endless = Rate { key: key(RateScope::Password), ..sample::backoff("subject") };
    let rates = vec![window(RateScope::CodeHour, sample::HOUR)];
    block_on(store.commit(Commit { rates, ..commit.clone() })).unwrap();
    block_on(store.commit(Commit { rates: vec![endless], ..commit })).unwrap();
    let over = sample::START.after(sample::HOUR);
    assert_eq!(block_on(Store::sweep(&store, over)).unwrap(), 1);
    assert_eq!(block_on(Store::sweep(&store, over)).unwrap(), 0);
    assert_eq!(left(&store, &query), [RateScope::Password]);
}

#[test]
fn a_row_ends_earlier_when_its_longest_count_is_cleared() {
    let (store, commit, query) = scene();
    let rates =
        vec![window(RateScope::CodeHour, sample::HOUR), window(RateScope::CodeDay, 24 * sample::HOUR)];
    block_on(store.commit(Commit { rates, ..commit.clone() })).unwrap();
    block_on(store.commit(Commit { cleared: vec![key(RateScope::CodeDay)], ..commit })).unwrap();
    assert_eq!(left(&store, &query), [RateScope::CodeHour]);
    assert_eq!(block_on(Store::sweep(&store, sample::START.after(sample::HOUR))).unwrap(), 1);
    assert_eq!(left(&store, &query), []);
}

#[test]
fn a_row_stays_for_as_long_as_its_longest_count() {
    let (store, commit, query) = scene();
    let hour = vec![window(RateScope::CodeHour, sample::HOUR)];
    block_on(store.commit(Commit { rates: hour, ..commit.clone() })).unwrap();
    let day = vec![window(RateScope::CodeDay, 24 * sample::HOUR)];
    block_on(store.commit(Commit { rates: day, ..commit })).unwrap();
    assert_eq!(block_on(Store::sweep(&store, sample::START.after(sample::HOUR))).unwrap(), 1);
    assert_eq!(left(&store, &query), [RateScope::CodeDay]);
    assert_eq!(block_on(Store::sweep(&store, sample::START.after(24 * sample::HOUR))).unwrap(), 1);
    assert_eq!(left(&store, &query), []);
}
