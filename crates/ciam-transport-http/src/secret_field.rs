//! A field of a request that never shows itself.

use std::fmt;

use ciam::domain::secret::SecretText;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A JSON string that goes straight into a [`SecretText`].
#[derive(Debug)]
pub(crate) struct SecretField(pub(crate) SecretText);

impl<'de> Deserialize<'de> for SecretField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = SecretField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SecretField, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<SecretField, E> {
        Ok(SecretField(SecretText::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_whole_and_not_shown() {
        let field: SecretField = serde_json::from_str(r#" "a\nb" "#).unwrap();
        assert_eq!(field.0.expose(), "a\nb");
        assert!(!format!("{field:?}").contains('a'), "{field:?}");
    }

    #[test]
    fn nothing_but_a_text_is_taken() {
        for other in ["1", "true", "null", "[\"a\"]", "{\"a\":\"b\"}"] {
            assert!(serde_json::from_str::<SecretField>(other).is_err(), "{other}");
        }
    }
}
