//! No case of abuse succeeds over memory storage.

use std::sync::Arc;

use ciam_storage_memory::MemoryStore;
use ciam_testkit::Backend;

fn memory() -> Backend {
    let memory = Arc::new(MemoryStore::new());
    Backend::of(memory)
}

ciam_testkit::abuse_suite!(memory);
