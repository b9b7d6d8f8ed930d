//! Values of attributes.

use time::Date;
use unicode_normalization::UnicodeNormalization as _;

use super::Number;

/// A value of an attribute; [`std::fmt::Display`] gives its text on the wire.
#[derive(Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// A text, or the option that was chosen.
    Text(String),
    /// A date.
    Date(Date),
    /// A decimal number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// The options that were chosen.
    Choices(Vec<String>),
}

impl AttributeValue {
    /// A date by the number of its day, as stores keep it.
    #[must_use]
    pub fn from_julian_day(day: i32) -> Option<Self> {
        Date::from_julian_day(day).ok().map(Self::Date)
    }

    /// The one spelling by which values are compared: compatible characters and letter cases are one.
    #[must_use]
    pub fn canonical(&self) -> String {
        let text = self.to_string();
        match self {
            Self::Text(_) => text.nfkc().collect::<String>().to_lowercase().nfkc().collect(),
            Self::Date(_) | Self::Number(_) | Self::Boolean(_) | Self::Choices(_) => text,
        }
    }
}

impl std::fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Date(date) => {
                write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
            }
            Self::Number(number) => f.write_str(number.as_str()),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Choices(values) => f.write_str(&values.join(",")),
        }
    }
}

impl std::fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write about themselves stays out of logs.
        f.write_str("AttributeValue(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_are_one() {
        let canonical = |text: &str| AttributeValue::Text(text.to_owned()).canonical();
        for other in ["ＡＢ-１", "ab-1", "Ab-1"] {
            assert_eq!(canonical(other), canonical("AB-1"), "{other}");
        }
        assert_ne!(canonical("AB-1"), canonical("AB-2"));
        assert_eq!(canonical("e\u{301}"), canonical("é"));
    }

    #[test]
    fn a_value_is_not_shown() {
        assert_eq!(format!("{:?}", AttributeValue::Text("x".to_owned())), "AttributeValue(..)");
    }
}
