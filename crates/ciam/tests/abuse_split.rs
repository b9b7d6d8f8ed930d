//! No case of abuse succeeds over users in one store and flows in another.

use std::sync::Arc;

use ciam::ports::SplitStore;
use ciam_storage_memory::MemoryStore;
use ciam_testkit::Backend;

fn split() -> Backend {
    let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let store = Arc::new(SplitStore::new(users.clone(), flows));
    Backend::split(store, users)
}

ciam_testkit::abuse_suite!(split);
