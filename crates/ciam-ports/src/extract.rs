//! What is told of a person from elsewhere.

use async_trait::async_trait;
use ciam_domain::export::Exported;
use ciam_domain::{TenantId, UserId};

use crate::store::StoreError;

/// Something that is kept of people beside their account, and told to them: a table of the host, a history.
///
/// It MUST tell everything of that person and nothing of anybody else, and MUST NOT tell a secret. The sibling that
/// erases is [`crate::PersonalRecords`].
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonalExtract: Send + Sync + 'static {
    /// Reads everything that is kept of a person; [`Exported::NONE`] where that is nothing.
    ///
    /// # Errors
    /// Any [`StoreError`]; the whole export then fails.
    async fn extract(&self, tenant: &TenantId, user: &UserId) -> Result<Exported, StoreError>;
}
