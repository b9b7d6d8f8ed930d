//! What a former release wrote is read by this one.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;

use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::profile::{Profile, StandardAttribute};
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::{Commit, Outbox, Settlement, StepQuery, Store};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::sample;
use futures_executor::block_on;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const FIRST: &str = include_str!("../migrations/0001_store.sql");

fn names(store: &SqliteStore, id: &str) -> (Option<String>, Option<String>, Profile) {
    let query = StepQuery::of(TenantId::default(), UserId::parse(id).unwrap());
    let profile = block_on(store.load(&query)).unwrap().unwrap().user.profile.clone();
    let text = |attribute| profile.text(attribute).map(str::to_owned);
    (text(StandardAttribute::Nickname), text(StandardAttribute::FullName), profile)
}

#[test]
fn names_of_people_become_values_of_their_profiles() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ciam.db");
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch(FIRST).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE ciam_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL,
                applied_at INTEGER NOT NULL) STRICT;
            INSERT INTO ciam_users (tenant, id, version, stamp, stamped_at, status, nickname, full_name, admin, created_at)
                VALUES ('default', 'both', 0, x'00000000000000000000000000000000', 0, 'normal', 'A \"q\"\\', 'Ada L', 0, 0),
                    ('default', 'one', 0, x'00000000000000000000000000000000', 0, 'normal', NULL, '小明', 0, 0),
                    ('default', 'nick', 0, x'00000000000000000000000000000000', 0, 'normal', 'Nick', NULL, 0, 0),
                    ('default', 'none', 0, x'00000000000000000000000000000000', 0, 'normal', NULL, NULL, 0, 0);",
        )
        .unwrap();
    let checksum: [u8; 32] = Sha256::digest(FIRST).into();
    connection.execute("INSERT INTO ciam_migrations VALUES (1, 'store', ?1, 0)", (checksum,)).unwrap();
    drop(connection);
    let store = SqliteStore::open(&file, SqliteOptions::default()).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let (nickname, full_name, _) = names(&store, "both");
    assert_eq!((nickname, full_name), (some("A \"q\"\\"), some("Ada L")));
    let (nickname, full_name, _) = names(&store, "one");
    assert_eq!((nickname, full_name), (None, some("小明")));
    let (nickname, full_name, _) = names(&store, "nick");
    assert_eq!((nickname, full_name), (some("Nick"), None));
    assert_eq!(names(&store, "none"), (None, None, Profile::new()));
}

const THEN: [(&str, &str); 7] = [
    ("profile", include_str!("../migrations/0002_profile.sql")),
    ("consents", include_str!("../migrations/0003_consents.sql")),
    ("social", include_str!("../migrations/0004_social.sql")),
    ("gestures", include_str!("../migrations/0005_gestures.sql")),
    ("factors", include_str!("../migrations/0006_factors.sql")),
    ("directory", include_str!("../migrations/0007_directory.sql")),
    ("passkeys", include_str!("../migrations/0008_passkeys.sql")),
];

/// A database as the release before the ninth migration left it, with a person in it.
fn before_the_ninth(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE ciam_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL,
                applied_at INTEGER NOT NULL) STRICT;",
        )
        .unwrap();
    for (version, (name, sql)) in (1..).zip([("store", FIRST)].into_iter().chain(THEN)) {
        connection.execute_batch(sql).unwrap();
        let checksum: [u8; 32] = Sha256::digest(sql).into();
        let row = (version, name, checksum);
        connection.execute("INSERT INTO ciam_migrations VALUES (?1, ?2, ?3, 0)", row).unwrap();
    }
    connection
        .execute_batch(
            "INSERT INTO ciam_users (tenant, id, version, stamp, stamped_at, status, admin, created_at)
                VALUES ('default', 'alice', 0, x'00000000000000000000000000000000', 0, 'normal', 0, 0);",
        )
        .unwrap();
    connection
}

#[test]
fn codes_that_are_out_move_into_the_rows_of_their_flows() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ciam.db");
    let user = sample::user("alice");
    let session = sample::session(&user, "s");
    let flows = [Operation::UpdateEmail, Operation::UpdatePhone]
        .map(|operation| sample::flow(&user, &session, operation, sample::START));
    let code = sample::challenge(&flows[0], sample::slot(&flows[0]), "123456");
    let connection = before_the_ninth(&file);
    for flow in &flows {
        let (key, operation) = (flow.key().as_bytes(), flow.operation().as_str());
        let times = (flow.opened_at().unix_micros(), flow.expires_at().unix_micros());
        let row = (key, session.id.as_str(), operation, times.0, times.1, flow.snapshot());
        let sql = "INSERT INTO ciam_flows VALUES ('default', 'alice', ?2, ?3, ?1, ?4, ?5, 0, 2, ?6)";
        connection.execute(sql, row).unwrap();
    }
    let slot = (code.slot.purpose.as_str(), code.slot.channel.as_str());
    let ciam_ports::domain::user::Address::Phone(to) = &code.target else { panic!("{code:?}") };
    let row = (
        slot.0,
        slot.1,
        code.flow.as_bytes(),
        to.canonical(),
        code.digest.key.as_str(),
        code.digest.mac,
        code.expires_at.unix_micros(),
    );
    let sql = "INSERT INTO ciam_challenges VALUES ('default', 'alice', ?1, ?2, ?3, 'phone', ?4, ?5, ?6, ?7)";
    connection.execute(sql, row).unwrap();
    drop(connection);
    let store = SqliteStore::open(&file, SqliteOptions::default()).unwrap();
    let loaded = |flow: &Flow| block_on(store.load(&sample::query(&user, flow))).unwrap().unwrap();
    assert_eq!(loaded(&flows[0]).challenges, [code]);
    assert_eq!(
        (loaded(&flows[1]).flow.as_ref(), loaded(&flows[1]).challenges),
        (Some(&flows[1]), Vec::new())
    );
}

#[test]
fn notices_that_wait_keep_their_places_and_no_number_comes_back() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ciam.db");
    let user = sample::user("alice");
    let connection = before_the_ninth(&file);
    connection
        .execute_batch(
            "INSERT INTO ciam_outbox (entry, tenant, id, user, kind, target, address, at, due_at, tries)
                VALUES (3, 'default', 'e-3', 'alice', 'password_changed', 'email', 'a@example.org', 0, 9, 2),
                    (5, 'default', 'e-5', 'alice', 'password_changed', 'email', 'a@example.org', 0, 7, 0),
                    (8, 'default', 'e-8', 'alice', 'password_changed', 'email', 'a@example.org', 0, 7, 0);
            DELETE FROM ciam_outbox WHERE entry = 8;",
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(&file, SqliteOptions::default()).unwrap();
    let outbox = vec![sample::notice(&user, "e-new")];
    block_on(store.commit(Commit { outbox, ..sample::commit(&user) })).unwrap();
    let taken = block_on(store.take(sample::START, sample::HOUR, 9)).unwrap();
    let found = taken.iter().map(|due| (due.entry, due.tries, due.notice.id.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), [(3, 2, "e-3"), (5, 0, "e-5"), (9, 0, "e-new")]);
    for due in &taken {
        block_on(store.settle(due.entry, Settlement::Done)).unwrap();
    }
    let outbox = vec![sample::notice(&user, "e-newer")];
    block_on(store.commit(Commit { outbox, ..sample::commit(&user) })).unwrap();
    assert_eq!(block_on(store.take(sample::START, sample::HOUR, 9)).unwrap()[0].entry, 10);
}
