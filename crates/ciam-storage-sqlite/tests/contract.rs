//! The store keeps every rule of its ports: in a file, in memory, and as two halves.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam_ports::SplitStore;
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::Fixture;
use tempfile::TempDir;

fn store(folder: &Path, name: &str) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join(name), SqliteOptions::default()).expect("a database"))
}

mod file {
    use super::{Fixture, TempDir, store};

    fn fixture() -> Fixture {
        let folder = TempDir::new().expect("a folder");
        Fixture::of(store(folder.path(), "ciam.db")).keeping(folder)
    }

    ciam_testkit::store_contract!(fixture);
}

mod reopened {
    use super::{Fixture, Path, store};

    fn open(directory: &Path) -> Fixture {
        Fixture::of(store(directory, "ciam.db"))
    }

    ciam_testkit::store_durability_contract!(open);
}

mod in_memory {
    use super::{Arc, Fixture, SqliteStore};

    fn fixture() -> Fixture {
        Fixture::of(Arc::new(SqliteStore::in_memory().expect("a database")))
    }

    ciam_testkit::store_contract!(fixture);
}

mod halves {
    use super::{Arc, Fixture, SplitStore, TempDir, store};

    fn fixture() -> Fixture {
        let folder = TempDir::new().expect("a folder");
        let (users, flows) = (store(folder.path(), "users.db"), store(folder.path(), "flows.db"));
        let split = Arc::new(SplitStore::new(users.clone(), flows));
        Fixture::new(split, users).keeping(folder)
    }

    ciam_testkit::store_contract!(fixture);
}
