//! Terms and consents keep every rule of their port.

use std::sync::Arc;

use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::ConsentFixture;

fn fixture() -> ConsentFixture {
    ConsentFixture::of(Arc::new(MemoryStore::new()))
}

ciam_testkit::consent_contract!(fixture);
