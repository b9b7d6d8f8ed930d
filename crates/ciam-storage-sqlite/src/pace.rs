//! Whether work was quick of late, so that whoever asks for it may do it at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What takes longer is slow: a disk was waited for.
pub(crate) const SLOW: Duration = Duration::from_millis(2);

/// Where trust ends, in quick works.
const FULL: u32 = 64;
/// From here on work is done at once.
pub(crate) const ENOUGH: u32 = 32;
/// What a slow work costs.
const FINE: u32 = 16;

/// Trust in quickness. A quick work earns a little, a slow one costs as much as many quick ones earn, so of the
/// works that are done at once few are slow: three in a row, and one in 17 in the long run.
#[derive(Debug)]
pub(crate) struct Pace(AtomicU32);

impl Default for Pace {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Pace {
    /// Whether the next work may be expected to be quick.
    pub(crate) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= ENOUGH
    }

    /// Does work and notes how it went.
    #[expect(clippy::disallowed_methods, reason = "how long a wait took is no business of the host's clock")]
    pub(crate) fn note<T>(&self, work: impl FnOnce() -> T) -> T {
        let begin = std::time::Instant::now();
        let done = work();
        self.took(begin.elapsed());
        done
    }

    // Two that note at once may lose one note, which is no harm.
    pub(crate) fn took(&self, time: Duration) {
        let trust = self.0.load(Ordering::Relaxed);
        if time > SLOW {
            self.0.store(trust.saturating_sub(FINE), Ordering::Relaxed);
        } else if trust < FULL {
            self.0.store(trust + 1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITED: Duration = Duration::from_millis(3);

    #[test]
    fn three_slow_works_in_a_row_end_trust() {
        let pace = Pace::default();
        for slow in 0..3 {
            assert!(pace.is_quick(), "{slow}");
            pace.took(WAITED);
        }
        assert!(!pace.is_quick());
    }

    #[test]
    fn lost_trust_is_earned_by_many_quick_works() {
        let pace = Pace::default();
        (0..9).for_each(|_| pace.took(WAITED));
        for quick in 0..ENOUGH {
            assert!(!pace.is_quick(), "{quick}");
            pace.took(SLOW);
        }
        assert!(pace.is_quick());
    }

    #[test]
    fn a_slow_work_in_many_costs_no_trust() {
        let pace = Pace::default();
        for work in 0..500 {
            pace.took(if work % 20 == 0 { WAITED } else { SLOW });
            assert!(pace.is_quick(), "{work}");
        }
    }
}
