//! Which days a person can be born on.

use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

use crate::Instant;

/// How many years a person may be old: more than anybody became, so that the placeholders of other systems
/// (`0001-01-01`, `1753-01-01`, `1800-01-01`) are no birthdays.
pub const OLDEST_YEARS: i32 = 150;

/// Whether somebody alive can be born on a day: not after today, wherever on earth that is, and not of a
/// year more than [`OLDEST_YEARS`] years ago.
pub(super) fn is_birthday(day: Date, now: Instant) -> bool {
    let today = latest_today(now);
    day <= today && day.year() >= today.year().saturating_sub(OLDEST_YEARS)
}

/// The day that it is where days begin first: 14 hours ahead of UTC (Kiritimati).
fn latest_today(now: Instant) -> Date {
    let ahead = OffsetDateTime::from(now).checked_add(Duration::hours(14));
    ahead.map_or(Date::MAX, |at| at.to_offset(UtcOffset::UTC).replace_time(Time::MIDNIGHT).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::format;

    #[test]
    fn nobody_is_born_tomorrow_or_is_older_than_anybody_became() {
        // 2022-06-14T13:49:59Z: in Kiritimati it is the 15th.
        let now = Instant::from_unix_seconds(1_655_214_599);
        let born = |text: &str| is_birthday(format::date(text).unwrap(), now);
        for day in ["2022-06-14", "2022-06-15", "1900-01-01", "1872-01-01", "2020-02-29"] {
            assert!(born(day), "{day}");
        }
        for day in ["2022-06-16", "2999-01-01", "9999-12-31", "0001-01-01", "1753-01-01", "1871-12-31"] {
            assert!(!born(day), "{day}");
        }
    }
}
