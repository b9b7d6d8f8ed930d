//! What each use case costs the database: round trips, statements, commits.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam::domain::audit::{Action, AuditRecord, Outcome};
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::user::Channel;
use ciam::ports::{Commit, Store};
use ciam::{Config, ContactCodeRequest, LockPolicy, NewContact, Principal, SignInRequest, Wording};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore, Trips};
use ciam_testkit::contract::sample;
use ciam_testkit::{Backend, Person, World, block_on};

struct Ledger {
    store: Arc<SqliteStore>,
    world: World,
    trips: u64,
    lines: Vec<(&'static str, u64, u64)>,
}

impl Ledger {
    fn open() -> Self {
        Self::with(Config::default())
    }

    fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Arc::new(SqliteStore::open(folder.path().join("ciam.db"), SqliteOptions::default()).unwrap());
        let backend = Backend::of(store.clone()).keeping(folder);
        Self { world: World::with(backend, config), store, trips: 0, lines: Vec::new() }
    }

    async fn alice(&self) -> (Person, Principal) {
        let alice = self.world.person("alice", 1).await;
        let who = self.world.sign_in(&alice).await;
        (alice, who)
    }

    /// Runs one call, holds it to two round trips at most, and notes its statements and commits.
    async fn call<T>(&mut self, name: &'static str, call: impl AsyncFnOnce(&World) -> T) -> T {
        let before = self.store.trips();
        let answer = call(&self.world).await;
        let after = self.store.trips();
        let spent = Trips {
            reads: after.reads - before.reads,
            writes: after.writes - before.writes,
            statements: after.statements - before.statements,
            commits: after.commits - before.commits,
        };
        assert!(spent.reads + spent.writes <= 2, "{name}: {spent:?}");
        self.lines.push((name, spent.statements, spent.commits));
        self.trips += spent.reads + spent.writes;
        answer
    }
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

#[test]
fn a_change_of_password_takes_eight_round_trips() {
    block_on(async {
        let mut ledger = Ledger::open();
        let (alice, who) = ledger.alice().await;
        let check =
            async |world: &World| world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap();
        let flow = ledger.call("operation check", check).await.flow;
        let send = async |world: &World| world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        ledger.call("send code", send).await;
        let code = ledger.world.code(&alice.phone);
        let verify = async |world: &World| {
            world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap()
        };
        ledger.call("verify code", verify).await;
        let new = secret("seven herons cross the bay");
        let act = async |world: &World| world.ciam.change_password(&who, &flow, &new).await.unwrap();
        ledger.call("change password", act).await;
        assert!(ledger.trips <= 8, "{}", ledger.trips);
        assert_eq!(
            ledger.lines,
            [
                ("operation check", 6, 1),
                ("send code", 8, 1),
                ("verify code", 13, 2),
                ("change password", 10, 1)
            ]
        );
    });
}

#[test]
fn a_change_of_email_takes_ten_round_trips() {
    block_on(async {
        let mut ledger = Ledger::open();
        let (alice, who) = ledger.alice().await;
        let check =
            async |world: &World| world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap();
        let flow = ledger.call("operation check", check).await.flow;
        let send = async |world: &World| world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        ledger.call("send code", send).await;
        let code = ledger.world.code(&alice.phone);
        let verify = async |world: &World| {
            world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap()
        };
        ledger.call("verify code", verify).await;
        let contact = NewContact::Email("new@example.org");
        let ask = async |world: &World| {
            let request =
                ContactCodeRequest { flow: &flow, contact, wording: Wording::default(), captcha: None };
            world.ciam.send_contact_code(&who, request).await.unwrap();
        };
        ledger.call("send code to the new address", ask).await;
        let code = ciam::domain::challenge::Code::presented(
            &ledger.world.mailbox.last_code("new@example.org").unwrap(),
        );
        let act = async |world: &World| {
            world.ciam.change_contact(&who, &flow, Channel::Email, &code).await.unwrap();
        };
        ledger.call("change e-mail", act).await;
        assert!(ledger.trips <= 10, "{}", ledger.trips);
        assert_eq!(
            ledger.lines,
            [
                ("operation check", 6, 1),
                ("send code", 8, 1),
                ("verify code", 13, 2),
                ("send code to the new address", 9, 1),
                ("change e-mail", 19, 2)
            ]
        );
    });
}

#[test]
fn a_deletion_takes_eight_round_trips() {
    block_on(async {
        let mut ledger = Ledger::open();
        let (_, who) = ledger.alice().await;
        let check =
            async |world: &World| world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap();
        let flow = ledger.call("operation check", check).await.flow;
        let password = secret(ciam_testkit::PASSWORD);
        let verify =
            async |world: &World| world.ciam.verify_factor_password(&who, &flow, &password).await.unwrap();
        ledger.call("verify password", verify).await;
        let act = async |world: &World| world.ciam.delete_account(&who, &flow).await.unwrap();
        ledger.call("delete account", act).await;
        assert!(ledger.trips <= 8, "{}", ledger.trips);
        assert_eq!(
            ledger.lines,
            [("operation check", 6, 1), ("verify password", 12, 2), ("delete account", 9, 1)]
        );
    });
}

#[test]
fn a_refusal_takes_two_round_trips() {
    block_on(async {
        let mut ledger = Ledger::open();
        let (alice, who) = ledger.alice().await;
        let checked = ledger.world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap();
        let wrong = ledger.world.wrong_code(&alice.phone);
        let verify = async |world: &World| {
            world
                .ciam
                .verify_factor_code(&who, &checked.flow, Method::Sms, &wrong)
                .await
                .unwrap_err()
                .reason()
        };
        assert_eq!(ledger.call("wrong code", verify).await, "factor.wrong_code");
        assert_eq!(ledger.lines, [("wrong code", 9, 2)]);
    });
}

/// What wrong sign-ins cost: reads, writes, statements, commits.
async fn wrong_sign_ins(ledger: &Ledger, names: &[&str]) -> Vec<(u64, u64, u64, u64)> {
    let wrong = secret("not the password in use");
    let mut spent = Vec::new();
    for name in names {
        let before = ledger.store.trips();
        let request = SignInRequest::default();
        let failed = ledger.world.ciam.sign_in(&request, name, &wrong).await.unwrap_err();
        assert_eq!(failed.reason(), "sign_in.failed");
        let after = ledger.store.trips();
        spent.push((
            after.reads - before.reads,
            after.writes - before.writes,
            after.statements - before.statements,
            after.commits - before.commits,
        ));
    }
    spent
}

/// What the database does tells nobody whether a name is somebody's.
#[test]
fn an_unknown_name_costs_what_a_wrong_password_costs() {
    block_on(async {
        let ledger = Ledger::open();
        let (alice, _) = ledger.alice().await;
        let names = [alice.email.canonical(), "nobody@example.org", "no name at all"];
        let spent = wrong_sign_ins(&ledger, &names).await;
        assert_eq!(spent[1], spent[0], "unknown name");
        assert_eq!(spent[2], spent[0], "no name");
        assert_eq!(spent[0], (2, 2, 9, 2));
    });
}

/// Nor where failures lock accounts, and one that is locked already costs the same.
#[test]
fn with_a_lock_an_unknown_name_costs_what_a_wrong_password_costs() {
    block_on(async {
        let mut config = Config::default();
        let hour = std::time::Duration::from_hours(1);
        config.sign_in.lock = Some(LockPolicy { threshold: 9, window: hour, period: hour });
        let ledger = Ledger::with(config);
        let (alice, _) = ledger.alice().await;
        let bob = ledger.world.person("bob", 2).await;
        let locked = ciam::domain::user::Status::Locked { until: None };
        let by = ciam::Authority::Host;
        ledger.world.ciam.set_status(by, &ciam::domain::TenantId::default(), &bob.id, locked).await.unwrap();
        let names = [alice.email.canonical(), "nobody@example.org", "no name at all", "bob"];
        // What is counted for the first time, by one statement, and what is counted again.
        for (round, statements) in [(1, 13), (2, 14)] {
            let spent = wrong_sign_ins(&ledger, &names).await;
            assert_eq!(spent, [(2, 3, statements, 3); 4], "round {round}");
        }
    });
}

/// How many pages one commit writes to the log: its frames are a page and 24 bytes.
const FRAME: u64 = 4_096 + 24;

#[test]
fn the_record_that_fills_a_batch_of_the_audit_index_writes_few_pages() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ciam.db");
    let open = || SqliteStore::open(&file, SqliteOptions::default()).unwrap();
    let user = sample::user("anna");
    let record = |n: usize| AuditRecord {
        action: Action::ALL[n % 10],
        outcome: if n.is_multiple_of(7) { Outcome::Refused("flow.unknown".into()) } else { Outcome::Done },
        ..sample::record(&user, &format!("e-{n}"))
    };
    let commit = |store: &SqliteStore, records: Vec<AuditRecord>| {
        block_on(store.commit(Commit { audit: records, ..sample::commit(&user) })).unwrap();
    };
    let store = open();
    block_on(store.commit(sample::insert(&user))).unwrap();
    commit(&store, (0..200 * 128).map(record).collect());
    // Closed and opened again it has an empty log.
    drop(store);
    let store = open();
    let log = || std::fs::metadata(folder.path().join("ciam.db-wal")).map_or(0, |log| log.len());
    let (mut pages, mut size) = (Vec::new(), log());
    for n in 0..128 {
        commit(&store, vec![record(200 * 128 + n)]);
        let now = log();
        pages.push((now - size) / FRAME);
        size = now;
    }
    let batch = pages.pop().unwrap();
    let others = pages.iter().max().unwrap();
    assert!(*others <= 3, "a record alone: {pages:?}");
    assert!(*others < batch && batch <= 48, "a batch: {batch} pages");
}
