//! Deleted accounts that are due, and what goes with an account.

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{DeletionQueue, StoreError};

use crate::SqliteStore;
use crate::error::unreadable;
use crate::statement::{Db, Fields};
use crate::{challenges, rates};

const DUE: &str = "SELECT tenant, id FROM ciam_users
    WHERE status IN ('pending_deletion', 'purging') AND status_until <= ?1
    ORDER BY status_until, tenant, id LIMIT ?2";

const FORGET: [&str; 2] = [
    "DELETE FROM ciam_flows WHERE tenant = ?1 AND user = ?2",
    "DELETE FROM ciam_sessions WHERE tenant = ?1 AND user = ?2",
];

/// Removes sessions, flows and codes of a person, and counts.
pub(crate) fn forget(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    counts: &[RateKey],
) -> Result<u64, StoreError> {
    let mut rows = rates::clear(db, tenant, counts)? + challenges::count(db, tenant, user)?;
    for sql in FORGET {
        rows += db.run(sql, (tenant.as_str(), user.as_str()))?;
    }
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

fn due(db: &Db<'_>, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError> {
    db.rows(DUE, (now.unix_micros(), limit), read)
}

fn read(row: Fields<'_, '_>) -> Result<(TenantId, UserId), StoreError> {
    let tenant = TenantId::parse(&row.get::<String>(0)?).map_err(|_| unreadable("ciam_users.tenant"))?;
    let user = UserId::parse(&row.get::<String>(1)?).map_err(|_| unreadable("ciam_users.id"))?;
    Ok((tenant, user))
}

#[async_trait]
impl DeletionQueue for SqliteStore {
    async fn due(&self, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        self.read(move |db| due(db, now, limit)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in FORGET.into_iter().chain([DUE]) {
            assert_searches(sql);
        }
    }
}
