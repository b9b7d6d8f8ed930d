//! `NumericDate` of RFC 7519, 2, as tokens have times.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::Instant;

/// Seconds since 1970 as a JSON number, which may have a fraction. A string is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumericDate(pub Instant);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Seconds)
    }
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seconds since 1970, as a number")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<NumericDate, E> {
        Ok(NumericDate(Instant::from_unix_seconds(seconds)))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<NumericDate, E> {
        Ok(NumericDate(Instant::EPOCH.after(Duration::from_secs(seconds))))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<NumericDate, E> {
        let span = Duration::try_from_secs_f64(seconds).map_err(E::custom)?;
        Ok(NumericDate(Instant::EPOCH.after(span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(json: &str) -> Option<i64> {
        serde_json::from_str::<NumericDate>(json).ok().map(|date| date.0.unix_micros())
    }

    #[test]
    fn numbers_are_dates() {
        assert_eq!(micros("1700000000"), Some(1_700_000_000_000_000));
        assert_eq!(micros("1700000000.25"), Some(1_700_000_000_250_000));
        assert_eq!(micros("-1"), Some(0));
        assert_eq!(micros("18446744073709551615"), Some(Instant::MAX.unix_micros()));
    }

    #[test]
    fn nothing_else_is_one() {
        for json in ["\"1700000000\"", "null", "true", "[1]", "{}", "-0.5", "1e300"] {
            assert_eq!(micros(json), None, "{json}");
        }
    }
}
