//! An audit trail in another order.

use async_trait::async_trait;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::{AuditQuery, AuditTrail, StoreError};

use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct OldestFirst;

#[async_trait]
impl Sabotage for OldestFirst {
    async fn records(
        &self,
        sound: &dyn AuditTrail,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let mut records = sound.records(query).await?;
        records.reverse();
        Ok(records)
    }
}

#[derive(Default)]
pub(super) struct TellsOfEverybody;

#[async_trait]
impl Sabotage for TellsOfEverybody {
    async fn records(
        &self,
        sound: &dyn AuditTrail,
        query: &AuditQuery,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        sound.records(&AuditQuery { user: None, ..query.clone() }).await
    }
}
