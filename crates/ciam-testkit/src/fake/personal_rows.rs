//! Rows that a host keeps of people beside their accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use async_trait::async_trait;
use ciam::domain::export::Exported;
use ciam::domain::{TenantId, UserId};
use ciam::ports::{Erased, PersonalExtract, PersonalRecords, StoreError};

use super::locked;

#[derive(Debug, Default)]
struct Rows {
    held: HashMap<(TenantId, UserId), u64>,
    notes: HashMap<(TenantId, UserId), Vec<String>>,
    stuck: HashSet<UserId>,
    asked: u32,
}

/// Counts rows of people, and can be told not to let go of somebody's.
#[derive(Debug, Default)]
pub struct PersonalRows(Mutex<Rows>);

impl PersonalRows {
    /// Keeps rows of a person of the default tenant.
    pub fn keep(&self, user: &UserId, rows: u64) {
        self.keep_in(&TenantId::default(), user, rows);
    }

    /// Keeps rows of a person.
    pub fn keep_in(&self, tenant: &TenantId, user: &UserId, rows: u64) {
        locked(&self.0).held.insert((tenant.clone(), user.clone()), rows);
    }

    /// Keeps a note about a person.
    pub fn note(&self, tenant: &TenantId, user: &UserId, note: &str) {
        let mut rows = locked(&self.0);
        rows.notes.entry((tenant.clone(), user.clone())).or_default().push(note.to_owned());
    }

    /// The rows of a person of the default tenant.
    pub fn of(&self, user: &UserId) -> u64 {
        self.in_tenant(&TenantId::default(), user)
    }

    /// The rows of a person.
    pub fn in_tenant(&self, tenant: &TenantId, user: &UserId) -> u64 {
        locked(&self.0).held.get(&(tenant.clone(), user.clone())).copied().unwrap_or_default()
    }

    /// From now on the rows of a person cannot be removed, and half of what is asked for is lost.
    pub fn hold(&self, user: &UserId) {
        locked(&self.0).stuck.insert(user.clone());
    }

    /// From now on all rows can be removed.
    pub fn let_go(&self) {
        locked(&self.0).stuck.clear();
    }

    /// How often it was asked to remove something.
    pub fn asked(&self) -> u32 {
        locked(&self.0).asked
    }
}

#[async_trait]
impl PersonalRecords for PersonalRows {
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError> {
        let mut rows = locked(&self.0);
        rows.asked += 1;
        let key = (tenant.clone(), user.clone());
        if rows.stuck.contains(user) {
            rows.held.entry(key).and_modify(|held| *held /= 2);
            return Err(StoreError::Unavailable("the rows of alice@example.org are locked".into()));
        }
        let notes = rows.notes.remove(&key).map_or(0, |notes| u64::try_from(notes.len()).unwrap_or(u64::MAX));
        Ok(Erased { rows: rows.held.remove(&key).unwrap_or_default() + notes })
    }
}

#[async_trait]
impl PersonalExtract for PersonalRows {
    async fn extract(&self, tenant: &TenantId, user: &UserId) -> Result<Exported, StoreError> {
        let (rows, key) = (locked(&self.0), (tenant.clone(), user.clone()));
        let (held, notes) = (rows.held.get(&key).copied(), rows.notes.get(&key));
        if held.is_none() && notes.is_none() {
            return Ok(Exported::NONE);
        }
        let notes = notes.into_iter().flatten().map(|note| note.as_str().into());
        Ok(Exported::fields([("rows", held.into()), ("notes", Exported::list(notes))]))
    }
}
