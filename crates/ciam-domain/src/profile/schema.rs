//! The attributes that a tenant has.

use super::{
    Attribute, AttributeId, Profile, PublicId, SchemaError, StandardAttribute, UserTypeCode, format,
};
use crate::TenantId;

/// How many attributes a tenant may have, base attributes included.
pub const MOST_ATTRIBUTES: usize = 200;

/// How many user types a tenant may have.
pub const MOST_USER_TYPES: usize = 50;

/// A kind of people that has attributes of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserType {
    code: UserTypeCode,
    name: String,
}

impl UserType {
    /// A user type.
    ///
    /// # Errors
    /// [`SchemaError::Label`] where the name is no line of 1 to 128 characters.
    pub fn new(code: UserTypeCode, name: &str) -> Result<Self, SchemaError> {
        let name = name.trim();
        if name.is_empty() || !format::is_label(name) {
            return Err(SchemaError::Label);
        }
        Ok(Self { code, name: name.to_owned() })
    }

    /// Its code.
    #[must_use]
    pub const fn code(&self) -> &UserTypeCode {
        &self.code
    }

    /// What people read.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What clients call it by.
    #[must_use]
    pub fn public_id(&self, tenant: &TenantId) -> PublicId {
        PublicId::of(&["user_type", tenant.as_str(), self.code.as_str()])
    }
}

/// The attributes and user types that a tenant has. Nothing is ever taken out: what is no longer used is disabled, so no
/// value is without its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeSchema {
    version: u64,
    user_types: Vec<UserType>,
    attributes: Vec<Attribute>,
}

impl Default for AttributeSchema {
    fn default() -> Self {
        let base = StandardAttribute::ALL.iter().map(|base| Attribute::base(*base));
        Self { version: 0, user_types: Vec::new(), attributes: base.collect() }
    }
}

impl AttributeSchema {
    /// Takes back what a store has.
    ///
    /// # Errors
    /// The first [`SchemaError`] of a definition.
    pub fn restored(
        version: u64,
        user_types: Vec<UserType>,
        definitions: Vec<Attribute>,
    ) -> Result<Self, SchemaError> {
        let mut schema = Self { version, ..Self::default() };
        for user_type in user_types {
            schema.define_type(user_type)?;
        }
        for attribute in definitions {
            schema.define(attribute)?;
        }
        Ok(schema)
    }

    /// Adds an attribute, or puts it in the place of the one of its id.
    ///
    /// # Errors
    /// [`SchemaError::UnknownUserType`], [`SchemaError::TypeChanged`] or [`SchemaError::TooManyAttributes`].
    pub fn define(&mut self, attribute: Attribute) -> Result<(), SchemaError> {
        if let AttributeId::Extension { user_type, .. } = attribute.id() {
            self.user_type(user_type).ok_or(SchemaError::UnknownUserType)?;
        }
        if let Some(known) = self.attributes.iter_mut().find(|known| known.id() == attribute.id()) {
            if !known.field().is_kept_as(attribute.field()) {
                return Err(SchemaError::TypeChanged);
            }
            *known = attribute;
            return Ok(());
        }
        if self.attributes.len() >= MOST_ATTRIBUTES {
            return Err(SchemaError::TooManyAttributes);
        }
        self.attributes.push(attribute);
        Ok(())
    }

    /// Adds a user type, or gives the one of its code another name.
    ///
    /// # Errors
    /// [`SchemaError::TooManyUserTypes`].
    pub fn define_type(&mut self, user_type: UserType) -> Result<(), SchemaError> {
        if let Some(known) = self.user_types.iter_mut().find(|known| known.code == user_type.code) {
            *known = user_type;
            return Ok(());
        }
        if self.user_types.len() >= MOST_USER_TYPES {
            return Err(SchemaError::TooManyUserTypes);
        }
        self.user_types.push(user_type);
        Ok(())
    }

    /// The compare-and-set counter; 0 where nothing was ever defined.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The same in its next version, to be written in place of this one.
    #[must_use]
    pub const fn succeeding(mut self) -> Self {
        self.version = self.version.saturating_add(1);
        self
    }

