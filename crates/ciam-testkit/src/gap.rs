//! A store that lets something else happen between the read and the write of a step.
#![expect(clippy::expect_used, reason = "an intruder that cannot be awaited ends the test")]

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use async_trait::async_trait;
use ciam::CorePorts;
use ciam::domain::rate::RateKey;
use ciam::domain::session::Session;
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::{Charge, Charged, Commit, Handle, Loaded, StepQuery, Store, StoreError};

use crate::world::World;

/// A moment in a step at which something else may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// A name was found, and whose it is was not read yet.
    AfterFind,
    AfterLoad,
    AfterCharge,
    BeforeCommit,
    AfterCommit,
}

impl Gap {
    /// Those of a step of somebody who is known.
    pub(crate) const ALL: [Self; 4] =
        [Self::AfterLoad, Self::AfterCharge, Self::BeforeCommit, Self::AfterCommit];
}

type Intruder = Box<dyn FnOnce() + Send>;

/// Lets something else happen, once, in a gap of a step.
pub(crate) struct GappedStore {
    inner: Arc<dyn Store>,
    intruder: Mutex<Option<(Gap, Intruder)>>,
}

impl GappedStore {
    pub(crate) fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, intruder: Mutex::new(None) })
    }

    pub(crate) fn at(&self, gap: Gap, intruder: impl FnOnce() + Send + 'static) {
        *self.intruder.lock().unwrap_or_else(PoisonError::into_inner) = Some((gap, Box::new(intruder)));
    }

    /// Whoever found no gap to come in by stays out.
    pub(crate) fn close(&self) {
        self.intruder.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn reach(&self, gap: Gap) {
        let due = self.intruder.lock().unwrap_or_else(PoisonError::into_inner).take_if(|(at, _)| *at == gap);
        if let Some((_, intruder)) = due {
            // An executor of its own, as another request has.
            thread::spawn(intruder).join().expect("an intruder that ends");
        }
    }
}

/// A host of a world over a store with gaps.
pub(crate) fn gapped(world: &World) -> (World, Arc<GappedStore>) {
    let store = GappedStore::over(world.ports.store.clone());
    let ports = CorePorts { store: store.clone(), ..world.ports.clone() };
    (world.hosted_by(world.ciam_over(ports)), store)
}

#[async_trait]
impl Store for GappedStore {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let loaded = self.inner.load(query).await;
        self.reach(Gap::AfterLoad);
        loaded
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let charged = self.inner.charge(charge).await;
        self.reach(Gap::AfterCharge);
        charged
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.reach(Gap::BeforeCommit);
        let committed = self.inner.commit(commit).await;
        self.reach(Gap::AfterCommit);
        committed
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        let found = self.inner.find(tenant, handle).await;
        self.reach(Gap::AfterFind);
        found
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.inner.sessions(tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        self.inner.forget(tenant, user, counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.inner.sweep(now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }
}
