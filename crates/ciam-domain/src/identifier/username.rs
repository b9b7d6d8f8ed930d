//! User names.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::UsernameCaseMapped;

use super::{CountryCode, PhoneNumber};

/// Why a text is no user name that can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsernameError {
    /// Fewer than 2 or more than 48 code points.
    #[error("a user name has 2 to 48 characters")]
    Length,
    /// A character that user names do not hold: spaces, controls, symbols outside ASCII, mixed directions.
    #[error("a user name holds letters, digits and ascii punctuation")]
    Character,
    /// It holds an '@', so it is or could be mistaken for an e-mail address.
    #[error("a user name is no e-mail address")]
    LooksLikeEmail,
    /// It reads as an international or a Chinese mobile number.
    #[error("a user name is no phone number")]
    LooksLikePhone,
}

/// A name chosen by a person to sign in with, compared by its canonical form.
///
/// Canonical is the profile `UsernameCaseMapped` of RFC 8265, 3.3: full-width forms narrowed, lower case, NFC.
/// It does not catch look-alikes from other scripts (UTS #39).
#[derive(Clone)]
pub struct Username {
    original: Arc<str>,
    canonical: Arc<str>,
}

impl Username {
    /// Reads a user name; it can never be one of the forms a contact is signed in by.
    ///
    /// # Errors
    /// The [`UsernameError`] that names the broken rule.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        // No name of 48 code points is longer before normalisation, and none of 1 is worth the work.
        if text.len() > 1024 || text.chars().nth(1).is_none() {
            return Err(UsernameError::Length);
        }
        let canonical = settled(text).ok_or(UsernameError::Character)?;
        if !(2..=48).contains(&canonical.chars().count()) {
            return Err(UsernameError::Length);
        }
        if canonical.contains('@') {
            return Err(UsernameError::LooksLikeEmail);
        }
        if PhoneNumber::parse(&canonical, Some(CountryCode::CHINA)).is_ok() {
            return Err(UsernameError::LooksLikePhone);
        }
        Ok(Self { original: text.into(), canonical: canonical.into() })
    }

    /// The form that is compared, looked up and kept unique.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The spelling as given, for showing.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }
}

/// The profile's form of the text, if applying the profile again does not change it (RFC 8264, 7).
fn settled(text: &str) -> Option<String> {
    // What the profile does with plain ASCII, in which names are read again and again.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(text.to_ascii_lowercase());
    }
    profiled(text)
}

fn profiled(text: &str) -> Option<String> {
    let once = UsernameCaseMapped::enforce(text).ok()?.into_owned();
    let twice = UsernameCaseMapped::enforce(once.as_str()).ok()?;
    (twice == once).then_some(once)
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Username {}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl std::fmt::Debug for Username {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first: String = self.canonical.chars().take(1).collect();
        write!(f, "Username({first}***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Username {
        Username::parse(text).expect("a user name")
    }

    #[test]
    fn case_and_width_are_no_difference_and_the_spelling_is_kept() {
        assert_eq!(name("ＡＬＩＣＥ"), name("alice"));
        assert_eq!(name("Alice").canonical(), "alice");
        assert_eq!(name("Alice").original(), "Alice");
        assert_eq!(name("Jose\u{301}"), name("josé"));
        assert_eq!(name("张三").canonical(), "张三");
    }

    #[test]
    fn spaces_controls_and_symbols_are_refused() {
        for text in ["a b", "a\tb", "ab\n", "a\u{200d}b", "ab\u{202e}", "ab😀", "a\u{a0}b", "a\0b"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Character), "{text:?}");
        }
    }

    #[test]
    fn two_to_forty_eight_code_points_are_taken() {
        for text in ["", "a", "e\u{301}"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Length), "{text:?}");
        }
        assert!(Username::parse("ab").is_ok());
        assert!(Username::parse(&"三".repeat(48)).is_ok());
        assert_eq!(Username::parse(&"三".repeat(49)), Err(UsernameError::Length));
    }

    #[test]
    fn a_name_never_shadows_a_contact() {
        for text in ["mike@example.org", "mike＠example.org", "@mike", "tes******@gmail.com"] {
            assert_eq!(Username::parse(text), Err(UsernameError::LooksLikeEmail), "{text}");
        }
        for text in [
            "13000000000",
            "8613000000000",
            "+447911123456",
            "00447911123456",
            "１３０００００００００",
            "130-0000-0000",
        ] {
            assert_eq!(Username::parse(text), Err(UsernameError::LooksLikePhone), "{text}");
        }
        assert!(Username::parse("20230001").is_ok());
    }

    #[test]
    fn debug_shows_one_character() {
        assert_eq!(format!("{:?}", name("Alice")), "Username(a***)");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = Username::parse(&text);
        }

        #[test]
        fn plain_ascii_is_settled_as_the_profile_does(text in "[!-~]{1,60}") {
            prop_assert_eq!(settled(&text), profiled(&text));
        }

        #[test]
        fn parsing_settles_at_once(text in "[\\p{L}\\p{N}\\p{M}!-~]{2,20}") {
            if let Ok(name) = Username::parse(&text) {
                prop_assert_eq!(name.original(), &text);
                let again = Username::parse(name.canonical()).expect("canonical parses");
                prop_assert_eq!(again.canonical(), name.canonical());
            }
        }
    }
}
