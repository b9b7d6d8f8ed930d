//! The port of the accounts of a tenant.

use async_trait::async_trait;
use ciam_ports::{DirectoryPage, DirectoryQuery, StoreError, UserDirectory};

use crate::MemoryStore;

#[async_trait]
impl UserDirectory for MemoryStore {
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(&query.tenant).map(|tenant| tenant.users.page(query)).unwrap_or_default())
    }
}
