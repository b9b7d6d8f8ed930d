//! Attribute schemas in a map.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use ciam::domain::TenantId;
use ciam::domain::profile::AttributeSchema;
use ciam::ports::{AttributeSchemaStore, StoreError};

use super::locked;

/// Keeps the newest schema of each tenant.
#[derive(Debug, Default)]
pub struct FakeSchemas(Mutex<BTreeMap<TenantId, AttributeSchema>>);

#[async_trait]
impl AttributeSchemaStore for FakeSchemas {
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
        Ok(locked(&self.0).get(tenant).cloned().unwrap_or_default())
    }

    async fn replace(&self, tenant: &TenantId, schema: &AttributeSchema) -> Result<(), StoreError> {
        let mut schemas = locked(&self.0);
        let known = schemas.get(tenant).map_or(0, AttributeSchema::version);
        if known != schema.version() {
            return Err(StoreError::Stale);
        }
        schemas.insert(tenant.clone(), schema.clone().succeeding());
        Ok(())
    }
}
