//! `PUT /user/info`.

use std::collections::BTreeMap;

use ciam::domain::Refusal;
use ciam::domain::profile::{
    AttributeId, AttributeName, Change, Given, ProfileChange, ProfilePatch, PublicId, StandardAttribute,
};
use ciam::domain::refusal::ProfileRefusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

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

/// An object whose values are kept as they were written, since a number may have more digits than `f64` holds.
type Object = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
#[serde(try_from = "Object")]
struct Update {
    uuid: Option<String>,
    dictionary_values: Vec<GivenValue>,
    fields: Object,
}

impl TryFrom<Object> for Update {
    type Error = serde_json::Error;

    fn try_from(mut body: Object) -> Result<Self, Self::Error> {
        Ok(Self {
            uuid: taken(&mut body, "uuid")?,
            dictionary_values: taken::<Option<_>>(&mut body, "dictionaryValues")?.unwrap_or_default(),
            fields: body,
        })
    }
}

#[derive(Deserialize)]
#[serde(try_from = "Object")]
struct GivenValue {
    uuid: Option<String>,
    dictionary_uuid: Option<String>,
    change: Change,
    has_other_keys: bool,
}

impl TryFrom<Object> for GivenValue {
    type Error = serde_json::Error;

    fn try_from(mut object: Object) -> Result<Self, Self::Error> {
        Ok(Self {
            uuid: taken(&mut object, "uuid")?,
            dictionary_uuid: taken(&mut object, "dictionaryUuid")?,
            change: object.remove("dictionaryValue").map_or(Change::Keep, |value| change(&value)),
            has_other_keys: !object.is_empty(),
        })
    }
}

/// Takes what stands under a key, or what a type makes of `null`.
fn taken<T: DeserializeOwned>(object: &mut Object, key: &str) -> serde_json::Result<T> {
    let value = object.remove(key);
    serde_json::from_str(value.as_ref().map_or("null", |value| value.get()))
}

pub(super) async fn update(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, mut body) = call.read_as_written::<Update>().await?;
    let whose = required(body.uuid.as_deref(), Field::Uuid)?;
    if whose == who.user().as_str() && body.fields.keys().any(|name| field(name).is_none()) {
        let shown = profile::shown(&ciam, &who).await?;
        let kept = |name: &str, value: &RawValue| {
            let value = serde_json::from_str(value.get()).ok();
            let same = |known: &Value| value.is_some_and(|value: Value| value.is_null() || *known == value);
            shown.get(name).is_some_and(same)
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

fn patch(fields: Object, values: Vec<GivenValue>) -> ProfilePatch {
    let mut patch = ProfilePatch::new();
    for (name, value) in fields {
        let name =
            field(&name).map_or(AttributeName::Unknown, |field| AttributeName::Id(AttributeId::Base(field)));
        patch.push(ProfileChange { name, value: None, change: change(&value) });
    }
    for GivenValue { uuid, dictionary_uuid, change, has_other_keys } in values {
        let public = filled(dictionary_uuid.as_deref()).filter(|_| !has_other_keys);
        let name =
            public.map_or(AttributeName::Unknown, |text| AttributeName::Public(PublicId::presented(text)));
        let value = filled(uuid.as_deref()).map(PublicId::presented);
        patch.push(ProfileChange { name, value, change });
    }
    patch
}

/// `null` keeps, since clients send back what they were shown; a text of nothing but spaces clears. A number is taken
/// with the digits that it is written with.
fn change(value: &RawValue) -> Change {
    match serde_json::from_str(value.get()) {
        Ok(Value::Null) => Change::Keep,
        Ok(Value::String(text)) if text.trim().is_empty() => Change::Clear,
        Ok(Value::String(text)) => Change::Set(Given::Text(text)),
        Ok(Value::Bool(flag)) => Change::Set(Given::Flag(flag)),
        Ok(Value::Number(_)) => Change::Set(Given::Number(value.get().to_owned())),
        Ok(Value::Array(values)) => Change::Set(Given::List(texts(values).unwrap_or_default())),
        // A list of nothing is a value of no attribute.
        Ok(Value::Object(_)) | Err(_) => Change::Set(Given::List(Vec::new())),
    }
}

fn texts(values: Vec<Value>) -> Option<Vec<String>> {
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    values.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: &str) -> Change {
        Change::Set(Given::Text(value.to_owned()))
    }

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn null_keeps_and_an_empty_text_clears() {
        assert_eq!(change(&raw("null")), Change::Keep);
        for blank in [r#""""#, r#"" ""#, r#""\t\u3000""#] {
            assert_eq!(change(&raw(blank)), Change::Clear);
        }
        assert_eq!(change(&raw(r#""x""#)), given("x"));
        assert_eq!(change(&raw("true")), Change::Set(Given::Flag(true)));
        for odd in ["{}", "[1]", "[[]]"] {
            assert_eq!(change(&raw(odd)), Change::Set(Given::List(Vec::new())));
        }
    }

    #[test]
    fn a_number_keeps_the_digits_it_is_written_with() {
        for digits in ["7", "-12.50", "18446744073709551616", "0.123456789012345678901234567890", "1e3"] {
            assert_eq!(change(&raw(digits)), Change::Set(Given::Number(digits.to_owned())));
        }
    }

    #[test]
    fn a_field_that_the_table_does_not_name_is_unknown() {
        for name in ["nickname", "email", "enabled", "FullName", "uuid "] {
            let fields = BTreeMap::from([(name.to_owned(), raw(r#""x""#))]);
            let unknown = ProfileChange { name: AttributeName::Unknown, value: None, change: given("x") };
            let mut expected = ProfilePatch::new();
            expected.push(unknown);
            assert_eq!(patch(fields, Vec::new()), expected, "{name}");
        }
    }
}
