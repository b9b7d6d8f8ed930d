//! A change of password in four calls over SQLite and without the hash, beside the least that any implementation must
//! do: four short writes and two reads on one connection, with a count of codes to an address and of guesses at an account
//! (NIST SP 800-63B-4, 3.2.2). The bare floor, which the goal was first set by, has neither these counts nor the read that
//! tells where the code goes. Then many at once.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement is there to be read, or ends")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ciam::domain::challenge::KeyId;
use ciam::domain::secret::SecretBytes;
use ciam_storage_sqlite::{Durability, SqliteOptions, SqliteStore};
use ciam_system_native::{StaticKeys, SystemRandom};
use ciam_testkit::measure::{Clock, Goal, Verdict, in_turns, rounds};
use ciam_testkit::{Backend, Commuters, block_on};
use rusqlite::Connection;

/// How many people change their password in a round.
const NORMAL: u16 = 300;
const FULL: u16 = 128;
const LANES: usize = 32;

/// An operation, an account and its sessions, and what is counted.
struct Floor {
    db: Connection,
    bare: bool,
}

impl Floor {
    fn new(folder: &Path, bare: bool) -> Self {
        let db = Connection::open(folder.join(format!("floor-{bare}.db"))).expect("a database");
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8192;
             CREATE TABLE users (id TEXT PRIMARY KEY, phone TEXT, password TEXT, version INTEGER) WITHOUT ROWID;
             CREATE TABLE counts (subject TEXT PRIMARY KEY, count INTEGER, since INTEGER) WITHOUT ROWID;
             CREATE TABLE sessions (user TEXT, id TEXT, PRIMARY KEY (user, id)) WITHOUT ROWID;
             CREATE TABLE operations (id BLOB PRIMARY KEY, user TEXT, mac BLOB, tries INTEGER) WITHOUT ROWID;",
        )
        .expect("a schema");
        let floor = Self { db, bare };
        for user in 0..NORMAL {
            floor.run("INSERT INTO users VALUES (?1, '+86' || ?1, 'hash', 0)", (user.to_string(),));
            floor.run("INSERT INTO sessions VALUES (?1, 'session')", (user.to_string(),));
        }
        floor
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) {
        self.db.prepare_cached(sql).expect("a statement").execute(params).expect("a write");
    }

    fn read(&self, sql: &str, params: impl rusqlite::Params) {
        let mut statement = self.db.prepare_cached(sql).expect("a statement");
        statement.query_row(params, |row| row.get::<_, rusqlite::types::Value>(0)).expect("a row");
    }

    fn phone(&self, user: &str) -> String {
        let sql = "SELECT phone FROM users WHERE id = ?1";
        let mut statement = self.db.prepare_cached(sql).expect("a statement");
        statement.query_row((user,), |row| row.get(0)).expect("an account")
    }

    /// Does a write, and raises a count in the same commit.
    fn counted(&self, subject: &str, write: impl FnOnce()) {
        self.run("BEGIN IMMEDIATE", ());
        write();
        let count = "INSERT INTO counts VALUES (?1, 1, 0) ON CONFLICT DO UPDATE SET count = count + 1";
        self.run(count, (subject,));
        self.run("COMMIT", ());
    }

    fn journey(&self, user: &str, operation: u64) {
        let id = operation.to_be_bytes();
        self.read("SELECT version FROM users WHERE id = ?1", (user,));
        self.run("INSERT INTO operations VALUES (?1, ?2, NULL, 0)", (id, user));
        let put = || self.run("UPDATE operations SET mac = ?2 WHERE id = ?1", (id, [7_u8; 32]));
        let pay = "UPDATE operations SET tries = tries + 1 WHERE id = ?1 AND tries < 5 RETURNING mac";
        let pay = || self.read(pay, (id,));
        if self.bare {
            put();
            pay();
        } else {
            self.counted(&self.phone(user), put);
            self.counted(user, pay);
        }
        self.run("BEGIN IMMEDIATE", ());
        self.run("DELETE FROM operations WHERE id = ?1", (id,));
        self.run("UPDATE users SET password = 'another', version = version + 1 WHERE id = ?1", (user,));
        self.run("DELETE FROM sessions WHERE user = ?1 AND id <> 'session'", (user,));
        self.run("COMMIT", ());
    }
}

