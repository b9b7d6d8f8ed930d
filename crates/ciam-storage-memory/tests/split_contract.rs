//! Users in one store and flows in another keep every rule of a store.

use std::sync::Arc;

use ciam_ports::SplitStore;
use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{DirectoryFixture, Fixture};

fn split() -> Fixture {
    let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    Fixture::new(Arc::new(SplitStore::new(users.clone(), flows)), users)
}

ciam_testkit::store_contract!(split);

ciam_testkit::directory_contract!(|| {
    let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let store = Arc::new(SplitStore::new(users.clone(), flows));
    DirectoryFixture { store, directory: users, keep: Arc::new(()) }
});
