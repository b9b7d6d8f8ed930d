//! What is told of a person in one document: a tree of plain values that can be written as JSON.

use serde_json::{Map, Number, Value};
use time::OffsetDateTime;

use crate::Instant;

/// A value of an export. It is personal data and does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Exported(Value);

impl Exported {
    /// Nothing.
    pub const NONE: Self = Self(Value::Null);

    /// Named values; of two with one name the last counts.
    #[must_use]
    pub fn fields<N: Into<String>>(fields: impl IntoIterator<Item = (N, Self)>) -> Self {
        let named = fields.into_iter().map(|(name, Self(value))| (name.into(), value));
        Self(Value::Object(named.collect::<Map<_, _>>()))
    }

    /// Values in an order.
    #[must_use]
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self(Value::Array(values.into_iter().map(|Self(value)| value).collect()))
    }

    /// The value of a name, where there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Self> {
        self.0.get(name).cloned().map(Self)
    }

    /// The document (RFC 8259), on indented lines.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}", self.0)
    }
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Exported(..)")
    }
}

macro_rules! plain {
    ($($type:ty => $make:expr),* $(,)?) => {
        $(impl From<$type> for Exported {
            fn from(value: $type) -> Self {
                Self($make(value))
            }
        })*
    };
}

plain! {
    &str => Value::from,
    String => Value::from,
    bool => Value::from,
    u32 => |number| Value::Number(Number::from(number)),
    u64 => |number| Value::Number(Number::from(number)),
    usize => |number| Value::Number(Number::from(number)),
    Instant => |at| Value::String(written(at)),
}

impl<T: Into<Self>> From<Option<T>> for Exported {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::NONE, Into::into)
    }
}

/// A moment in UTC to the microsecond (RFC 3339).
fn written(at: Instant) -> String {
    let at = OffsetDateTime::from(at);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", at.microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_json_whatever_people_write_about_themselves() {
        let document = Exported::fields([
            ("name", "a\"b\n\u{202e}</script>".into()),
            ("since", Instant::from_unix_micros(1_655_214_599_000_001).into()),
            ("none", Option::<&str>::None.into()),
            ("counts", Exported::list([3_u32.into(), true.into()])),
        ]);
        let read: Value = serde_json::from_str(&document.to_json()).unwrap();
        assert_eq!(read["name"], "a\"b\n\u{202e}</script>");
        assert_eq!(read["since"], "2022-06-14T13:49:59.000001Z");
        assert_eq!((&read["none"], &read["counts"][1]), (&Value::Null, &Value::Bool(true)));
        assert_eq!(document.get("name"), Some("a\"b\n\u{202e}</script>".into()));
        assert_eq!(format!("{document:?}"), "Exported(..)");
    }
}
