//! What is kept of people beside their accounts, as far as an erasure must reach it.

use async_trait::async_trait;
use ciam_domain::{TenantId, UserId};

use crate::store::StoreError;

/// What a store of personal data removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// How many rows, files or the like went in this call.
    pub rows: u64,
}

/// Something that is kept of people beside their account: a table of the host, a history, a consent.
///
/// - `an_erasure_takes_everything`: however much is kept of the person, one call that succeeds MUST remove all of it.
/// - `an_erasure_is_one_persons_alone`: what is kept of anybody else, and of the same id in another tenant, MUST stay.
/// - `an_erasure_may_be_repeated`: what is gone already, and a person of whom nothing was ever kept, MUST be no error.
/// - `a_broken_erasure_goes_on`: an erasure that broke off anywhere MUST go on where it is called again.
/// - `an_erasure_answers_when_all_is_gone`: it MUST NOT answer before what it removed is gone for good.
/// - `an_erasure_tells_what_went`: it MUST tell more than no rows exactly when something went in this call.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonalRecords: Send + Sync + 'static {
    /// Removes everything that is kept of a person.
    ///
    /// # Errors
    /// Any [`StoreError`]; the account then stays until a later call succeeds.
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError>;
}
