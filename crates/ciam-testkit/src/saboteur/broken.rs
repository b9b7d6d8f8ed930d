//! A sound store behind a sabotage.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{
    AuditPage, AuditQuery, AuditTrail, Charge, Charged, Commit, DeletionQueue, DueNotice, Handle, Loaded,
    Outbox, Settlement, StepQuery, Store, StoreError,
};

use super::sabotage::Sabotage;
use crate::contract::Fixture;

pub(super) struct Broken {
    sound: Fixture,
    sabotage: Arc<dyn Sabotage>,
}

impl Broken {
    pub(super) fn new(sound: Fixture, sabotage: Arc<dyn Sabotage>) -> Self {
        Self { sound, sabotage }
    }
}

#[async_trait]
impl Store for Broken {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        self.sabotage.load(&*self.sound.store, query).await
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        self.sabotage.charge(&*self.sound.store, charge).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.sabotage.commit(&*self.sound.store, commit).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        self.sabotage.find(&*self.sound.store, tenant, handle).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.sabotage.sessions(&*self.sound.store, tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        self.sabotage.forget(&*self.sound.store, (tenant, user), counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.sabotage.sweep(&*self.sound.store, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.sound.store.ping().await
    }
}

#[async_trait]
impl DeletionQueue for Broken {
    async fn due(&self, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        self.sabotage.due(&*self.sound.deletions, now, limit).await
    }
}

#[async_trait]
impl Outbox for Broken {
    async fn take(&self, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
        self.sabotage.take(&*self.sound.outbox, (now, lease, limit)).await
    }

    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        self.sabotage.settle(&*self.sound.outbox, entry, settlement).await
    }
}

#[async_trait]
impl AuditTrail for Broken {
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        self.sabotage.records(&*self.sound.audit, query).await
    }
}
