//! No fault of a port leaves anything in between or opens anything, over memory, whole and in halves.
#![expect(clippy::expect_used, reason = "a test that cannot read the sources fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ciam::ports::SplitStore;
use ciam_storage_memory::MemoryStore;
use ciam_testkit::Backend;
use ciam_testkit::fault::{Faults, methods};

mod memory {
    use super::{Arc, Backend, MemoryStore};

    fn backend() -> Backend {
        let memory = Arc::new(MemoryStore::new());
        Backend::of(memory)
    }

    ciam_testkit::fault_suite!(backend);
}

mod halves {
    use super::{Arc, Backend, Faults, MemoryStore, SplitStore};

    fn backend(faults: &Faults) -> Backend {
        let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
        let store = Arc::new(SplitStore::new(faults.users(users.clone()), faults.flows(flows)));
        Backend::split(store, users)
    }

    ciam_testkit::split_fault_suite!(backend);
}

/// The methods that a host can wait for, as the sources have them.
fn public_methods() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut methods = BTreeSet::new();
    for file in folder.read_dir().expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        let named = text.split("    pub async fn ").skip(1).filter_map(|rest| rest.split('(').next());
        methods.extend(named.map(str::to_owned));
    }
    methods
}

#[test]
fn every_use_case_is_tried_with_faults() {
    assert_eq!(public_methods(), methods().map(str::to_owned).collect());
}
