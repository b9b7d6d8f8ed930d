//! `PUT /user/info`.

use std::collections::BTreeMap;

use ciam::domain::profile::{
    AttributeId, AttributeName, Change, Given, ProfileChange, ProfilePatch, PublicId, StandardAttribute,
};
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, StepError};
use super::envelope::Reply;
use super::field::{Field, filled, required};

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
    let (ciam, who, body) = call.read::<Update>().await?;
    let whose = required(body.uuid.as_deref(), Field::Uuid)?;
    ciam.update_profile(&who, whose, &patch(body.fields, body.dictionary_values)).await?;
    Ok(Reply::Done)
}

fn patch(fields: BTreeMap<String, Value>, values: Option<Vec<GivenValue>>) -> ProfilePatch {
    let mut patch = ProfilePatch::new();
    for (name, value) in fields {
        let field = FIELDS.into_iter().find(|field| field.key() == name);
        let name = field.map_or(AttributeName::Unknown, |field| AttributeName::Id(AttributeId::Base(field)));
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

/// `null` keeps, since clients send back what they were shown; an empty text clears.
fn change(value: Value) -> Change {
    match value {
        Value::Null => Change::Keep,
        Value::String(text) if text.is_empty() => Change::Clear,
        Value::String(text) => Change::Set(Given::Text(text)),
        Value::Bool(flag) => Change::Set(Given::Flag(flag)),
        Value::Number(number) => Change::Set(Given::Text(number.to_string())),
        Value::Array(values) => Change::Set(Given::List(texts(values).unwrap_or_default())),
        // A list of nothing is a value of no attribute.
        Value::Object(_) => Change::Set(Given::List(Vec::new())),
    }
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
        assert_eq!(change(json!("")), Change::Clear);
        assert_eq!(change(json!("x")), given("x"));
        assert_eq!(change(json!(7)), given("7"));
        assert_eq!(change(json!(true)), Change::Set(Given::Flag(true)));
        for odd in [json!({}), json!([1]), json!([[]])] {
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
