//! The `Retry-After` header (RFC 9110, 10.2.3).

use std::time::Duration;

use axum::http::HeaderValue;

/// Whole seconds, rounded up, so that whoever waits that long does not come too early.
pub(crate) fn header(wait: Duration) -> HeaderValue {
    let rounded = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    HeaderValue::from(rounded.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up_and_never_zero() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60")] {
            assert_eq!(header(Duration::from_millis(millis)), seconds);
        }
    }
}
