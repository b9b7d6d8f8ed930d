//! What a person signs in with.

use crate::Instant;
use crate::password::PasswordHash;

/// A person's password and the ones before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordCredential {
    /// The hash of the password in use.
    pub current: PasswordHash,
    /// When it was set.
    pub set_at: Instant,
    /// Hashes of the passwords before it, newest first.
    pub former: Vec<PasswordHash>,
    /// The person must choose another one at the next sign-in.
    pub must_change: bool,
}

impl PasswordCredential {
    /// A first password, without a history.
    #[must_use]
    pub const fn first(current: PasswordHash, set_at: Instant) -> Self {
        Self { current, set_at, former: Vec::new(), must_change: false }
    }

    /// Puts `next` in place and keeps `depth` passwords in all, the new one included.
    #[must_use]
    pub fn succeeded_by(self, next: PasswordHash, set_at: Instant, depth: usize) -> Self {
        let mut former = self.former;
        former.insert(0, self.current);
        former.truncate(depth.saturating_sub(1));
        Self { current: next, set_at, former, must_change: false }
    }
}
