//! What a former release wrote is read by this one.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use ciam_ports::domain::profile::{Profile, StandardAttribute};
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::{StepQuery, Store};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
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