    /// Every user type, in the order of their definition.
    #[must_use]
    pub fn user_types(&self) -> &[UserType] {
        &self.user_types
    }

    /// The user type of a code.
    #[must_use]
    pub fn user_type(&self, code: &UserTypeCode) -> Option<&UserType> {
        self.user_types.iter().find(|user_type| user_type.code == *code)
    }

    /// What the tenant defined: attributes of user types, and base attributes that are not as they are by themselves.
    pub fn definitions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| match attribute.id() {
            AttributeId::Base(base) => **attribute != Attribute::base(*base),
            AttributeId::Extension { .. } => true,
        })
    }

    /// The attributes that a person has: the base attributes, then those of their user type.
    pub fn of<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = &'a Attribute> {
        self.attributes.iter().filter(|attribute| match attribute.id() {
            AttributeId::Base(_) => true,
            AttributeId::Extension { user_type, .. } => profile.user_type.as_ref() == Some(user_type),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{FieldType, Flag, Flags, TextFormat};

    fn attribute(id: &str, field: FieldType, flags: Flags) -> Attribute {
        Attribute::new(AttributeId::parse(id).unwrap(), "x", field, flags).unwrap()
    }

    fn user_type(code: &str) -> UserType {
        UserType::new(UserTypeCode::parse(code).unwrap(), code).unwrap()
    }

    #[test]
    fn an_attribute_of_a_type_needs_the_type() {
        let ward = || attribute("doctor:ward", FieldType::Number, Flags::OPEN);
        let mut schema = AttributeSchema::default();
        assert_eq!(schema.define(ward()), Err(SchemaError::UnknownUserType));
        schema.define_type(user_type("doctor")).unwrap();
        assert_eq!(schema.define(ward()), Ok(()));
        let doctor = Profile { user_type: Some(UserTypeCode::parse("doctor").unwrap()), ..Profile::new() };
        let base = StandardAttribute::ALL.len();
        assert_eq!((schema.of(&doctor).count(), schema.of(&Profile::new()).count()), (base + 1, base));
    }

    #[test]
    fn an_attribute_keeps_its_type_for_good() {
        let mut schema = AttributeSchema::default();
        schema.define_type(user_type("doctor")).unwrap();
        schema.define(attribute("doctor:ward", FieldType::Number, Flags::OPEN)).unwrap();
        let text = attribute("doctor:ward", FieldType::Text(TextFormat::Free), Flags::OPEN);
        assert_eq!(schema.define(text), Err(SchemaError::TypeChanged));
        schema.define(attribute("doctor:ward", FieldType::Number, Flags::NONE)).unwrap();
        assert_eq!(schema.definitions().count(), 1, "a definition takes the place of the former one");
    }

    #[test]
    fn what_was_defined_is_restored() {
        let mut schema = AttributeSchema::default();
        assert_eq!(schema.definitions().count(), 0);
        schema.define_type(user_type("doctor")).unwrap();
        let hidden = Flags::OPEN.with(Flag::Sensitive);
        schema.define(attribute("fullName", FieldType::Text(TextFormat::Free), hidden)).unwrap();
        schema.define(attribute("doctor:ward", FieldType::Number, hidden)).unwrap();
        let schema = schema.succeeding();
        let definitions = schema.definitions().cloned().collect();
        let restored = AttributeSchema::restored(1, schema.user_types().to_vec(), definitions);
        assert_eq!(restored, Ok(schema));
    }

    #[test]
    fn there_are_bounds() {
        let mut schema = AttributeSchema::default();
        for n in 0..MOST_USER_TYPES {
            schema.define_type(user_type(&format!("t{n}"))).unwrap();
        }
        assert_eq!(schema.define_type(user_type("more")), Err(SchemaError::TooManyUserTypes));
        for n in StandardAttribute::ALL.len()..MOST_ATTRIBUTES {
            schema.define(attribute(&format!("t0:a{n}"), FieldType::Date, Flags::OPEN)).unwrap();
        }
        let more = attribute("t0:more", FieldType::Date, Flags::OPEN);
        assert_eq!(schema.define(more), Err(SchemaError::TooManyAttributes));
    }
}
