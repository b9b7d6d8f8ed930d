//! The ports of storage, whole and as halves.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::audit::AuditRecord;
use ciam::domain::login_history::LoginRecord;
use ciam::domain::profile::AttributeSchema;
use ciam::domain::rate::RateKey;
use ciam::domain::session::Session;
use ciam::domain::user::{SecurityStamp, User};
use ciam::domain::{FlowKey, Instant, TenantId, UserId};
use ciam::ports::flow_store::{FlowCharge, FlowCommit, FlowStore, FlowView};
use ciam::ports::user_store::UserCommit;
use ciam::ports::{
    AttributeSchemaStore, AuditPage, AuditQuery, AuditTrail, Charge, Charged, Commit, DeletionQueue,
    DirectoryPage, DirectoryQuery, DueNotice, Erased, Handle, Loaded, LoginHistoryStore, LoginQuery, Outbox,
    PersonalRecords, Settlement, StepQuery, Store, StoreError, UserDirectory, UserStore,
};

use super::Faults;
use super::ports::Faulty;

impl Faults {
    /// A user store through which faults come.
    #[must_use]
    pub fn users(&self, inner: Arc<dyn UserStore>) -> Arc<dyn UserStore> {
        self.over(inner)
    }

    /// A flow store through which faults come.
    #[must_use]
    pub fn flows(&self, inner: Arc<dyn FlowStore>) -> Arc<dyn FlowStore> {
        self.over(inner)
    }
}

#[async_trait]
impl Store for Faulty<dyn Store> {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        self.faults.pass("store.load", self.inner.load(query), StoreError::Unavailable).await
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        self.faults.pass("store.charge", self.inner.charge(charge), StoreError::Unavailable).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.faults.pass("store.commit", self.inner.commit(commit), StoreError::Unavailable).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        self.faults.pass("store.find", self.inner.find(tenant, handle), StoreError::Unavailable).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.faults.pass("store.sessions", self.inner.sessions(tenant, user), StoreError::Unavailable).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        let work = self.inner.forget(tenant, user, counts);
        self.faults.pass("store.forget", work, StoreError::Unavailable).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.faults.pass("store.sweep", self.inner.sweep(now), StoreError::Unavailable).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.faults.pass("store.ping", self.inner.ping(), StoreError::Unavailable).await
    }
}

#[async_trait]
impl Outbox for Faulty<dyn Outbox> {
    async fn take(&self, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
        let work = self.inner.take(now, lease, limit);
        self.faults.pass("outbox.take", work, StoreError::Unavailable).await
    }

    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        let work = self.inner.settle(entry, settlement);
        self.faults.pass("outbox.settle", work, StoreError::Unavailable).await
    }
}

#[async_trait]
impl DeletionQueue for Faulty<dyn DeletionQueue> {
    async fn due(&self, now: Instant, limit: u16) -> Result<Vec<(TenantId, UserId)>, StoreError> {
        self.faults.pass("deletions.due", self.inner.due(now, limit), StoreError::Unavailable).await
    }
}

#[async_trait]
impl UserDirectory for Faulty<dyn UserDirectory> {
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
        self.faults.pass("directory.page", self.inner.page(query), StoreError::Unavailable).await
    }
}

#[async_trait]
impl PersonalRecords for Faulty<dyn PersonalRecords> {
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError> {
        self.faults.pass("personal.erase", self.inner.erase(tenant, user), StoreError::Unavailable).await
    }
}

#[async_trait]
impl UserStore for Faulty<dyn UserStore> {
    async fn user(&self, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
        self.faults.pass("users.user", self.inner.user(tenant, user), StoreError::Unavailable).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        self.faults.pass("users.find", self.inner.find(tenant, handle), StoreError::Unavailable).await
    }

    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError> {
        self.faults.pass("users.commit", self.inner.commit(commit), StoreError::Unavailable).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.faults.pass("users.sweep", self.inner.sweep(now), StoreError::Unavailable).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.faults.pass("users.ping", self.inner.ping(), StoreError::Unavailable).await
    }
}

#[async_trait]
impl FlowStore for Faulty<dyn FlowStore> {
    async fn view(&self, query: &StepQuery) -> Result<FlowView, StoreError> {
        self.faults.pass("flows.view", self.inner.view(query), StoreError::Unavailable).await
    }

    async fn charge(
        &self,
        charge: &Charge,
        stamp: &SecurityStamp,
    ) -> Result<(FlowCharge, FlowView), StoreError> {
        self.faults.pass("flows.charge", self.inner.charge(charge, stamp), StoreError::Unavailable).await
    }

    async fn commit(&self, commit: FlowCommit) -> Result<(), StoreError> {
        self.faults.pass("flows.commit", self.inner.commit(commit), StoreError::Unavailable).await
    }

    async fn find(&self, tenant: &TenantId, flow: &FlowKey) -> Result<Option<UserId>, StoreError> {
        self.faults.pass("flows.find", self.inner.find(tenant, flow), StoreError::Unavailable).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.faults.pass("flows.sessions", self.inner.sessions(tenant, user), StoreError::Unavailable).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        let work = self.inner.forget(tenant, user, counts);
        self.faults.pass("flows.forget", work, StoreError::Unavailable).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.faults.pass("flows.sweep", self.inner.sweep(now), StoreError::Unavailable).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.faults.pass("flows.ping", self.inner.ping(), StoreError::Unavailable).await
    }
}

#[async_trait]
impl LoginHistoryStore for Faulty<dyn LoginHistoryStore> {
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError> {
        self.faults.pass("logins.append", self.inner.append(record), StoreError::Unavailable).await
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        self.faults.pass("logins.records", self.inner.records(query), StoreError::Unavailable).await
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        self.faults.pass("logins.erase", self.inner.erase(tenant, user), StoreError::Unavailable).await
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        self.faults.pass("logins.forget", self.inner.forget(before), StoreError::Unavailable).await
    }
}

#[async_trait]
impl AuditTrail for Faulty<dyn AuditTrail> {
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        self.faults.pass("audit.records", self.inner.records(query), StoreError::Unavailable).await
    }
}

#[async_trait]
impl AttributeSchemaStore for Faulty<dyn AttributeSchemaStore> {
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
        self.faults.pass("schemas.schema", self.inner.schema(tenant), StoreError::Unavailable).await
    }

    async fn replace(
        &self,
        tenant: &TenantId,
        schema: &AttributeSchema,
        audit: AuditRecord,
    ) -> Result<(), StoreError> {
        let work = self.inner.replace(tenant, schema, audit);
        self.faults.pass("schemas.replace", work, StoreError::Unavailable).await
    }
}
