//! Social sources.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::social::{SocialSource, SocialSourceId};
use ciam_ports::{SocialSourceStore, StoreError};

use crate::MemoryStore;

#[derive(Default)]
pub(crate) struct Sources(BTreeMap<TenantId, BTreeMap<SocialSourceId, SocialSource>>);

#[async_trait]
impl SocialSourceStore for MemoryStore {
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError> {
        let state = self.state()?;
        let found = state.sources.0.get(tenant).into_iter().flat_map(BTreeMap::values);
        Ok(found.cloned().collect())
    }

    async fn put(&self, source: SocialSource, audit: AuditRecord) -> Result<(), StoreError> {
        let mut state = self.state()?;
        state.sources.0.entry(source.tenant.clone()).or_default().insert(source.id.clone(), source);
        state.record(audit);
        Ok(())
    }

    async fn remove(
        &self,
        tenant: &TenantId,
        id: &SocialSourceId,
        audit: AuditRecord,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        if let Some(sources) = state.sources.0.get_mut(tenant) {
            sources.remove(id);
        }
        state.record(audit);
        Ok(())
    }
}
