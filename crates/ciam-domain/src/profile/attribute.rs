//! The definition of an attribute.

use super::{AttributeId, FieldType, PublicId, SchemaError, StandardAttribute, TextFormat, format};
use crate::TenantId;

/// A property of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// It is in use.
    Enabled,
    /// The person may change it.
    Modifiable,
    /// No two accounts of the tenant have the same value.
    Unique,
    /// The person sees it.
    Shown,
    /// It is masked.
    Sensitive,
}

/// The properties of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// In use, shown, and changed by the person.
    pub const OPEN: Self = Self(Flag::Enabled.bit() | Flag::Modifiable.bit() | Flag::Shown.bit());

    /// No property at all.
    pub const NONE: Self = Self(0);

    /// The same with a property.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// The same without a property.
    #[must_use]
    pub const fn without(self, flag: Flag) -> Self {
        Self(self.0 & !flag.bit())
    }

    /// Whether a property is among them.
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }
}

impl Flag {
    /// Every property.
    pub const ALL: [Self; 5] = [Self::Enabled, Self::Modifiable, Self::Unique, Self::Shown, Self::Sensitive];

    const fn bit(self) -> u8 {
        match self {
            Self::Enabled => 1,
            Self::Modifiable => 2,
            Self::Unique => 4,
            Self::Shown => 8,
            Self::Sensitive => 16,
        }
    }

    /// The stable name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Modifiable => "modifiable",
            Self::Unique => "unique",
            Self::Shown => "shown",
            Self::Sensitive => "sensitive",
        }
    }

    /// Finds the property of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == name)
    }
}

/// The definition of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    id: AttributeId,
    label: String,
    field: FieldType,
    flags: Flags,
    remark: Option<String>,
}

impl Attribute {
    /// Defines an attribute.
    ///
    /// # Errors
    /// [`SchemaError::Unique`] where values of the type cannot be unique; [`SchemaError::Label`];
    /// [`SchemaError::TypeChanged`] where a base attribute would be more than narrowed.
    pub fn new(id: AttributeId, label: &str, field: FieldType, flags: Flags) -> Result<Self, SchemaError> {
        if flags.has(Flag::Unique) && !field.can_be_unique() {
            return Err(SchemaError::Unique);
        }
        if label.trim().is_empty() || !format::is_label(label) {
            return Err(SchemaError::Label);
        }
        match &id {
            AttributeId::Base(base) if !narrows(&base.field(), &field) => Err(SchemaError::TypeChanged),
            _ => Ok(Self { id, label: label.trim().to_owned(), field, flags, remark: None }),
        }
    }

    /// The same with a remark, which clients are shown.
    ///
    /// # Errors
    /// [`SchemaError::Label`].
    pub fn with_remark(self, remark: Option<String>) -> Result<Self, SchemaError> {
        if remark.as_deref().is_none_or(format::is_label) {
            return Ok(Self { remark, ..self });
        }
        Err(SchemaError::Label)
    }

    /// A base attribute as it is where the tenant does not define it.
    #[must_use]
    pub fn base(base: StandardAttribute) -> Self {
        Self {
            id: AttributeId::Base(base),
            label: base.label().to_owned(),
            field: base.field(),
            flags: Flags::OPEN,
            remark: None,
        }
    }

    /// Which attribute it is.
    #[must_use]
    pub const fn id(&self) -> &AttributeId {
        &self.id
    }

    /// What people read.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What its values are.
    #[must_use]
    pub const fn field(&self) -> &FieldType {
        &self.field
    }

    /// Its properties.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// Whether it has a property.
    #[must_use]
    pub const fn is(&self, flag: Flag) -> bool {
        self.flags.has(flag)
    }

    /// What is noted about it.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// What clients call it by.
    #[must_use]
    pub fn public_id(&self, tenant: &TenantId) -> PublicId {
        PublicId::of(&["attribute", tenant.as_str(), &self.id.to_string()])
    }
}

/// Whether a base attribute may be defined so: a free text may get a pattern or options, all else stays.
fn narrows(from: &FieldType, to: &FieldType) -> bool {
    let narrower =
        matches!(to, FieldType::Text(TextFormat::Free | TextFormat::Pattern(_)) | FieldType::SingleChoice(_));
    match from {
        FieldType::Text(TextFormat::Free) => narrower,
        _ => from == to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Pattern;

    #[test]
    fn flags_are_independent_of_each_other() {
        for flag in Flag::ALL {
            assert!(Flags::NONE.with(flag).has(flag));
            assert!(Flag::ALL.into_iter().filter(|other| Flags::NONE.with(flag).has(*other)).count() == 1);
            assert_eq!(Flags::NONE.with(flag).without(flag), Flags::NONE);
            assert_eq!(Flag::parse(flag.as_str()), Some(flag));
        }
        assert!(!Flags::OPEN.has(Flag::Unique) && !Flags::OPEN.has(Flag::Sensitive));
    }

    #[test]
    fn a_base_attribute_is_narrowed_and_never_turned_into_another_thing() {
        let define = |base, field| Attribute::new(AttributeId::Base(base), "x", field, Flags::OPEN).err();
        let pattern = FieldType::Text(TextFormat::Pattern(Pattern::parse("x+").unwrap()));
        assert_eq!(define(StandardAttribute::Gender, pattern.clone()), None);
        let changed = Some(SchemaError::TypeChanged);
        assert_eq!(define(StandardAttribute::Gender, FieldType::Number), changed);
        assert_eq!(define(StandardAttribute::Birthday, pattern.clone()), changed);
        assert_eq!(define(StandardAttribute::ZoneInfo, pattern), changed);
        assert_eq!(define(StandardAttribute::Birthday, FieldType::Date), None);
    }

    #[test]
    fn what_has_few_values_cannot_be_unique() {
        let id = AttributeId::parse("doctor:on-duty").unwrap();
        let refused = Attribute::new(id, "On duty", FieldType::Boolean, Flags::OPEN.with(Flag::Unique));
        assert_eq!(refused, Err(SchemaError::Unique));
    }

    #[test]
    fn a_label_is_a_line() {
        let id = || AttributeId::parse("doctor:ward").unwrap();
        for label in ["", " ", "a\nb", &"x".repeat(129)] {
            let refused = Attribute::new(id(), label, FieldType::Number, Flags::OPEN);
            assert_eq!(refused, Err(SchemaError::Label), "{label:?}");
        }
        let sound = Attribute::new(id(), "Ward", FieldType::Number, Flags::OPEN).unwrap();
        assert_eq!(sound.with_remark(Some("\u{1b}[31m".to_owned())), Err(SchemaError::Label));
    }
}
