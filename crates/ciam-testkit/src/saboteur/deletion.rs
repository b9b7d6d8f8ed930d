//! Deletions that come early, leave something, or free what they should keep.

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{Commit, DeletionQueue, Store, StoreError};

use super::sabotage::Sabotage;
use crate::contract::sample::TICK;

#[derive(Default)]
pub(super) struct LooksAtOneClaim;

#[async_trait]
impl Sabotage for LooksAtOneClaim {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        commit.claims.truncate(1);
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct KeepsTombstonesLonger;

#[async_trait]
impl Sabotage for KeepsTombstonesLonger {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        for tombstone in &mut commit.tombstones {
            tombstone.ends_at = tombstone.ends_at.after(TICK);
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct ForgetsNothing;

#[async_trait]
impl Sabotage for ForgetsNothing {
    async fn forget(&self, _: &dyn Store, _: (&TenantId, &UserId), _: &[RateKey]) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[derive(Default)]
pub(super) struct KeepsCounts;

#[async_trait]
impl Sabotage for KeepsCounts {
    async fn forget(
        &self,
        sound: &dyn Store,
        (tenant, user): (&TenantId, &UserId),
        _: &[RateKey],
    ) -> Result<u64, StoreError> {
        sound.forget(tenant, user, &[]).await
    }
}

#[derive(Default)]
pub(super) struct HurriesDeletions;

#[async_trait]
impl Sabotage for HurriesDeletions {
    async fn due(
        &self,
        sound: &dyn DeletionQueue,
        now: Instant,
        limit: u16,
    ) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        sound.due(now.after(TICK), limit).await
    }
}

#[derive(Default)]
pub(super) struct NewestDeletionsFirst;

#[async_trait]
impl Sabotage for NewestDeletionsFirst {
    async fn due(
        &self,
        sound: &dyn DeletionQueue,
        now: Instant,
        limit: u16,
    ) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        let mut due = sound.due(now, limit).await?;
        due.reverse();
        Ok(due)
    }
}
