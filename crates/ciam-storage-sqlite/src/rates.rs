//! Counts over time: all that are kept of one subject are one row.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::rate::{Counter, Rate, RateKey};
use ciam_ports::domain::{Instant, TenantId};
use rusqlite::ToSql;
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::{Db, Fields};

const COUNTS: &str = "ciam_rates.counts";

/// So many subjects are read and begun at once: as many as a code that is sent is counted for.
const FEW: usize = 4;

macro_rules! select {
    ($subject:literal) => {
        concat!("SELECT subject, counts, ends_at FROM ciam_rates WHERE tenant = ?1 AND subject = ", $subject)
    };
}

// One after the other: for a list of them SQLite would build a table.
macro_rules! union {
    ($first:literal $(, $subject:literal)*) => {
        concat!(select!($first) $(, " UNION ALL ", select!($subject))*)
    };
}

const SELECT: [&str; FEW] =
    [union!("?2"), union!("?2", "?3"), union!("?2", "?3", "?4"), union!("?2", "?3", "?4", "?5")];

macro_rules! insert {
    ($($row:literal),*) => {
        concat!("INSERT OR FAIL INTO ciam_rates (tenant, subject, counts, ends_at) VALUES (?1, ?2, ?3, ?4)", $(", (?1, ", $row, ")"),*)
    };
}

// What fails ends the job, so no statement needs to be undone by itself.
const INSERT: [&str; FEW] = [
    insert!(),
    insert!("?5, ?6, ?7"),
    insert!("?5, ?6, ?7", "?8, ?9, ?10"),
    insert!("?5, ?6, ?7", "?8, ?9, ?10", "?11, ?12, ?13"),
];

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
    const fn new(subject: [u8; 16]) -> Self {
        Self { subject, counts: Vec::new(), stored: None }
    }

    fn read(row: Fields<'_, '_>) -> Result<Self, StoreError> {
        let counts = counts(row.text_if_any(1)?.unwrap_or_default())?;
        Ok(Self { subject: row.get(0)?, counts, stored: Some(row.get(2)?) })
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

    fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(&self.counts).map_err(|_| unreadable(COUNTS))
    }

    /// Writes what was stored before, as it is now.
    fn rewrite(&self, db: &Db<'_>, tenant: &str, stored: End) -> Result<(), StoreError> {
        if self.counts.is_empty() {
            return db.run(REMOVE, (tenant, self.subject)).map(drop);
        }
        let (text, end) = (self.text()?, self.end());
        match stored {
            // A sweep that comes too early looks again later.
            Some(stored) if end.is_none_or(|end| stored <= end) => {
                db.run(REPLACE, (tenant, self.subject, text))
            }
            _ => db.run(REPLACE_WITH_EXPIRY, (tenant, self.subject, text, end)),
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
    /// Reads what is counted of the subjects of some keys, a few at a time.
    fn find<'k>(
        db: &Db<'_>,
        tenant: &TenantId,
        keys: impl Iterator<Item = &'k RateKey>,
    ) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        for subject in keys.map(RateKey::subject) {
            if rows.0.iter().all(|row| row.subject != *subject) {
                rows.0.push(Row::new(*subject));
            }
        }
        for few in rows.0.chunks_mut(FEW) {
            let subjects = few.iter().map(|row| row.subject).collect::<Vec<_>>();
            let put = |row: Fields<'_, '_>| {
                let stored = Row::read(row)?;
                if let Some(row) = few.iter_mut().find(|row| row.subject == stored.subject) {
                    *row = stored;
                }
                Ok(())
            };
            let tenant = tenant.as_str();
            let mut columns: Vec<&dyn ToSql> = vec![&tenant];
            columns.extend(subjects.iter().map(|subject| subject as &dyn ToSql));
            db.each(SELECT[subjects.len() - 1], columns.as_slice(), put)?;
        }
        Ok(rows)
    }

    fn of(&mut self, key: &RateKey) -> &mut Row {
        let known = self.0.iter().position(|row| row.subject == *key.subject());
        let at = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Row::new(*key.subject()));
        }
        &mut self.0[at]
    }

    /// A count, if it is among what was read.
    pub(crate) fn counter(&self, key: &RateKey) -> Option<Counter> {
        self.0.iter().find(|row| row.subject == *key.subject())?.counter(key)
    }

    pub(crate) fn write(&self, db: &Db<'_>, tenant: &TenantId) -> Result<(), StoreError> {
        let tenant = tenant.as_str();
        let mut new = Vec::with_capacity(FEW);
        for row in &self.0 {
            match row.stored {
                Some(stored) => row.rewrite(db, tenant, stored)?,
                None if row.counts.is_empty() => {}
                None => new.push((row.subject, row.text()?, row.end())),
            }
        }
        new.chunks(FEW).try_for_each(|few| insert(db, tenant, few))
    }
}

