//! Values of attributes, and patterns.

use ciam_domain::profile::{
    AttributeId, AttributeValue, Choice, Choices, FieldType, Given, MASK, Pattern, TextFormat, URL_LIMIT,
};

use crate::runner::Fuzz;

fn fields() -> Vec<FieldType> {
    let choice = |value: &str| Choice { value: value.to_owned(), label: String::new() };
    let choices = || Choices::new(["red", "blue"].map(choice).into()).expect("options");
    let pattern = Pattern::parse("[A-Za-z0-9_*]{1,20}").expect("a pattern");
    vec![
        FieldType::Text(TextFormat::Free),
        FieldType::Text(TextFormat::Pattern(pattern)),
        FieldType::Text(TextFormat::Zone),
        FieldType::Text(TextFormat::Locale),
        FieldType::Text(TextFormat::Url),
        FieldType::Date,
        FieldType::Number,
        FieldType::Boolean,
        FieldType::SingleChoice(choices()),
        FieldType::MultipleChoice(choices()),
    ]
}

#[test]
fn values_of_attributes() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/attribute");
    let fields = fields();
    Fuzz { corpus, more: Vec::new(), inputs: 20_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        for field in &fields {
            let Ok(value) = field.accept(&Given::Text(text.to_owned())) else { continue };
            let written = value.to_string();
            assert!(written != MASK && !written.is_empty() && written.chars().count() <= URL_LIMIT);
            assert!(!written.chars().any(char::is_control), "{written:?}");
            assert_eq!(field.accept(&Given::Text(written.clone())), Ok(value.clone()), "a fixed point");
            let canonical = AttributeValue::Text(value.canonical()).canonical();
            assert_eq!(canonical, value.canonical(), "the canonical form is one");
            assert_eq!(format!("{value:?}"), "AttributeValue(..)", "what people write stays out of logs");
        }
        if let Ok(id) = AttributeId::parse(text) {
            assert_eq!(id.to_string(), text);
        }
    });
}

#[test]
fn patterns_of_attributes() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/attribute");
    Fuzz { corpus, more: Vec::new(), inputs: 2_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let Ok(pattern) = Pattern::parse(text) else { return };
        assert_eq!(pattern.as_str(), text);
        let again = Pattern::stored(text);
        for text in [&"a".repeat(512), "\u{10ffff}"] {
            assert_eq!(pattern.matches(text), again.matches(text));
        }
    });
}
