//! The login history keeps every rule of its port, in a file and in memory, and outlives the process.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::{LoginHistoryFixture, logins_outlive_the_process};
use tempfile::TempDir;

fn open(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join("ciam.db"), SqliteOptions::default()).expect("a database"))
}

mod file {
    use super::{Arc, LoginHistoryFixture, TempDir, open};

    fn fixture() -> LoginHistoryFixture {
        let folder = TempDir::new().expect("a folder");
        LoginHistoryFixture { history: open(folder.path()), keep: Arc::new(folder) }
    }

    ciam_testkit::login_history_contract!(fixture);
}

mod in_memory {
    use super::{Arc, LoginHistoryFixture, SqliteStore};

    fn fixture() -> LoginHistoryFixture {
        let history = Arc::new(SqliteStore::in_memory().expect("a database"));
        LoginHistoryFixture { history, keep: Arc::new(()) }
    }

    ciam_testkit::login_history_contract!(fixture);
}

#[test]
fn what_was_acknowledged_is_there_in_the_next_process() {
    logins_outlive_the_process(|folder| LoginHistoryFixture { history: open(folder), keep: Arc::new(()) });
}
