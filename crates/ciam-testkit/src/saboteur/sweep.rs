//! A clean-up that takes what is still in use.

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::{Store, StoreError};

use super::sabotage::Sabotage;
use crate::contract::sample::TICK;

#[derive(Default)]
pub(super) struct SweepsEarly;

#[async_trait]
impl Sabotage for SweepsEarly {
    async fn sweep(&self, sound: &dyn Store, now: Instant) -> Result<u64, StoreError> {
        sound.sweep(now.after(TICK)).await
    }
}

#[derive(Default)]
pub(super) struct SweepsNothing;

#[async_trait]
impl Sabotage for SweepsNothing {
    async fn sweep(&self, _: &dyn Store, _: Instant) -> Result<u64, StoreError> {
        Ok(0)
    }
}
