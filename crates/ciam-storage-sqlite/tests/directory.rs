//! The directory keeps every rule of its port: in a file, in memory, and as one of two halves.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam_ports::SplitStore;
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::DirectoryFixture;
use tempfile::TempDir;

fn open(folder: &Path, name: &str) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join(name), SqliteOptions::default()).expect("a database"))
}

mod file {
    use super::{Arc, DirectoryFixture, TempDir, open};

    fn fixture() -> DirectoryFixture {
        let folder = TempDir::new().expect("a folder");
        let store = open(folder.path(), "ciam.db");
        DirectoryFixture { store: store.clone(), directory: store, keep: Arc::new(folder) }
    }

    ciam_testkit::directory_contract!(fixture);
}

mod in_memory {
    use super::{Arc, DirectoryFixture, SqliteStore};

    fn fixture() -> DirectoryFixture {
        let store = Arc::new(SqliteStore::in_memory().expect("a database"));
        DirectoryFixture { store: store.clone(), directory: store, keep: Arc::new(()) }
    }

    ciam_testkit::directory_contract!(fixture);
}

mod halves {
    use super::{Arc, DirectoryFixture, SplitStore, TempDir, open};

    fn fixture() -> DirectoryFixture {
        let folder = TempDir::new().expect("a folder");
        let (users, flows) = (open(folder.path(), "users.db"), open(folder.path(), "flows.db"));
        let store = Arc::new(SplitStore::new(users.clone(), flows));
        DirectoryFixture { store, directory: users, keep: Arc::new(folder) }
    }

    ciam_testkit::directory_contract!(fixture);
}
