//! The audit trail.

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

// Nobody's id is empty, so that is where those of the whole tenant are.
const INDEX: &str = "INSERT INTO ciam_audit_index (tenant, user, seq)
    SELECT tenant, user, seq FROM ciam_audit WHERE seq > ?1 AND seq <= ?2
    UNION ALL SELECT tenant, '', seq FROM ciam_audit WHERE seq > ?1 AND seq <= ?2";

// One more than the page holds is read, to tell whether anything older is left.
const NOT_INDEXED: &str =
    "SELECT id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail, seq
    FROM ciam_audit WHERE seq > ?1 AND seq < ?2 AND tenant = ?3 AND (?4 = '' OR user = ?4)
        AND at >= ?5 AND at < ?6 AND (?7 IS NULL OR action = ?7)
        AND (?8 IS NULL OR (refusal IS NOT NULL) = ?8)
    ORDER BY seq DESC LIMIT ?9 + 1";

const INDEXED: &str =
    "SELECT id, at, actor_kind, actor, a.user, session, action, refusal, flow, source, detail, a.seq
    FROM ciam_audit_index i CROSS JOIN ciam_audit a ON a.seq = i.seq
    WHERE i.tenant = ?3 AND i.user = ?4 AND i.seq <= ?1 AND i.seq < ?2
        AND at >= ?5 AND at < ?6 AND (?7 IS NULL OR action = ?7)
        AND (?8 IS NULL OR (refusal IS NOT NULL) = ?8)
    ORDER BY i.seq DESC LIMIT ?9 + 1";

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
            db.run(INDEX, (seq - BATCH, seq))?;
        }
    }
    Ok(())
}

fn page(db: &Db<'_>, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let AuditQuery { tenant, user, action, outcome, since, until, before, limit } = query;
    // No record has a place beyond the column's range.
    let before = before.map_or(i64::MAX, |place| i64::try_from(place.number()).unwrap_or(i64::MAX));
    let (since, until) = (since.unwrap_or(Instant::EPOCH), until.map_or(i64::MAX, Instant::unix_micros));
    let placed = |row: Fields<'_, '_>| Ok((row.get::<i64>(11)?, read(row, tenant)?));
    let mut found = db.view(|db| {
        let last: i64 = db.row(LAST, (), |row| row.get(0))?.unwrap_or_default();
        let indexed = last - last % BATCH;
        let columns: [&dyn ToSql; 9] = [
            &indexed,
            &before,
            &tenant.as_str(),
            &user.as_ref().map_or("", UserId::as_str),
            &since.unix_micros(),
            &until,
            &action.map(Action::as_str),
            &outcome.map(|outcome| outcome == AuditOutcome::Refused),
            limit,
        ];
        let mut found = db.rows(NOT_INDEXED, columns.as_slice(), placed)?;
        found.extend(db.rows(INDEXED, columns.as_slice(), placed)?);
        Ok(found)
    })?;
    let more = found.len() > usize::from(*limit);
    found.truncate((*limit).into());
    let last = found.last().and_then(|(seq, _)| u64::try_from(*seq).ok()).filter(|_| more);
    let records = found.into_iter().map(|(_, record)| record).collect();
    Ok(AuditPage { records, next: last.map(AuditCursor::from_number) })
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
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [LAST, INDEX, NOT_INDEXED, INDEXED] {
            assert_searches(sql);
        }
    }
}
