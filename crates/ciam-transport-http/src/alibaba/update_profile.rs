//! `PUT /user/info`.

use std::collections::BTreeMap;

use ciam::domain::Refusal;
use ciam::domain::profile::{
    AttributeId, AttributeName, Change, Given, ProfileChange, ProfilePatch, PublicId, StandardAttribute,
};
use ciam::domain::refusal::ProfileRefusal;
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, StepError};
use super::envelope::Reply;
use super::field::{Field, filled, required};
use super::profile;

/// The fields of the vendor's table; every other name is refused with the whole request.
const FIELDS: [StandardAttribute; 13] = [
    StandardAttribute::EnDisplayName,
    StandardAttribute::DisplayName,
    StandardAttribute::Language,
    StandardAttribute::AvatarUuid,
    StandardAttribute::FullName,
    StandardAttribute::Gender,
    StandardAttribute::Birthday,
    StandardAttribute::Country,
    StandardAttribute::Region,
    StandardAttribute::Province,
    StandardAttribute::City,
    StandardAttribute::Street,
    StandardAttribute::Address,
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    uuid: Option<String>,
    dictionary_values: Option<Vec<GivenValue>>,
    #[serde(flatten)]
    fields: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenValue {
    uuid: Option<String>,
    dictionary_uuid: Option<String>,
    #[serde(default)]
    dictionary_value: Value,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

pub(super) async fn update(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, mut body) = call.read::<Update>().await?;
    let whose = required(body.uuid.as_deref(), Field::Uuid)?;
    if whose == who.user().as_str() && body.fields.keys().any(|name| field(name).is_none()) {
        let shown = profile::shown(&ciam, &who).await?;
        let kept = |name: &str, value: &Value| {
            shown.get(name).is_some_and(|known| value.is_null() || known == value)
        };
        body.fields.retain(|name, value| field(name).is_some() || !kept(name, value));
    }
    let fields: Vec<_> = body.fields.keys().map(|name| field(name)).collect();
    let patch = patch(body.fields, body.dictionary_values);
    ciam.update_profile(&who, whose, &patch).await.map_err(|error| named(error, &fields))?;
    Ok(Reply::Done)
}

fn field(name: &str) -> Option<StandardAttribute> {
    FIELDS.into_iter().find(|field| field.key() == name)
}

/// The refusal with the field that it is about, where it is about one of the table: these come first in the patch.
fn named(error: ciam::Error, fields: &[Option<StandardAttribute>]) -> StepError {
    match error {
        ciam::Error::Refused(refused @ Refusal::Change(ProfileRefusal::Malformed, place)) => {
            match fields.get(usize::from(place)) {
                Some(Some(field)) => StepError::Field(refused, *field),
                _ => error.into(),
            }
        }
        other => other.into(),
    }
}

fn patch(fields: BTreeMap<String, Value>, values: Option<Vec<GivenValue>>) -> ProfilePatch {
    let mut patch = ProfilePatch::new();
    for (name, value) in fields {
        let name =
            field(&name).map_or(AttributeName::Unknown, |field| AttributeName::Id(AttributeId::Base(field)));
        patch.push(ProfileChange { name, value: None, change: change(value) });
    }
    for GivenValue { uuid, dictionary_uuid, dictionary_value, others } in values.unwrap_or_default() {
        let public = filled(dictionary_uuid.as_deref()).filter(|_| others.is_empty());
        let name =
            public.map_or(AttributeName::Unknown, |text| AttributeName::Public(PublicId::presented(text)));
        let value = filled(uuid.as_deref()).map(PublicId::presented);
        patch.push(ProfileChange { name, value, change: change(dictionary_value) });
    }
    patch
}

/// `null` keeps, since clients send back what they were shown; a text of nothing but spaces clears.
fn change(value: Value) -> Change {
    match value {
        Value::Null => Change::Keep,
        Value::String(text) if text.trim().is_empty() => Change::Clear,
        Value::String(text) => Change::Set(Given::Text(text)),
        Value::Bool(flag) => Change::Set(Given::Flag(flag)),
        Value::Number(number) => Change::Set(exact(&number)),
        Value::Array(values) => Change::Set(Given::List(texts(values).unwrap_or_default())),
        // A list of nothing is a value of no attribute.
        Value::Object(_) => Change::Set(Given::List(Vec::new())),
    }
}

/// A fraction of more than 15 digits may have been rounded when it was read (IEEE 754): it is taken as a text alone.
fn exact(number: &serde_json::Number) -> Given {
    let text = number.to_string();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if number.is_f64() && digits > 15 { Given::List(Vec::new()) } else { Given::Number(text) }
}

fn texts(values: Vec<Value>) -> Option<Vec<String>> {
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    values.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(value: &str) -> Change {
        Change::Set(Given::Text(value.to_owned()))
    }

    #[test]
    fn null_keeps_and_an_empty_text_clears() {
        assert_eq!(change(Value::Null), Change::Keep);
        for blank in ["", " ", "\t\u{3000}"] {
            assert_eq!(change(json!(blank)), Change::Clear);
        }
        assert_eq!(change(json!("x")), given("x"));
        for (number, digits) in
            [(json!(7), "7"), (json!(-12.5), "-12.5"), (json!(u64::MAX), "18446744073709551615")]
        {
            assert_eq!(change(number), Change::Set(Given::Number(digits.to_owned())));
        }
        assert_eq!(change(json!(true)), Change::Set(Given::Flag(true)));
        for odd in [json!({}), json!([1]), json!([[]]), json!(0.123_456_789_012_345_68)] {
            assert_eq!(change(odd), Change::Set(Given::List(Vec::new())));
        }
    }

    #[test]
    fn a_field_that_the_table_does_not_name_is_unknown() {
        for name in ["nickname", "email", "enabled", "FullName", "uuid "] {
            let fields = BTreeMap::from([(name.to_owned(), json!("x"))]);
            let unknown = ProfileChange { name: AttributeName::Unknown, value: None, change: given("x") };
            let mut expected = ProfilePatch::new();
            expected.push(unknown);
            assert_eq!(patch(fields, None), expected, "{name}");
        }
    }
}
