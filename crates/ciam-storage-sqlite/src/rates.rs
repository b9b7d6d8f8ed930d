//! Counts over time.

use ciam_ports::StoreError;
use ciam_ports::domain::rate::{Counter, Rate, RateKey};
use ciam_ports::domain::{Instant, TenantId};

use crate::statement::Db;

const SELECT: &str = "SELECT count, first_at, last_at FROM ciam_rates
    WHERE tenant = ?1 AND scope = ?2 AND subject = ?3";

const PUT: &str = "INSERT INTO ciam_rates (tenant, scope, subject, count, first_at, last_at, ends_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT DO UPDATE SET count = excluded.count, first_at = excluded.first_at,
        last_at = excluded.last_at, ends_at = excluded.ends_at";

const CLEAR: &str = "DELETE FROM ciam_rates WHERE tenant = ?1 AND scope = ?2 AND subject = ?3";

/// A count that its rule admitted, not written yet.
pub(crate) struct Raised {
    pub(crate) key: RateKey,
    pub(crate) counter: Counter,
    ends_at: Option<Instant>,
}

/// The counts that exist, in the order asked for.
pub(crate) fn read(
    db: &Db<'_>,
    tenant: &TenantId,
    keys: &[RateKey],
) -> Result<Vec<(RateKey, Counter)>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        found.extend(find(db, tenant, key)?.map(|counter| (*key, counter)));
    }
    Ok(found)
}

fn find(db: &Db<'_>, tenant: &TenantId, key: &RateKey) -> Result<Option<Counter>, StoreError> {
    db.row(SELECT, (tenant.as_str(), key.scope.as_str(), key.subject()), |row| {
        Ok(Counter { count: row.get(0)?, first_at: row.instant(1)?, last_at: row.instant(2)? })
    })
}

/// Asks every rule before anything is written; the first that refuses is told as [`StoreError::Limited`].
pub(crate) fn admit(
    db: &Db<'_>,
    tenant: &TenantId,
    rates: &[Rate],
    now: Instant,
) -> Result<Vec<Raised>, StoreError> {
    let mut all: Vec<Raised> = Vec::with_capacity(rates.len());
    for Rate { key, rule } in rates {
        // A key that is named twice counts twice.
        let before = match all.iter().rev().find(|raised| raised.key == *key) {
            Some(raised) => Some(raised.counter),
            None => find(db, tenant, key)?,
        };
        let counter = rule
            .admit(before, now)
            .map_err(|limited| StoreError::Limited { scope: key.scope, until: limited.until })?;
        all.push(Raised { key: *key, counter, ends_at: rule.ends_at(&counter) });
    }
    Ok(all)
}

pub(crate) fn write(db: &Db<'_>, tenant: &TenantId, all: &[Raised]) -> Result<(), StoreError> {
    for Raised { key, counter, ends_at } in all {
        let (first_at, last_at) = (counter.first_at.unix_micros(), counter.last_at.unix_micros());
        let (scope, ends_at) = (key.scope.as_str(), ends_at.map(Instant::unix_micros));
        db.run(PUT, (tenant.as_str(), scope, key.subject(), counter.count, first_at, last_at, ends_at))?;
    }
    Ok(())
}

pub(crate) fn clear(db: &Db<'_>, tenant: &TenantId, keys: &[RateKey]) -> Result<(), StoreError> {
    for key in keys {
        db.run(CLEAR, (tenant.as_str(), key.scope.as_str(), key.subject()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [SELECT, CLEAR] {
            assert_searches(sql);
        }
    }
}
