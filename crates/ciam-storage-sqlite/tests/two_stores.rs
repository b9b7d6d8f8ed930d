//! Several stores, as several processes have them, work on one file.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::Barrier;

use ciam_ports::domain::flow::Operation;
use ciam_ports::store::SessionWrite;
use ciam_ports::{Charged, Commit, StepQuery, Store, StoreError};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::sample;
use futures_executor::block_on;
use tempfile::TempDir;

fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(folder.path().join("ciam.db"), SqliteOptions::default()).expect("a database")
}

#[test]
fn each_sees_what_the_other_wrote() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (open(&folder), open(&folder));
    for (n, (writer, reader)) in [(&one, &other), (&other, &one)].into_iter().enumerate() {
        let user = sample::user(&format!("seen-{n}"));
        block_on(writer.commit(sample::insert(&user))).unwrap();
        let loaded = block_on(reader.load(&StepQuery::of(user.tenant.clone(), user.id.clone()))).unwrap();
        assert_eq!(*loaded.unwrap().user, user);
    }
}

#[test]
fn of_two_replacements_in_two_stores_one_wins() {
    let folder = TempDir::new().unwrap();
    let stores = [open(&folder), open(&folder)];
    let mut user = sample::user("raced");
    block_on(stores[0].commit(sample::insert(&user))).unwrap();
    for round in 0..50 {
        let start = Barrier::new(stores.len());
        let results = std::thread::scope(|scope| {
            let racers = ["one", "other"].into_iter().zip(&stores).map(|(name, store)| {
                let next = sample::changed(&user, |user| sample::rename(user, &format!("{name}-{round}")));
                let (start, read) = (&start, &user);
                scope.spawn(move || {
                    start.wait();
                    (block_on(store.commit(sample::replace(read, &next))), next)
                })
            });
            let racers: Vec<_> = racers.collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect::<Vec<_>>()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(|(result, _)| result.is_ok());
        assert!(matches!(lost.as_slice(), [(Err(StoreError::Stale), _)]), "{lost:?}");
        user = won[0].1.clone();
        let query = StepQuery::of(user.tenant.clone(), user.id.clone());
        for store in &stores {
            assert_eq!(*block_on(store.load(&query)).unwrap().unwrap().user, user);
        }
    }
}

#[test]
fn attempts_are_shared_between_stores() {
    let folder = TempDir::new().unwrap();
    let stores = [open(&folder), open(&folder), open(&folder)];
    let user = sample::user("guessed");
    let session = sample::session(&user, "s");
    let flow = sample::flow(&user, &session, Operation::UpdatePassword, sample::START);
    let begin = Commit {
        session: SessionWrite::Put(session.into()),
        flow: sample::open(&flow),
        ..sample::insert(&user)
    };
    block_on(stores[0].commit(begin)).unwrap();
    let charge = sample::charge(&user, &flow);
    let paid = std::thread::scope(|scope| {
        let guess = |store| {
            let charge = &charge;
            scope.spawn(move || {
                let tries = (0..4).map(|_| block_on(Store::charge(store, charge)).unwrap().unwrap());
                tries.filter(|charged| matches!(charged, Charged::Paid { .. })).count()
            })
        };
        let guessers: Vec<_> = stores.iter().map(guess).collect();
        guessers.into_iter().map(|guesser| guesser.join().unwrap()).sum::<usize>()
    });
    assert_eq!(paid, usize::from(charge.max_attempts));
}

#[test]
fn many_can_make_one_database_at_once() {
    for _ in 0..5 {
        let folder = TempDir::new().unwrap();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (folder, start) = (&folder, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = open(folder);
                    block_on(store.commit(sample::insert(&sample::user(&format!("maker-{n}"))))).unwrap();
                });
            }
        });
    }
}