/// Puts a few rows there that were not.
fn insert(db: &Db<'_>, tenant: &str, few: &[([u8; 16], String, End)]) -> Result<(), StoreError> {
    let mut columns: Vec<&dyn ToSql> = vec![&tenant];
    for (subject, text, end) in few {
        columns.extend([subject as &dyn ToSql, text, end]);
    }
    db.run(INSERT[few.len() - 1], columns.as_slice()).map(drop)
}

/// The counts that exist, in the order asked for.
pub(crate) fn read(
    db: &Db<'_>,
    tenant: &TenantId,
    keys: &[RateKey],
) -> Result<Vec<(RateKey, Counter)>, StoreError> {
    let rows = Rows::find(db, tenant, keys.iter())?;
    Ok(keys.iter().filter_map(|key| Some((*key, rows.counter(key)?))).collect())
}

/// Asks every rule before anything is written; the first that refuses is told as [`StoreError::Limited`].
pub(crate) fn admit(
    db: &Db<'_>,
    tenant: &TenantId,
    rates: &[Rate],
    now: Instant,
) -> Result<Rows, StoreError> {
    let mut rows = Rows::find(db, tenant, rates.iter().map(|rate| &rate.key))?;
    for Rate { key, rule } in rates {
        // A key that is named twice counts twice.
        let row = rows.of(key);
        let counter = rule
            .admit(row.counter(key), now)
            .map_err(|limited| StoreError::Limited { scope: key.scope, until: limited.until })?;
        row.put(key, &counter, rule.ends_at(&counter));
    }
    Ok(rows)
}

/// Removes counts, and tells how many there were.
pub(crate) fn clear(db: &Db<'_>, tenant: &TenantId, keys: &[RateKey]) -> Result<usize, StoreError> {
    let mut gone = 0;
    for row in &mut Rows::find(db, tenant, keys.iter())?.0 {
        let Some(stored) = row.stored else { continue };
        let before = row.counts.len();
        let cleared = |key: &&RateKey| *key.subject() == row.subject;
        let cleared: Vec<_> = keys.iter().filter(cleared).map(|key| key.scope.as_str()).collect();
        row.counts.retain(|count| !cleared.contains(&&*count.0));
        if row.counts.len() < before {
            gone += before - row.counts.len();
            row.rewrite(db, tenant.as_str(), stored)?;
        }
    }
    Ok(gone)
}

/// Removes the counts of at most so many subjects that are over; tells how many counts went and how many
/// subjects were looked at.
pub(crate) fn sweep(db: &Db<'_>, now: Instant, limit: u16) -> Result<(usize, usize), StoreError> {
    let now = now.unix_micros();
    let over = db.rows(OVER, (now, limit), |row| {
        let (tenant, subject) = (row.get::<String>(0)?, row.get(1)?);
        let counts = counts(row.text_if_any(2)?.unwrap_or_default())?;
        Ok((tenant, Row { subject, counts, stored: None }))
    })?;
    let (mut gone, seen) = (0, over.len());
    for (tenant, mut row) in over {
        let before = row.counts.len();
        row.counts.retain(|count| count.4.is_none_or(|end| end > now));
        gone += before - row.counts.len();
        // As if it had no end, so that the real one is written.
        row.rewrite(db, &tenant, None)?;
    }
    Ok((gone, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in SELECT.into_iter().chain([REPLACE, REPLACE_WITH_EXPIRY, REMOVE, OVER]) {
            assert_searches(sql);
        }
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        for sql in SELECT.into_iter().chain(INSERT).chain([REPLACE, REPLACE_WITH_EXPIRY, REMOVE]) {
            assert_builds_nothing(sql);
        }
    }
}
