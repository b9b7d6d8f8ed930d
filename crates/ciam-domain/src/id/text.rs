//! The text of an id, in place where it is short.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The longest text kept in place, in bytes: a UUID, or 128 bits in hexadecimal, fits.
const SHORT: usize = 38;

/// The text of an id. Copied, compared and hashed without a look elsewhere while it is short.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// Up to 38 bytes; the rest is zero.
    Short { length: u8, bytes: [u8; SHORT] },
    /// More.
    Long(Arc<str>),
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(place)) => {
                place.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(text.into()),
        }
    }

    /// Lower-case hexadecimal, two digits a byte.
    pub(super) fn hexadecimal(bits: [u8; 16]) -> Self {
        let mut bytes = [0; SHORT];
        for (pair, byte) in bytes.chunks_exact_mut(2).zip(bits) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        Self::Short { length: 32, bytes }
    }

    pub(super) fn as_str(&self) -> &str {
        // What is kept in place was a text before.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(text) => text.as_bytes(),
        }
    }
}

const fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' - 10 + half }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_whole_whatever_its_length() {
        for length in 0..=64 {
            let text: String = "abcdefghij".chars().cycle().take(length).collect();
            assert_eq!(Text::new(&text).as_str(), text);
            assert_eq!(matches!(Text::new(&text), Text::Short { .. }), length <= SHORT);
        }
    }

    #[test]
    fn texts_are_in_the_order_of_their_bytes() {
        let long = "b".repeat(64);
        let texts = ["", "a", "aa", "b", &long, "c"];
        assert!(texts.map(Text::new).is_sorted_by(|one, other| one < other));
        assert_ne!(Text::new("a"), Text::new("a\0"), "what fills up a short text is no part of it");
    }

    #[test]
    fn bits_are_written_in_lower_case() {
        let bits = *b"\x00\x01\x0f\x10\x7f\x80\xab\xcd\xef\xff\x99\x9a\xa9\xf0\x5a\xa5";
        assert_eq!(Text::hexadecimal(bits).as_str(), "00010f107f80abcdefff999aa9f05aa5");
        assert_eq!(Text::hexadecimal(bits), Text::new("00010f107f80abcdefff999aa9f05aa5"));
    }
}
