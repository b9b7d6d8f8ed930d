//! Which records of a batch are somebody's, or of an action: their places in the batch, a byte each.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ciam_ports::domain::UserId;
use ciam_ports::domain::audit::Action;
use ciam_ports::{AuditOutcome, AuditQuery, StoreError};

use super::BATCH;
use crate::error::unreadable;
use crate::statement::Db;

/// Nobody's id is empty, so that is where those of the whole tenant are.
const EVERYBODY: &str = "";

/// No action is called so: there are those that were refused, whatever they are.
const REFUSED: &str = "!refused";

pub(super) const RECORDS: &str =
    "SELECT seq - ?1 - 1, tenant, user, action, refusal IS NOT NULL FROM ciam_audit
    WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";

pub(super) const PUT: [&str; 2] = [
    "INSERT INTO ciam_audit_index (tenant, user, batch, places) VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO ciam_audit_actions (tenant, action, batch, places) VALUES (?1, ?2, ?3, ?4)",
];

pub(super) const OF_USER: &str = "SELECT batch, places FROM ciam_audit_index
    WHERE tenant = ?1 AND user = ?2 AND batch > ?3 AND batch <= ?4 ORDER BY batch DESC";

// Of a tenant alone: one person's trail is short, and has its own index.
pub(super) const OF_ACTION: &str = "SELECT batch, places FROM ciam_audit_actions
    WHERE tenant = ?1 AND action = ?2 AND batch > ?3 AND batch <= ?4 ORDER BY batch DESC";

/// A tenant with a person or an action of it, and their places in a batch.
type Lists = BTreeMap<(String, String), Vec<u8>>;

/// Puts a full batch into the index, by its last record.
pub(super) fn append(db: &Db<'_>, batch: i64) -> Result<(), StoreError> {
    let mut lists = [Lists::new(), Lists::new()];
    db.each(RECORDS, (batch - BATCH, batch), |row| {
        let (place, tenant) = (row.get::<u8>(0)?, row.get::<String>(1)?);
        let [people, actions] = &mut lists;
        let put = |lists: &mut Lists, name: String| {
            lists.entry((tenant.clone(), name)).or_default().push(place);
        };
        put(people, row.get(2)?);
        put(people, EVERYBODY.to_owned());
        put(actions, row.get(3)?);
        if row.get(4)? {
            put(actions, REFUSED.to_owned());
        }
        Ok(())
    })?;
    for (sql, lists) in PUT.into_iter().zip(lists) {
        for ((tenant, name), places) in lists {
            db.run(sql, (tenant, name, batch, places))?;
        }
    }
    Ok(())
}

/// Tells the records after the first of two places and up to the second that the index has for a query, newest first.
pub(super) fn each(
    db: &Db<'_>,
    query: &AuditQuery,
    (first, last): (i64, i64),
    mut tell: impl FnMut(i64) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let (sql, name) = match (&query.user, query.outcome, query.action) {
        // Of one action too: refusals are few.
        (None, Some(AuditOutcome::Refused), _) => (OF_ACTION, REFUSED),
        (None, _, Some(action)) => (OF_ACTION, Action::as_str(action)),
        (user, ..) => (OF_USER, user.as_ref().map_or(EVERYBODY, UserId::as_str)),
    };
    let batches = (query.tenant.as_str(), name, first, last.saturating_add(BATCH - 1));
    db.until(sql, batches, |row| {
        let batch: i64 = row.get(0)?;
        let places = row.bytes_if_any(1)?.ok_or_else(|| unreadable("ciam_audit_index.places"))?;
        for place in places.iter().rev() {
            let seq = batch - BATCH + 1 + i64::from(*place);
            if seq <= last && tell(seq)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}
