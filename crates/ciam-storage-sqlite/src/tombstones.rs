//! Identifiers of erased accounts that nobody may take yet.

use ciam_ports::StoreError;
use ciam_ports::deletion::Claim;
use ciam_ports::domain::tombstone::Tombstone;
use ciam_ports::domain::{Instant, TenantId};

use crate::statement::Db;

const FIND: &str = "SELECT 1 FROM ciam_tombstones WHERE tenant = ?1 AND digest = ?2 AND ends_at > ?3";

// The later end of two for one identifier stands.
const PUT: &str = "INSERT INTO ciam_tombstones (tenant, digest, ends_at) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET ends_at = max(ends_at, excluded.ends_at)";

pub(crate) fn check(
    db: &Db<'_>,
    tenant: &TenantId,
    claims: &[Claim],
    now: Instant,
) -> Result<(), StoreError> {
    for Claim { field, digest } in claims {
        let key = (tenant.as_str(), digest.as_bytes(), now.unix_micros());
        if db.row(FIND, key, |row| row.get::<i64>(0))?.is_some() {
            return Err(StoreError::Conflict { field: *field });
        }
    }
    Ok(())
}

pub(crate) fn put(db: &Db<'_>, tenant: &TenantId, tombstones: &[Tombstone]) -> Result<(), StoreError> {
    for Tombstone { digest, ends_at } in tombstones {
        db.run(PUT, (tenant.as_str(), digest.as_bytes(), ends_at.unix_micros()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        assert_searches(FIND);
    }
}
