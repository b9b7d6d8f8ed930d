//! How a request presents its access token (RFC 6750).

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use ciam::domain::secret::SecretText;

/// What a request says about its token.
pub(crate) enum Presented {
    /// No token.
    Missing,
    /// One, in one way.
    Once(SecretText),
    /// More than one, or one in two ways (RFC 6750, 2: refused).
    Repeated,
}

/// Reads the `Authorization` header; `from_query` are the tokens that a dialect found in the query.
pub(crate) fn presented(headers: &HeaderMap, from_query: Vec<String>) -> Presented {
    let mut authorization = headers.get_all(AUTHORIZATION).iter();
    match (authorization.next(), authorization.next(), from_query.len()) {
        (None, _, 0) => Presented::Missing,
        (None, _, 1) => from_query.into_iter().next().map_or(Presented::Missing, once),
        (Some(header), None, 0) => token_of(header).map_or(Presented::Missing, once),
        _ => Presented::Repeated,
    }
}

fn once(token: String) -> Presented {
    if token.is_empty() { Presented::Missing } else { Presented::Once(SecretText::new(token)) }
}

/// The token after the scheme `Bearer`, in any case (RFC 9110, 11.1).
fn token_of(header: &HeaderValue) -> Option<String> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' ').to_owned())
}

/// The `WWW-Authenticate` header of a refusal (RFC 6750, 3). A request without token is told no error.
pub(crate) fn challenge(error: Option<&str>, scope: Option<&str>) -> Option<HeaderValue> {
    let mut text = "Bearer realm=\"ciam\"".to_owned();
    for (name, value) in [("error", error), ("scope", scope)] {
        if let Some(value) = value {
            for part in [", ", name, "=\"", value, "\""] {
                text.push_str(part);
            }
        }
    }
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str], query: &[&str]) -> Option<Result<String, ()>> {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(AUTHORIZATION, header.parse().unwrap());
        }
        match presented(&map, query.iter().map(ToString::to_string).collect()) {
            Presented::Missing => None,
            Presented::Once(token) => Some(Ok(token.expose().to_owned())),
            Presented::Repeated => Some(Err(())),
        }
    }

    #[test]
    fn a_token_comes_by_header_or_by_query() {
        assert_eq!(read(&["Bearer abc"], &[]), Some(Ok("abc".to_owned())));
        assert_eq!(read(&["bEARER  abc"], &[]), Some(Ok("abc".to_owned())));
        assert_eq!(read(&[], &["abc"]), Some(Ok("abc".to_owned())));
    }

    #[test]
    fn two_ways_at_once_are_told_from_one() {
        assert_eq!(read(&["Bearer a"], &["a"]), Some(Err(())));
        assert_eq!(read(&["Bearer a", "Bearer a"], &[]), Some(Err(())));
        assert_eq!(read(&[], &["a", "a"]), Some(Err(())));
        assert_eq!(read(&["Basic eDp5"], &["a"]), Some(Err(())));
    }

    #[test]
    fn another_scheme_or_no_token_is_none() {
        for header in ["Basic eDp5", "Bearer", "Bearer ", "abc"] {
            assert_eq!(read(&[header], &[]), None, "{header}");
        }
        assert_eq!(read(&[], &[""]), None);
        assert_eq!(read(&[], &[]), None);
    }

    #[test]
    fn a_scope_that_fits_in_no_header_makes_no_header() {
        assert_eq!(challenge(Some("insufficient_scope"), Some("a\nb")), None);
        let challenge = challenge(Some("invalid_token"), None).unwrap();
        assert_eq!(challenge, "Bearer realm=\"ciam\", error=\"invalid_token\"");
    }
}
