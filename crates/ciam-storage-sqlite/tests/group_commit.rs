//! Writes that wait share a commit, and do not share a fate.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::pin::Pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ciam_ports::store::UniqueField;
use ciam_ports::{Commit, StepQuery, Store, StoreError};
use ciam_storage_sqlite::{Durability, Overloaded, SqliteOptions, SqliteStore, Trips};
use ciam_testkit::contract::sample;
use futures_executor::block_on;
use tempfile::TempDir;

const THREADS: usize = 32;
const EACH: usize = 8;

fn open(folder: &TempDir, options: SqliteOptions) -> SqliteStore {
    SqliteStore::open(folder.path().join("ciam.db"), options).expect("a database")
}

/// Keeps every other writer of the file waiting for as long as it lives.
fn lock(folder: &TempDir) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(folder.path().join("ciam.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

/// Queues what a call asks for, without waiting for the answer.
fn polled<T>(call: &mut Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Poll<T> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn waiting_commits_share_a_sync() {
    let folder = TempDir::new().unwrap();
    let mut options = SqliteOptions::default();
    options.durability = Durability::Full;
    let store = open(&folder, options);
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, start) = (&store, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..EACH {
                    let user = sample::user(&format!("u-{thread}-{n}"));
                    block_on(store.commit(sample::insert(&user))).unwrap();
                    let query = StepQuery::of(user.tenant.clone(), user.id.clone());
                    assert_eq!(*block_on(store.load(&query)).unwrap().unwrap().user, user);
                }
            });
        }
    });
    let Trips { writes, commits, .. } = store.trips();
    let jobs = u64::try_from(THREADS * EACH).unwrap();
    assert_eq!(writes, jobs);
    assert!(commits * 2 <= jobs, "{commits} commits for {jobs} jobs");
}

#[test]
fn a_refused_job_disturbs_no_other_of_its_group() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, SqliteOptions::default());
    block_on(store.commit(sample::insert(&sample::user("first")))).unwrap();
    let before = store.trips().commits;
    let lock = lock(&folder);
    let mut waiting = Vec::new();
    for n in 0..THREADS {
        let mut user = sample::user(&format!("u-{n}"));
        if n % 2 == 1 {
            user.email = sample::user("first").email;
        }
        let audit = vec![sample::record(&user, &format!("e-{n}"))];
        let mut commit = store.commit(Commit { audit, ..sample::insert(&user) });
        assert!(polled(&mut commit).is_pending());
        waiting.push(commit);
    }
    drop(lock);
    for (n, commit) in waiting.into_iter().enumerate() {
        match block_on(commit) {
            Ok(()) => assert_eq!(n % 2, 0),
            Err(StoreError::Conflict { field: UniqueField::Email }) => assert_eq!(n % 2, 1),
            Err(other) => panic!("{n}: {other}"),
        }
    }
    let commits = store.trips().commits - before;
    assert!(commits <= 2, "they waited for each other, but {commits} commits were made");
    let other = rusqlite::Connection::open(folder.path().join("ciam.db")).unwrap();
    let count = |sql| other.query_row(sql, (), |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM ciam_users"), 17);
    assert_eq!(count("SELECT count(*) FROM ciam_audit"), 16, "nothing of a refused one stays");
}

#[test]
fn a_full_queue_refuses_at_once() {
    let folder = TempDir::new().unwrap();
    let mut options = SqliteOptions::default();
    options.queue = 1;
    options.group = 1;
    let store = open(&folder, options);
    let lock = lock(&folder);
    let mut waiting = Vec::new();
    let refusal = loop {
        let mut sweep = store.sweep(sample::START);
        match polled(&mut sweep) {
            Poll::Pending => waiting.push(sweep),
            Poll::Ready(answer) => break answer,
        }
    };
    let Err(StoreError::Unavailable(source)) = refusal else { panic!("{refusal:?}") };
    assert!(source.is::<Overloaded>());
    assert!(waiting.len() <= 2, "one that the writer holds, and one that waits");
    drop(lock);
    for sweep in waiting {
        assert_eq!(block_on(sweep).unwrap(), 0);
    }
}

#[test]
fn dropping_the_store_finishes_what_was_queued() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, SqliteOptions::default());
    let other = rusqlite::Connection::open(folder.path().join("ciam.db")).unwrap();
    let lock = lock(&folder);
    for n in 0..9 {
        // Polled once, and given up: it is queued, and nobody waits for it.
        let mut commit = store.commit(sample::insert(&sample::user(&format!("u-{n}"))));
        assert!(polled(&mut commit).is_pending());
    }
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        drop(lock);
    });
    drop(store);
    let count = other.query_row("SELECT count(*) FROM ciam_users", (), |row| row.get::<_, u32>(0));
    assert_eq!(count.unwrap(), 9);
}

fn unsynced() -> SqliteOptions {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Normal;
    options
}

#[test]
fn where_nothing_is_synced_a_write_is_done_at_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, unsynced());
    let mut commit = store.commit(sample::insert(&sample::user("prompt")));
    assert!(matches!(polled(&mut commit), Poll::Ready(Ok(()))));
}

#[test]
fn what_must_wait_for_another_process_does_not_hold_its_caller() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, unsynced());
    let other = lock(&folder);
    let user = sample::user("patient");
    let mut commit = store.commit(sample::insert(&user));
    assert!(polled(&mut commit).is_pending());
    other.execute_batch("ROLLBACK").unwrap();
    block_on(commit).unwrap();
    let query = StepQuery::of(user.tenant.clone(), user.id.clone());
    assert_eq!(*block_on(store.load(&query)).unwrap().unwrap().user, user);
}

#[test]
fn a_long_log_is_copied_to_the_database() {
    const MEGABYTE: usize = 1 << 20;
    let folder = TempDir::new().unwrap();
    let store = open(&folder, unsynced());
    let length = |file| usize::try_from(folder.path().join(file).metadata().unwrap().len()).unwrap();
    for n in 0..100 {
        let mut user = sample::user(&format!("verbose-{n}"));
        sample::rename(&mut user, &"n".repeat(MEGABYTE));
        block_on(store.commit(sample::insert(&user))).unwrap();
    }
    assert!(length("ciam.db") > 50 * MEGABYTE, "{}", length("ciam.db"));
    assert!(length("ciam.db-wal") < 50 * MEGABYTE, "{}", length("ciam.db-wal"));
}
