//! The port of users alone.

use async_trait::async_trait;
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::user_store::UserCommit;
use ciam_ports::{Handle, Store, StoreError, UserStore};

use crate::MemoryStore;

#[async_trait]
impl UserStore for MemoryStore {
    async fn user(&self, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).and_then(|tenant| tenant.users.get(user)).map(|user| User::clone(user)))
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        Store::find(self, tenant, handle).await
    }

    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError> {
        self.state()?.commit_user(commit)
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        Store::sweep(self, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.state().map(drop)
    }
}
