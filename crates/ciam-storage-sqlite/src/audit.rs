//! The audit trail.

mod lists;

use std::ops::ControlFlow;

use async_trait::async_trait;
use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{EventId, FlowKey, Instant, SessionId, TenantId, UserId};
use ciam_ports::{AuditCursor, AuditOutcome, AuditPage, AuditQuery, AuditTrail, StoreError};
use rusqlite::ToSql;

use crate::SqliteStore;
use crate::error::unreadable;
use crate::statement::{Db, Fields};

const INSERT: &str = "INSERT INTO ciam_audit
        (tenant, id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const LAST: &str = "SELECT ifnull(max(seq), 0) FROM ciam_audit";

/// So many records enter the index at once: then it is written seldom, and to the same pages.
const BATCH: i64 = 128;

const SPAN: &str = "INSERT INTO ciam_audit_spans (seq, low_at, high_at)
    SELECT ?2, min(at), max(max(at), ifnull((SELECT high_at FROM ciam_audit_spans WHERE seq = ?1), 0))
    FROM ciam_audit WHERE seq > ?1 AND seq <= ?2";

// Only where the clock ran back since.
const LOWER: &str =
    "UPDATE ciam_audit_spans SET low_at = (SELECT low_at FROM ciam_audit_spans WHERE seq = ?1)
    WHERE low_at > (SELECT low_at FROM ciam_audit_spans WHERE seq = ?1)";

const FIRST_SPAN_SINCE: &str =
    "SELECT seq FROM ciam_audit_spans WHERE high_at >= ?1 ORDER BY high_at, seq LIMIT 1";

const LAST_SPAN_BEFORE: &str =
    "SELECT seq FROM ciam_audit_spans WHERE low_at < ?1 ORDER BY low_at DESC, seq DESC LIMIT 1";

macro_rules! columns {
    () => {
        "SELECT id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail, seq FROM ciam_audit"
    };
}

macro_rules! admitted {
    () => {
        " AND at >= ?3 AND at < ?4 AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR (refusal IS NOT NULL) = ?6)"
    };
}

// One more than the page holds is read, to tell whether anything older is left.
const NOT_INDEXED: &str = concat!(
    columns!(),
    " WHERE tenant = ?1 AND (?2 = '' OR user = ?2)",
    admitted!(),
    " AND seq > ?7 AND seq <= ?8 ORDER BY seq DESC LIMIT ?9 + 1"
);

const INDEXED: &str =
    concat!(columns!(), " WHERE tenant = ?1 AND (?2 = '' OR user = ?2)", admitted!(), " AND seq = ?7");

pub(crate) fn append(db: &Db<'_>, records: &[AuditRecord]) -> Result<(), StoreError> {
    for record in records {
        let AuditRecord { id, tenant, at, actor, user, session, action, outcome, flow, source, detail } =
            record;
        let (actor_kind, actor) = actor_columns(actor);
        let refusal = match outcome {
            Outcome::Done => None,
            Outcome::Refused(reason) => Some(reason.as_ref()),
        };
        let row = (
            tenant.as_str(),
            id.as_str(),
            at.unix_micros(),
            actor_kind,
            actor.map(UserId::as_str),
            user.as_str(),
            session.as_ref().map(SessionId::as_str),
            action.as_str(),
            refusal,
            flow.as_ref().map(FlowKey::as_bytes),
            source.map(|source| source.address().to_string()),
            detail.as_deref(),
        );
        db.run(INSERT, row)?;
        let seq = db.last_row();
        if seq % BATCH == 0 {
            lists::append(db, seq)?;
            db.run(SPAN, (seq - BATCH, seq))?;
            db.run(LOWER, [seq])?;
        }
    }
    Ok(())
}

fn page(db: &Db<'_>, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let mut found = db.view(|db| {
        let last: i64 = db.row(LAST, (), |row| row.get(0))?.unwrap_or_default();
        let indexed = last - last % BATCH;
        // No record has a place beyond the column's range.
        let place = |place: AuditCursor| i64::try_from(place.number()).unwrap_or(i64::MAX);
        let newest = query.before.map_or(i64::MAX, |before| place(before).saturating_sub(1));
        let mut found = not_indexed(db, query, (indexed, newest))?;
        if found.len() <= usize::from(query.limit) {
            let (first, last) = spans(db, query, indexed)?;
            lists::each(db, query, (first, newest.min(last)), |seq| {
                found.extend(indexed_at(db, query, seq)?);
                Ok(if found.len() > usize::from(query.limit) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
        }
        Ok(found)
    })?;
    let more = found.len() > usize::from(query.limit);
    found.truncate(query.limit.into());
    let last = found.last().and_then(|(seq, _)| u64::try_from(*seq).ok()).filter(|_| more);
    let records = found.into_iter().map(|(_, record)| record).collect();
    Ok(AuditPage { records, next: last.map(AuditCursor::from_number) })
}

/// After which place and up to which the index may have records of the time asked for.
fn spans(db: &Db<'_>, query: &AuditQuery, indexed: i64) -> Result<(i64, i64), StoreError> {
    let edge = |sql, at: Instant| db.row(sql, [at.unix_micros()], |row| row.get::<i64>(0));
    let first = match query.since {
        None => 0,
        Some(since) => edge(FIRST_SPAN_SINCE, since)?.map_or(indexed, |seq| seq - BATCH),
    };
    let last = match query.until {
        None => indexed,
        Some(until) => edge(LAST_SPAN_BEFORE, until)?.unwrap_or(0).min(indexed),
    };
    Ok((first, last))
}

/// The newest records of a query after the first of two places and up to the second.
fn not_indexed(
    db: &Db<'_>,
    query: &AuditQuery,
    (first, last): (i64, i64),
) -> Result<Vec<(i64, AuditRecord)>, StoreError> {
    with_filters(query, |filters| {
        let mut columns = filters.to_vec();
        columns.extend([&first as &dyn ToSql, &last, &query.limit]);
        db.rows(NOT_INDEXED, columns.as_slice(), |row| placed(row, query))
    })
}

/// The record at a place, if the query admits it.
fn indexed_at(db: &Db<'_>, query: &AuditQuery, seq: i64) -> Result<Option<(i64, AuditRecord)>, StoreError> {
    with_filters(query, |filters| {
        let mut columns = filters.to_vec();
        columns.push(&seq);
        db.row(INDEXED, columns.as_slice(), |row| placed(row, query))
    })
}

fn placed(row: Fields<'_, '_>, query: &AuditQuery) -> Result<(i64, AuditRecord), StoreError> {
    Ok((row.get::<i64>(11)?, read(row, &query.tenant)?))
}

fn with_filters<T>(query: &AuditQuery, run: impl FnOnce(&[&dyn ToSql; 6]) -> T) -> T {
    let AuditQuery { tenant, user, action, outcome, since, until, before: _, limit: _ } = query;
    run(&[
        &tenant.as_str(),
        &user.as_ref().map_or("", UserId::as_str),
        &since.unwrap_or(Instant::EPOCH).unix_micros(),
        &until.map_or(i64::MAX, Instant::unix_micros),
        &action.map(Action::as_str),
        &outcome.map(|outcome| outcome == AuditOutcome::Refused),
    ])
}

fn read(row: Fields<'_, '_>, tenant: &TenantId) -> Result<AuditRecord, StoreError> {
    let actor = actor(&row.get::<String>(2)?, row.get::<Option<String>>(3)?.as_deref());
    let source = match row.get::<Option<String>>(9)? {
        Some(text) => Some(text.parse().map_err(|_| unreadable("ciam_audit.source"))?),
        None => None,
    };
    let session = row.get::<Option<String>>(5)?.map(|text| SessionId::parse(&text)).transpose();
    Ok(AuditRecord {
        id: EventId::parse(&row.get::<String>(0)?).map_err(|_| unreadable("ciam_audit.id"))?,
        tenant: tenant.clone(),
        at: row.get(1).map(Instant::from_unix_micros)?,
        actor: actor.ok_or_else(|| unreadable("ciam_audit.actor"))?,
        user: UserId::parse(&row.get::<String>(4)?).map_err(|_| unreadable("ciam_audit.user"))?,
        session: session.map_err(|_| unreadable("ciam_audit.session"))?,
        action: Action::parse(&row.get::<String>(6)?).ok_or_else(|| unreadable("ciam_audit.action"))?,
        outcome: row
            .get::<Option<String>>(7)?
            .map_or(Outcome::Done, |reason| Outcome::Refused(reason.into())),
        flow: row.get::<Option<[u8; 32]>>(8)?.map(FlowKey::from_bytes),
        source: source.map(Source::new),
        detail: row.get::<Option<String>>(10)?.map(Into::into),
    })
}

fn actor_columns(actor: &Actor) -> (&'static str, Option<&UserId>) {
    match actor {
        Actor::Person(user) => ("person", Some(user)),
        Actor::Administrator(user) => ("administrator", Some(user)),
        Actor::System => ("system", None),
        Actor::Anonymous => ("anonymous", None),
    }
}

fn actor(kind: &str, id: Option<&str>) -> Option<Actor> {
    let id = id.map(UserId::parse).transpose().ok()?;
    match (kind, id) {
        ("person", Some(id)) => Some(Actor::Person(id)),
        ("administrator", Some(id)) => Some(Actor::Administrator(id)),
        ("system", None) => Some(Actor::System),
        ("anonymous", None) => Some(Actor::Anonymous),
        _ => None,
    }
}

#[async_trait]
impl AuditTrail for SqliteStore {
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let query = query.clone();
        self.read(move |db| page(db, &query)).await
    }
}

#[cfg(test)]
mod tests;
