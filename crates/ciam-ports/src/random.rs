//! Chance, for ids, codes and stamps.

/// The source of chance failed; nothing may be issued (ASVS 5.0, 11.2.5).
#[derive(Debug, thiserror::Error)]
#[error("randomness is unavailable")]
pub struct RandomError(#[source] pub crate::Source);

/// Gives unpredictable bytes.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` from a cryptographically secure generator (ASVS 5.0, 6.5.3).
    ///
    /// # Errors
    /// [`RandomError`] when the generator has nothing to give; `bytes` MUST NOT be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}
