//! The text of a captcha: drawn evenly, compared without regard to capitals.

use ciam_ports::domain::secret::SecretText;

use crate::glyph::GLYPHS;

/// How many letters and digits there are to read: 21^6 texts.
pub(crate) const LENGTH: usize = 6;

/// The longest answer that is looked at, in bytes.
const LONGEST: usize = 64;

/// Draws letters from random bytes. A byte of 252 or more is skipped, so none is likelier than another. `None` when
/// the bytes run out.
pub(crate) fn draw(bytes: &[u8]) -> Option<SecretText> {
    let letters = bytes.iter().filter(|byte| **byte < 252).map(|byte| usize::from(*byte) % GLYPHS.len());
    let text: String = letters
        .take(LENGTH)
        .filter_map(|place| GLYPHS.get(place))
        .map(|(letter, _)| char::from(*letter))
        .collect();
    (text.len() == LENGTH).then(|| SecretText::new(text))
}

/// What is compared of an answer; `None` where it is none.
pub(crate) fn normalised(answer: &str) -> Option<SecretText> {
    let answer = answer.trim();
    (answer.len() <= LONGEST).then(|| SecretText::new(answer.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        let mut counts = std::collections::BTreeMap::new();
        for byte in 0..=u8::MAX {
            if let Some(text) = draw(&[byte; LENGTH]) {
                *counts.entry(text.expose().to_owned()).or_insert(0) += 1;
            }
        }
        assert_eq!((counts.len(), counts.values().min(), counts.values().max()), (21, Some(&12), Some(&12)));
    }

    #[test]
    fn too_few_bytes_make_no_shorter_text() {
        assert!(draw(&[0; LENGTH - 1]).is_none());
        assert!(draw(&[255; 100]).is_none());
    }

    #[test]
    fn capitals_and_blanks_around_do_not_matter() {
        assert_eq!(normalised(" acD4\n").unwrap().expose(), "ACD4");
        assert_eq!(normalised("A C").unwrap().expose(), "A C");
        assert!(normalised(&"A".repeat(65)).is_none());
    }
}
