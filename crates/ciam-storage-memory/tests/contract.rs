//! The store keeps every rule of its ports.

use std::sync::Arc;

use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{
    DirectoryFixture, Fixture, LoginHistoryFixture, SchemaFixture, SocialSourceFixture,
};

ciam_testkit::store_contract!(|| Fixture::of(Arc::new(MemoryStore::new())));

ciam_testkit::directory_contract!(|| {
    let memory = Arc::new(MemoryStore::new());
    DirectoryFixture { store: memory.clone(), directory: memory, keep: Arc::new(()) }
});

ciam_testkit::login_history_contract!(|| LoginHistoryFixture {
    history: Arc::new(MemoryStore::new()),
    keep: Arc::new(()),
});

ciam_testkit::schema_contract!(|| SchemaFixture::of(Arc::new(MemoryStore::new())));

ciam_testkit::social_source_contract!(|| SocialSourceFixture::of(Arc::new(MemoryStore::new())));
