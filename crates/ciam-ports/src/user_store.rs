//! Users alone, for hosts that keep their own user table.

use async_trait::async_trait;
use ciam_domain::audit::AuditRecord;
use ciam_domain::notice::Notice;
use ciam_domain::tombstone::Tombstone;
use ciam_domain::user::User;
use ciam_domain::{Instant, TenantId, UserId};

use crate::deletion::Claim;
use crate::store::{Handle, StoreError, UserWrite};

/// A change of a user with what belongs to it. Everything is written or nothing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCommit {
    /// The tenant.
    pub tenant: TenantId,
    /// The person that it is about.
    pub subject: UserId,
    /// The time.
    pub now: Instant,
    /// The person.
    pub user: UserWrite,
    /// The audit trail grows by these.
    pub audit: Vec<AuditRecord>,
    /// Notices that are due.
    pub outbox: Vec<Notice>,
    /// The identifiers that the person takes; one with a live tombstone refuses the commit.
    pub claims: Vec<Claim>,
    /// The identifiers that are kept from everybody for a time.
    pub tombstones: Vec<Tombstone>,
}

/// Keeps users with their audit trail and outbox: one half of a [`crate::SplitStore`].
///
/// It MUST keep the rules of [`crate::Store`] that speak of users. A host that changes the status of a user
/// past ciam MUST give the user a new stamp and version in the same write.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// Reads a person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn user(&self, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError>;

    /// Finds the account that a handle leads to; a flow leads nowhere here.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError>;

    /// Writes a change with its audit records and notices, or nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Conflict`] or [`StoreError::Unavailable`].
    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError>;

    /// Removes tombstones that are over at `now`, and tells how many rows went; none where a host keeps none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        let _ = now;
        Ok(0)
    }

    /// Answers when the store can be used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn ping(&self) -> Result<(), StoreError>;
}
