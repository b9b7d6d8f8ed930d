//! The contract of login histories: complete, newest first, each person's own, and gone when it must be.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use ciam_ports::domain::login_history::{LoginLocation, LoginMode, LoginOutcome, LoginRecord};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{DeviceId, EventId, TenantId, UserId};
use ciam_ports::{LoginCursor, LoginHistoryStore, LoginQuery};
use futures_executor::block_on;

use super::Trial;
use super::sample::at;

/// An empty login history.
#[derive(Clone)]
pub struct LoginHistoryFixture {
    /// The history.
    pub history: Arc<dyn LoginHistoryStore>,
    /// What must live as long as it does: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of login histories.
#[derive(Clone, Copy)]
pub struct LoginHistoryRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a LoginHistoryFixture) -> Trial<'a>,
}

/// Hands every rule of login histories to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_login_history_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            login_history {
                a_login_is_found_as_it_was_appended logins_are_newest_first pages_of_logins_meet
                failed_logins_are_told_apart logins_are_their_persons_alone
                a_login_appended_twice_is_one_record erased_logins_are_gone forgetting_takes_what_is_older
            }
        }
    };
}

macro_rules! table {
    (() login_history { $($rule:ident)* }) => {
        /// Every rule of login histories.
        pub const LOGIN_HISTORY_RULES: &[LoginHistoryRule] =
            &[$(LoginHistoryRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_login_history_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_login_history(name: &str, on: &LoginHistoryFixture) {
    let rule = LOGIN_HISTORY_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// What was acknowledged is there after the history of a directory was closed and opened again.
pub fn logins_outlive_the_process(open: impl Fn(&Path) -> LoginHistoryFixture) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let records = [login("dora", 1), login("dora", 2)];
    let on = open(directory.path());
    block_on(on.append(&records));
    drop(on);
    let on = open(directory.path());
    let [older, newer] = records;
    assert_eq!(block_on(on.all("dora")), [newer.clone(), older.clone()]);
    assert_eq!(block_on(on.history.forget(newer.at)).expect("a history"), 1);
    drop(on);
    assert_eq!(block_on(open(directory.path()).all("dora")), [newer], "what was forgotten stays so");
}

/// One test for each rule of login histories; `make` is called for a fresh
/// [`LoginHistoryFixture`](crate::contract::LoginHistoryFixture) each time.
#[macro_export]
macro_rules! login_history_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_login_history_rule! {
            [$crate::contract_tests] (($crate::contract::check_login_history) [$(#[$attr])*] $make)
        }
    };
}

impl LoginHistoryFixture {
    async fn append(&self, records: &[LoginRecord]) {
        for record in records {
            self.history.append(record.clone()).await.expect("a history");
        }
    }

    async fn read(&self, query: &LoginQuery) -> Vec<LoginRecord> {
        self.history.records(query).await.expect("a history")
    }

    async fn all(&self, user: &str) -> Vec<LoginRecord> {
        self.read(&of(user)).await
    }
}

fn of(user: &str) -> LoginQuery {
    let user = UserId::parse(user).expect("an id");
    LoginQuery { tenant: TenantId::default(), user, outcome: None, before: None, limit: 1_000 }
}

/// A login of somebody, `second` seconds after the beginning, of which nothing more is known.
fn login(user: &str, second: u64) -> LoginRecord {
    LoginRecord {
        id: EventId::parse(&format!("{user}-{second:04}")).expect("an id"),
        tenant: TenantId::default(),
        user: UserId::parse(user).expect("an id"),
        at: at(second),
        mode: LoginMode::PASSWORD,
        outcome: LoginOutcome::Succeeded,
        source: None,
        location: None,
        client: None,
        device: None,
    }
}

fn failed(record: LoginRecord) -> LoginRecord {
    LoginRecord { outcome: LoginOutcome::Failed, ..record }
}

async fn a_login_is_found_as_it_was_appended(on: &LoginHistoryFixture) {
    let modes = ["PWD", "SMS", "EMAIL", "SOCIAL", "GESTURE", "QR_CODE"];
    let sources = ["192.0.2.1", "2001:db8::1"];
    for (second, mode) in (0..).zip(modes) {
        let full = LoginRecord {
            at: at(second).after(super::sample::TICK),
            mode: LoginMode::parse(mode).expect("a mode"),
            source: sources[usize::from(second % 2 == 1)].parse().ok().map(Source::new),
            location: Some(LoginLocation::parse("杭州, O'ahu").expect("a place")),
            client: Some("shop".to_owned()),
            device: Some(DeviceId::parse("phone-1").expect("an id")),
            ..login("vera", second)
        };
        on.append(&[full.clone(), login("vera", second + 100)]).await;
        assert!(on.all("vera").await.contains(&full), "{full:?}");
        assert!(on.all("vera").await.contains(&login("vera", second + 100)), "nothing is made up");
    }
}

async fn logins_are_newest_first(on: &LoginHistoryFixture) {
    let twin = |name: &str| LoginRecord { id: EventId::parse(name).expect("an id"), ..login("nora", 5) };
    on.append(&[login("nora", 2), twin("b"), login("nora", 9), twin("a"), login("nora", 1)]).await;
    let newest = [login("nora", 9), twin("b"), twin("a"), login("nora", 2), login("nora", 1)];
    assert_eq!(on.all("nora").await, newest);
    assert_eq!(on.read(&LoginQuery { limit: 2, ..of("nora") }).await, newest[..2]);
    assert_eq!(on.read(&LoginQuery { limit: 0, ..of("nora") }).await, []);
}

async fn pages_of_logins_meet(on: &LoginHistoryFixture) {
    let twin = |name: &str| LoginRecord { id: EventId::parse(name).expect("an id"), ..login("paul", 3) };
    let all = [login("paul", 1), twin("a"), twin("b"), twin("c"), login("paul", 7)];
    on.append(&all).await;
    for outcome in [None, Some(LoginOutcome::Succeeded)] {
        let mut before = None;
        for (later, record) in (100..).zip(all.iter().rev()) {
            let query = LoginQuery { before, limit: 1, outcome, ..of("paul") };
            assert_eq!(on.read(&query).await, std::slice::from_ref(record));
            before = Some(LoginCursor::of(record));
            on.append(&[failed(login("paul", later))]).await;
        }
        assert_eq!(on.read(&LoginQuery { before, outcome, ..of("paul") }).await, []);
        let late = UserId::parse("paul").expect("an id");
        on.history.erase(&TenantId::default(), &late).await.expect("a history");
        on.append(&all).await;
    }
}

async fn failed_logins_are_told_apart(on: &LoginHistoryFixture) {
    let good = [login("fay", 1), login("fay", 2)];
    let bad: Vec<_> = (10..20).map(|second| failed(login("fay", second))).collect();
    on.append(&bad).await;
    on.append(&good).await;
    let [older, newer] = good;
    let succeeded = LoginQuery { outcome: Some(LoginOutcome::Succeeded), limit: 2, ..of("fay") };
    assert_eq!(on.read(&succeeded).await, [newer, older]);
    let some = LoginQuery { outcome: Some(LoginOutcome::Failed), limit: 3, ..of("fay") };
    assert_eq!(on.read(&some).await, [bad[9].clone(), bad[8].clone(), bad[7].clone()]);
    assert_eq!(on.all("fay").await.len(), 12);
}

async fn logins_are_their_persons_alone(on: &LoginHistoryFixture) {
    let tenant = TenantId::parse("elsewhere").expect("an id");
    let namesake = LoginRecord { tenant: tenant.clone(), ..login("olga", 1) };
    let (own, other) = (login("olga", 1), login("otto", 1));
    on.append(&[own.clone(), namesake.clone(), other.clone()]).await;
    let elsewhere = LoginQuery { tenant, ..of("olga") };
    assert_eq!(on.all("olga").await, std::slice::from_ref(&own));
    assert_eq!(on.read(&elsewhere).await, std::slice::from_ref(&namesake));
    on.history.erase(&own.tenant, &other.user).await.expect("a history");
    assert_eq!(on.all("olga").await, std::slice::from_ref(&own), "another person was erased");
    on.history.erase(&namesake.tenant, &own.user).await.expect("a history");
    assert_eq!(on.all("olga").await, [own], "a namesake elsewhere was erased");
}

async fn a_login_appended_twice_is_one_record(on: &LoginHistoryFixture) {
    on.append(&[login("tess", 1), login("tess", 2), login("tess", 1)]).await;
    assert_eq!(on.all("tess").await, [login("tess", 2), login("tess", 1)]);
}

async fn erased_logins_are_gone(on: &LoginHistoryFixture) {
    on.append(&[login("ezra", 1), failed(login("ezra", 2))]).await;
    let gone = login("ezra", 1);
    on.history.erase(&gone.tenant, &gone.user).await.expect("a history");
    assert_eq!(on.all("ezra").await, []);
    on.history.erase(&gone.tenant, &gone.user).await.expect("nothing to erase is no error");
}

async fn forgetting_takes_what_is_older(on: &LoginHistoryFixture) {
    let tenant = TenantId::parse("elsewhere").expect("an id");
    let mut old: Vec<_> = (0..1_200).map(|second| login("milo", second)).collect();
    let (edge, late) = (login("milo", 1_200), failed(login("mona", 1_300)));
    old.push(LoginRecord { tenant: tenant.clone(), ..login("moss", 1_199) });
    on.append(&old).await;
    on.append(&[edge.clone(), late.clone()]).await;
    assert_eq!(on.history.forget(edge.at).await.expect("a history"), 1_201);
    assert_eq!((on.all("milo").await, on.all("mona").await), (vec![edge], vec![late]));
    assert_eq!(on.read(&LoginQuery { tenant, ..of("moss") }).await, []);
    assert_eq!(on.history.forget(at(1_200)).await.expect("a history"), 0);
}
