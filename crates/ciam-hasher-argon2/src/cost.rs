//! What a hash costs, and what none may cost.

use argon2::Params;

const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_ITERATIONS: u32 = 10;
const MAX_PARALLELISM: u32 = 8;

/// Why a cost is not fit for new hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// It is below m=19456, t=2, p=1 and below m=47104, t=1, p=1 (OWASP Password Storage Cheat Sheet).
    #[error("the cost is below 19456 KiB with 2 iterations and below 47104 KiB with 1")]
    TooCheap,
    /// It is above 256 MiB, 10 iterations or 8 lanes: the ceilings for stored hashes as well.
    #[error("the cost is above 256 MiB, 10 iterations or 8 lanes")]
    TooExpensive,
}

/// The cost of new hashes (RFC 9106, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl Cost {
    /// A cost of `memory_kib` KiB, so many `iterations` over it, and `parallelism` lanes (computed one after the
    /// other).
    ///
    /// # Errors
    /// [`CostError`] outside the bounds it names.
    pub const fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, CostError> {
        let cost = Self { memory_kib, iterations, parallelism };
        let enough = (memory_kib >= 19_456 && iterations >= 2) || (memory_kib >= 47_104 && iterations >= 1);
        if !enough || parallelism == 0 {
            Err(CostError::TooCheap)
        } else if cost.is_bearable() {
            Ok(cost)
        } else {
            Err(CostError::TooExpensive)
        }
    }

    /// Next to nothing, for tests alone: such hashes protect no password.
    #[must_use]
    pub const fn for_tests() -> Self {
        Self { memory_kib: 8, iterations: 1, parallelism: 1 }
    }

    pub(crate) const fn of(params: &Params) -> Self {
        Self { memory_kib: params.m_cost(), iterations: params.t_cost(), parallelism: params.p_cost() }
    }

    pub(crate) const fn is_bearable(self) -> bool {
        self.memory_kib <= MAX_MEMORY_KIB
            && self.iterations <= MAX_ITERATIONS
            && self.parallelism <= MAX_PARALLELISM
    }

    pub(crate) const fn params(self, output_len: usize) -> argon2::Result<Params> {
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(output_len))
    }
}

impl Default for Cost {
    /// 19456 KiB, 2 iterations, 1 lane: the least that OWASP recommends.
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recommended_costs_are_accepted() {
        assert_eq!(Cost::new(19_456, 2, 1), Ok(Cost::default()));
        assert!(Cost::new(47_104, 1, 1).is_ok());
        assert!(Cost::new(262_144, 10, 8).is_ok());
    }

    #[test]
    fn cheaper_costs_are_refused() {
        for (memory, iterations, lanes) in
            [(19_455, 2, 1), (19_456, 1, 1), (47_103, 1, 1), (47_104, 0, 1), (47_104, 1, 0)]
        {
            assert_eq!(Cost::new(memory, iterations, lanes), Err(CostError::TooCheap));
        }
    }

    #[test]
    fn costs_that_no_stored_hash_may_have_are_refused() {
        for (memory, iterations, lanes) in [(262_145, 2, 1), (19_456, 11, 1), (19_456, 2, 9)] {
            assert_eq!(Cost::new(memory, iterations, lanes), Err(CostError::TooExpensive));
        }
    }
}
