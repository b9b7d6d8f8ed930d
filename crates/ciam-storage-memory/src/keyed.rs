//! Maps by ids and digests: a short keyed hash, whose key nobody outside can know.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::quality::{FoldHasher, SeedableRandomState};

/// A map by ids or digests. Names that people choose for themselves stay under the hash of the standard library,
/// which is built against chosen keys.
pub(crate) type Keyed<K, V> = HashMap<K, V, Seeded>;

static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(chance()));

/// Hashes under a key of its own for each map, drawn by the standard library from the system.
#[derive(Clone)]
pub(crate) struct Seeded(SeedableRandomState);

impl Default for Seeded {
    fn default() -> Self {
        Self(SeedableRandomState::with_seed(chance(), &SHARED))
    }
}

impl std::hash::BuildHasher for Seeded {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}

fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_has_a_key_of_its_own() {
        let hashes: std::collections::BTreeSet<_> =
            (0..8).map(|_| Seeded::default().hash_one("alice")).collect();
        assert_eq!(hashes.len(), 8);
    }
}
