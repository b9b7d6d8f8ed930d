//! In no schedule of calls does the store lose or double anything.

use std::sync::Arc;

use ciam_ports::SplitStore;
use ciam_storage_memory::MemoryStore;
use ciam_testkit::Backend;
use ciam_testkit::schedule::{eight_guesses_at_once, six_at_once};

const SEEDS: u64 = 1_000;

fn whole() -> Backend {
    let memory = Arc::new(MemoryStore::new());
    Backend::of(memory)
}

fn halves() -> Backend {
    let (users, flows) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let store = Arc::new(SplitStore::new(users.clone(), flows));
    Backend::split(store, users)
}

#[test]
fn six_use_cases_at_once_do_nothing_twice() {
    for seed in 0..SEEDS {
        six_at_once(whole(), seed);
        six_at_once(halves(), seed);
    }
}

#[test]
fn guesses_at_once_share_their_attempts() {
    for seed in 0..SEEDS {
        eight_guesses_at_once(whole(), seed);
        eight_guesses_at_once(halves(), seed);
    }
}
