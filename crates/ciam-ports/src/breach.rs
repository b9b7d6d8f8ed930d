//! Passwords known from breaches.

use async_trait::async_trait;
use ciam_domain::password::Password;

/// The corpus could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the breach corpus is unavailable")]
pub struct BreachError(#[source] pub crate::Source);

/// Whether a password stands in a corpus of breached ones (ASVS 5.0, 6.2.12).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BreachCheck: Send + Sync + 'static {
    /// Asked once when a password is set or changed, never at sign-in.
    ///
    /// # Errors
    /// [`BreachError`]; the change goes on and the audit trail says so.
    async fn is_breached(&self, password: &Password) -> Result<bool, BreachError>;
}
