//! Ports that watch or steer what passes through them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::ports::{Keys, KeysError, Random, RandomError};

/// Counts comparisons: each one asks for the key that the code's digest was made with.
pub(super) struct CountedKeys {
    inner: Arc<dyn Keys>,
    comparisons: AtomicU32,
}

impl CountedKeys {
    pub(super) fn over(inner: Arc<dyn Keys>) -> Arc<Self> {
        Arc::new(Self { inner, comparisons: AtomicU32::new(0) })
    }

    pub(super) fn comparisons(&self) -> u32 {
        self.comparisons.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Keys for CountedKeys {
    async fn current(&self) -> Result<DigestKey, KeysError> {
        self.inner.current().await
    }

    async fn by_id(&self, id: &KeyId) -> Result<Option<DigestKey>, KeysError> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        // While one code is being compared, every other guess has time to come.
        thread::sleep(Duration::from_millis(20));
        self.inner.by_id(id).await
    }

    async fn all(&self) -> Result<Vec<DigestKey>, KeysError> {
        self.inner.all().await
    }
}

/// Draws the same digits for every code; ids, of which no draw has more than two, stay apart.
pub(super) struct SameDigits(pub(super) Arc<dyn Random>);

impl Random for SameDigits {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)?;
        if bytes.len() > 32 {
            bytes[16..].fill(7);
        }
        Ok(())
    }
}
