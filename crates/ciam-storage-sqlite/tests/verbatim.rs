//! Text is stored as it is, and every value of a user comes back.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::net::IpAddr;

use ciam_ports::domain::audit::{Actor, Outcome};
use ciam_ports::domain::profile::StandardAttribute;
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::source::Source;
use ciam_ports::domain::user::{Contact, Status};
use ciam_ports::domain::{FlowId, SessionId, User};
use ciam_ports::store::SessionWrite;
use ciam_ports::{AuditQuery, AuditTrail, Commit, StepQuery, Store};
use ciam_storage_sqlite::SqliteStore;
use ciam_testkit::contract::sample;
use futures_executor::block_on;

const HOSTILE: [&str; 9] = [
    "' OR 1=1 --",
    "\"; DROP TABLE ciam_users; --",
    "a\0b",
    "\0",
    "%_\\",
    "?1 :name @x $y",
    "x'00'",
    "日本語 \u{202e}\u{1f469}\u{200d}\u{1f52c}",
    "",
];

fn read_back(store: &SqliteStore, user: &User) -> User {
    let query = StepQuery::of(user.tenant.clone(), user.id.clone());
    block_on(store.load(&query)).unwrap().unwrap().user.as_ref().clone()
}

#[test]
fn hostile_text_comes_back_as_it_was() {
    let store = SqliteStore::in_memory().unwrap();
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let mut user = sample::user(&format!("u-{n}"));
        user.profile.set_text(StandardAttribute::Nickname, Some(text.to_owned()));
        block_on(store.commit(sample::insert(&user))).unwrap();
        let changed = sample::changed(&user, |user| {
            user.profile.set_text(StandardAttribute::FullName, Some(text.to_owned()));
        });
        block_on(store.commit(sample::replace(&user, &changed))).unwrap();
        assert_eq!(read_back(&store, &user), changed, "{text:?}");
    }
    assert_eq!(read_back(&store, &sample::user("u-0")).id, sample::user("u-0").id);
}

#[test]
fn every_status_comes_back() {
    let store = SqliteStore::in_memory().unwrap();
    let statuses = [
        Status::Locked { until: Some(sample::at(1)) },
        Status::Locked { until: None },
        Status::Frozen,
        Status::Disabled,
        Status::PendingDeletion { erase_at: sample::at(2) },
        Status::Purging { tried_at: sample::at(3) },
        Status::Erased,
    ];
    for (n, status) in statuses.into_iter().enumerate() {
        let user = User { status, admin: n % 2 == 0, ..sample::user(&format!("u-{n}")) };
        block_on(store.commit(sample::insert(&user))).unwrap();
        assert_eq!(read_back(&store, &user), user);
    }
}

#[test]
fn spellings_come_back_as_given() {
    let store = SqliteStore::in_memory().unwrap();
    let mut user = sample::user("spelled");
    user.username = Some(sample::username("SpelleD"));
    user.email = Some(Contact { address: sample::email("SpelleD"), verified_at: None });
    block_on(store.commit(sample::insert(&user))).unwrap();
    let read = read_back(&store, &user);
    assert_eq!(read.username.unwrap().original(), "SpelleD");
    let email = read.email.unwrap();
    assert_eq!((email.address.original(), email.verified_at), ("SpelleD@example.com", None));
}

#[test]
fn foreign_session_methods_come_back() {
    let store = SqliteStore::in_memory().unwrap();
    let user = sample::user("foreign");
    let mut session = sample::session(&user, "s");
    session.amr = HOSTILE.map(|text| Amr::Other(text.into())).into_iter().chain([Amr::Sms]).collect();
    let put = SessionWrite::Put(session.clone().into());
    block_on(store.commit(Commit { session: put, ..sample::insert(&user) })).unwrap();
    let query =
        StepQuery { session: Some(session.id.clone()), ..StepQuery::of(user.tenant.clone(), user.id) };
    assert_eq!(block_on(store.load(&query)).unwrap().unwrap().session, Some(session.into()));
}

#[test]
fn a_full_audit_record_comes_back() {
    let store = SqliteStore::in_memory().unwrap();
    let user = sample::user("audited");
    let mut records = Vec::new();
    let sources = ["192.0.2.7", "2001:db8::7"].map(|text| text.parse::<IpAddr>().unwrap());
    for (n, source) in sources.into_iter().enumerate() {
        let mut record = sample::record(&user, &format!("e-{n}"));
        record.actor = if n == 0 { Actor::System } else { Actor::Administrator(user.id.clone()) };
        record.session = Some(SessionId::parse("s").unwrap());
        record.outcome = Outcome::Refused(HOSTILE[n].into());
        record.flow = Some(FlowId::presented("f").key());
        record.source = Some(Source::new(source));
        record.detail = Some(HOSTILE[n + 2].into());
        records.insert(0, record);
    }
    let audit = records.iter().rev().cloned().collect();
    block_on(store.commit(Commit { audit, ..sample::insert(&user) })).unwrap();
    let query = AuditQuery::newest(user.tenant, 9);
    assert_eq!(block_on(store.records(&query)).unwrap().records, records);
}
