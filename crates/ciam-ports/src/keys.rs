//! Keys for keyed digests.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_domain::challenge::DigestKey;
use ciam_domain::challenge::KeyId;

/// A key could not be had.
#[derive(Debug, thiserror::Error)]
#[error("keys are unavailable")]
pub struct KeysError(#[source] pub crate::Source);

/// Holds the keys under which one-time codes and tombstones are stored as digests, and small secrets encrypted. Keys
/// are shared, so that one in memory is not copied for each use.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Keys: Send + Sync + 'static {
    /// The key that new digests are made with.
    ///
    /// # Errors
    /// [`KeysError`] when the vault cannot be reached.
    async fn current(&self) -> Result<Arc<DigestKey>, KeysError>;

    /// A key that older digests were made with; `None` once it is retired. MUST keep a replaced key for as
    /// long as what was made with it lives: codes up to 10 minutes, holds on former addresses as long as they are
    /// configured to (30 days at most), encrypted secrets of people until they are set anew. With a key that is gone
    /// before, its revert codes restore nothing, and a secret under it is lost.
    ///
    /// # Errors
    /// [`KeysError`] when the vault cannot be reached.
    async fn by_id(&self, id: &KeyId) -> Result<Option<Arc<DigestKey>>, KeysError>;

    /// Every key that a digest still in use may have been made with. A host that replaces keys gives those that it
    /// replaced too, for as long as tombstones live (30 days by default): under a key that is missing here a
    /// tombstone is never found, and its identifier is free.
    ///
    /// # Errors
    /// [`KeysError`] when the vault cannot be reached.
    async fn all(&self) -> Result<Vec<Arc<DigestKey>>, KeysError> {
        Ok(vec![self.current().await?])
    }
}
