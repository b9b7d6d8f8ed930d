//! What people say about themselves: values of attributes, as the tenant's schema has them.

mod access;
mod apply;
mod attribute;
mod birthday;
mod definition;
mod field;
mod format;
mod name;
mod number;
mod patch;
mod pattern;
mod public_id;
mod schema;
mod shown;
mod standard;
mod value;

use std::collections::BTreeMap;

pub use access::{Exposure, Sight, Viewer};
pub use attribute::{Attribute, Flag, Flags};
pub use birthday::OLDEST_YEARS;
pub use definition::SchemaError;
pub use field::{Choice, Choices, FieldType, MOST_CHOICES, TextFormat};
pub(crate) use format::is_printable;
pub use format::{MASK, TEXT_LIMIT, URL_LIMIT};
pub use name::{AttributeId, AttributeKey, NameError, UserTypeCode};
pub use number::{MOST_DIGITS, Number};
pub use patch::{
    AttributeName, Change, Given, MOST_CHANGES, ProfileChange, ProfilePatch, RefusedChange, value_id,
};
pub use pattern::{PATTERN_LIMIT, Pattern, PatternError};
pub use public_id::PublicId;
pub use schema::{AttributeSchema, MOST_ATTRIBUTES, MOST_USER_TYPES, UserType};
pub use shown::{AttributeView, Shown};
pub use standard::StandardAttribute;
pub use value::AttributeValue;

use crate::Instant;

/// The profile of a person: part of the account, so that an update is one conditional write.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The type of the person, which says what further attributes there are.
    pub user_type: Option<UserTypeCode>,
    /// The values, by attribute.
    pub values: BTreeMap<AttributeId, ProfileValue>,
    /// When a value was changed last (`updated_at` of OpenID Connect).
    pub updated_at: Option<Instant>,
}

/// A value of an attribute.
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileValue {
    /// The value.
    pub value: AttributeValue,
    /// Whether others may have it too.
    pub holding: Holding,
}

/// Whether others may have a value too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// They may.
    Shared,
    /// No other account of the tenant may: the attribute was unique when the value was written.
    Alone,
}

impl Profile {
    /// A profile without any value.
    #[must_use]
    pub const fn new() -> Self {
        Self { user_type: None, values: BTreeMap::new(), updated_at: None }
    }

    /// The text of a base attribute.
    #[must_use]
    pub fn text(&self, attribute: StandardAttribute) -> Option<&str> {
        match self.values.get(&AttributeId::Base(attribute)).map(|held| &held.value) {
            Some(AttributeValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Puts a text in place as it is, or takes it away: what the host knows of a person is not asked by a schema.
    pub fn set_text(&mut self, attribute: StandardAttribute, text: Option<String>) {
        let id = AttributeId::Base(attribute);
        match text {
            Some(text) => {
                let held = ProfileValue { value: AttributeValue::Text(text), holding: Holding::Shared };
                self.values.insert(id, held);
            }
            None => drop(self.values.remove(&id)),
        }
    }

    /// What nobody else of the tenant may have: attributes with the canonical form of their value.
    pub fn claims(&self) -> impl Iterator<Item = (&AttributeId, String)> {
        self.values.iter().filter_map(|(id, held)| Some((id, held.unique()?)))
    }

    /// Gives the person another type, or none. Values of attributes of the former type go.
    pub fn change_type(&mut self, user_type: Option<UserTypeCode>, now: Instant) {
        self.user_type = user_type;
        let keeps = |id: &AttributeId| match id {
            AttributeId::Base(_) => true,
            AttributeId::Extension { user_type, .. } => self.user_type.as_ref() == Some(user_type),
        };
        self.values.retain(|id, _| keeps(id));
        self.updated_at = Some(now);
    }
}

impl ProfileValue {
    /// The canonical form by which the value is nobody else's, where it is.
    #[must_use]
    pub fn unique(&self) -> Option<String> {
        match self.holding {
            Holding::Shared => None,
            Holding::Alone => Some(self.value.canonical()),
        }
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write about themselves stays out of logs.
        f.debug_struct("Profile")
            .field("user_type", &self.user_type)
            .field("values", &self.values.len())
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

impl std::fmt::Debug for ProfileValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileValue").field("holding", &self.holding).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_type_takes_the_values_of_the_former_one_along() {
        let code = |code| UserTypeCode::parse(code).unwrap();
        let (doctor, patient) = (code("doctor"), code("patient"));
        let own = |user_type| AttributeId::Extension { user_type, key: AttributeKey::parse("ward").unwrap() };
        let mut profile = Profile { user_type: Some(doctor.clone()), ..Profile::new() };
        profile.set_text(StandardAttribute::Nickname, Some("Al".to_owned()));
        let held = ProfileValue { value: AttributeValue::Text("7".to_owned()), holding: Holding::Alone };
        profile.values.insert(own(doctor.clone()), held);
        let now = Instant::from_unix_seconds(1);
        profile.change_type(Some(doctor), now);
        assert_eq!(profile.values.len(), 2, "the same type keeps all");
        profile.change_type(Some(patient), now);
        assert_eq!(profile.claims().count(), 0);
        assert_eq!(profile.text(StandardAttribute::Nickname), Some("Al"));
    }

    #[test]
    fn no_value_is_shown_in_a_log() {
        let mut profile = Profile::new();
        profile.set_text(StandardAttribute::Nickname, Some("Lid\nINFO".to_owned()));
        let shown = format!("{profile:?} {:?}", profile.values.values().next());
        assert!(!shown.contains("Lid"), "{shown}");
    }
}
