//! Keys for keyed digests.

use async_trait::async_trait;
use ciam_domain::challenge::DigestKey;
use ciam_domain::challenge::KeyId;

/// A key could not be had.
#[derive(Debug, thiserror::Error)]
#[error("keys are unavailable")]
pub struct KeysError(#[source] pub crate::Source);

/// Holds the keys under which one-time codes are stored as digests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Keys: Send + Sync + 'static {
    /// The key that new digests are made with.
    ///
    /// # Errors
    /// [`KeysError`] when the vault cannot be reached.
    async fn current(&self) -> Result<DigestKey, KeysError>;

    /// A key that older digests were made with; `None` once it is retired. MUST keep a replaced key for as
    /// long as codes live (10 minutes at most).
    ///
    /// # Errors
    /// [`KeysError`] when the vault cannot be reached.
    async fn by_id(&self, id: &KeyId) -> Result<Option<DigestKey>, KeysError>;
}
