//! Counts over time: all that are kept of one subject are one row.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::rate::{Counter, Rate, RateKey};
use ciam_ports::domain::{Instant, TenantId};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::Db;

const COUNTS: &str = "ciam_rates.counts";

const SELECT: &str = "SELECT counts, ends_at FROM ciam_rates WHERE tenant = ?1 AND subject = ?2";

const INSERT: &str = "INSERT INTO ciam_rates (tenant, subject, counts, ends_at) VALUES (?1, ?2, ?3, ?4)";

// Where the expiry stays, its index is left alone.
const REPLACE: &str = "UPDATE ciam_rates SET counts = ?3 WHERE tenant = ?1 AND subject = ?2";

const REPLACE_WITH_EXPIRY: &str =
    "UPDATE ciam_rates SET counts = ?3, ends_at = ?4 WHERE tenant = ?1 AND subject = ?2";

const REMOVE: &str = "DELETE FROM ciam_rates WHERE tenant = ?1 AND subject = ?2";

const OVER: &str = "SELECT tenant, subject, counts FROM ciam_rates WHERE ends_at <= ?1 LIMIT ?2";

/// A count as it is stored: what is counted, how many, the first, the last and the end.
#[derive(Serialize, Deserialize)]
struct Count<'a>(Cow<'a, str>, u32, i64, i64, Option<i64>);

impl Count<'_> {
    const fn counter(&self) -> Counter {
        let (first_at, last_at) = (Instant::from_unix_micros(self.2), Instant::from_unix_micros(self.3));
        Counter { count: self.1, first_at, last_at }
    }
}

/// A point in time after which nothing counts; `None`: there is none.
type End = Option<i64>;

/// What is counted of one subject.
struct Row {
    subject: [u8; 16],
    counts: Vec<Count<'static>>,
    /// The end as the index has it, where the row is stored: never later than the real one.
    stored: Option<End>,
}

impl Row {
    fn find(db: &Db<'_>, tenant: &str, subject: [u8; 16]) -> Result<Self, StoreError> {
        let row = db.row(SELECT, (tenant, subject), |row| Ok((counts(&row.get::<String>(0)?)?, row.get(1)?)));
        let (counts, stored) = row?.map_or((Vec::new(), None), |(counts, end)| (counts, Some(end)));
        Ok(Self { subject, counts, stored })
    }

    fn counter(&self, key: &RateKey) -> Option<Counter> {
        self.counts.iter().find(|count| count.0 == key.scope.as_str()).map(Count::counter)
    }

    fn put(&mut self, key: &RateKey, counter: &Counter, ends_at: Option<Instant>) {
        self.counts.retain(|count| count.0 != key.scope.as_str());
        let (first_at, last_at) = (counter.first_at.unix_micros(), counter.last_at.unix_micros());
        let ends_at = ends_at.map(Instant::unix_micros);
        self.counts.push(Count(key.scope.as_str().into(), counter.count, first_at, last_at, ends_at));
    }

    /// When the last of its counts is over.
    fn end(&self) -> End {
        self.counts.iter().map(|count| count.4).try_fold(i64::MIN, |last, end| Some(last.max(end?)))
    }

    fn write(&self, db: &Db<'_>, tenant: &str) -> Result<(), StoreError> {
        if self.counts.is_empty() {
            return db.run(REMOVE, (tenant, self.subject)).map(drop);
        }
        let text = serde_json::to_string(&self.counts).map_err(|_| unreadable(COUNTS))?;
        let end = self.end();
        match self.stored {
            None => db.run(INSERT, (tenant, self.subject, text, end)),
            // A sweep that comes too early looks again later.
            Some(Some(stored)) if end.is_none_or(|end| stored <= end) => {
                db.run(REPLACE, (tenant, self.subject, text))
            }
            Some(_) => db.run(REPLACE_WITH_EXPIRY, (tenant, self.subject, text, end)),
        }
        .map(drop)
    }
}

fn counts(text: &str) -> Result<Vec<Count<'static>>, StoreError> {
    serde_json::from_str(text).map_err(|_| unreadable(COUNTS))
}

/// The rows of some subjects, each read once.
#[derive(Default)]
pub(crate) struct Rows(Vec<Row>);

impl Rows {
    fn of(&mut self, db: &Db<'_>, tenant: &TenantId, key: &RateKey) -> Result<&mut Row, StoreError> {
        let known = self.0.iter().position(|row| row.subject == *key.subject());
        let at = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Row::find(db, tenant.as_str(), *key.subject())?);
        }
        Ok(&mut self.0[at])
    }

    /// A count, if it is among what was read.
    pub(crate) fn counter(&self, key: &RateKey) -> Option<Counter> {
        self.0.iter().find(|row| row.subject == *key.subject())?.counter(key)
    }

    pub(crate) fn write(&self, db: &Db<'_>, tenant: &TenantId) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|row| row.write(db, tenant.as_str()))
    }
}

/// The counts that exist, in the order asked for.
pub(crate) fn read(
    db: &Db<'_>,
    tenant: &TenantId,
    keys: &[RateKey],
) -> Result<Vec<(RateKey, Counter)>, StoreError> {
    let (mut rows, mut found) = (Rows::default(), Vec::with_capacity(keys.len()));
    for key in keys {
        found.extend(rows.of(db, tenant, key)?.counter(key).map(|counter| (*key, counter)));
    }
    Ok(found)
}

/// Asks every rule before anything is written; the first that refuses is told as [`StoreError::Limited`].
pub(crate) fn admit(
    db: &Db<'_>,
    tenant: &TenantId,
    rates: &[Rate],
    now: Instant,
) -> Result<Rows, StoreError> {
    let mut rows = Rows::default();
    for Rate { key, rule } in rates {
        // A key that is named twice counts twice.
        let row = rows.of(db, tenant, key)?;
        let counter = rule
            .admit(row.counter(key), now)
            .map_err(|limited| StoreError::Limited { scope: key.scope, until: limited.until })?;
        row.put(key, &counter, rule.ends_at(&counter));
    }
    Ok(rows)
}

/// Removes counts, and tells how many there were.
pub(crate) fn clear(db: &Db<'_>, tenant: &TenantId, keys: &[RateKey]) -> Result<usize, StoreError> {
    let (mut rows, mut gone) = (Rows::default(), 0);
    for key in keys {
        let counts = &mut rows.of(db, tenant, key)?.counts;
        let before = counts.len();
        counts.retain(|count| count.0 != key.scope.as_str());
        gone += before - counts.len();
    }
    rows.0.retain(|row| row.stored.is_some());
    rows.write(db, tenant)?;
    Ok(gone)
}

/// Removes the counts of at most so many subjects that are over; tells how many counts went and how many
/// subjects were looked at.
pub(crate) fn sweep(db: &Db<'_>, now: Instant, limit: u16) -> Result<(usize, usize), StoreError> {
    let now = now.unix_micros();
    let over = db.rows(OVER, (now, limit), |row| {
        let (tenant, subject) = (row.get::<String>(0)?, row.get(1)?);
        // As if it had no end, so that the real one is written.
        Ok((tenant, Row { subject, counts: counts(&row.get::<String>(2)?)?, stored: Some(None) }))
    })?;
    let (mut gone, seen) = (0, over.len());
    for (tenant, mut row) in over {
        let before = row.counts.len();
        row.counts.retain(|count| count.4.is_none_or(|end| end > now));
        gone += before - row.counts.len();
        row.write(db, &tenant)?;
    }
    Ok((gone, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [SELECT, REPLACE, REPLACE_WITH_EXPIRY, REMOVE, OVER] {
            assert_searches(sql);
        }
    }
}
