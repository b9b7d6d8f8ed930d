//! Chance that repeats itself from run to run.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ciam::ports::{Random, RandomError};

/// A generator that gives the same bytes in every run, and can be told to fail.
#[derive(Debug, Default)]
pub struct FakeRandom {
    state: AtomicU64,
    broken: AtomicBool,
}

impl FakeRandom {
    /// A generator with a seed of its own.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed), broken: AtomicBool::new(false) }
    }

    /// From now on it fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// The finaliser of `SplitMix64` over a counter.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut word = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Random for FakeRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(RandomError("the fake generator is broken".into()));
        }
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
