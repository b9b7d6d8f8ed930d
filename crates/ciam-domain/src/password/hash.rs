//! A password as a store keeps it.

use std::sync::Arc;

/// Why a text is no password hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password hash is a PHC string: '$', an algorithm, '$', at most 512 printable ASCII bytes in all")]
pub struct PasswordHashError;

/// A stored password hash: a PHC string, read only by the hasher that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Arc<str>);

impl PasswordHash {
    /// Takes a text that has the outward shape of a PHC string; whether it can be verified is for the hasher to say.
    ///
    /// # Errors
    /// [`PasswordHashError`] unless it is `$`, the name of an algorithm (1 to 32 of `a-z 0-9 - _`), `$` and a rest of
    /// printable ASCII, in at most 512 bytes.
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        let (algorithm, _) = split(text).ok_or(PasswordHashError)?;
        let named = (1..=32).contains(&algorithm.len());
        let known =
            algorithm.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        if text.len() <= 512 && named && known && printable {
            Ok(Self(text.into()))
        } else {
            Err(PasswordHashError)
        }
    }

    /// The PHC string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its algorithm, such as `argon2id`.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        split(&self.0).map_or("", |(algorithm, _)| algorithm)
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('$')?.split_once('$')
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasswordHash({} ..)", self.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARGON2: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo";

    #[test]
    fn a_phc_string_is_kept_as_it_is_and_not_shown() {
        let hash = PasswordHash::parse(ARGON2).expect("a hash");
        assert_eq!((hash.as_str(), hash.algorithm()), (ARGON2, "argon2id"));
        assert_eq!(format!("{hash:?}"), "PasswordHash(argon2id ..)");
    }

    #[test]
    fn other_shapes_are_refused() {
        let long = format!("$argon2id${}", "a".repeat(502));
        assert!(PasswordHash::parse(&long[..512]).is_ok());
        for text in
            ["", "$", "$$", "$argon2id", "argon2id$x", "{SSHA}abc", "$Argon2$x", "$a$b c", "$a$b\n", "$a$é"]
        {
            assert_eq!(PasswordHash::parse(text), Err(PasswordHashError), "{text:?}");
        }
        assert_eq!(PasswordHash::parse(&format!("{long}a")), Err(PasswordHashError));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = PasswordHash::parse(&text);
        }
    }
}
