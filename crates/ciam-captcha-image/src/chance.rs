//! What makes two pictures of one text differ; it decides nothing that must stay secret.

/// A small generator (`SplitMix64`), seeded from the host's source of chance.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: i32, most: i32) -> i32 {
        let width = u64::from(most.abs_diff(least)) + 1;
        least + i32::try_from(self.next() % width).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_reach_both_ends_and_no_further() {
        let mut chance = Chance::seeded(1);
        let drawn: std::collections::BTreeSet<_> = (0..1_000).map(|_| chance.between(-2, 3)).collect();
        assert_eq!(drawn, (-2..=3).collect());
    }
}
