//! Consents: who agreed to which text and when, as a ledger of which no line is ever changed.

mod ledger;

pub use ledger::{Ledger, Standing};

use crate::source::Source;
use crate::terms::ContentHash;
use crate::{ConsentId, DocumentId, Instant, TenantId, UserId, VersionId};

/// How many lines a ledger may have before nothing more is agreed to; recalls are always taken.
pub const MOST_ENTRIES: usize = 1_000;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsentAct {
    /// The person agreed to the version.
    Agreed,
    /// The person took back what they had agreed to of the document.
    Recalled,
}

impl ConsentAct {
    /// The stable name in stores and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Recalled => "recalled",
        }
    }

    /// Finds the act of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Agreed, Self::Recalled].into_iter().find(|act| act.as_str() == name)
    }
}

/// One line of somebody's consents.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// Its id.
    pub id: ConsentId,
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The document.
    pub document: DocumentId,
    /// The version that was agreed to, or whose agreement was taken back.
    pub version: VersionId,
    /// The digest of the text of that version.
    pub hash: ContentHash,
    /// What happened.
    pub act: ConsentAct,
    /// When.
    pub at: Instant,
    /// From which network address, where that is known.
    pub source: Option<Source>,
    /// By which application (`client_id`), where that is known.
    pub client: Option<String>,
}

/// Terms and consents are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefusal {
    /// The tenant has no such version.
    #[error("there is no such version")]
    UnknownVersion,
    /// It is not published yet.
    #[error("the version is not published")]
    NotPublished,
    /// Its time is over.
    #[error("the version is expired")]
    Expired,
    /// The person has agreed to nothing of that name; told of everybody else's records too.
    #[error("there is no such consent")]
    UnknownConsent,
    /// The person's ledger is full.
    #[error("too many consents were recorded")]
    TooMany,
    /// The tenant has no such document.
    #[error("there is no such document")]
    UnknownDocument,
    /// It is published: an edit is a new version.
    #[error("a published version does not change")]
    Immutable,
    /// It would end before it begins.
    #[error("the version would end before it begins")]
    NoSuchTime,
    /// The tenant has as many documents, or the document as many versions, as there may be.
    #[error("there are too many terms")]
    TooManyTerms,
}

impl ConsentRefusal {
    /// The stable reason code.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UnknownVersion => "consent.unknown_version",
            Self::NotPublished => "consent.not_published",
            Self::Expired => "consent.expired",
            Self::UnknownConsent => "consent.unknown",
            Self::TooMany => "consent.too_many",
            Self::UnknownDocument => "consent.unknown_document",
            Self::Immutable => "consent.immutable",
            Self::NoSuchTime => "consent.no_such_time",
            Self::TooManyTerms => "consent.too_many_terms",
        }
    }
}
