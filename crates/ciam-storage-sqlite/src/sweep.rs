//! Removing what is over, a few rows at a time, found by index.

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;

use crate::rates;
use crate::statement::Db;

const BATCH: u16 = 500;

// Flows take their codes along.
const OVER: [&str; 3] = [
    "DELETE FROM ciam_flows WHERE (tenant, user, session, operation) IN (
        SELECT tenant, user, session, operation FROM ciam_flows WHERE expires_at <= ?1 LIMIT ?2)",
    "DELETE FROM ciam_sessions WHERE (tenant, id) IN (
        SELECT tenant, id FROM ciam_sessions WHERE ends_at <= ?1 LIMIT ?2)",
    "DELETE FROM ciam_tombstones WHERE (tenant, digest) IN (
        SELECT tenant, digest FROM ciam_tombstones WHERE ends_at <= ?1 LIMIT ?2)",
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
    let (gone, seen) = rates::sweep(db, now, BATCH)?;
    swept.rows += u64::try_from(gone).unwrap_or(u64::MAX);
    swept.more |= seen == usize::from(BATCH);
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
