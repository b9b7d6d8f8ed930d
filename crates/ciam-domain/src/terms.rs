//! Terms: documents that people are asked to agree to, in versions that stay as they were published.

mod edition;
mod label;
mod locale;
mod text;
mod version;

pub use edition::Edition;
pub use label::{Label, VersionNumber};
pub use locale::Locale;
pub use text::{ContentHash, ContentKind, TermsText};
pub use version::{Publication, TermsVersion, VersionStatus};

use crate::{DocumentId, Instant, TenantId};

/// Why something cannot stand in terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsTextError {
    /// It is no name or title.
    #[error("a name or title has 1 to 256 characters, none of them a control character")]
    Label,
    /// It is no number of a version.
    #[error("a version is numbered by 1 to 32 characters of a-z, A-Z, 0-9, '.', '-', '_' or '+'")]
    Number,
    /// It is no language tag.
    #[error("a language is named by a tag of BCP 47, such as zh-CN")]
    Locale,
    /// It is no text of terms.
    #[error("a text has 1 to 262144 bytes and is not blank")]
    Content,
}

/// Whether people have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// Whoever has no live agreement to the current version is asked for one.
    Required,
    /// Nobody is asked again.
    Optional,
}

impl Demand {
    /// The stable name in stores and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    /// Finds the demand of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional].into_iter().find(|demand| demand.as_str() == name)
    }
}

/// A document of terms: what its versions have in common.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsDocument {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: DocumentId,
    /// The compare-and-set counter.
    pub revision: u32,
    /// What the host calls it elsewhere.
    pub external_id: Option<Label>,
    /// Its name.
    pub name: Option<Label>,
    /// What kind of consent it asks for, in the host's words.
    pub kind: Option<Label>,
    /// What it is about.
    pub description: Option<Label>,
    /// Whether people have to agree to it.
    pub demand: Demand,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}
