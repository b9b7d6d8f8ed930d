//! What is told of a person from elsewhere.

use async_trait::async_trait;
use ciam_domain::export::Exported;
use ciam_domain::{TenantId, UserId};

use crate::store::StoreError;

/// Something that is kept of people beside their account, and told to them: a table of the host, a history.
///
/// - `an_extract_tells_everything`: all that is kept of the person MUST be told, however much it is.
/// - `an_extract_is_one_persons_alone`: nothing of anybody else, and of the same id in another tenant, MUST be told.
/// - `an_extract_of_nothing_is_none`: where nothing is kept of the person it MUST be [`Exported::NONE`], and no error.
/// - `an_extract_changes_nothing`: what was told MUST be told again.
///
/// It MUST NOT tell a secret. The sibling that erases is [`crate::PersonalRecords`].
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonalExtract: Send + Sync + 'static {
    /// Reads everything that is kept of a person; [`Exported::NONE`] where that is nothing.
    ///
    /// # Errors
    /// Any [`StoreError`]; the whole export then fails.
    async fn extract(&self, tenant: &TenantId, user: &UserId) -> Result<Exported, StoreError>;
}
