//! Who somebody is elsewhere: issuer and subject together, and nothing else (OpenID Connect Core, 5.7).

use std::sync::Arc;

use super::SocialSourceId;
use crate::Instant;

/// A text names nobody elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocialTextError {
    /// It is no issuer.
    #[error("an issuer is 1 to 255 visible ASCII characters")]
    Issuer,
    /// It is no subject.
    #[error("a subject is 1 to 255 visible ASCII characters")]
    Subject,
}

fn visible(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Who vouches for an account elsewhere: the `iss` of OpenID Connect, or a name that stands for one. Compared byte by
/// byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(Arc<str>);

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// [`SocialTextError::Issuer`].
    pub fn parse(text: &str) -> Result<Self, SocialTextError> {
        if visible(text) { Ok(Self(text.into())) } else { Err(SocialTextError::Issuer) }
    }

    /// The issuer as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account elsewhere, as its issuer names it and never gives to another: the `sub` of OpenID Connect. Compared byte by
/// byte; personal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Arc<str>);

impl Subject {
    /// Reads a subject.
    ///
    /// # Errors
    /// [`SocialTextError::Subject`].
    pub fn parse(text: &str) -> Result<Self, SocialTextError> {
        if visible(text) { Ok(Self(text.into())) } else { Err(SocialTextError::Subject) }
    }

    /// The subject as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(..)")
    }
}

/// An account elsewhere that is bound to an account here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialLink {
    /// The source that it was bound by.
    pub source: SocialSourceId,
    /// Who vouches for it.
    pub issuer: Issuer,
    /// Who it is there.
    pub subject: Subject,
    /// When it was bound.
    pub linked_at: Instant,
}

impl SocialLink {
    /// Whether it is this account elsewhere.
    #[must_use]
    pub fn is(&self, issuer: &Issuer, subject: &Subject) -> bool {
        self.issuer == *issuer && self.subject == *subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_and_subjects_are_visible_ascii_of_some_length() {
        let longest = "x".repeat(255);
        for text in
            ["a", "https://accounts.google.com", "001473.a0.0840", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", &longest]
        {
            assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
            assert_eq!(Subject::parse(text).unwrap().as_str(), text);
        }
        let longer = "x".repeat(256);
        for text in ["", " ", "a b", "a\n", "a\0", "é", "ａ", &longer] {
            assert_eq!(Issuer::parse(text), Err(SocialTextError::Issuer), "{text:?}");
            assert_eq!(Subject::parse(text), Err(SocialTextError::Subject), "{text:?}");
        }
    }

    #[test]
    fn who_somebody_is_elsewhere_is_told_apart_byte_by_byte_and_not_shown() {
        assert_ne!(Subject::parse("Abc").unwrap(), Subject::parse("abc").unwrap());
        assert_ne!(Issuer::parse("https://a/").unwrap(), Issuer::parse("https://a").unwrap());
        assert!(!format!("{:?}", Subject::parse("somebody").unwrap()).contains("somebody"));
    }
}
