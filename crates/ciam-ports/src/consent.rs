//! Where terms and consents are kept.

use async_trait::async_trait;
use ciam_domain::audit::AuditRecord;
use ciam_domain::consent::ConsentEntry;
use ciam_domain::terms::{Publication, TermsDocument, TermsText, TermsVersion};
use ciam_domain::{ConsentId, DocumentId, Instant, TenantId, UserId, VersionId};

use crate::store::StoreError;

/// What becomes of terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermsWrite {
    /// The document as it shall be: new without `expected`, else if it still has the revision that was read.
    Document {
        /// The revision that was read.
        expected: Option<u32>,
        /// The document as it shall be.
        document: Box<TermsDocument>,
    },
    /// A draft with its text: new without `expected`, else if it is still a draft of the revision that was read.
    Draft {
        /// The revision that was read.
        expected: Option<u32>,
        /// The draft as it shall be.
        version: Box<TermsVersion>,
        /// Its text.
        text: TermsText,
    },
    /// Whether and when a version is in force, if it still has the revision that was read. All else of it stays.
    Publication {
        /// The revision that was read.
        expected: u32,
        /// The version.
        version: VersionId,
        /// What becomes of it.
        publication: Publication,
        /// Its next revision.
        revision: u32,
        /// When.
        at: Instant,
    },
}

/// A change of terms, and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsCommit {
    /// The tenant.
    pub tenant: TenantId,
    /// The change.
    pub write: TermsWrite,
    /// Its record; of the same tenant.
    pub audit: AuditRecord,
}

/// Which versions to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionFilter {
    /// Every one of the tenant.
    All,
    /// Those of a document.
    Of(DocumentId),
    /// This one.
    One(VersionId),
}

/// A line of somebody's consents, and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentCommit {
    /// The line; its moment is the time of the commit.
    pub entry: ConsentEntry,
    /// The newest line of the person about the same document, as it was read.
    pub last: Option<ConsentId>,
    /// Its record.
    pub audit: AuditRecord,
}

/// What becomes of the consents of somebody whose account is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ConsentErasure {
    /// The lines stay, without network addresses: they show what was agreed to, by an id that names nobody any more
    /// (GDPR, 7(1) and 17(3)(e)).
    #[default]
    KeepsEvidence,
    /// The lines go.
    KeepsNothing,
}

/// Keeps terms, and the ledger of who agreed to them. Its records go into the same trail as those of
/// [`crate::Store`].
///
/// - `terms_are_found_as_they_were_written`: every part of documents, versions and texts MUST be read back as it was
///   given, and nothing of another tenant MUST ever be found.
/// - `terms_are_replaced_from_the_revision_read`: of two writes of a document or version from one revision exactly
///   one MUST succeed, and an id that is new MUST be so, else [`StoreError::Stale`]. In one language of a document
///   each number MUST stand once.
/// - `a_published_text_stays`: a draft MUST NOT be written over a version that is published, else
///   [`StoreError::Stale`]; a publication MUST leave all else of the version as it is.
/// - `a_consent_is_found_as_it_was_appended`: every part of a line MUST be read back as it was given, in the order in
///   which lines were appended, whatever their moments say.
/// - `consents_are_their_persons_alone`: nothing of another person or tenant MUST ever be found or erased.
/// - `a_consent_follows_the_line_read`: of two lines about one document that follow the same line exactly one MUST be
///   appended, the other MUST get [`StoreError::Stale`]. A line of an id that the tenant has already MUST be refused.
/// - `only_what_is_in_force_is_agreed_to`: an agreement MUST be refused with [`StoreError::Stale`] unless the tenant
///   has that version of that document, published and not over at the line's moment, with the text of the line's
///   digest. A recall needs no such thing.
/// - `nobody_consents_while_they_are_erased`: a line of an account that is being erased or is erased MUST be refused with
///   [`StoreError::Stale`], whatever it says: what is under way then leaves nothing behind. The accounts are those of the
///   [`crate::Store`] that the adapter is.
/// - `a_consent_and_its_record_are_one_write`: the record MUST be in the trail if and only if the line, or the change
///   of terms, is there.
/// - `erased_consents_keep_no_address`: after an erasure that keeps the evidence every line of the person MUST be
///   there but for its source.
/// - `erased_consents_are_gone`: after one that keeps nothing no line of the person MUST be left.
///
/// A future that is dropped may or may not take effect, but never in part.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConsentStore: Send + Sync + 'static {
    /// Writes terms and the record, or neither.
    ///
    /// # Errors
    /// [`StoreError::Stale`], or [`StoreError::Unavailable`], after which the write may have happened.
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError>;

    /// Reads every document of a tenant, by id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError>;

    /// Reads versions without their texts, by document and id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError>;

    /// Reads the text of a version.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError>;

    /// Appends a line and the record, or neither.
    ///
    /// # Errors
    /// [`StoreError::Stale`], or [`StoreError::Unavailable`], after which the write may have happened.
    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError>;

    /// Reads all lines of a person, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError>;

    /// Removes what is personal of a person's lines, or all of them, and tells how many lines changed or went. Once
    /// more changes nothing more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError>;
}
