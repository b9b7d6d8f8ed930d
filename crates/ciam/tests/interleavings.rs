//! Two things at once end like one after the other, over memory, whole and in halves.

use std::sync::Arc;

use ciam::ports::SplitStore;
use ciam_storage_memory::MemoryStore;
use ciam_testkit::Backend;

mod memory {
    use super::{Arc, Backend, MemoryStore};

    fn backend() -> Backend {
        let memory = Arc::new(MemoryStore::new());
        Backend::of(memory)
    }

    ciam_testkit::interleaving_suite!(backend);
}

mod halves {
    use super::{Arc, Backend, MemoryStore, SplitStore};

    fn backend() -> Backend {
        let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
        let store = Arc::new(SplitStore::new(users.clone(), flows));
        Backend::split(store, users)
    }

    ciam_testkit::interleaving_suite!(backend);
}
