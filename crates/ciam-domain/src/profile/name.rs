//! Names of attributes and user types.

use std::sync::Arc;

use super::StandardAttribute;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name is a letter and up to 31 more of a-z, A-Z, 0-9, '_' or '-'")]
pub struct NameError;

fn parse(text: &str) -> Result<Arc<str>, NameError> {
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let known = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if begins && known && text.len() <= 32 { Ok(text.into()) } else { Err(NameError) }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads a name: a letter and up to 31 more of `a-z A-Z 0-9 _ -`.
            ///
            /// # Errors
            /// [`NameError`] for anything else.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                parse(text).map(Self)
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The code of a user type; unique within a tenant, and never changed.
    UserTypeCode
}

name! {
    /// The key of an attribute of a user type; unique within the type, and never changed.
    AttributeKey
}

/// Which attribute of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeId {
    /// One that everybody has.
    Base(StandardAttribute),
    /// One that the people of a user type have.
    Extension {
        /// The type.
        user_type: UserTypeCode,
        /// Its key there.
        key: AttributeKey,
    },
}

impl AttributeId {
    /// Reads what [`std::fmt::Display`] gives: the key, for an attribute of a user type with its code and a colon
    /// before it.
    ///
    /// # Errors
    /// [`NameError`] where it names no base attribute, or has no such form.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.split_once(':') {
            None => StandardAttribute::parse(text).map(Self::Base).ok_or(NameError),
            Some((user_type, key)) => {
                let (user_type, key) = (UserTypeCode::parse(user_type)?, AttributeKey::parse(key)?);
                Ok(Self::Extension { user_type, key })
            }
        }
    }

    /// Whether it is this base attribute.
    #[must_use]
    pub fn is(&self, attribute: StandardAttribute) -> bool {
        *self == Self::Base(attribute)
    }

    /// The key, which two user types may both have.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Base(attribute) => attribute.key(),
            Self::Extension { key, .. } => key.as_str(),
        }
    }
}

impl std::fmt::Display for AttributeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Base(attribute) => f.write_str(attribute.key()),
            Self::Extension { user_type, key } => write!(f, "{user_type}:{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_read_back_is_the_one_it_was() {
        for text in ["fullName", "zoneinfo", "doctor:ward", "doctor:fullName"] {
            assert_eq!(AttributeId::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(AttributeId::parse("doctor:ward").unwrap().key(), "ward");
    }

    #[test]
    fn what_is_no_name_names_nothing() {
        for text in ["", "ward", "doctor:", ":ward", "doctor:ward:x", "7:ward", "doctor:wárd", "a b:c"] {
            assert_eq!(AttributeId::parse(text), Err(NameError), "{text:?}");
        }
        assert!(AttributeKey::parse(&"x".repeat(32)).is_ok());
        assert!(AttributeKey::parse(&"x".repeat(33)).is_err());
    }
}
