//! What can be done to a store: everything goes through, unless a sabotage says otherwise.

use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{
    AuditPage, AuditQuery, AuditTrail, Charge, Charged, Commit, DeletionQueue, DueNotice, Handle, Loaded,
    Outbox, Settlement, StepQuery, Store, StoreError,
};

#[async_trait]
pub(super) trait Sabotage: Send + Sync + 'static {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        sound.load(query).await
    }

    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        sound.charge(charge).await
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        sound.commit(commit).await
    }

    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        sound.find(tenant, handle).await
    }

    async fn sessions(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Vec<Session>, StoreError> {
        sound.sessions(tenant, user).await
    }

    async fn forget(
        &self,
        sound: &dyn Store,
        (tenant, user): (&TenantId, &UserId),
        counts: &[RateKey],
    ) -> Result<u64, StoreError> {
        sound.forget(tenant, user, counts).await
    }

    async fn due(
        &self,
        sound: &dyn DeletionQueue,
        now: Instant,
        limit: u16,
    ) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        sound.due(now, limit).await
    }

    async fn sweep(&self, sound: &dyn Store, now: Instant) -> Result<u64, StoreError> {
        sound.sweep(now).await
    }

    async fn take(
        &self,
        sound: &dyn Outbox,
        (now, lease, limit): (Instant, Duration, u16),
    ) -> Result<Vec<DueNotice>, StoreError> {
        sound.take(now, lease, limit).await
    }

    async fn settle(&self, sound: &dyn Outbox, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        sound.settle(entry, settlement).await
    }

    async fn records(&self, sound: &dyn AuditTrail, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        sound.records(query).await
    }
}
