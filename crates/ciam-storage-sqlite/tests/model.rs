//! Random journeys over SQLite.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam_storage_sqlite::{Durability, SqliteOptions, SqliteStore};
use ciam_testkit::Backend;
use tempfile::TempDir;

fn backend() -> Backend {
    let folder = TempDir::new().expect("a folder");
    // No power is lost here, and every journey begins with a database of its own.
    let mut options = SqliteOptions::default();
    options.durability = Durability::Normal;
    let store = Arc::new(SqliteStore::open(folder.path().join("ciam.db"), options).expect("a database"));
    Backend::of(store).keeping(folder)
}

ciam_testkit::model_test!(backend, cases = 32);
