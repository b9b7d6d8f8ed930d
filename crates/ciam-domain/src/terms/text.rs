//! What terms say, and the digest by which anybody can tell that they say it still.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::TermsTextError;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentKind {
    /// Plain text.
    Text,
    /// HTML, as the host wrote it: nothing of it is checked or removed.
    Html,
}

impl ContentKind {
    /// The stable name in stores and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Html => "HTML",
        }
    }

    /// Finds the kind of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Text, Self::Html].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a version says.
#[derive(Clone, PartialEq, Eq)]
pub struct TermsText(Arc<str>);

impl TermsText {
    /// How long a text may be, in bytes.
    pub const MOST: usize = 256 * 1024;

    /// Takes a text byte by byte as it is: 1 to 262144 bytes, not blank.
    ///
    /// # Errors
    /// [`TermsTextError::Content`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TermsTextError> {
        if text.len() > Self::MOST || text.trim().is_empty() {
            return Err(TermsTextError::Content);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its digest.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl std::fmt::Debug for TermsText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TermsText({} bytes)", self.0.len())
    }
}

/// SHA-256 of the bytes of a text, as `sha256sum` tells it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Reads back a stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_everybody_gets() {
        let digest = TermsText::parse("abc").unwrap().hash().to_string();
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_text_is_taken_as_it_is_or_not_at_all() {
        assert_eq!(TermsText::parse(" a\r\n\u{feff}").unwrap().as_str(), " a\r\n\u{feff}");
        assert!(TermsText::parse(&"x".repeat(TermsText::MOST)).is_ok());
        for text in ["", " \n", &"x".repeat(TermsText::MOST + 1)] {
            assert_eq!(TermsText::parse(text), Err(TermsTextError::Content));
        }
    }
}
