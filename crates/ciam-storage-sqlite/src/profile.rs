//! Profiles: one JSON column with a version. What nobody else may have is marked, and a trigger keeps a row for it.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;
use ciam_ports::domain::profile::{
    AttributeId, AttributeValue, Holding, Number, Profile, ProfileValue, UserTypeCode,
};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.profile";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user_type: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    #[serde(borrow, default)]
    values: Vec<RowV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowV1<'a> {
    id: Cow<'a, str>,
    value: ValueV1<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unique: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ValueV1<'a> {
    Text(Cow<'a, str>),
    /// The number of the day, counted as [`time::Date::to_julian_day`] counts.
    Date(i32),
    Number(Cow<'a, str>),
    Boolean(bool),
    Choices(Vec<Cow<'a, str>>),
}

/// The column; nothing where nothing is said.
pub(crate) fn write(profile: &Profile) -> Result<Option<String>, StoreError> {
    let Profile { user_type, values, updated_at } = profile;
    if *profile == Profile::new() {
        return Ok(None);
    }
    let rows = values.iter().map(|(id, held)| RowV1 {
        id: id.to_string().into(),
        value: written(&held.value),
        unique: held.unique().map(Cow::Owned),
    });
    let column = ColumnV1 {
        v: VERSION,
        user_type: user_type.as_ref().map(|code| code.as_str().into()),
        updated_at: updated_at.map(Instant::unix_micros),
        values: rows.collect(),
    };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

fn written(value: &AttributeValue) -> ValueV1<'_> {
    match value {
        AttributeValue::Text(text) => ValueV1::Text(text.into()),
        AttributeValue::Date(date) => ValueV1::Date(date.to_julian_day()),
        AttributeValue::Number(number) => ValueV1::Number(number.as_str().into()),
        AttributeValue::Boolean(flag) => ValueV1::Boolean(*flag),
        AttributeValue::Choices(values) => ValueV1::Choices(values.iter().map(Cow::from).collect()),
    }
}

pub(crate) fn read(text: &str) -> Result<Profile, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Profile> {
    let ColumnV1 { v: VERSION, user_type, updated_at, values } = serde_json::from_str(text).ok()? else {
        return None;
    };
    let user_type = match user_type {
        Some(code) => Some(UserTypeCode::parse(&code).ok()?),
        None => None,
    };
    let row = |row: RowV1<'_>| {
        let (id, value) = (AttributeId::parse(&row.id).ok()?, value(row.value)?);
        let holding = if row.unique.is_some() { Holding::Alone } else { Holding::Shared };
        Some((id, ProfileValue { value, holding }))
    };
    let values = values.into_iter().map(row).collect::<Option<_>>()?;
    Some(Profile { user_type, values, updated_at: updated_at.map(Instant::from_unix_micros) })
}

fn value(value: ValueV1<'_>) -> Option<AttributeValue> {
    Some(match value {
        ValueV1::Text(text) => AttributeValue::Text(text.into_owned()),
        ValueV1::Date(day) => AttributeValue::from_julian_day(day)?,
        ValueV1::Number(number) => AttributeValue::Number(Number::parse(&number)?),
        ValueV1::Boolean(flag) => AttributeValue::Boolean(flag),
        ValueV1::Choices(values) => {
            AttributeValue::Choices(values.into_iter().map(Cow::into_owned).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use ciam_testkit::contract::sample;

    use super::*;

    #[test]
    fn a_profile_comes_back_whole() {
        let profile = sample::profile("doctor");
        let text = write(&profile).unwrap().unwrap();
        assert_eq!(read(&text).unwrap(), profile);
        assert_eq!(write(&Profile::new()).unwrap(), None);
        for broken in
            ["", "{}", "[]", &text.replace("\"v\":1", "\"v\":2"), &text.replace("nickname", "unknown")]
        {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}
