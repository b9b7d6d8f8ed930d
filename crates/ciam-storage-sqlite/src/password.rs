//! The password credential as one JSON column with a version.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;
use ciam_ports::domain::password::PasswordHash;
use ciam_ports::domain::user::PasswordCredential;
use serde::{Deserialize, Serialize};

use crate::error::unreadable;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.password";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordV1<'a> {
    v: u16,
    #[serde(borrow)]
    current: Cow<'a, str>,
    set_at: i64,
    #[serde(borrow)]
    former: Vec<Hash<'a>>,
    must_change: bool,
}

/// Read where it stands; of a list serde would copy each.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hash<'a>(#[serde(borrow)] Cow<'a, str>);

pub(crate) fn write(password: &PasswordCredential) -> Result<String, StoreError> {
    let PasswordCredential { current, set_at, former, must_change } = password;
    let column = PasswordV1 {
        v: VERSION,
        current: current.as_str().into(),
        set_at: set_at.unix_micros(),
        former: former.iter().map(|hash| Hash(hash.as_str().into())).collect(),
        must_change: *must_change,
    };
    serde_json::to_string(&column).map_err(|_| unreadable(COLUMN))
}

pub(crate) fn read(text: &str) -> Result<PasswordCredential, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<PasswordCredential> {
    let PasswordV1 { v: VERSION, current, set_at, former, must_change } = serde_json::from_str(text).ok()?
    else {
        return None;
    };
    Some(PasswordCredential {
        current: PasswordHash::parse(&current).ok()?,
        set_at: Instant::from_unix_micros(set_at),
        former: former.iter().map(|hash| PasswordHash::parse(&hash.0).ok()).collect::<Option<_>>()?,
        must_change,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_comes_back_whole() {
        let hash = |text: &str| PasswordHash::parse(text).unwrap();
        let written = PasswordCredential {
            current: hash(r#"$a$"quoted"\"#),
            set_at: Instant::from_unix_micros(7),
            former: vec![hash("$b$2"), hash("$b$1")],
            must_change: true,
        };
        assert_eq!(read(&write(&written).unwrap()).unwrap(), written);
    }

    #[test]
    fn a_newer_form_is_corrupt_rather_than_guessed() {
        let text = r#"{"v":2,"current":"$a$b","set_at":0,"former":[],"must_change":false}"#;
        assert!(matches!(read(text), Err(StoreError::Corrupt(_))));
        assert!(read(&text.replace('2', "1")).is_ok());
    }
}
