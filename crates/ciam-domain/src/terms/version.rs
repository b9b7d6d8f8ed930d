//! A version of terms: a draft, then for a time what is in force, never another text.

use super::{ContentHash, ContentKind, Label, Locale, VersionNumber};
use crate::consent::ConsentRefusal;
use crate::{DocumentId, Instant, TenantId, VersionId};

/// Whether and when a version is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Publication {
    /// Nobody may agree to it, and it may be rewritten.
    Draft,
    /// It stays as it is, and people may agree to it for a time.
    Published {
        /// From when on.
        from: Instant,
        /// The moment from which nobody may agree to it any more.
        until: Option<Instant>,
    },
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionStatus {
    /// It is being written.
    Draft,
    /// It is published, and its time has not come.
    Scheduled,
    /// People may agree to it.
    Published,
    /// Its time is over, or it was withdrawn.
    Expired,
}

impl VersionStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Expired => "expired",
        }
    }
}

/// One version of a document in one language, without its text.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsVersion {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: VersionId,
    /// The document.
    pub document: DocumentId,
    /// The compare-and-set counter.
    pub revision: u32,
    /// Its number; in one language a document has each number once.
    pub number: VersionNumber,
    /// Its language.
    pub locale: Locale,
    /// Its title.
    pub title: Label,
    /// How its text is written.
    pub kind: ContentKind,
    /// The digest of its text.
    pub hash: ContentHash,
    /// Whether and when it is in force.
    pub publication: Publication,
    /// When it was first drafted.
    pub created_at: Instant,
    /// When it was last rewritten, published or withdrawn.
    pub updated_at: Instant,
}

impl TermsVersion {
    /// Where it stands at a moment.
    #[must_use]
    pub fn status(&self, now: Instant) -> VersionStatus {
        match self.publication {
            Publication::Draft => VersionStatus::Draft,
            Publication::Published { until: Some(until), .. } if until <= now => VersionStatus::Expired,
            Publication::Published { from, .. } if now < from => VersionStatus::Scheduled,
            Publication::Published { .. } => VersionStatus::Published,
        }
    }

    /// Whether people may agree to it now.
    ///
    /// # Errors
    /// [`ConsentRefusal::NotPublished`] or [`ConsentRefusal::Expired`].
    pub fn admit(&self, now: Instant) -> Result<(), ConsentRefusal> {
        match self.status(now) {
            VersionStatus::Published => Ok(()),
            VersionStatus::Draft | VersionStatus::Scheduled => Err(ConsentRefusal::NotPublished),
            VersionStatus::Expired => Err(ConsentRefusal::Expired),
        }
    }

    /// Publishes a draft from a moment on, which is never in the past, until another one if there is any.
    ///
    /// # Errors
    /// [`ConsentRefusal::Immutable`] where it is published already, [`ConsentRefusal::NoSuchTime`] where its time
    /// would be over before it began.
    pub fn publish(
        &mut self,
        from: Instant,
        until: Option<Instant>,
        now: Instant,
    ) -> Result<(), ConsentRefusal> {
        if self.publication != Publication::Draft {
            return Err(ConsentRefusal::Immutable);
        }
        let from = from.max(now);
        if until.is_some_and(|until| until <= from) {
            return Err(ConsentRefusal::NoSuchTime);
        }
        self.publication = Publication::Published { from, until };
        self.touch(now);
        Ok(())
    }

    /// Ends the time of a published version at a moment, or now where that is past. An earlier end stays: nothing that
    /// is over begins again. Says whether anything changed.
    ///
    /// # Errors
    /// [`ConsentRefusal::NotPublished`] for a draft.
    pub fn withdraw(&mut self, at: Instant, now: Instant) -> Result<bool, ConsentRefusal> {
        let Publication::Published { from, until } = self.publication else {
            return Err(ConsentRefusal::NotPublished);
        };
        let end = at.max(now);
        if until.is_some_and(|until| until <= end) {
            return Ok(false);
        }
        self.publication = Publication::Published { from, until: Some(end) };
        self.touch(now);
        Ok(true)
    }

    const fn touch(&mut self, now: Instant) {
        self.updated_at = now;
        self.revision = self.revision.saturating_add(1);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::terms::TermsText;

    pub(crate) fn at(second: i64) -> Instant {
        Instant::from_unix_seconds(1_800_000_000 + second)
    }

    pub(crate) fn draft(number: &str, locale: &str) -> TermsVersion {
        TermsVersion {
            tenant: TenantId::default(),
            id: VersionId::parse(&format!("{number}-{locale}")).unwrap(),
            document: DocumentId::parse("privacy").unwrap(),
            revision: 1,
            number: VersionNumber::parse(number).unwrap(),
            locale: Locale::parse(locale).unwrap(),
            title: Label::parse("Privacy").unwrap(),
            kind: ContentKind::Text,
            hash: TermsText::parse("We know you.").unwrap().hash(),
            publication: Publication::Draft,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    #[test]
    fn a_version_is_in_force_from_its_beginning_to_just_before_its_end() {
        let mut version = draft("v1", "en");
        assert_eq!(version.admit(at(9)), Err(ConsentRefusal::NotPublished));
        version.publish(at(10), Some(at(20)), at(5)).unwrap();
        let tick = Duration::from_micros(1);
        assert_eq!(version.admit(at(10).before(tick)), Err(ConsentRefusal::NotPublished));
        assert_eq!((version.admit(at(10)), version.admit(at(20).before(tick))), (Ok(()), Ok(())));
        assert_eq!(version.admit(at(20)), Err(ConsentRefusal::Expired));
        assert_eq!((version.revision, version.updated_at), (2, at(5)));
    }

    #[test]
    fn nothing_is_published_twice_in_the_past_or_for_no_time() {
        let mut version = draft("v1", "en");
        assert_eq!(version.publish(at(9), Some(at(9)), at(5)), Err(ConsentRefusal::NoSuchTime));
        assert_eq!(version.publish(at(1), Some(at(5)), at(5)), Err(ConsentRefusal::NoSuchTime));
        version.publish(at(1), None, at(5)).unwrap();
        assert_eq!(version.publication, Publication::Published { from: at(5), until: None });
        assert_eq!(version.publish(at(9), None, at(5)), Err(ConsentRefusal::Immutable));
    }

    #[test]
    fn a_withdrawal_never_lengthens_the_time_of_a_version() {
        let mut version = draft("v1", "en");
        assert_eq!(version.withdraw(at(9), at(5)), Err(ConsentRefusal::NotPublished));
        version.publish(at(10), Some(at(20)), at(5)).unwrap();
        assert_eq!(version.withdraw(at(30), at(11)), Ok(false));
        assert_eq!(version.withdraw(at(15), at(11)), Ok(true));
        assert_eq!(version.withdraw(at(1), at(12)), Ok(true));
        assert_eq!(version.status(at(12)), VersionStatus::Expired);
        assert_eq!(version.withdraw(at(99), at(50)), Ok(false), "what is over stays over");
    }

    #[test]
    fn what_was_withdrawn_before_its_time_never_comes() {
        let mut version = draft("v1", "en");
        version.publish(at(100), None, at(5)).unwrap();
        assert_eq!(version.withdraw(at(6), at(6)), Ok(true));
        assert_eq!(
            (version.status(at(7)), version.status(at(101))),
            (VersionStatus::Expired, VersionStatus::Expired)
        );
    }
}
