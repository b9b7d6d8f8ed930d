//! The time of the operating system.

use ciam_ports::Clock;
use ciam_ports::domain::Instant;
use time::OffsetDateTime;

/// The wall clock of the machine, cut to microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the `Clock` port's way to the machine's time")]
    fn now(&self) -> Instant {
        OffsetDateTime::now_utc().into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn it_tells_the_wall_time_of_the_machine() {
        let before = UNIX_EPOCH.elapsed().expect("after 1970");
        let now = SystemClock.now().since(Instant::EPOCH);
        let after = UNIX_EPOCH.elapsed().expect("after 1970");
        assert!(before <= now + Duration::from_micros(1) && now <= after, "{before:?} {now:?} {after:?}");
    }
}
