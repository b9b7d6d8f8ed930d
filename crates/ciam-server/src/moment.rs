//! Times as they are printed.

use ciam::domain::Instant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time as RFC 3339 has it, in UTC.
pub(crate) fn written(at: Instant) -> String {
    // Cannot fail: the years of an instant have four digits.
    OffsetDateTime::from(at).format(&Rfc3339).unwrap_or_default()
}
