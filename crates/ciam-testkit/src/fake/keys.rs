//! Digest keys that can be replaced and taken away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::domain::secret::SecretBytes;
use ciam::ports::{Keys, KeysError};

use super::locked;

/// Keys named `k1`, `k2`, … of which the last is current.
#[derive(Debug)]
pub struct FakeKeys {
    generations: Mutex<u8>,
    oldest: Mutex<u8>,
    broken: AtomicBool,
}

impl Default for FakeKeys {
    fn default() -> Self {
        Self { generations: Mutex::new(1), oldest: Mutex::new(1), broken: AtomicBool::new(false) }
    }
}

impl FakeKeys {
    /// A new current key; older ones still verify.
    pub fn rotate(&self) {
        *locked(&self.generations) += 1;
    }

    /// Forgets every key but the current one.
    pub fn retire(&self) {
        *locked(&self.oldest) = *locked(&self.generations);
    }

    /// From now on the vault fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn key(&self, generation: u8) -> Result<Option<Arc<DigestKey>>, KeysError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(KeysError("the fake vault is broken".into()));
        }
        let id = KeyId::new(&format!("k{generation}"));
        Ok(DigestKey::new(id, SecretBytes::new(vec![generation; 32])).map(Arc::new))
    }
}

#[async_trait]
impl Keys for FakeKeys {
    async fn current(&self) -> Result<Arc<DigestKey>, KeysError> {
        let generation = *locked(&self.generations);
        self.key(generation)?.ok_or_else(|| KeysError("no key".into()))
    }

    async fn by_id(&self, id: &KeyId) -> Result<Option<Arc<DigestKey>>, KeysError> {
        let known = (*locked(&self.oldest)..=*locked(&self.generations))
            .find(|generation| id.as_str() == format!("k{generation}"));
        known.map_or(Ok(None), |generation| self.key(generation))
    }

    async fn all(&self) -> Result<Vec<Arc<DigestKey>>, KeysError> {
        let keys = (1..=*locked(&self.generations)).rev().map(|generation| self.key(generation));
        keys.filter_map(Result::transpose).collect()
    }
}
