//! The port of deleted accounts that are due.

use async_trait::async_trait;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{DeletionQueue, StoreError};

use crate::MemoryStore;

#[async_trait]
impl DeletionQueue for MemoryStore {
    async fn due(&self, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        Ok(self.state()?.due(now, limit))
    }
}
