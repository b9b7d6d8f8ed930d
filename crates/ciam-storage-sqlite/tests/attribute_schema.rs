//! Attribute schemas keep every rule of their port, in a file and in memory, and outlive the process.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::{SchemaFixture, schemas_outlive_the_process};
use tempfile::TempDir;

fn open(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join("ciam.db"), SqliteOptions::default()).expect("a database"))
}

mod file {
    use super::{Arc, SchemaFixture, TempDir, open};

    fn fixture() -> SchemaFixture {
        let folder = TempDir::new().expect("a folder");
        let fixture = SchemaFixture::of(open(folder.path()));
        SchemaFixture { keep: Arc::new(folder), ..fixture }
    }

    ciam_testkit::schema_contract!(fixture);
}

mod in_memory {
    use super::{Arc, SchemaFixture, SqliteStore};

    fn fixture() -> SchemaFixture {
        SchemaFixture::of(Arc::new(SqliteStore::in_memory().expect("a database")))
    }

    ciam_testkit::schema_contract!(fixture);
}

#[test]
fn what_was_acknowledged_is_there_in_the_next_process() {
    schemas_outlive_the_process(|folder| SchemaFixture::of(open(folder)));
}
