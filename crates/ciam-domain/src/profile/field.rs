//! What the values of an attribute are.

use super::{AttributeValue, Given, Number, Pattern, SchemaError, format};
use crate::refusal::ProfileRefusal;

/// How many options an attribute may have.
pub const MOST_CHOICES: usize = 100;

/// What the values of an attribute are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A text.
    Text(TextFormat),
    /// A date of the Gregorian calendar.
    Date,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
    /// One of several options.
    SingleChoice(Choices),
    /// Any of several options.
    MultipleChoice(Choices),
}

/// What a text must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFormat {
    /// Anything that can be printed in a line.
    Free,
    /// What a pattern matches.
    Pattern(Pattern),
    /// The name of a time zone in the database of IANA; it is kept in the spelling of the database.
    Zone,
    /// A BCP 47 tag; it is kept in its canonical spelling.
    Locale,
    /// An address of the web: `http` or `https`, without credentials.
    Url,
}

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is stored: 1 to 64 printable characters, no comma.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// The options of an attribute, 1 to [`MOST_CHOICES`] of them, each value once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices(Vec<Choice>);

impl Choices {
    /// Takes options.
    ///
    /// # Errors
    /// [`SchemaError::Choices`] where there are none or too many, or where a value is no value or stands twice.
    pub fn new(choices: Vec<Choice>) -> Result<Self, SchemaError> {
        let twice = |at: usize| choices.iter().take(at).any(|other| other.value == choices[at].value);
        let sound = |choice: &Choice| is_option(&choice.value) && format::is_label(&choice.label);
        let fits = (1..=MOST_CHOICES).contains(&choices.len());
        if fits && choices.iter().all(sound) && !(0..choices.len()).any(twice) {
            return Ok(Self(choices));
        }
        Err(SchemaError::Choices)
    }

    /// The options, in their order.
    #[must_use]
    pub fn all(&self) -> &[Choice] {
        &self.0
    }

    fn has(&self, value: &str) -> bool {
        self.0.iter().any(|choice| choice.value == value)
    }
}

fn is_option(value: &str) -> bool {
    (1..=64).contains(&value.chars().count())
        && value.trim() == value
        && !value.contains(',')
        && value.chars().all(format::is_printable)
        && !format::looks_masked(value)
}

impl FieldType {
    /// Reads a value.
    ///
    /// # Errors
    /// [`ProfileRefusal::Malformed`] where it is no value of this type.
    pub fn accept(&self, given: &Given) -> Result<AttributeValue, ProfileRefusal> {
        self.read(given).ok_or(ProfileRefusal::Malformed)
    }

    fn read(&self, given: &Given) -> Option<AttributeValue> {
        match (self, given) {
            (Self::Text(format), Given::Text(text)) => format.accept(text).map(AttributeValue::Text),
            (Self::Date, Given::Text(text)) => format::date(text).map(AttributeValue::Date),
            (Self::Number, Given::Text(text) | Given::Number(text)) => {
                Number::parse(text.trim()).map(AttributeValue::Number)
            }
            (Self::Boolean, Given::Flag(flag)) => Some(AttributeValue::Boolean(*flag)),
            (Self::Boolean, Given::Text(text)) => text.trim().parse().ok().map(AttributeValue::Boolean),
            (Self::SingleChoice(choices), Given::Text(text)) => {
                choices.has(text).then(|| AttributeValue::Text(text.clone()))
            }
            (Self::MultipleChoice(choices), Given::Text(text)) => {
                choices.select(&text.split(',').map(str::trim).collect::<Vec<_>>())
            }
            (Self::MultipleChoice(choices), Given::List(values)) => {
                choices.select(&values.iter().map(String::as_str).collect::<Vec<_>>())
            }
            (_, Given::Number(_) | Given::Flag(_) | Given::List(_)) => None,
        }
    }

    /// Whether values of the two are kept alike, so that one may become the other.
    #[must_use]
    pub const fn is_kept_as(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Text(_) | Self::SingleChoice(_), Self::Text(_) | Self::SingleChoice(_))
                | (Self::Date, Self::Date)
                | (Self::Number, Self::Number)
                | (Self::Boolean, Self::Boolean)
                | (Self::MultipleChoice(_), Self::MultipleChoice(_))
        )
    }

    /// The options, where there are any.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::SingleChoice(choices) | Self::MultipleChoice(choices) => choices.all(),
            Self::Text(_) | Self::Date | Self::Number | Self::Boolean => &[],
        }
    }

    /// Whether it can be that nobody has a value of another.
    #[must_use]
    pub const fn can_be_unique(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Date | Self::Number)
    }
}

impl Choices {
    /// The options that are named, in the order of the options; each must be one.
    fn select(&self, values: &[&str]) -> Option<AttributeValue> {
        if values.is_empty() || !values.iter().all(|value| self.has(value)) {
            return None;
        }
        let chosen = self.0.iter().filter(|choice| values.contains(&choice.value.as_str()));
        Some(AttributeValue::Choices(chosen.map(|choice| choice.value.clone()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(values: &[&str]) -> Result<Choices, SchemaError> {
        let choice = |value: &&str| Choice { value: (*value).to_owned(), label: String::new() };
        Choices::new(values.iter().map(choice).collect())
    }

    fn text(text: &str) -> Given {
        Given::Text(text.to_owned())
    }

    #[test]
    fn options_are_told_apart_and_can_be_listed() {
        for bad in [&[][..], &["a", "a"], &["a,b"], &[""], &[" a"], &["****"], &["a\n"]] {
            assert_eq!(choices(bad), Err(SchemaError::Choices), "{bad:?}");
        }
        assert!(choices(&["a", "b"]).is_ok());
    }

    #[test]
    fn a_choice_is_one_of_the_options() {
        let single = FieldType::SingleChoice(choices(&["red", "blue"]).unwrap());
        assert_eq!(single.accept(&text("red")).unwrap().to_string(), "red");
        for wrong in [text("green"), text("red,blue"), text(""), Given::Flag(true)] {
            assert_eq!(single.accept(&wrong), Err(ProfileRefusal::Malformed));
        }
        let several = FieldType::MultipleChoice(choices(&["red", "blue"]).unwrap());
        let both = several.accept(&Given::List(vec!["blue".to_owned(), "red".to_owned()])).unwrap();
        assert_eq!(both.to_string(), "red,blue", "in the order of the options");
        assert_eq!(several.accept(&text("blue, red")).unwrap(), both);
        assert!(several.accept(&text("blue,green")).is_err());
        assert!(several.accept(&Given::List(Vec::new())).is_err());
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let list = Given::List(vec!["a".to_owned()]);
        for (field, wrong) in [
            (FieldType::Date, text("2022-02-30")),
            (FieldType::Date, Given::Flag(true)),
            (FieldType::Number, text("one")),
            (FieldType::Boolean, text("yes")),
            (FieldType::Text(TextFormat::Free), list),
            (FieldType::Text(TextFormat::Free), Given::Number("5".to_owned())),
            (FieldType::Date, Given::Number("20220101".to_owned())),
            (FieldType::Boolean, Given::Number("1".to_owned())),
        ] {
            assert_eq!(field.accept(&wrong), Err(ProfileRefusal::Malformed), "{field:?}");
        }
        let seven = Given::Number("7".to_owned());
        assert_eq!(FieldType::Number.accept(&seven), FieldType::Number.accept(&text("7")));
        assert_eq!(FieldType::Boolean.accept(&text("true")), FieldType::Boolean.accept(&Given::Flag(true)));
    }
}
