//! A password as a person types it.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::PasswordRefusal;
use crate::secret::SecretText;

/// A password in NFC, for hashing and judging; never shown, compared, copied or stored.
///
/// Only canonical normalisation is applied: no trimming, no case folding, no compatibility mapping, and NUL is
/// kept. For assigned characters the result is the same in every version of Unicode (stability policy,
/// UAX #15, 3), which is what NIST SP 800-63B-4, 3.1.1.2 asks for.
pub struct Password(SecretText);

impl Password {
    /// The most code points of any password, new or old.
    pub const MAX_CODE_POINTS: u16 = 128;
    /// The most bytes of a password as typed; more are refused before any work is done on them.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a password in.
    ///
    /// # Errors
    /// [`PasswordRefusal::Blank`] for no text at all, [`PasswordRefusal::TooLong`] for more than 1024 bytes as
    /// typed or 128 code points in NFC (ASVS 5.0, 6.2.9).
    pub fn parse(raw: &str) -> Result<Self, PasswordRefusal> {
        let too_long = PasswordRefusal::TooLong { max: Self::MAX_CODE_POINTS };
        if raw.is_empty() {
            return Err(PasswordRefusal::Blank);
        }
        if raw.len() > Self::MAX_BYTES {
            return Err(too_long);
        }
        let password = Self(SecretText::new(if raw.is_ascii() { raw.to_owned() } else { composed(raw) }));
        if password.code_points() > usize::from(Self::MAX_CODE_POINTS) { Err(too_long) } else { Ok(password) }
    }

    /// The password itself. Every call is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Its length in code points, the unit of every limit (NIST SP 800-63B-4, 3.1.1.2).
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.expose().chars().count()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

fn composed(raw: &str) -> String {
    let mut text = roomy(raw);
    text.extend(raw.nfc());
    std::mem::take(&mut *text)
}

/// The text as words in it are looked for: lower case, in NFC.
pub(super) fn fold(text: &str) -> Zeroizing<String> {
    if text.is_ascii() {
        return Zeroizing::new(text.to_ascii_lowercase());
    }
    let mut folded = roomy(text);
    folded.extend(text.chars().flat_map(char::to_lowercase).nfc());
    folded
}

/// An empty text that need not grow and so leaves no copies behind: NFC makes a text at most three times as long,
/// lower-casing at most one and a half times.
fn roomy(text: &str) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(text.len().saturating_mul(5)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(raw: &str) -> Password {
        Password::parse(raw).expect("a password")
    }

    #[test]
    fn nothing_typed_is_blank_and_a_space_is_not() {
        assert_eq!(Password::parse("").err(), Some(PasswordRefusal::Blank));
        assert_eq!(password("  a  ").expose(), "  a  ");
        assert_eq!(password("a\0b").expose(), "a\0b");
    }

    #[test]
    fn composed_and_decomposed_are_one_password() {
        assert_eq!(password("caf\u{e9}").expose(), password("cafe\u{301}").expose());
        assert_eq!(password("cafe\u{301}").code_points(), 4);
    }

    #[test]
    fn width_and_case_make_a_difference() {
        assert_ne!(password("Ａ").expose(), password("A").expose());
        assert_ne!(password("a").expose(), password("A").expose());
    }

    #[test]
    fn the_limit_is_counted_in_code_points_after_nfc() {
        let too_long = Some(PasswordRefusal::TooLong { max: 128 });
        for c in ["a", "é", "e\u{301}", "中", "😀"] {
            assert_eq!(password(&c.repeat(128)).code_points(), 128);
            assert_eq!(Password::parse(&c.repeat(129)).err(), too_long);
        }
    }

    #[test]
    fn a_huge_text_is_refused_by_its_bytes() {
        let too_long = Some(PasswordRefusal::TooLong { max: 128 });
        assert_eq!(Password::parse(&"e\u{301}".repeat(400)).err(), too_long);
        assert_eq!(Password::parse(&"a".repeat(1 << 20)).err(), too_long);
    }

    #[test]
    fn long_passwords_that_differ_at_the_end_differ() {
        let common = "a".repeat(99);
        assert_ne!(password(&format!("{common}x")).expose(), password(&format!("{common}y")).expose());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", password("hunter2")), "Password(..)");
    }

    #[test]
    fn room_is_set_aside_before_a_secret_is_written() {
        assert!(roomy("seven").capacity() >= 25);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_settles_at_once(raw in any::<String>()) {
            if let Ok(password) = Password::parse(&raw) {
                let again = Password::parse(password.expose()).expect("still a password");
                prop_assert_eq!(again.expose(), password.expose());
            }
        }

        #[test]
        fn normalising_and_folding_fit_the_room_set_aside(raw in any::<String>()) {
            let folded = fold(&raw);
            prop_assert!(folded.len() <= raw.len().saturating_mul(5));
            prop_assert!(raw.nfc().map(char::len_utf8).sum::<usize>() <= raw.len().saturating_mul(3));
        }
    }
}
