//! Where the login history is kept.

use async_trait::async_trait;
use ciam_domain::login_history::{LoginOutcome, LoginRecord};
use ciam_domain::{EventId, Instant, TenantId, UserId};

use crate::store::StoreError;

/// A place in somebody's login history; a page may begin after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoginCursor {
    /// The moment of the record.
    pub at: Instant,
    /// The id of the record, for records of the same moment.
    pub id: EventId,
}

impl LoginCursor {
    /// The place of a record: what comes before it is older, or of the same moment with a lower id.
    #[must_use]
    pub fn of(record: &LoginRecord) -> Self {
        Self { at: record.at, id: record.id.clone() }
    }
}

/// Which records of a login history to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginQuery {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// Of this outcome alone.
    pub outcome: Option<LoginOutcome>,
    /// Only what comes before this place: the last record of the page before.
    pub before: Option<LoginCursor>,
    /// How many at most.
    pub limit: u16,
}

/// Keeps the login history of people, apart from the audit trail: it is shown to the person, and ends with them.
///
/// - `a_login_is_found_as_it_was_appended`: every part of a record MUST be read back as it was given.
/// - `logins_are_newest_first`: a page MUST hold the newest records that the query names, by moment and then
///   id, newest first, in whatever order they were appended.
/// - `pages_of_logins_meet`: a page that begins at a record MUST hold what comes before it and not the record
///   itself, whatever was appended since.
/// - `failed_logins_are_told_apart`: a query for one outcome MUST give as many of that outcome as it asks for.
/// - `logins_are_their_persons_alone`: nothing of another person or tenant MUST ever be found or erased.
/// - `a_login_appended_twice_is_one_record`: a record that is appended again MUST be there once.
/// - `erased_logins_are_gone`: after an erasure no record of the person MUST be left.
/// - `forgetting_takes_what_is_older`: records before the moment MUST go, of every tenant, and no other.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginHistoryStore: Send + Sync + 'static {
    /// Adds a record.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the record may then be there.
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError>;

    /// Reads a page, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError>;

    /// Removes all records of a person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError>;

    /// Removes what is older than `before`, of every tenant, and tells how many records went.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; some may be gone then.
    async fn forget(&self, before: Instant) -> Result<u64, StoreError>;
}
