//! The audit trail.

use async_trait::async_trait;
use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{EventId, FlowKey, Instant, SessionId, TenantId, UserId};
use ciam_ports::{AuditQuery, AuditTrail, StoreError};

use crate::SqliteStore;
use crate::error::unreadable;
use crate::statement::{Db, Fields};

const INSERT: &str = "INSERT INTO ciam_audit
        (tenant, seq, id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail)
    VALUES (?1, (SELECT ifnull(max(seq), 0) + 1 FROM ciam_audit WHERE tenant = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const OF_TENANT: &str =
    "SELECT id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail
    FROM ciam_audit WHERE tenant = ?1 ORDER BY seq DESC LIMIT ?2";

const OF_USER: &str = "SELECT id, at, actor_kind, actor, user, session, action, refusal, flow, source, detail
    FROM ciam_audit WHERE tenant = ?1 AND user = ?2 ORDER BY seq DESC LIMIT ?3";

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
    }
    Ok(())
}

fn newest(db: &Db<'_>, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
    let AuditQuery { tenant, user, limit } = query;
    match user {
        None => db.rows(OF_TENANT, (tenant.as_str(), limit), |row| read(row, tenant)),
        Some(user) => db.rows(OF_USER, (tenant.as_str(), user.as_str(), limit), |row| read(row, tenant)),
    }
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
    async fn records(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        let query = query.clone();
        self.read(move |db| newest(db, &query)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [INSERT, OF_TENANT, OF_USER] {
            assert_searches(sql);
        }
    }
}
