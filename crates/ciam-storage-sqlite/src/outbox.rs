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

// No number is given out again: the next one follows those that are there and those that were taken.
const INSERT: &str = "INSERT INTO ciam_outbox (entry, tenant, id, user, kind, target, address, at, revert_key,
        revert_until, tries)
    VALUES (1 + max((SELECT last FROM ciam_outbox_taken WHERE id = 1), ifnull((SELECT max(entry) FROM ciam_outbox), 0)),
        ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)";

/// Those that were taken before and are due again.
const AGAIN_DUE: &str =
    "SELECT entry, due_at FROM ciam_outbox WHERE due_at <= ?1 ORDER BY due_at, entry LIMIT ?2";

/// Those that were never taken: they are due since they came, unless the clock ran back since.
const NEW: &str = "SELECT entry, at FROM ciam_outbox
    WHERE entry > (SELECT last FROM ciam_outbox_taken WHERE id = 1) AND due_at IS NULL AND at <= ?1
    ORDER BY entry LIMIT ?2";

/// Those that are passed over by what is taken come into the index.
const PASSED: &str = "UPDATE ciam_outbox SET due_at = at
    WHERE entry > (SELECT last FROM ciam_outbox_taken WHERE id = 1) AND entry < ?1 AND due_at IS NULL";

const TAKEN: &str = "UPDATE ciam_outbox_taken SET last = ?1 WHERE id = 1";

const LEND: &str = "UPDATE ciam_outbox SET due_at = ?2, tries = tries + 1 WHERE entry = ?1
    RETURNING entry, tries - 1, tenant, id, user, kind, target, address, at, revert_key, revert_until";

const DONE: &str = "DELETE FROM ciam_outbox WHERE entry = ?1";

const AGAIN: &str = "UPDATE ciam_outbox SET due_at = ?2 WHERE entry = ?1 AND due_at IS NOT NULL";

pub(crate) fn append(db: &Db<'_>, notices: &[Notice]) -> Result<(), StoreError> {
    for Notice { id, tenant, user, kind, to, at, revert } in notices {
        let (target, text) = address::columns(to);
        let key = revert.as_ref().map(|offer| offer.key.as_str());
        let until = revert.as_ref().map(|offer| offer.until.unix_micros());
        let (tenant, id, user, kind) = (tenant.as_str(), id.as_str(), user.as_str(), kind.as_str());
        db.run(INSERT, (tenant, id, user, kind, target, text, at.unix_micros(), key, until))?;
    }
    Ok(())
}

/// The oldest of those that are due, in their order.
fn due(db: &Db<'_>, now: Instant, limit: u16) -> Result<(Vec<i64>, Option<i64>), StoreError> {
    let place = |row: Fields<'_, '_>| Ok((row.get::<i64>(1)?, row.get::<i64>(0)?));
    let mut due = db.rows(AGAIN_DUE, (now.unix_micros(), limit), place)?;
    let new = db.rows(NEW, (now.unix_micros(), limit), place)?;
    let first_new = new.first().map_or(i64::MAX, |(_, entry)| *entry);
    due.extend(new);
    due.sort_unstable();
    due.truncate(limit.into());
    let entries: Vec<i64> = due.into_iter().map(|(_, entry)| entry).collect();
    let last = entries.iter().copied().filter(|entry| *entry >= first_new).max();
    Ok((entries, last))
}

fn take(db: &Db<'_>, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
    let (entries, last) = due(db, now, limit)?;
    let until = now.after(lease).unix_micros();
    let mut taken = Vec::with_capacity(entries.len());
    for entry in entries {
        taken.extend(db.row(LEND, (entry, until), read)?);
    }
    if let Some(last) = last {
        db.run(PASSED, (last,))?;
        db.run(TAKEN, (last,))?;
    }
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
    use ciam_ports::{Commit, Store};
    use ciam_testkit::contract::sample;
    use futures_executor::block_on;

    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [INSERT, AGAIN_DUE, NEW, PASSED, TAKEN, LEND, DONE, AGAIN] {
            assert_searches(sql);
        }
    }

    /// A store with a notice of each second, in this order.
    fn holding(seconds: &[u64]) -> SqliteStore {
        let store = SqliteStore::in_memory().unwrap();
        let user = sample::user("nele");
        for second in seconds {
            let notice = Notice { at: sample::at(*second), ..sample::notice(&user, &format!("e-{second}")) };
            block_on(store.commit(Commit { outbox: vec![notice], ..sample::commit(&user) })).unwrap();
        }
        store
    }

    fn next(store: &SqliteStore, second: u64) -> Option<DueNotice> {
        block_on(Outbox::take(store, sample::at(second), sample::HOUR, 1)).unwrap().pop()
    }

    fn name(due: Option<&DueNotice>) -> Option<&str> {
        due.map(|due| due.notice.id.as_str())
    }

    #[test]
    fn a_clock_that_ran_back_hides_no_notice() {
        let store = holding(&[5, 3, 4]);
        for expected in [Some("e-5"), Some("e-3"), Some("e-4"), None] {
            assert_eq!(name(next(&store, 9).as_ref()), expected);
        }
    }

    #[test]
    fn one_ahead_of_the_clock_waits_and_holds_up_no_other() {
        let store = holding(&[9, 3]);
        assert_eq!(name(next(&store, 2).as_ref()), None);
        for (second, expected) in [(5, Some("e-3")), (8, None), (9, Some("e-9")), (9, None)] {
            assert_eq!(name(next(&store, second).as_ref()), expected, "{second}");
        }
    }

    #[test]
    fn one_that_comes_again_takes_turns_with_new_ones_by_age() {
        let store = holding(&[0]);
        let first = next(&store, 0).unwrap();
        block_on(store.settle(first.entry, Settlement::Again(sample::at(20)))).unwrap();
        let user = sample::user("nele");
        for second in [10, 30] {
            let notice = Notice { at: sample::at(second), ..sample::notice(&user, &format!("e-{second}")) };
            block_on(store.commit(Commit { outbox: vec![notice], ..sample::commit(&user) })).unwrap();
        }
        for expected in [Some("e-10"), Some("e-0"), Some("e-30"), None] {
            assert_eq!(name(next(&store, 40).as_ref()), expected);
        }
    }

    #[test]
    fn a_late_settlement_meets_no_other_notice() {
        let store = holding(&[0]);
        let first = next(&store, 0).unwrap();
        block_on(store.settle(first.entry, Settlement::Done)).unwrap();
        let user = sample::user("nele");
        let commit = Commit { outbox: vec![sample::notice(&user, "e-1")], ..sample::commit(&user) };
        block_on(store.commit(commit)).unwrap();
        block_on(store.settle(first.entry, Settlement::Done)).unwrap();
        assert_eq!(name(next(&store, 9).as_ref()), Some("e-1"));
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        assert_builds_nothing(INSERT);
    }
}
