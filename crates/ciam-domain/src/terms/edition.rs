//! Which version of a document is the current one, in every language that it is written in.

use super::{Locale, Publication, TermsVersion, VersionNumber, VersionStatus};
use crate::{Instant, VersionId};

/// The texts of a document that are in force under its newest number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition<'a> {
    texts: Vec<&'a TermsVersion>,
}

fn begins(version: &TermsVersion) -> Option<(Instant, &VersionId)> {
    match version.publication {
        Publication::Draft => None,
        Publication::Published { from, .. } => Some((from, &version.id)),
    }
}

impl<'a> Edition<'a> {
    /// The current one of the versions of one document: that whose text came into force last.
    #[must_use]
    pub fn current(versions: &'a [TermsVersion], now: Instant) -> Option<Self> {
        let in_force = || versions.iter().filter(|version| version.status(now) == VersionStatus::Published);
        // A translation that comes later makes no older number current again.
        let first = |number: &VersionNumber| {
            versions.iter().filter(|version| version.number == *number).filter_map(begins).min()
        };
        let newest = in_force().max_by_key(|version| first(&version.number))?;
        let mut texts: Vec<_> = in_force().filter(|version| version.number == newest.number).collect();
        texts.sort_by(|one, other| one.locale.cmp(&other.locale));
        Some(Self { texts })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> Option<&'a VersionNumber> {
        self.texts.first().map(|version| &version.number)
    }

    /// The text for a reader: in their very language, else in one that differs in region or script alone, else the
    /// first there is.
    #[must_use]
    pub fn for_reader(&self, locale: Option<&Locale>) -> Option<&'a TermsVersion> {
        let exact = |version: &&&TermsVersion| Some(&version.locale) == locale;
        let near = |version: &&&TermsVersion| {
            locale.is_some_and(|locale| version.locale.language() == locale.language())
        };
        let found = self.texts.iter().find(exact).or_else(|| self.texts.iter().find(near));
        found.or(self.texts.first()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::version::tests::{at, draft};
    use super::*;

    fn published(number: &str, locale: &str, from: i64) -> TermsVersion {
        let mut version = draft(number, locale);
        version.publish(at(from), None, at(0)).unwrap();
        version
    }

    fn current(versions: &[TermsVersion], second: i64) -> Option<&str> {
        Some(Edition::current(versions, at(second))?.number()?.as_str())
    }

    #[test]
    fn the_number_that_came_into_force_last_is_current() {
        let mut versions = [published("v1", "en", 1), published("v2", "en", 10), draft("v3", "en")];
        assert_eq!((current(&versions, 0), current(&versions, 9)), (None, Some("v1")));
        assert_eq!(current(&versions, 10), Some("v2"));
        versions[1].withdraw(at(20), at(11)).unwrap();
        assert_eq!(current(&versions, 20), Some("v1"), "what is withdrawn gives way to what is left");
    }

    #[test]
    fn a_late_translation_of_an_old_number_is_not_current() {
        let versions = [published("v1", "en", 1), published("v2", "en", 10), published("v1", "zh-CN", 20)];
        assert_eq!(current(&versions, 21), Some("v2"));
    }

    #[test]
    fn a_reader_gets_the_nearest_language() {
        let versions = [published("v1", "zh-CN", 1), published("v1", "en-US", 2), published("v1", "de", 3)];
        let edition = Edition::current(&versions, at(9)).unwrap();
        let reads = |tag: &str| {
            edition.for_reader(Some(&Locale::parse(tag).unwrap())).map(|text| text.locale.as_str())
        };
        assert_eq!(
            (reads("en-us"), reads("en-GB"), reads("zh")),
            (Some("en-US"), Some("en-US"), Some("zh-CN"))
        );
        assert_eq!(
            (reads("fr"), edition.for_reader(None).map(|text| text.locale.as_str())),
            (Some("de"), Some("de"))
        );
    }
}
