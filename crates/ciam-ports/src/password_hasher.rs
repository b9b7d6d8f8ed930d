//! Hashing of passwords.

use std::time::Duration;

use async_trait::async_trait;
use ciam_domain::password::{Password, PasswordHash};

/// Why a password was not hashed or not compared.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many callers wait already; try again after this time.
    #[error("too many passwords are being hashed")]
    Overloaded {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// The stored hash asks for more memory or time than the adapter spends on anyone.
    #[error("the stored hash is too expensive to verify")]
    TooExpensive,
    /// The stored hash is of no kind that the adapter knows.
    #[error("the stored hash cannot be read")]
    Unreadable,
    /// Anything else.
    #[error("the password hasher failed")]
    Failed(#[source] crate::Source),
}

/// The outcome of a comparison that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// The password is the hashed one.
    Matched,
    /// The password is the hashed one, and the hash is older or cheaper than today's: hash it anew.
    MatchedOutdated,
    /// The password is another one.
    Mismatched,
}

impl PasswordMatch {
    /// Whether the password is the hashed one.
    #[must_use]
    pub fn is_match(self) -> bool {
        !matches!(self, Self::Mismatched)
    }
}

/// Makes and checks password hashes, in PHC string format.
///
/// - MUST give two hashes of one password different salts.
/// - MUST refuse to verify a stored hash above its own cost ceilings, without paying for it.
/// - MUST bound how many hashes run at once and how many callers wait, and answer
///   [`HasherError::Overloaded`] past that.
/// - MUST NOT block the executor that polls the future.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// [`HasherError::Overloaded`] or [`HasherError::Failed`].
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError>;

    /// Compares a password with a stored hash.
    ///
    /// # Errors
    /// Every [`HasherError`]; none of them says anything about the password.
    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError>;

    /// Spends what [`PasswordHasher::verify`] spends at today's cost, where there is nothing to compare with,
    /// so that absence does not show in time.
    ///
    /// # Errors
    /// [`HasherError::Overloaded`] or [`HasherError::Failed`].
    async fn verify_nothing(&self, password: &Password) -> Result<(), HasherError>;
}
