//! Keys that the host holds in its configuration.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::challenge::{DigestKey, KeyId};
use ciam_ports::domain::secret::SecretBytes;
use ciam_ports::{Keys, KeysError};

/// Why keys are not fit for use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StaticKeysError {
    /// A key has fewer than 32 bytes, the output length of HMAC-SHA-256 (RFC 2104, 3).
    #[error("the key {0:?} has fewer than 32 bytes")]
    TooShort(KeyId),
    /// Two keys have one name.
    #[error("two keys are named {0:?}")]
    Duplicate(KeyId),
}

/// The digest keys of a host: one in use and those it replaced, for as long as codes,
/// tombstones and encrypted secrets made with them may live.
#[derive(Debug)]
pub struct StaticKeys {
    current: Arc<DigestKey>,
    retired: Vec<Arc<DigestKey>>,
}

impl StaticKeys {
    /// Keys of which one is in use and none is retired.
    ///
    /// # Errors
    /// [`StaticKeysError::TooShort`].
    pub fn new(id: KeyId, bytes: SecretBytes) -> Result<Self, StaticKeysError> {
        Ok(Self { current: checked(id, bytes)?, retired: Vec::new() })
    }

    /// Adds a key that was replaced; it still checks codes and makes none.
    ///
    /// # Errors
    /// [`StaticKeysError::TooShort`] or [`StaticKeysError::Duplicate`].
    pub fn with_retired(mut self, id: KeyId, bytes: SecretBytes) -> Result<Self, StaticKeysError> {
        let key = checked(id, bytes)?;
        if self.find(key.id()).is_some() {
            return Err(StaticKeysError::Duplicate(key.id().clone()));
        }
        self.retired.push(key);
        Ok(self)
    }

    fn each(&self) -> impl Iterator<Item = &Arc<DigestKey>> {
        std::iter::once(&self.current).chain(&self.retired)
    }

    fn find(&self, id: &KeyId) -> Option<&Arc<DigestKey>> {
        self.each().find(|key| key.id() == id)
    }
}

fn checked(id: KeyId, bytes: SecretBytes) -> Result<Arc<DigestKey>, StaticKeysError> {
    DigestKey::new(id.clone(), bytes).map(Arc::new).ok_or(StaticKeysError::TooShort(id))
}

#[async_trait]
impl Keys for StaticKeys {
    async fn current(&self) -> Result<Arc<DigestKey>, KeysError> {
        Ok(self.current.clone())
    }

    async fn by_id(&self, id: &KeyId) -> Result<Option<Arc<DigestKey>>, KeysError> {
        Ok(self.find(id).cloned())
    }

    async fn all(&self) -> Result<Vec<Arc<DigestKey>>, KeysError> {
        Ok(self.each().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;

    fn secret(length: usize) -> SecretBytes {
        SecretBytes::new(vec![7; length])
    }

    fn keys() -> StaticKeys {
        let keys = StaticKeys::new(KeyId::new("new"), secret(32)).expect("long enough");
        keys.with_retired(KeyId::new("old"), secret(40)).expect("long enough")
    }

    #[test]
    fn the_current_key_makes_digests_and_retired_ones_are_found() {
        let keys = keys();
        assert_eq!(block_on(keys.current()).expect("a key").id().as_str(), "new");
        for name in ["new", "old"] {
            let found = block_on(keys.by_id(&KeyId::new(name))).expect("keys").expect("a key");
            assert_eq!(found.id().as_str(), name);
        }
        assert!(block_on(keys.by_id(&KeyId::new("older"))).expect("keys").is_none());
        let all = block_on(keys.all()).expect("keys");
        assert_eq!(all.iter().map(|key| key.id().as_str()).collect::<Vec<_>>(), ["new", "old"]);
    }

    #[test]
    fn a_key_of_31_bytes_is_refused() {
        let id = KeyId::new("k");
        assert_eq!(
            StaticKeys::new(id.clone(), secret(31)).err(),
            Some(StaticKeysError::TooShort(id.clone()))
        );
        assert_eq!(keys().with_retired(id.clone(), secret(31)).err(), Some(StaticKeysError::TooShort(id)));
    }

    #[test]
    fn two_keys_of_one_name_are_refused() {
        for name in ["new", "old"] {
            let id = KeyId::new(name);
            assert_eq!(
                keys().with_retired(id.clone(), secret(32)).err(),
                Some(StaticKeysError::Duplicate(id))
            );
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", keys()).contains("7, 7"));
    }
}
