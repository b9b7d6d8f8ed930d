//! Names, titles and numbers of terms.

use std::sync::Arc;

use super::TermsTextError;

/// A name, title or short description on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

impl Label {
    /// Reads 1 to 256 characters without control characters; space around them is dropped.
    ///
    /// # Errors
    /// [`TermsTextError::Label`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TermsTextError> {
        let text = text.trim();
        let fits = (1..=256).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            return Ok(Self(text.into()));
        }
        Err(TermsTextError::Label)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a version is called, such as `v1.0`. Texts of one number in several languages are one version to who agrees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionNumber(Arc<str>);

impl VersionNumber {
    /// Reads 1 to 32 characters of `a-z A-Z 0-9 . - _ +`.
    ///
    /// # Errors
    /// [`TermsTextError::Number`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TermsTextError> {
        let fits = (1..=32).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte)) {
            return Ok(Self(text.into()));
        }
        Err(TermsTextError::Number)
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
    fn a_label_stays_on_its_line() {
        assert_eq!(Label::parse(" Privacy, 隐私 ").unwrap().as_str(), "Privacy, 隐私");
        for text in ["", "  ", "a\nb", "a\u{7}", &"é".repeat(257)] {
            assert_eq!(Label::parse(text), Err(TermsTextError::Label), "{text:?}");
        }
    }

    #[test]
    fn a_number_is_one_word() {
        assert_eq!(VersionNumber::parse("v1.0-rc+1").unwrap().as_str(), "v1.0-rc+1");
        for text in ["", "v 1", "v1\n", "é", &"1".repeat(33)] {
            assert_eq!(VersionNumber::parse(text), Err(TermsTextError::Number), "{text:?}");
        }
    }
}
