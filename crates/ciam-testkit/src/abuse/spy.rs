//! Ports that watch or steer what passes through them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::domain::rate::RateKey;
use ciam::domain::session::Session;
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::{
    Charge, Charged, Commit, Handle, Keys, KeysError, Loaded, Random, RandomError, StepQuery, Store,
    StoreError,
};

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
    async fn current(&self) -> Result<Arc<DigestKey>, KeysError> {
        self.inner.current().await
    }

    async fn by_id(&self, id: &KeyId) -> Result<Option<Arc<DigestKey>>, KeysError> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        // While one code is being compared, every other guess has time to come.
        thread::sleep(Duration::from_millis(20));
        self.inner.by_id(id).await
    }

    async fn all(&self) -> Result<Vec<Arc<DigestKey>>, KeysError> {
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

/// Counts the calls of a store.
pub(super) struct CountedStore {
    inner: Arc<dyn Store>,
    calls: AtomicUsize,
}

impl CountedStore {
    pub(super) fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, calls: AtomicUsize::new(0) })
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn counted(&self) -> &dyn Store {
        self.calls.fetch_add(1, Ordering::SeqCst);
        &*self.inner
    }
}

#[async_trait]
impl Store for CountedStore {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        self.counted().load(query).await
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        self.counted().charge(charge).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.counted().commit(commit).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        self.counted().find(tenant, handle).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.counted().sessions(tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        self.counted().forget(tenant, user, counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.counted().sweep(now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.counted().ping().await
    }
}
