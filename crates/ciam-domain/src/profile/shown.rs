//! What somebody is shown of a profile.

use super::{Attribute, AttributeSchema, AttributeValue, MASK, Profile, Sight, Viewer};

/// What is shown of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// There is none.
    Absent,
    /// There is one, and it is masked.
    Masked,
    /// This.
    Plain(AttributeValue),
}

/// An attribute with what is shown of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeView {
    /// The attribute.
    pub attribute: Attribute,
    /// The value.
    pub value: Shown,
}

impl Shown {
    /// The text on the wire: the value, or [`MASK`].
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Masked => Some(MASK.to_owned()),
            Self::Plain(value) => Some(value.to_string()),
        }
    }
}

impl AttributeSchema {
    /// What somebody sees of a profile, in the order of the schema.
    #[must_use]
    pub fn view(&self, profile: &Profile, by: Viewer) -> Vec<AttributeView> {
        let seen = |attribute: &Attribute| {
            let value = profile.values.get(attribute.id()).map(|held| &held.value);
            let value = match (by.sees(attribute), value) {
                (Sight::Hidden, _) => return None,
                (_, None) => Shown::Absent,
                (Sight::Masked, Some(_)) => Shown::Masked,
                (Sight::Plain, Some(value)) => Shown::Plain(value.clone()),
            };
            Some(AttributeView { attribute: attribute.clone(), value })
        };
        self.of(profile).filter_map(seen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{AttributeId, Exposure, FieldType, Flag, Flags, StandardAttribute, TextFormat};

    #[test]
    fn a_sensitive_value_shows_neither_itself_nor_its_length() {
        let mut schema = AttributeSchema::default();
        let id = AttributeId::Base(StandardAttribute::FullName);
        let (field, flags) = (FieldType::Text(TextFormat::Free), Flags::OPEN.with(Flag::Sensitive));
        schema.define(Attribute::new(id, "Full name", field, flags).unwrap()).unwrap();
        for name in ["Al", "Alice Pleasance Liddell"] {
            let mut profile = Profile::new();
            profile.set_text(StandardAttribute::FullName, Some(name.to_owned()));
            let text = |by| {
                let shown = schema.view(&profile, by);
                let full = |view: &&AttributeView| view.attribute.id().key() == "fullName";
                shown.iter().find(full).and_then(|view| view.value.text())
            };
            assert_eq!(text(Viewer::Owner(Exposure::Masked)).as_deref(), Some(MASK));
            assert_eq!(text(Viewer::Owner(Exposure::Plain)).as_deref(), Some(name));
        }
        let nothing = schema.view(&Profile::new(), Viewer::Owner(Exposure::Masked));
        assert!(
            nothing.iter().all(|view| view.value == Shown::Absent),
            "where nothing is, nothing is masked"
        );
    }
}
