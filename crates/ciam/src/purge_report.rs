//! What erasures came to, told without anything personal.

use std::sync::Arc;

use ciam_domain::{TenantId, UserId};
use ciam_ports::StoreError;

use crate::{Error, Failure};

/// What one call of [`crate::Ciam::purge_due`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PurgeReport {
    /// Every account that was due, in the order of their erasure.
    pub accounts: Vec<Purged>,
}

/// How far the erasure of one account came. It names people by id only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// The tenant.
    pub tenant: TenantId,
    /// The account.
    pub user: UserId,
    /// The steps that are done, in their order.
    pub steps: Vec<PurgeStep>,
    /// How it ended.
    pub outcome: PurgeOutcome,
}

/// A step of an erasure that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgeStep {
    /// `access`, `logins`, `consents`, the name of a store of personal data, or `account`.
    pub name: Arc<str>,
    /// How many rows went; 0 for `logins`, where it is not told.
    pub rows: u64,
}

/// How the erasure of an account ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PurgeOutcome {
    /// Nothing personal is left.
    Erased,
    /// Another run was faster.
    AlreadyErased,
    /// There is no such account, it was not deleted, or its grace is not over.
    NotDue,
    /// A step failed. The account stays shut, and a later run goes on.
    Failed {
        /// `mark`, `access`, `logins`, `consents`, the name of a store of personal data, or `account`.
        step: Arc<str>,
        /// What failed, in fixed words.
        cause: &'static str,
    },
}

impl PurgeOutcome {
    /// The stable name in reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::AlreadyErased => "already_erased",
            Self::NotDue => "not_due",
            Self::Failed { .. } => "failed",
        }
    }

    /// Texts of adapters may hold what must not be told, so the kind of the failure has to do.
    pub(crate) const fn cause_of(error: &Error) -> &'static str {
        match error {
            Error::Failed(Failure::Store(StoreError::Stale)) => "another write came first",
            Error::Failed(Failure::Store(StoreError::Conflict { .. } | StoreError::Limited { .. })) => {
                "the store refused"
            }
            Error::Failed(Failure::Store(StoreError::Unavailable(_))) => "the store is unavailable",
            Error::Failed(Failure::Store(StoreError::Corrupt(_))) => "the store holds something unreadable",
            Error::Failed(Failure::Keys(_)) => "keys could not be had",
            Error::Failed(Failure::Random(_)) => "randomness could not be had",
            Error::Failed(_) | Error::Refused(_) => "the step was refused",
        }
    }
}
