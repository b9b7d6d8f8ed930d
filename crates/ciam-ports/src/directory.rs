//! The accounts of a tenant, one page after another.

use async_trait::async_trait;
use ciam_domain::user::{StatusKind, User};
use ciam_domain::{TenantId, UserId};

use crate::store::StoreError;

/// Which accounts to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// The tenant.
    pub tenant: TenantId,
    /// Of this status alone; a lock counts as one after its end too, until somebody sets another status.
    pub status: Option<StatusKind>,
    /// Only those whose ids come after this one.
    pub after: Option<UserId>,
    /// How many at most.
    pub limit: u16,
}

impl DirectoryQuery {
    /// The first accounts of a tenant, of any status.
    #[must_use]
    pub const fn first(tenant: TenantId, limit: u16) -> Self {
        Self { tenant, status: None, after: None, limit }
    }
}

/// A part of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryPage {
    /// The accounts.
    pub users: Vec<User>,
    /// After which id the next page begins; `None` where no other account is left.
    pub next: Option<UserId>,
}

/// Reads the accounts of a tenant, erased ones included.
///
/// - `accounts_come_in_the_order_of_their_ids`: accounts MUST come as they were committed last, in the order of their
///   ids, byte by byte.
/// - `pages_of_accounts_meet`: the page after `next` MUST go on with the next account, whatever was committed since,
///   and `next` MUST be there as long as another account is left.
/// - `a_status_narrows_the_directory`: an account MUST be found if and only if it has the status asked for, and a page
///   MUST hold as many of them as the query asks for.
/// - `a_directory_keeps_tenants_apart`: no account of another tenant MUST ever be found.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserDirectory: Send + Sync + 'static {
    /// Reads a page.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError>;
}
