//! What makes tags.

use password_hash::phc::Output;

use crate::recipe::Recipe;

/// Why no tag was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DigestError {
    #[error("no memory for a hash")]
    OutOfMemory,
    #[error("argon2 refuses its parameters")]
    Argon2(#[from] argon2::Error),
    #[cfg(feature = "simd")]
    #[error("the vectorised argon2 refuses its parameters")]
    Simd(#[from] argon2_rust::Error),
    #[error("the tag has no length of a tag")]
    Tag(#[from] password_hash::phc::Error),
}

/// An implementation of argon2 with the memory that one thread keeps from hash to hash.
pub(crate) trait Engine: Send + 'static {
    /// Makes the tag of a password. The memory may hold traces of it until [`Engine::wipe`].
    fn digest(&mut self, password: &[u8], recipe: &Recipe) -> Result<Output, DigestError>;

    /// Leaves no trace of the last password.
    fn wipe(&mut self);
}
