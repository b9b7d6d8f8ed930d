//! Spans of time as people write them.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// A span of time: numbers with a unit of `ms`, `s`, `m`, `h` or `d`, such as `60s` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(pub(crate) Duration);

/// The text is no span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a span of time is written like 90s, 10m, 1h30m or 7d")]
pub(crate) struct SpanError;

/// A span of time, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct SpanOrNone(Option<Duration>);

impl From<SpanOrNone> for Option<Duration> {
    fn from(span: SpanOrNone) -> Self {
        span.0
    }
}

impl TryFrom<String> for SpanOrNone {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Self(None));
        }
        text.parse().map(|Span(span)| Self(Some(span)))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let mut rest = text.trim();
        let mut millis = 0_u64;
        if rest.is_empty() {
            return Err(SpanError);
        }
        while !rest.is_empty() {
            let (part, next) = part(rest).ok_or(SpanError)?;
            millis = millis.checked_add(part).ok_or(SpanError)?;
            rest = next;
        }
        Ok(Self(Duration::from_millis(millis)))
    }
}

/// The first number with its unit, in milliseconds, and what follows.
fn part(text: &str) -> Option<(u64, &str)> {
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (unit, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some((number.parse::<u64>().ok()?.checked_mul(unit)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.0.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("1h30m"), Ok(5_400));
        assert_eq!(seconds("7d"), Ok(604_800));
        assert_eq!(seconds("0s"), Ok(0));
        assert_eq!("250ms".parse(), Ok(Span(Duration::from_millis(250))));
    }

    #[test]
    fn none_is_a_span_where_there_may_be_none() {
        let read = |text: &str| SpanOrNone::try_from(text.to_owned()).map(Option::from);
        assert_eq!((read("none"), read("None")), (Ok(None), Ok(None)));
        assert_eq!(read("1h"), Ok(Some(Duration::from_hours(1))));
        assert_eq!((read(""), read("never")), (Err(SpanError), Err(SpanError)));
    }

    #[test]
    fn anything_else_is_no_span() {
        for text in ["", "10", "m", "-1s", "1.5h", "10 m", "5y", "99999999999999999999s", "600000000000d"] {
            assert_eq!(text.parse::<Span>(), Err(SpanError), "{text}");
        }
    }
}