fn commuters(folder: &Path, durability: Durability, people: u16) -> Commuters {
    let mut options = SqliteOptions::default();
    options.durability = durability;
    let file = folder.join(format!("{durability:?}.db"));
    let store = Arc::new(SqliteStore::open(file, options).expect("a store"));
    let backend = Backend::of(store);
    let keys = StaticKeys::new(KeyId::new("k1"), SecretBytes::new(vec![7; 32])).expect("a key");
    block_on(Commuters::new(backend, people, Arc::new(keys), Arc::new(SystemRandom)))
}

/// P6: one after the other, without waiting for the disk.
fn one_by_one(folder: &Path, verdict: &mut Verdict) {
    let (bare, floor) = (Floor::new(folder, true), Floor::new(folder, false));
    let mut commuters = commuters(folder, Durability::Normal, NORMAL);
    let users: Vec<String> = (0..NORMAL).map(|user| user.to_string()).collect();
    let operation = std::cell::Cell::new(0);
    for (clock, name) in [(Clock::Process, "processor time"), (Clock::Wall, "wall time")] {
        let travel = |floor: &Floor| {
            clock.time(|| {
                for user in &users {
                    operation.set(operation.get() + 1);
                    floor.journey(user, operation.get());
                }
            }) / u32::from(NORMAL)
        };
        let mut barest = || travel(&bare);
        let mut least = || travel(&floor);
        let mut ours = || {
            block_on(commuters.wake());
            clock.time(|| block_on(commuters.commute())) / commuters.number()
        };
        println!("WAL, synchronous = NORMAL, {name}");
        let times = in_turns(
            rounds(21),
            &mut [("bare floor", &mut barest), ("floor", &mut least), ("change of password", &mut ours)],
        );
        times.print();
        let ratio = times.ratio("change of password", "bare floor");
        println!("  change of password / bare floor              {ratio:>12.2}");
        if clock == Clock::Process {
            let ratio = times.ratio("change of password", "floor");
            verdict.judge("P6: change of password / floor", ratio, Goal::AtMost(5.0));
        }
    }
}

fn synced(file: &mut File) -> Duration {
    const TIMES: u32 = 50;
    let sync = |file: &mut File| {
        file.write_all(&[7; 8192]).expect("room");
        file.sync_data().expect("a disk");
    };
    Clock::Wall.time(|| (0..TIMES).for_each(|_| sync(file))) / TIMES
}

/// P10: many at once share the waiting for the disk.
fn abreast(folder: &Path, verdict: &mut Verdict) {
    let commuters = std::cell::RefCell::new(commuters(folder, Durability::Full, FULL));
    let mut file = File::create(folder.join("synced")).expect("a file");
    let travel = |lanes| {
        block_on(commuters.borrow_mut().wake());
        let commuters = commuters.borrow();
        Clock::Wall.time(|| commuters.commute_abreast(lanes)) / commuters.number()
    };
    println!("WAL, synchronous = FULL, wall time");
    let times = in_turns(
        rounds(15),
        &mut [
            ("fdatasync of 8 KiB", &mut || synced(&mut file)),
            ("one at a time", &mut || travel(1)),
            ("32 at a time", &mut || travel(LANES)),
        ],
    );
    times.print();
    verdict.judge(
        "P10: 32 at a time / one",
        times.ratio("one at a time", "32 at a time"),
        Goal::AtLeast(3.0),
    );
}

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder");
    let mut verdict = Verdict::default();
    one_by_one(folder.path(), &mut verdict);
    abreast(folder.path(), &mut verdict);
    verdict.exit_code()
}
