//! Sessions.

use ciam_ports::StoreError;
use ciam_ports::domain::session::{Amr, Session};
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::domain::{SessionId, TenantId, UserId};
use ciam_ports::store::SessionWrite;

use crate::error::unreadable;
use crate::statement::{Db, Fields};

// Where the expiry stays, as when a session is stamped anew, its index is left alone.
const RESTAMP: &str = "UPDATE ciam_sessions SET stamp = ?4, amr = ?5, auth_time = ?6
    WHERE tenant = ?1 AND id = ?2 AND user = ?3 AND expires_at = ?7";

// A session id that is another person's is never taken over.
const PUT: &str = "INSERT INTO ciam_sessions (tenant, id, user, stamp, amr, auth_time, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (tenant, id) DO UPDATE SET stamp = excluded.stamp, amr = excluded.amr,
        auth_time = excluded.auth_time, expires_at = excluded.expires_at
    WHERE ciam_sessions.user = excluded.user";

const END: &str = "DELETE FROM ciam_sessions WHERE tenant = ?1 AND user = ?2 AND id = ?3";

pub(crate) fn write(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    write: &SessionWrite,
) -> Result<(), StoreError> {
    match write {
        SessionWrite::Keep => Ok(()),
        SessionWrite::Put(session) => put(db, session),
        SessionWrite::End(id) => db.run(END, (tenant.as_str(), user.as_str(), id.as_str())).map(drop),
    }
}

fn put(db: &Db<'_>, session: &Session) -> Result<(), StoreError> {
    let Session { tenant, id, user, stamp, amr, auth_time, expires_at } = session;
    let names: Vec<&str> = amr.iter().map(Amr::as_str).collect();
    let amr = serde_json::to_string(&names).map_err(|_| unreadable("ciam_sessions.amr"))?;
    let (auth_time, expires_at) = (auth_time.unix_micros(), expires_at.unix_micros());
    let row = (tenant.as_str(), id.as_str(), user.as_str(), stamp.as_bytes(), &amr, auth_time, expires_at);
    if db.run(RESTAMP, row)? == 0 && db.run(PUT, row)? == 0 { Err(StoreError::Stale) } else { Ok(()) }
}

/// Reads `id, stamp, amr, auth_time, expires_at` from column `at` on; `None` where the join found none.
pub(crate) fn read(
    row: Fields<'_, '_>,
    at: usize,
    (tenant, user): (&TenantId, &UserId),
) -> Result<Option<Session>, StoreError> {
    let Some(id) = row.get::<Option<String>>(at)? else { return Ok(None) };
    let names: Vec<String> =
        serde_json::from_str(&row.get::<String>(at + 2)?).map_err(|_| unreadable("ciam_sessions.amr"))?;
    Ok(Some(Session {
        tenant: tenant.clone(),
        id: SessionId::parse(&id).map_err(|_| unreadable("ciam_sessions.id"))?,
        user: user.clone(),
        stamp: SecurityStamp::from_bytes(row.get(at + 1)?),
        amr: names.iter().map(|name| Amr::parse(name)).collect(),
        auth_time: row.instant(at + 3)?,
        expires_at: row.instant(at + 4)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [END, RESTAMP] {
            assert_searches(sql);
        }
    }
}
