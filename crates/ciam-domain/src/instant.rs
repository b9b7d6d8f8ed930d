//! Points in time: UTC, microsecond precision.

use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

/// A point in time in UTC, cut to microseconds so that every store gives back what it was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);
    /// The last moment that can be told: 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// The point `micros` microseconds after the Unix epoch, held inside the years 1970 to 9999.
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Self {
        if micros < 0 {
            Self::EPOCH
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// The point `seconds` seconds after the Unix epoch, as JWT claims count (RFC 7519, 2).
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self::from_unix_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0 / 1_000
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0 / 1_000_000
    }

    /// This point moved later by `span`; stops at [`Instant::MAX`].
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::from_unix_micros(self.0.saturating_add(micros))
    }

    /// This point moved earlier by `span`; stops at the epoch.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::from_unix_micros(self.0.saturating_sub(micros))
    }

    /// How long after `earlier` this point is; zero where it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<OffsetDateTime> for Instant {
    fn from(at: OffsetDateTime) -> Self {
        let nanos = at.to_offset(UtcOffset::UTC).unix_timestamp_nanos();
        Self::from_unix_micros(i64::try_from(nanos / 1_000).unwrap_or(i64::MAX))
    }
}

impl From<Instant> for OffsetDateTime {
    fn from(at: Instant) -> Self {
        Self::from_unix_timestamp_nanos(i128::from(at.0) * 1_000).unwrap_or(Self::UNIX_EPOCH)
    }
}

impl std::fmt::Debug for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", OffsetDateTime::from(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_cut_not_rounded() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_999).expect("in range");
        assert_eq!(Instant::from(at).unix_micros(), 1);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Instant::MAX.after(Duration::MAX), Instant::MAX);
        assert_eq!(Instant::EPOCH.before(Duration::from_secs(1)), Instant::EPOCH);
        assert_eq!(Instant::EPOCH.since(Instant::MAX), Duration::ZERO);
    }
}
