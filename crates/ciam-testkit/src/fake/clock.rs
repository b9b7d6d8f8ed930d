//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ciam::domain::Instant;
use ciam::ports::Clock;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl Default for FakeClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600_000_000))
    }
}

impl FakeClock {
    /// Moves it forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().after(span));
    }

    /// Moves it back, as a host's clock may.
    pub fn rewind(&self, span: Duration) {
        self.set(self.now().before(span));
    }

    /// Sets it.
    pub fn set(&self, at: Instant) {
        self.0.store(at.unix_micros(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Instant {
        Instant::from_unix_micros(self.0.load(Ordering::SeqCst))
    }
}
