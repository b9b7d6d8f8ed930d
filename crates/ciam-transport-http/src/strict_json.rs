//! JSON bodies, read strictly: one object, each key once, nothing in a form of its own choice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::error::Error as _;
use std::fmt;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The most bytes of a body: 1 MiB.
const LIMIT: usize = 1 << 20;

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It says that it is no JSON in UTF-8, or does not say.
    MediaType,
    /// It has more than 1 MiB.
    TooLarge,
    /// It is no JSON object, repeats a key, or has not the shape of the call.
    Malformed,
}

/// Reads a body into the shape of a call.
pub(crate) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, BodyError> {
    if !says_json(headers) {
        return Err(BodyError::MediaType);
    }
    let bytes: Bytes = to_bytes(body, LIMIT).await.map_err(|error| {
        let too_large = error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        if too_large { BodyError::TooLarge } else { BodyError::Malformed }
    })?;
    parse(&bytes).ok_or(BodyError::Malformed)
}

/// Serde takes an array for a struct and the last of repeated unknown keys; neither may pass (ASVS 5.0, 1.5.3).
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice::<DistinctKeys>(bytes).ok()?;
    serde_json::from_slice(bytes).ok()
}

fn says_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let Ok(text) = only.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    essence && parts.all(is_harmless)
}

/// JSON is UTF-8 (RFC 8259, 8.1): what says that it is anything else is not read as if it were.
fn is_harmless(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return parameter.is_empty() };
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// So many keys are compared one by one; more of them are hashed.
const FEW: usize = 16;

/// A key of an object, borrowed from the body unless it is written with escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyText)
    }
}

struct KeyText;

impl<'de> Visitor<'de> for KeyText {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

/// Any JSON value in which no object has a key twice.
struct DistinctKeys;

impl<'de> Deserialize<'de> for DistinctKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for DistinctKeys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without repeated keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let (mut few, mut more) = (Vec::with_capacity(4), None::<HashSet<_>>);
        while let Some(Key(key)) = map.next_key()? {
            if few.contains(&key) || more.as_ref().is_some_and(|more| more.contains(&key)) {
                return Err(A::Error::custom("a key stands twice"));
            }
            if few.len() < FEW {
                few.push(key);
            } else {
                more.get_or_insert_default().insert(key);
            }
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Shape {
        a: Option<String>,
    }

    fn shape(text: &str) -> Option<Shape> {
        parse(text.as_bytes())
    }

    #[test]
    fn an_object_of_the_shape_is_read() {
        assert_eq!(
            shape(r#" {"a":"1","b":[1,-1,0.5,true,null,{"c":"d"}]} "#),
            Some(Shape { a: Some("1".to_owned()) })
        );
        assert_eq!(shape(r#"{"a":null}"#), Some(Shape { a: None }));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_every_depth() {
        for text in [r#"{"a":"1","a":"1"}"#, r#"{"b":1,"b":1}"#, r#"{"b":[{"c":1,"\u0063":1}]}"#] {
            assert_eq!(shape(text), None, "{text}");
        }
        for keys in [FEW - 1, FEW, FEW + 1, 4 * FEW] {
            let distinct: Vec<_> = (0..keys).map(|key| format!("\"k{key}\":0")).collect();
            assert!(shape(&format!("{{{}}}", distinct.join(","))).is_some(), "{keys} keys");
            for again in &distinct {
                assert_eq!(shape(&format!("{{{},{again}}}", distinct.join(","))), None, "{again} of {keys}");
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [r#"["1"]"#, r#"{"a":["1"]}"#, r#"{"a":1}"#, "", "null", r#"{"a":"1"}x"#, r#"{"a":"1""#] {
            assert_eq!(shape(text), None, "{text}");
        }
    }

    #[test]
    fn only_one_header_that_says_json_will_do() {
        let says = |types: &[&str]| {
            let mut headers = HeaderMap::new();
            for text in types {
                headers.append(CONTENT_TYPE, text.parse().unwrap());
            }
            says_json(&headers)
        };
        assert!(says(&["application/json"]) && says(&["Application/JSON; charset=utf-8"]));
        for types in [&[][..], &["text/plain"], &["application/jsonp"], &["application/json"; 2]] {
            assert!(!says(types), "{types:?}");
        }
    }
}
