//! Flows, with their codes in their rows.

use ciam_ports::StoreError;
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::{FlowKey, Instant, TenantId, UserId};
use ciam_ports::store::{ChallengeWrite, FlowWrite};
use rusqlite::ToSql;

use crate::challenges::Changes;
use crate::statement::{Db, Fields};
use crate::users;

const OPEN: &str = "SELECT session, operation, key, opened_at, expires_at FROM ciam_flows
    WHERE tenant = ?1 AND user = ?2";

const OWNER: &str = "SELECT user FROM ciam_flows WHERE tenant = ?1 AND key = ?2
        AND (operation IN ('SIGN_IN', 'RENEW_PASSWORD') OR operation IN ('RECOVER_PASSWORD', 'RESTORE_ACCOUNT'))";

const INSERT: &str = "INSERT INTO ciam_flows
        (key, tenant, user, session, operation, opened_at, expires_at, revision, attempts, snapshot)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)";

// Where the expiry stays, as it does in almost every step, its index is left alone. With the whole key of the row SQLite
// knows that there is one, and sets up nothing for several.
const REPLACE: &str = "UPDATE ciam_flows SET revision = ?6, snapshot = ?7, codes = ifnull(?10, codes)
    WHERE tenant = ?1 AND user = ?2 AND session = ?3 AND operation = ?4 AND key = ?5 AND revision = ?8
        AND expires_at = ?9";

const REPLACE_WITH_EXPIRY: &str =
    "UPDATE ciam_flows SET expires_at = ?9, revision = ?6, snapshot = ?7, codes = ifnull(?10, codes)
    WHERE tenant = ?1 AND user = ?2 AND session = ?3 AND operation = ?4 AND key = ?5 AND revision = ?8";

const REMOVE: &str = "DELETE FROM ciam_flows WHERE tenant = ?1 AND user = ?2 AND key = ?3";

const MOVED: &str =
    "SELECT 1 FROM ciam_flows WHERE tenant = ?1 AND user = ?2 AND key = ?3 AND revision <> ?4";

const PAY: &str = "UPDATE ciam_flows SET attempts = attempts + 1
    WHERE tenant = ?1 AND user = ?2 AND session = ?3 AND operation = ?4 AND key = ?5";

const GIVE_BACK: &str = "UPDATE ciam_flows SET attempts = max(attempts - 1, 0)
    WHERE tenant = ?1 AND user = ?2 AND key = ?3";

pub(crate) fn write(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    (write, challenge): (&FlowWrite, &ChallengeWrite),
    now: Instant,
) -> Result<(), StoreError> {
    if let FlowWrite::Open { flow, cap } = write {
        open(db, flow, *cap, now)?;
    }
    let mut codes = Changes::of(db, (tenant, user), challenge)?;
    match write {
        FlowWrite::Keep | FlowWrite::Open { .. } => {}
        FlowWrite::Replace { expected, flow } => {
            replace(db, (tenant, user), (*expected, flow), codes.take(flow.key()).as_deref())?;
        }
        FlowWrite::GiveBack(key) => {
            db.run(GIVE_BACK, (tenant.as_str(), user.as_str(), key.as_bytes()))?;
        }
        FlowWrite::Finish { expected, key } if moved_on(db, (tenant, user), (key, *expected))? => {
            return Err(StoreError::Stale);
        }
        FlowWrite::Remove(key) | FlowWrite::Finish { key, .. } => {
            // Its codes go with it.
            drop(codes.take(key));
            db.run(REMOVE, (tenant.as_str(), user.as_str(), key.as_bytes()))?;
        }
    }
    codes.write(db, (tenant, user))
}

/// Whether a flow is there, and of another revision.
fn moved_on(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    (key, expected): (&FlowKey, u32),
) -> Result<bool, StoreError> {
    let of = (tenant.as_str(), user.as_str(), key.as_bytes(), expected);
    Ok(db.row(MOVED, of, |row| row.get::<i64>(0))?.is_some())
}

