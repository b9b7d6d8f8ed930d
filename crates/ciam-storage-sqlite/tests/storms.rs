//! Many threads on a few accounts lose nothing, with either durability.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam_storage_sqlite::{Durability, SqliteOptions, SqliteStore};
use ciam_testkit::Backend;
use ciam_testkit::storm::storm;
use tempfile::TempDir;

fn backend(durability: Durability) -> Backend {
    let folder = TempDir::new().expect("a folder");
    let mut options = SqliteOptions::default();
    options.durability = durability;
    let store = Arc::new(SqliteStore::open(folder.path().join("ciam.db"), options).expect("a database"));
    Backend::of(store).keeping(folder)
}

#[test]
fn a_storm_loses_nothing_with_full_durability() {
    storm(backend(Durability::Full), 32, 20);
}

#[test]
fn a_storm_loses_nothing_with_normal_durability() {
    storm(backend(Durability::Normal), 32, 20);
}
