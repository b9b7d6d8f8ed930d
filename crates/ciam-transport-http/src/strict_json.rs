//! JSON bodies, read strictly: one object, each key once, nothing in a form of its own choice.

mod distinct;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};

use distinct::Distinct;

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
    parse(&json(headers, body).await?).ok_or(BodyError::Malformed)
}

/// Reads a body into a shape that holds parts of it as they were written ([`serde_json::value::RawValue`]), which takes
/// a second pass.
pub(crate) async fn read_as_written<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, BodyError> {
    parse_as_written(&json(headers, body).await?).ok_or(BodyError::Malformed)
}

async fn json(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    if says_json(headers) { whole(body).await } else { Err(BodyError::MediaType) }
}

/// Most bodies come in one piece, which is not copied.
async fn whole(body: Body) -> Result<Bytes, BodyError> {
    let mut body = Limited::new(body, LIMIT);
    let (mut only, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() { BodyError::TooLarge } else { BodyError::Malformed }
        })?;
        let Ok(piece) = frame.into_data() else { continue };
        if only.is_empty() && all.is_empty() {
            only = piece;
        } else {
            all.extend_from_slice(&std::mem::take(&mut only));
            all.extend_from_slice(&piece);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(if all.is_empty() { only } else { all.into() })
}

/// Serde takes an array for a struct and the last of repeated unknown keys; neither may pass (ASVS 5.0, 1.5.3).
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let read = T::deserialize(Distinct(&mut text)).ok()?;
    text.end().ok()?;
    Some(read)
}

fn parse_as_written<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    parse::<IgnoredAny>(bytes)?;
    serde_json::from_slice(bytes).ok()
}

fn says_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    // As nearly all say it.
    if only == "application/json" {
        return true;
    }
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::distinct::FEW;
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
    fn a_key_that_stands_twice_is_refused_in_whatever_the_shape_keeps() {
        #[derive(Debug, Deserialize)]
        struct Open {
            any: Option<serde_json::Value>,
            #[serde(flatten)]
            rest: serde_json::Map<String, serde_json::Value>,
        }
        let open = |text: &str| parse::<Open>(text.as_bytes()).map(|open| (open.any, open.rest.len()));
        let text = r#"{"any":{"a":[{"b":1,"c":1}]},"x":{"y":-1.5,"\u007a":"é\n"}}"#;
        assert_eq!(open(text), Some((Some(serde_json::json!({"a": [{"b": 1, "c": 1}]})), 1)));
        for text in [
            r#"{"any":{"a":[{"b":1,"b":1}]}}"#,
            r#"{"any":{"a":1,"\u0061":1}}"#,
            r#"{"any":1,"any":1}"#,
            r#"{"x":{"y":1,"y":1}}"#,
            r#"{"x":1,"x":1}"#,
        ] {
            assert_eq!(open(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_kept_as_written_has_no_key_twice_either() {
        type Raw = std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>;
        let raw = |text: &str| {
            let read: Option<Raw> = parse_as_written(text.as_bytes());
            read.and_then(|object| object.get("a").map(|value| value.get().to_owned()))
        };
        assert_eq!(raw(r#"{"a":12345678901234567890123.50}"#).as_deref(), Some("12345678901234567890123.50"));
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":[{"b":1,"\u0062":1}]}"#, r#"["a"]"#, r#"{"a":1}x"#] {
            assert_eq!(raw(text), None, "{text}");
        }
    }

    #[test]
    fn a_body_in_pieces_is_read_whole_and_has_the_same_limit() {
        static MEBIBYTE: [u8; LIMIT] = [b' '; LIMIT];
        let read = |pieces: Vec<&'static [u8]>| {
            let (sender, stream) = futures_channel::mpsc::unbounded();
            for piece in pieces {
                sender.unbounded_send(Ok::<_, std::convert::Infallible>(piece)).unwrap();
            }
            drop(sender);
            ciam_testkit::block_on(whole(Body::from_stream(stream)))
        };
        assert_eq!(read(vec![]), Ok(Bytes::new()));
        assert_eq!(read(vec![b"{}"]), Ok(Bytes::from_static(b"{}")));
        assert_eq!(read(vec![b"", b"{", b"", b"\"a\"", b":1}"]), Ok(Bytes::from_static(b"{\"a\":1}")));
        assert_eq!(read(vec![&MEBIBYTE]).map(|all| all.len()), Ok(LIMIT));
        assert_eq!(read(vec![&MEBIBYTE, b" "]), Err(BodyError::TooLarge));
        assert_eq!(read(vec![b" ", &MEBIBYTE]), Err(BodyError::TooLarge));
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
