//! A password hasher that costs nothing and counts its calls.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::password::{Password, PasswordHash};
use ciam::ports::{HasherError, PasswordHasher, PasswordMatch};

/// Hashes with salt and one round; for tests alone.
#[derive(Debug, Default)]
pub struct FakeHasher {
    salts: AtomicU64,
    calls: AtomicU64,
    overloaded: AtomicBool,
    outdated: AtomicBool,
}

impl FakeHasher {
    /// How many times it was asked to hash or compare.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// From now on it is too busy, or not.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// From now on it calls matching hashes outdated, or not.
    pub fn set_outdated(&self, outdated: bool) {
        self.outdated.store(outdated, Ordering::SeqCst);
    }

    fn count(&self) -> Result<(), HasherError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(HasherError::Overloaded { retry_after: Duration::from_secs(1) });
        }
        Ok(())
    }
}

fn digest(salt: &str, password: &Password) -> String {
    use sha2::{Digest, Sha256};
    let bytes: [u8; 32] = Sha256::new().chain_update(salt).chain_update(password.expose()).finalize().into();
    hex::encode(bytes)
}

#[async_trait]
impl PasswordHasher for FakeHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        self.count()?;
        let salt = self.salts.fetch_add(1, Ordering::SeqCst).to_string();
        let text = format!("$fake${salt}${}", digest(&salt, password));
        PasswordHash::parse(&text).map_err(|error| HasherError::Failed(error.into()))
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        self.count()?;
        let mut parts = hash.as_str().split('$').skip(1);
        let (Some("fake"), Some(salt), Some(expected)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(HasherError::Unreadable);
        };
        Ok(match (digest(salt, password) == expected, self.outdated.load(Ordering::SeqCst)) {
            (false, _) => PasswordMatch::Mismatched,
            (true, false) => PasswordMatch::Matched,
            (true, true) => PasswordMatch::MatchedOutdated,
        })
    }

    async fn verify_nothing(&self, _password: &Password) -> Result<(), HasherError> {
        self.count()
    }
}
