//! What a store gives back over time: notices that are due, and the audit trail.

use std::time::Duration;

use async_trait::async_trait;
use ciam_domain::audit::{Action, AuditRecord, Outcome};
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

/// A place in the audit trail of a tenant; a page may begin before it. Only what a page gave is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditCursor(u64);

impl AuditCursor {
    /// The place of a number that the store gave it: a record committed later has a higher one.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number of the place.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// How what is looked for has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It took effect.
    Done,
    /// A rule refused it, whichever.
    Refused,
}

/// Which audit records to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// The tenant.
    pub tenant: TenantId,
    /// On this account alone.
    pub user: Option<UserId>,
    /// Of this action alone.
    pub action: Option<Action>,
    /// Of this outcome alone.
    pub outcome: Option<AuditOutcome>,
    /// From this moment on.
    pub since: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
    /// Only what was committed before this place.
    pub before: Option<AuditCursor>,
    /// How many at most.
    pub limit: u16,
}

impl AuditQuery {
    /// The newest records of a tenant; the filters are filled in as needed.
    #[must_use]
    pub const fn newest(tenant: TenantId, limit: u16) -> Self {
        Self {
            tenant,
            user: None,
            action: None,
            outcome: None,
            since: None,
            until: None,
            before: None,
            limit,
        }
    }

    /// The newest records on an account.
    #[must_use]
    pub fn of(tenant: TenantId, user: UserId, limit: u16) -> Self {
        Self { user: Some(user), ..Self::newest(tenant, limit) }
    }

    /// Whether a record is one of those asked for, wherever it stands.
    #[must_use]
    pub fn admits(&self, record: &AuditRecord) -> bool {
        let outcome = match record.outcome {
            Outcome::Done => AuditOutcome::Done,
            Outcome::Refused(_) => AuditOutcome::Refused,
        };
        record.tenant == self.tenant
            && self.user.as_ref().is_none_or(|user| record.user == *user)
            && self.action.is_none_or(|action| record.action == action)
            && self.outcome.is_none_or(|asked| asked == outcome)
            && self.since.is_none_or(|since| record.at >= since)
            && self.until.is_none_or(|until| record.at < until)
    }
}

/// A part of the audit trail, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditPage {
    /// The records.
    pub records: Vec<AuditRecord>,
    /// Where the next page begins; `None` where nothing older is left.
    pub next: Option<AuditCursor>,
}

/// Reads the audit trail.
///
/// - `audit_is_newest_first`: records MUST come newest first, in the order of their commits.
/// - `audit_filters_narrow_together`: a record MUST be found if and only if every filter of the query admits it,
///   and a page MUST hold as many of them as the query asks for.
/// - `audit_pages_meet`: the page that begins at `next` MUST go on with the next older record, whatever was
///   committed since, and `next` MUST be there as long as an older record is left.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditTrail: Send + Sync + 'static {
    /// Reads a page, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError>;
}
