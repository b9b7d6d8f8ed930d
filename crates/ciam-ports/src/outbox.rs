//! What a store gives back over time: notices that are due, and the audit trail.

use std::time::Duration;

use async_trait::async_trait;
use ciam_domain::audit::AuditRecord;
use ciam_domain::notice::Notice;
use ciam_domain::{Instant, TenantId, UserId};

use crate::store::StoreError;

/// A notice taken from the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    /// Its place in the outbox.
    pub entry: u64,
    /// How often it was taken before.
    pub tries: u32,
    /// The notice.
    pub notice: Notice,
}

/// What became of a notice that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It was handed to the gateway, or never can be: it leaves the outbox.
    Done,
    /// It is due again from this moment on.
    Again(Instant),
}

/// Notices that wait for delivery. Committed with the change they tell of, delivered at least once.
///
/// - `a_due_notice_is_lent_to_one`: a notice that was taken MUST NOT be given to another caller before the
///   lease ends.
/// - `an_unsettled_notice_comes_back`: a notice that nobody settled MUST be due again when the lease ends.
/// - `a_settled_notice_is_gone`, `a_notice_waits_for_its_time`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Takes up to `limit` notices that are due, oldest first, and keeps others from them for `lease`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn take(&self, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError>;

    /// Says what became of a notice that was taken.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the notice then comes again.
    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError>;
}

/// Which audit records to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// The tenant.
    pub tenant: TenantId,
    /// Of this account alone.
    pub user: Option<UserId>,
    /// How many at most.
    pub limit: u16,
}

/// Reads the audit trail.
///
/// - `audit_is_newest_first`: records MUST come newest first, in the order of their commits.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditTrail: Send + Sync + 'static {
    /// Reads records, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn records(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError>;
}
