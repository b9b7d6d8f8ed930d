//! Values of attributes that one account has for itself.

use std::collections::HashMap;

use ciam_ports::StoreError;
use ciam_ports::domain::profile::AttributeId;
use ciam_ports::domain::{User, UserId};
use ciam_ports::store::UniqueField;

/// Who has a value, by attribute and canonical form.
#[derive(Default)]
pub(crate) struct AttributeValues(HashMap<AttributeId, HashMap<String, UserId>>);

impl AttributeValues {
    pub(crate) fn check(&self, user: &User) -> Result<(), StoreError> {
        let owner =
            |(id, value): (&AttributeId, String)| self.0.get(id).and_then(|values| values.get(&value));
        if user.profile.claims().filter_map(owner).any(|owner| *owner != user.id) {
            return Err(StoreError::Conflict { field: UniqueField::Attribute });
        }
        Ok(())
    }

    pub(crate) fn pass_on(&mut self, former: Option<&User>, next: &User) {
        if former.is_some_and(|former| former.profile == next.profile) {
            return;
        }
        for (id, value) in former.into_iter().flat_map(|former| former.profile.claims()) {
            if let Some(values) = self.0.get_mut(id) {
                values.remove(&value);
            }
        }
        for (id, value) in next.profile.claims() {
            self.0.entry(id.clone()).or_default().insert(value, next.id.clone());
        }
    }
}
