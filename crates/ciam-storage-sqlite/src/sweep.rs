//! Removing what is over, a few rows at a time, found by index.

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;

use crate::statement::Db;

const BATCH: u16 = 500;

// Codes come before flows, which would take theirs along uncounted.
const OVER: [&str; 4] = [
    "DELETE FROM ciam_challenges WHERE (tenant, user, purpose, channel) IN (
        SELECT tenant, user, purpose, channel FROM ciam_challenges WHERE expires_at <= ?1 LIMIT ?2)",
    "DELETE FROM ciam_flows WHERE (tenant, user, session, operation) IN (
        SELECT tenant, user, session, operation FROM ciam_flows WHERE expires_at <= ?1 LIMIT ?2)",
    "DELETE FROM ciam_sessions WHERE (tenant, id) IN (
        SELECT tenant, id FROM ciam_sessions WHERE ends_at <= ?1 LIMIT ?2)",
    "DELETE FROM ciam_rates WHERE (tenant, subject, scope) IN (
        SELECT tenant, subject, scope FROM ciam_rates WHERE ends_at <= ?1 LIMIT ?2)",
];

/// What one batch removed.
pub(crate) struct Swept {
    pub(crate) rows: u64,
    pub(crate) more: bool,
}

pub(crate) fn sweep(db: &Db<'_>, now: Instant) -> Result<Swept, StoreError> {
    let mut swept = Swept { rows: 0, more: false };
    for sql in OVER {
        let rows = db.run(sql, (now.unix_micros(), BATCH))?;
        swept.rows += u64::try_from(rows).unwrap_or(u64::MAX);
        swept.more |= rows == usize::from(BATCH);
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn what_is_over_is_found_by_an_index() {
        for sql in OVER {
            assert_searches(sql);
        }
    }
}
