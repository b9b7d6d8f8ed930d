//! What a sabotage remembers.

use std::sync::{Mutex, PoisonError};

use ciam_ports::Handle;
use ciam_ports::domain::{TenantId, UserId};

/// Values in the order in which they came.
pub(super) struct Notes<T>(Mutex<Vec<T>>);

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Notes<T> {
    pub(super) fn add(&self, values: impl IntoIterator<Item = T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(values);
    }

    pub(super) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Notes<(TenantId, Handle, UserId)> {
    /// Notes whom a handle leads to, and tells whom it led to first.
    pub(super) fn first(
        &self,
        (tenant, handle): (&TenantId, &Handle),
        found: Option<UserId>,
    ) -> Option<UserId> {
        self.add(found.map(|user| (tenant.clone(), handle.clone(), user)));
        let first = self.all().into_iter().find(|(held, known, _)| held == tenant && known == handle);
        first.map(|(.., user)| user)
    }
}