fn replace(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    (expected, flow): (u32, &Flow),
    codes: Option<&str>,
) -> Result<(), StoreError> {
    let (tenant, user, key) = (tenant.as_str(), user.as_str(), flow.key().as_bytes());
    let (session, operation) = (flow.session().as_str(), flow.operation().as_str());
    let (expires_at, revision, snapshot) =
        (flow.expires_at().unix_micros(), flow.revision(), flow.snapshot());
    let row: [&dyn ToSql; 10] =
        [&tenant, &user, &session, &operation, key, &revision, &snapshot, &expected, &expires_at, &codes];
    for sql in [REPLACE, REPLACE_WITH_EXPIRY] {
        if db.run(sql, row.as_slice())? == 1 {
            return Ok(());
        }
    }
    Err(StoreError::Stale)
}

/// An open flow, as far as it matters to a newer one.
struct Open {
    session: String,
    operation: String,
    key: [u8; 32],
    opened_at: i64,
    expires_at: i64,
}

impl Open {
    fn read(row: Fields<'_, '_>) -> Result<Self, StoreError> {
        Ok(Self {
            session: row.get(0)?,
            operation: row.get(1)?,
            key: row.get(2)?,
            opened_at: row.get(3)?,
            expires_at: row.get(4)?,
        })
    }

    /// Whether it must go in any case: it is over, or the newer one takes its place.
    fn gives_way(&self, newer: &Flow, now: Instant) -> bool {
        self.expires_at <= now.unix_micros()
            || self.key == *newer.key().as_bytes()
            || (self.session == newer.session().as_str() && self.operation == newer.operation().as_str())
    }
}

fn make_room(db: &Db<'_>, newer: &Flow, cap: u8, now: Instant) -> Result<(), StoreError> {
    let (tenant, user) = (newer.tenant().as_str(), newer.user().as_str());
    let open = db.rows(OPEN, (tenant, user), Open::read)?;
    let (mut gone, mut stay): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|open| open.gives_way(newer, now));
    stay.sort_unstable_by_key(|open| std::cmp::Reverse(open.opened_at));
    gone.extend(stay.drain(stay.len().min(usize::from(cap.saturating_sub(1)))..));
    gone.iter().try_for_each(|open| db.run(REMOVE, (tenant, user, open.key)).map(drop))
}

fn open(db: &Db<'_>, flow: &Flow, cap: u8, now: Instant) -> Result<(), StoreError> {
    make_room(db, flow, cap, now)?;
    let (key, tenant, user) = (flow.key().as_bytes(), flow.tenant().as_str(), flow.user().as_str());
    let (session, operation) = (flow.session().as_str(), flow.operation().as_str());
    let (opened_at, expires_at) = (flow.opened_at().unix_micros(), flow.expires_at().unix_micros());
    let row =
        (key, tenant, user, session, operation, opened_at, expires_at, flow.revision(), flow.snapshot());
    db.run(INSERT, row).map(drop)
}

/// Whose flow of somebody not signed in it is.
pub(crate) fn owner(db: &Db<'_>, tenant: &TenantId, key: &FlowKey) -> Result<Option<UserId>, StoreError> {
    db.row(OWNER, (tenant.as_str(), key.as_bytes()), users::id)
}

/// Counts one more attempt.
pub(crate) fn pay(db: &Db<'_>, flow: &Flow) -> Result<(), StoreError> {
    let (tenant, user) = (flow.tenant().as_str(), flow.user().as_str());
    let (session, operation) = (flow.session().as_str(), flow.operation().as_str());
    db.run(PAY, (tenant, user, session, operation, flow.key().as_bytes())).map(drop)
}

/// Reads `snapshot, attempts` from column `at` on; `None` where the join found none.
pub(crate) fn read(row: Fields<'_, '_>, at: usize) -> Result<Option<(Flow, u8)>, StoreError> {
    let Some(snapshot) = row.bytes_if_any(at)? else { return Ok(None) };
    let flow = Flow::from_snapshot(snapshot).map_err(|error| StoreError::Corrupt(error.into()))?;
    Ok(Some((flow, row.get(at + 1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [OPEN, OWNER, REPLACE, REPLACE_WITH_EXPIRY, REMOVE, MOVED, PAY, GIVE_BACK] {
            assert_searches(sql);
        }
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        for sql in [OPEN, INSERT, REPLACE, REPLACE_WITH_EXPIRY, REMOVE, MOVED, PAY, GIVE_BACK] {
            assert_builds_nothing(sql);
        }
    }
}
