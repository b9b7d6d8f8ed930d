//! The port of sessions, flows, codes and counts alone.

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::domain::{FlowKey, Instant, TenantId, UserId};
use ciam_ports::flow_store::{FlowCharge, FlowCommit, FlowStore, FlowView};
use ciam_ports::{Charge, Handle, StepQuery, Store, StoreError};

use crate::MemoryStore;

#[async_trait]
impl FlowStore for MemoryStore {
    async fn view(&self, query: &StepQuery) -> Result<FlowView, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(&query.tenant).map_or_else(FlowView::default, |tenant| tenant.view(query)))
    }

    async fn charge(
        &self,
        charge: &Charge,
        stamp: &SecurityStamp,
    ) -> Result<(FlowCharge, FlowView), StoreError> {
        let mut state = self.state()?;
        let Some(tenant) = state.tenants.get_mut(&charge.query.tenant) else {
            return Ok((FlowCharge::NoFlow, FlowView::default()));
        };
        let outcome = tenant.charge(charge, stamp);
        Ok((outcome, tenant.view(&charge.query)))
    }

    async fn commit(&self, commit: FlowCommit) -> Result<(), StoreError> {
        self.state()?.commit_flow(commit)
    }

    async fn find(&self, tenant: &TenantId, flow: &FlowKey) -> Result<Option<UserId>, StoreError> {
        Store::find(self, tenant, &Handle::Flow(*flow)).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        Store::sessions(self, tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        Ok(self.state()?.forget(tenant, user, counts))
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        Ok(self.state()?.sweep(now))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.state().map(drop)
    }
}
