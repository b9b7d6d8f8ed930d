//! What an erasure needs of the world: which accounts are due, and what is kept of a person elsewhere.

use async_trait::async_trait;
use ciam_domain::tombstone::TombstoneDigest;
use ciam_domain::{Instant, TenantId, UserId};

use crate::store::{StoreError, UniqueField};

/// An identifier that a write takes, as its tombstone would be kept. A write that takes one comes with a claim
/// for every key that a tombstone may have been made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What is told when it is refused.
    pub field: UniqueField,
    /// The digest of the identifier.
    pub digest: TombstoneDigest,
}

/// Tells which deleted accounts are to be erased.
///
/// - `a_deletion_is_due_on_time`: an account that waits for deletion or is being erased MUST be given when
///   [`ciam_domain::user::Status::due_at`] has come, those that are due longest first, of every tenant, and MUST NOT be
///   given before. No other account is given.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeletionQueue: Send + Sync + 'static {
    /// Up to `limit` accounts that are due at `now`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn due(&self, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError>;
}

/// What a store of personal data removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// How many rows, files or the like went in this call.
    pub rows: u64,
}

/// Something that is kept of people beside their account: a table of the host, a history, a consent.
///
/// It MUST be idempotent: what is gone already is no error, and an erasure that broke off goes on where it is called
/// again. It MUST NOT answer before what it removed is gone for good.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonalRecords: Send + Sync + 'static {
    /// Removes everything that is kept of a person.
    ///
    /// # Errors
    /// Any [`StoreError`]; the account then stays until a later call succeeds.
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError>;
}
