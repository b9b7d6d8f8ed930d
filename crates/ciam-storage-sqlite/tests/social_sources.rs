//! Social sources keep every rule of their port, in a file and in memory, and outlive the process.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam::domain::user::{SecurityStamp, User};
use ciam::domain::{TenantId, UserId};
use ciam::ports::SocialSourceStore;
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::block_on;
use ciam_testkit::contract::sample::{self, START};
use ciam_testkit::contract::{SocialSourceFixture, social_source};
use tempfile::TempDir;

fn open(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join("ciam.db"), SqliteOptions::default()).expect("a database"))
}

mod file {
    use super::{Arc, SocialSourceFixture, TempDir, open};

    fn fixture() -> SocialSourceFixture {
        let folder = TempDir::new().expect("a folder");
        let fixture = SocialSourceFixture::of(open(folder.path()));
        SocialSourceFixture { keep: Arc::new(folder), ..fixture }
    }

    ciam_testkit::social_source_contract!(fixture);
}

mod in_memory {
    use super::{Arc, SocialSourceFixture, SqliteStore};

    fn fixture() -> SocialSourceFixture {
        SocialSourceFixture::of(Arc::new(SqliteStore::in_memory().expect("a database")))
    }

    ciam_testkit::social_source_contract!(fixture);
}

#[test]
fn what_was_acknowledged_is_there_in_the_next_process() {
    let folder = TempDir::new().expect("a folder");
    let source = social_source("wechat-1");
    let user = User::new(TenantId::default(), UserId::nobody(), SecurityStamp::from_bytes([0; 16]), START);
    block_on(open(folder.path()).put(source.clone(), sample::record(&user, "e"))).expect("a source");
    let found = block_on(open(folder.path()).sources(&TenantId::default())).expect("sources");
    assert_eq!(found, [source]);
}
