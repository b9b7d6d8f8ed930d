//! The attributes of tenants.

use std::collections::HashMap;

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::profile::AttributeSchema;
use ciam_ports::{AttributeSchemaStore, StoreError};

use crate::MemoryStore;

#[derive(Default)]
pub(crate) struct Schemas(HashMap<TenantId, AttributeSchema>);

impl Schemas {
    fn of(&self, tenant: &TenantId) -> AttributeSchema {
        self.0.get(tenant).cloned().unwrap_or_default()
    }

    fn replace(&mut self, tenant: &TenantId, schema: &AttributeSchema) -> Result<(), StoreError> {
        if self.of(tenant).version() != schema.version() {
            return Err(StoreError::Stale);
        }
        self.0.insert(tenant.clone(), schema.clone().succeeding());
        Ok(())
    }
}

#[async_trait]
impl AttributeSchemaStore for MemoryStore {
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
        Ok(self.state()?.schemas.of(tenant))
    }

    async fn replace(
        &self,
        tenant: &TenantId,
        schema: &AttributeSchema,
        audit: AuditRecord,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        state.schemas.replace(tenant, schema)?;
        state.record(audit);
        Ok(())
    }
}
