//! No case of abuse succeeds over SQLite, in one file or in two.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use ciam_ports::SplitStore;
use ciam_storage_sqlite::{Durability, SqliteOptions, SqliteStore};
use ciam_testkit::Backend;
use tempfile::TempDir;

fn store(folder: &TempDir, name: &str) -> Arc<SqliteStore> {
    // No power is lost here, and every case begins with a database of its own.
    let mut options = SqliteOptions::default();
    options.durability = Durability::Normal;
    Arc::new(SqliteStore::open(folder.path().join(name), options).expect("a database"))
}

mod file {
    use super::{Backend, TempDir, store};

    fn backend() -> Backend {
        let folder = TempDir::new().expect("a folder");
        let store = store(&folder, "ciam.db");
        Backend::of(store).keeping(folder)
    }

    ciam_testkit::abuse_suite!(backend);
}

mod halves {
    use super::{Arc, Backend, SplitStore, TempDir, store};

    fn backend() -> Backend {
        let folder = TempDir::new().expect("a folder");
        let (users, flows) = (store(&folder, "users.db"), store(&folder, "flows.db"));
        let split = Arc::new(SplitStore::new(users.clone(), flows));
        Backend::split(split, users).keeping(folder)
    }

    ciam_testkit::abuse_suite!(backend);
}
