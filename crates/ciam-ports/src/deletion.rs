//! What an erasure needs of the store: which accounts are due, and which identifiers are kept.

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
