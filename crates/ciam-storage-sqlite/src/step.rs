//! What a step needs, in one joined read.

use std::sync::Arc;

use ciam_ports::StoreError;
use ciam_ports::domain::{FlowKey, SessionId, User};
use ciam_ports::flow_store::FlowView;
use ciam_ports::store::{Loaded, StepQuery};
use rusqlite::Params;

use crate::statement::{Db, Fields};
use crate::users::Mark;
use crate::{challenges, flows, rates, sessions, users};

const SESSION: usize = 0;
const FLOW: usize = 14;
const CODES: usize = 16;
const USER: usize = 17;

const LOAD: &str = "SELECT s.id, s.stamp, s.amr, s.auth_time, s.expires_at, s.stage, s.revision,
        s.generation, s.used_at, s.idle_ends_at, s.client, s.scopes, s.device, s.source, f.snapshot, f.attempts, f.codes,
        u.version, u.stamp, u.stamped_at, u.status, u.status_until, u.username, u.phone, u.phone_verified_at,
        u.email, u.email_verified_at, u.held, u.contacts_paused_until, u.password, u.profile, u.admin, u.created_at, u.gestures,
        u.social, u.factors, u.passkeys
    FROM ciam_users u
    LEFT JOIN ciam_sessions s ON s.tenant = u.tenant AND s.id = ?3 AND s.user = u.id
    LEFT JOIN ciam_flows f ON f.tenant = u.tenant AND f.user = u.id AND f.key = ?4
    WHERE u.tenant = ?1 AND u.id = ?2";

const VIEW: &str = "SELECT s.id, s.stamp, s.amr, s.auth_time, s.expires_at, s.stage, s.revision,
        s.generation, s.used_at, s.idle_ends_at, s.client, s.scopes, s.device, s.source, f.snapshot, f.attempts, f.codes
    FROM (SELECT 1)
    LEFT JOIN ciam_sessions s ON s.tenant = ?1 AND s.id = ?3 AND s.user = ?2
    LEFT JOIN ciam_flows f ON f.tenant = ?1 AND f.user = ?2 AND f.key = ?4";

/// What a flow store has for a step, with what was paid in the flow.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) view: FlowView,
    pub(crate) attempts: u8,
}

impl Held {
    pub(crate) fn beside(self, user: Arc<User>) -> Loaded {
        let FlowView { session, flow, challenges, rates } = self.view;
        Loaded { user, session, flow, challenges, rates }
    }

    /// Takes session, flow and codes from the row.
    fn take(&mut self, row: Fields<'_, '_>, query: &StepQuery) -> Result<(), StoreError> {
        let session = sessions::read(row, SESSION, (&query.tenant, &query.user))?;
        self.view.session = session.map(Arc::new);
        let Some((flow, attempts)) = flows::read(row, FLOW)? else { return Ok(()) };
        if let Some(codes) = row.text_if_any(CODES)? {
            self.view.challenges = challenges::read(codes, &flow)?;
        }
        (self.view.flow, self.attempts) = (Some(flow), attempts);
        Ok(())
    }
}

fn keys(query: &StepQuery) -> impl Params {
    let session = query.session.as_ref().map(SessionId::as_str);
    let flow = query.flow.as_ref().map(FlowKey::as_bytes);
    (query.tenant.as_str(), query.user.as_str(), session, flow)
}

/// Reads a person with what else is asked for.
pub(crate) fn load(db: &Db<'_>, query: &StepQuery) -> Result<Option<(Arc<User>, Held)>, StoreError> {
    // What a transaction wrote may still be undone.
    let committed = !db.in_transaction();
    consistent(db, query, |db| {
        let (mut user, mut held) = (None, Held::default());
        db.each(LOAD, keys(query), |row| {
            user = Some(person(db, row, query, committed)?);
            held.take(row, query)
        })?;
        let Some(user) = user else { return Ok(None) };
        held.view.rates = rates::read(db, &query.tenant, &query.rates)?;
        Ok(Some((user, held)))
    })
}

/// The person as they were read before, if they did not change since.
fn person(
    db: &Db<'_>,
    row: Fields<'_, '_>,
    query: &StepQuery,
    committed: bool,
) -> Result<Arc<User>, StoreError> {
    let (known, of) = (&db.shared().known, (&query.tenant, &query.user));
    if let Some(user) = known.find(of, &Mark::read(row, USER)?) {
        return Ok(user);
    }
    let user = Arc::new(users::read(row, USER, &query.tenant, &query.user)?);
    if committed {
        known.put(&user);
    }
    Ok(user)
}

/// Reads what is asked for besides the person.
pub(crate) fn view(db: &Db<'_>, query: &StepQuery) -> Result<Held, StoreError> {
    consistent(db, query, |db| {
        let mut held = Held::default();
        db.each(VIEW, keys(query), |row| held.take(row, query))?;
        held.view.rates = rates::read(db, &query.tenant, &query.rates)?;
        Ok(held)
    })
}

// One statement is consistent by itself.
fn consistent<T>(
    db: &Db<'_>,
    query: &StepQuery,
    read: impl FnOnce(&Db<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if query.rates.is_empty() { read(db) } else { db.view(read) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [LOAD, VIEW] {
            assert_searches(sql);
        }
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        for sql in [LOAD, VIEW] {
            assert_builds_nothing(sql);
        }
    }
}
