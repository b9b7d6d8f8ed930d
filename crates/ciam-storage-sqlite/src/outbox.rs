//! Notices that wait for delivery, in the order of their commits.

use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::challenge::KeyId;
use ciam_ports::domain::notice::{Notice, NoticeKind, RevertOffer};
use ciam_ports::domain::{EventId, Instant, TenantId, UserId};
use ciam_ports::{DueNotice, Outbox, Settlement, StoreError};

use crate::SqliteStore;
use crate::address;
use crate::error::unreadable;
use crate::statement::{Db, Fields};

const INSERT: &str = "INSERT INTO ciam_outbox (tenant, id, user, kind, target, address, at, revert_key,
        revert_until, due_at, tries)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)";

const TAKE: &str = "UPDATE ciam_outbox SET due_at = ?2, tries = tries + 1 WHERE entry IN (
        SELECT entry FROM ciam_outbox WHERE due_at <= ?1 ORDER BY due_at, entry LIMIT ?3)
    RETURNING entry, tries - 1, tenant, id, user, kind, target, address, at,
        revert_key, revert_until";

const DONE: &str = "DELETE FROM ciam_outbox WHERE entry = ?1";

const AGAIN: &str = "UPDATE ciam_outbox SET due_at = ?2 WHERE entry = ?1";

pub(crate) fn append(db: &Db<'_>, notices: &[Notice], now: Instant) -> Result<(), StoreError> {
    for Notice { id, tenant, user, kind, to, at, revert } in notices {
        let (target, text) = address::columns(to);
        let (at, due_at) = (at.unix_micros(), now.unix_micros());
        let key = revert.as_ref().map(|offer| offer.key.as_str());
        let until = revert.as_ref().map(|offer| offer.until.unix_micros());
        let (tenant, id, user, kind) = (tenant.as_str(), id.as_str(), user.as_str(), kind.as_str());
        let row = (tenant, id, user, kind, target, text, at, key, until, due_at);
        db.run(INSERT, row)?;
    }
    Ok(())
}

fn take(db: &Db<'_>, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
    let until = now.after(lease).unix_micros();
    let mut taken = db.rows(TAKE, (now.unix_micros(), until, limit), read)?;
    taken.sort_unstable_by_key(|due| due.entry);
    Ok(taken)
}

fn settle(db: &Db<'_>, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
    // An entry beyond the column's range was never given out.
    let Ok(entry) = i64::try_from(entry) else { return Ok(()) };
    match settlement {
        Settlement::Done => db.run(DONE, (entry,)).map(drop),
        Settlement::Again(at) => db.run(AGAIN, (entry, at.unix_micros())).map(drop),
    }
}

fn read(row: Fields<'_, '_>) -> Result<DueNotice, StoreError> {
    let to = address::read(&row.get::<String>(6)?, &row.get::<String>(7)?);
    let kind = NoticeKind::parse(&row.get::<String>(5)?);
    let notice = Notice {
        id: EventId::parse(&row.get::<String>(3)?).map_err(|_| unreadable("ciam_outbox.id"))?,
        tenant: TenantId::parse(&row.get::<String>(2)?).map_err(|_| unreadable("ciam_outbox.tenant"))?,
        user: UserId::parse(&row.get::<String>(4)?).map_err(|_| unreadable("ciam_outbox.user"))?,
        kind: kind.ok_or_else(|| unreadable("ciam_outbox.kind"))?,
        to: to.ok_or_else(|| unreadable("ciam_outbox.address"))?,
        at: row.instant(8)?,
        revert: row.get::<Option<String>>(9)?.map(|key| offer(row, &key)).transpose()?,
    };
    let entry = u64::try_from(row.get::<i64>(0)?).map_err(|_| unreadable("ciam_outbox.entry"))?;
    Ok(DueNotice { entry, tries: row.get(1)?, notice })
}

fn offer(row: Fields<'_, '_>, key: &str) -> Result<RevertOffer, StoreError> {
    Ok(RevertOffer { key: KeyId::new(key), until: row.instant(10)? })
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn take(&self, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
        self.write(move |db| self::take(db, now, lease, limit)).await
    }

    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        self.write(move |db| self::settle(db, entry, settlement)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [TAKE, DONE, AGAIN] {
            assert_searches(sql);
        }
    }
}
