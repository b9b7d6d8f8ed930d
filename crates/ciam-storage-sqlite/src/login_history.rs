//! The login history.

use async_trait::async_trait;
use ciam_ports::domain::login_history::{LoginLocation, LoginMode, LoginOutcome, LoginRecord};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{DeviceId, EventId, Instant, TenantId, UserId};
use ciam_ports::{LoginHistoryStore, LoginQuery, StoreError};

use crate::SqliteStore;
use crate::error::unreadable;
use crate::statement::{Db, Fields};

const BATCH: u16 = 500;

const INSERT: &str =
    "INSERT INTO ciam_logins (tenant, user, at, id, mode, outcome, source, location, client, device)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";

const ALL: &str = "SELECT at, id, mode, outcome, source, location, client, device FROM ciam_logins
    WHERE tenant = ?1 AND user = ?2 AND (at, id) < (?3, ?4) ORDER BY at DESC, id DESC LIMIT ?5";

const OF_OUTCOME: &str = "SELECT at, id, mode, outcome, source, location, client, device FROM ciam_logins
    WHERE tenant = ?1 AND user = ?2 AND outcome = ?6 AND (at, id) < (?3, ?4)
    ORDER BY at DESC, id DESC LIMIT ?5";

const ERASE: &str = "DELETE FROM ciam_logins WHERE tenant = ?1 AND user = ?2";

const FORGET: &str = "DELETE FROM ciam_logins WHERE (tenant, user, at, id) IN (
        SELECT tenant, user, at, id FROM ciam_logins WHERE at < ?1 LIMIT ?2)";

fn append(db: &Db<'_>, record: &LoginRecord) -> Result<(), StoreError> {
    let LoginRecord { id, tenant, user, at, mode, outcome, source, location, client, device } = record;
    let row = (
        tenant.as_str(),
        user.as_str(),
        at.unix_micros(),
        id.as_str(),
        mode.as_str(),
        outcome.as_str(),
        source.map(|source| source.address().to_string()),
        location.as_ref().map(LoginLocation::as_str),
        client.as_deref(),
        device.as_ref().map(DeviceId::as_str),
    );
    db.run(INSERT, row).map(drop)
}

fn page(db: &Db<'_>, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
    let LoginQuery { tenant, user, outcome, before, limit } = query;
    // No record comes after this place.
    let (at, id) =
        before.as_ref().map_or((i64::MAX, ""), |place| (place.at.unix_micros(), place.id.as_str()));
    let read = |row: Fields<'_, '_>| read(row, tenant, user);
    match outcome {
        None => db.rows(ALL, (tenant.as_str(), user.as_str(), at, id, limit), read),
        Some(outcome) => {
            db.rows(OF_OUTCOME, (tenant.as_str(), user.as_str(), at, id, limit, outcome.as_str()), read)
        }
    }
}

fn read(row: Fields<'_, '_>, tenant: &TenantId, user: &UserId) -> Result<LoginRecord, StoreError> {
    let source = row.get::<Option<String>>(4)?.map(|text| text.parse().map(Source::new)).transpose();
    let location = row.get::<Option<String>>(5)?.map(|text| LoginLocation::parse(&text)).transpose();
    let device = row.get::<Option<String>>(7)?.map(|text| DeviceId::parse(&text)).transpose();
    Ok(LoginRecord {
        id: EventId::parse(&row.get::<String>(1)?).map_err(|_| unreadable("ciam_logins.id"))?,
        tenant: tenant.clone(),
        user: user.clone(),
        at: row.instant(0)?,
        mode: LoginMode::parse(&row.get::<String>(2)?).map_err(|_| unreadable("ciam_logins.mode"))?,
        outcome: LoginOutcome::parse(&row.get::<String>(3)?)
            .ok_or_else(|| unreadable("ciam_logins.outcome"))?,
        source: source.map_err(|_| unreadable("ciam_logins.source"))?,
        location: location.map_err(|_| unreadable("ciam_logins.location"))?,
        client: row.get(6)?,
        device: device.map_err(|_| unreadable("ciam_logins.device"))?,
    })
}

#[async_trait]
impl LoginHistoryStore for SqliteStore {
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError> {
        self.write(move |db| append(db, &record)).await
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        let query = query.clone();
        self.read(move |db| page(db, &query)).await
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.write(move |db| db.run(ERASE, (tenant.as_str(), user.as_str())).map(drop)).await
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            // A job for each batch, so that other writers get their turn.
            let rows = self.write(move |db| db.run(FORGET, (before.unix_micros(), BATCH))).await?;
            forgotten += u64::try_from(rows).unwrap_or(u64::MAX);
            if rows < usize::from(BATCH) {
                return Ok(forgotten);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [ALL, OF_OUTCOME, ERASE, FORGET] {
            assert_searches(sql);
        }
    }
}
