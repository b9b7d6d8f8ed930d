//! What clients call attributes and values by.

use sha2::{Digest, Sha256};

const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The name of something towards clients: 32 hexadecimal digits and 11 letters or digits, as one vendor's clients know
/// them. It follows from what it names, so none is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicId(String);

impl PublicId {
    /// The name of what several names stand for together; different names never share one.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for name in names {
            digest.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(name.as_bytes());
        }
        let full: [u8; 32] = digest.finalize().into();
        let (head, tail) = full.split_at(16);
        let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
        Self(hex::encode(head) + &tail.iter().take(11).map(letter).collect::<String>())
    }

    /// Takes what a client presents. Any text is taken: an unknown one names nothing.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_vendors_outward_form() {
        let id = PublicId::of(&["attribute", "default", "fullName"]);
        assert_eq!(id.as_str().len(), 43);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(id.as_str()[..32].bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
        assert_eq!(PublicId::presented(id.as_str()), id);
    }

    #[test]
    fn different_things_have_different_names() {
        assert_ne!(PublicId::of(&["a", "bc"]), PublicId::of(&["ab", "c"]));
    }
}
