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
        SchemaFixture { schemas: open(folder.path()), keep: Arc::new(folder) }
    }

    ciam_testkit::schema_contract!(fixture);
}

mod in_memory {
    use super::{Arc, SchemaFixture, SqliteStore};

    fn fixture() -> SchemaFixture {
        let schemas = Arc::new(SqliteStore::in_memory().expect("a database"));
        SchemaFixture { schemas, keep: Arc::new(()) }
    }

    ciam_testkit::schema_contract!(fixture);
}

#[test]
fn what_was_acknowledged_is_there_in_the_next_process() {
    schemas_outlive_the_process(|folder| SchemaFixture { schemas: open(folder), keep: Arc::new(()) });
}
