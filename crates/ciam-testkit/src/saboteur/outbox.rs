//! Notices that come too often, too early or never.

use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::{DueNotice, Outbox, Settlement, StoreError};

use super::sabotage::Sabotage;
use crate::contract::sample::HOUR;

#[derive(Default)]
pub(super) struct LendsToAll;

#[async_trait]
impl Sabotage for LendsToAll {
    async fn take(
        &self,
        sound: &dyn Outbox,
        (now, _, limit): (Instant, Duration, u16),
    ) -> Result<Vec<DueNotice>, StoreError> {
        sound.take(now, Duration::ZERO, limit).await
    }
}

#[derive(Default)]
pub(super) struct LendsForGood;

#[async_trait]
impl Sabotage for LendsForGood {
    async fn take(
        &self,
        sound: &dyn Outbox,
        (now, lease, limit): (Instant, Duration, u16),
    ) -> Result<Vec<DueNotice>, StoreError> {
        sound.take(now, lease + 9_999 * HOUR, limit).await
    }
}

#[derive(Default)]
pub(super) struct SettlesNothing;

#[async_trait]
impl Sabotage for SettlesNothing {
    async fn settle(&self, sound: &dyn Outbox, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        match settlement {
            Settlement::Done => Ok(()),
            Settlement::Again(_) => sound.settle(entry, settlement).await,
        }
    }
}

#[derive(Default)]
pub(super) struct HurriesNotices;

#[async_trait]
impl Sabotage for HurriesNotices {
    async fn settle(&self, sound: &dyn Outbox, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        let at_once = match settlement {
            Settlement::Done => Settlement::Done,
            Settlement::Again(_) => Settlement::Again(Instant::EPOCH),
        };
        sound.settle(entry, at_once).await
    }
}
