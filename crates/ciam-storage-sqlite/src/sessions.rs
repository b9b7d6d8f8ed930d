//! Sessions.

use ciam_ports::StoreError;
use ciam_ports::domain::session::{Amr, Session, SessionStage};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::domain::{DeviceId, Instant, SessionId, TenantId, UserId};
use ciam_ports::store::SessionWrite;
use rusqlite::ToSql;

use crate::error::unreadable;
use crate::statement::{Db, Fields};

// Where the end stays, as when a session is stamped anew, its index is left alone.
const KEEP_END: &str =
    "UPDATE ciam_sessions SET stamp = ?4, amr = ?5, auth_time = ?6, expires_at = ?7, stage = ?8,
        revision = ?9, generation = ?10, used_at = ?11, idle_ends_at = ?12, client = ?13, scopes = ?14,
        device = ?15, source = ?16
    WHERE tenant = ?1 AND id = ?2 AND user = ?3 AND ends_at = ?17
        AND CASE WHEN ?18 IS NULL THEN stage <> 'ended' OR auth_time <= ?6 ELSE revision = ?18 AND stage <> 'ended' END";

const MOVE_END: &str =
    "UPDATE ciam_sessions SET stamp = ?4, amr = ?5, auth_time = ?6, expires_at = ?7, stage = ?8,
        revision = ?9, generation = ?10, used_at = ?11, idle_ends_at = ?12, client = ?13, scopes = ?14,
        device = ?15, source = ?16, ends_at = ?17
    WHERE tenant = ?1 AND id = ?2 AND user = ?3
        AND CASE WHEN ?18 IS NULL THEN stage <> 'ended' OR auth_time <= ?6 ELSE revision = ?18 AND stage <> 'ended' END";

// A session id that is another person's is never taken over.
const INSERT: &str = "INSERT INTO ciam_sessions (tenant, id, user, stamp, amr, auth_time, expires_at, stage,
        revision, generation, used_at, idle_ends_at, client, scopes, device, source, ends_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
    ON CONFLICT (tenant, id) DO NOTHING";

// The later of two ends stays.
const END: &str =
    "UPDATE ciam_sessions SET stamp = ?4, amr = ?5, auth_time = ?6, expires_at = ?7, stage = ?8,
        revision = ?9, generation = ?10, used_at = ?11, idle_ends_at = ?12, client = ?13, scopes = ?14,
        device = ?15, source = ?16, ends_at = ?17
    WHERE tenant = ?1 AND id = ?2 AND user = ?3 AND (stage <> 'ended' OR auth_time < ?6)";

const ALL: &str = "SELECT id, stamp, amr, auth_time, expires_at, stage, revision, generation, used_at,
        idle_ends_at, client, scopes, device, source
    FROM ciam_sessions WHERE tenant = ?1 AND user = ?2 ORDER BY auth_time DESC, id DESC";

pub(crate) fn write(db: &Db<'_>, write: &SessionWrite) -> Result<(), StoreError> {
    match write {
        SessionWrite::Keep => Ok(()),
        SessionWrite::Put(session) => put(db, session, None),
        SessionWrite::Replace { expected, session } => put(db, session, Some(*expected)),
        // What stands in the way is a later end, or another person's.
        SessionWrite::End(end) => with_columns(end, None, |columns| {
            if db.run(END, &columns[..17])? == 0 {
                db.run(INSERT, &columns[..17])?;
            }
            Ok(())
        }),
    }
}

/// Writes a session; one that must be there has the expected revision.
fn put(db: &Db<'_>, session: &Session, expected: Option<u32>) -> Result<(), StoreError> {
    with_columns(session, expected, |columns| {
        let written = db.run(KEEP_END, columns)? == 1
            || db.run(MOVE_END, columns)? == 1
            || (expected.is_none() && db.run(INSERT, &columns[..17])? == 1);
        if written { Ok(()) } else { Err(StoreError::Stale) }
    })
}

/// The columns of a row, as all of these statements number them, and the revision that is expected.
fn with_columns(
    session: &Session,
    expected: Option<u32>,
    run: impl FnOnce(&[&dyn ToSql]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let amr: Vec<&str> = session.amr.iter().map(Amr::as_str).collect();
    let (amr, scopes) = (list(&amr)?, list(&session.scopes)?);
    run(&[
        &session.tenant.as_str(),
        &session.id.as_str(),
        &session.user.as_str(),
        session.stamp.as_bytes(),
        &amr,
        &session.auth_time.unix_micros(),
        &session.expires_at.unix_micros(),
        &session.stage.as_str(),
        &session.revision,
        &session.generation,
        &session.used_at.unix_micros(),
        &session.idle_ends_at.map(Instant::unix_micros),
        &session.client,
        &scopes,
        &session.device.as_ref().map(DeviceId::as_str),
        &session.source.map(|source| source.address().to_string()),
        &session.ends_at().unix_micros(),
        &expected,
    ])
}

fn list<T: serde::Serialize>(words: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(words).map_err(|_| unreadable("ciam_sessions"))
}

/// Those of a person, opened last first.
pub(crate) fn all(db: &Db<'_>, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
    let sessions = db.rows(ALL, (tenant.as_str(), user.as_str()), |row| read(row, 0, (tenant, user)))?;
    Ok(sessions.into_iter().flatten().collect())
}

/// Reads the columns of [`ALL`] from column `at` on; `None` where the join found none.
pub(crate) fn read(
    row: Fields<'_, '_>,
    at: usize,
    (tenant, user): (&TenantId, &UserId),
) -> Result<Option<Session>, StoreError> {
    let Some(id) = row.text_if_any(at)? else { return Ok(None) };
    let words = |column: usize, name| {
        serde_json::from_str::<Vec<String>>(row.text_if_any(column)?.unwrap_or_default())
            .map_err(|_| unreadable(name))
    };
    let source = row.text_if_any(at + 13)?;
    Ok(Some(Session {
        tenant: tenant.clone(),
        id: SessionId::parse(id).map_err(|_| unreadable("ciam_sessions.id"))?,
        user: user.clone(),
        stamp: SecurityStamp::from_bytes(row.get(at + 1)?),
        amr: words(at + 2, "ciam_sessions.amr")?.iter().map(|name| Amr::parse(name)).collect(),
        auth_time: row.instant(at + 3)?,
        expires_at: row.instant(at + 4)?,
        stage: SessionStage::parse(row.text_if_any(at + 5)?.unwrap_or_default())
            .ok_or_else(|| unreadable("ciam_sessions.stage"))?,
        revision: row.get(at + 6)?,
        generation: row.get(at + 7)?,
        used_at: row.instant(at + 8)?,
        idle_ends_at: row.instant_if_any(at + 9)?,
        client: row.get(at + 10)?,
        scopes: words(at + 11, "ciam_sessions.scopes")?,
        device: row
            .text_if_any(at + 12)?
            .map(|id| DeviceId::parse(id).map_err(|_| unreadable("ciam_sessions.device")))
            .transpose()?,
        source: source
            .map(|text| text.parse().map(Source::new).map_err(|_| unreadable("ciam_sessions.source")))
            .transpose()?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [END, ALL, KEEP_END, MOVE_END] {
            assert_searches(sql);
        }
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        for sql in [KEEP_END, MOVE_END, INSERT, END] {
            assert_builds_nothing(sql);
        }
    }
}
