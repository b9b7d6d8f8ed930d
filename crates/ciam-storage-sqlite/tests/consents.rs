//! Terms and consents keep every rule of their port, in a file and in memory, and outlive the process.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::{ConsentFixture, consents_outlive_the_process};
use tempfile::TempDir;

fn open(folder: &Path) -> ConsentFixture {
    let store = SqliteStore::open(folder.join("ciam.db"), SqliteOptions::default()).expect("a database");
    ConsentFixture::of(Arc::new(store))
}

mod file {
    use super::{Arc, ConsentFixture, TempDir, open};

    fn fixture() -> ConsentFixture {
        let folder = TempDir::new().expect("a folder");
        let fixture = open(folder.path());
        ConsentFixture { keep: Arc::new(folder), ..fixture }
    }

    ciam_testkit::consent_contract!(fixture);
}

mod in_memory {
    use super::{Arc, ConsentFixture, SqliteStore};

    fn fixture() -> ConsentFixture {
        ConsentFixture::of(Arc::new(SqliteStore::in_memory().expect("a database")))
    }

    ciam_testkit::consent_contract!(fixture);
}

#[test]
fn what_was_acknowledged_is_there_in_the_next_process() {
    consents_outlive_the_process(open);
}
