//! The port of sessions, flows, codes and counts alone.

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::domain::{FlowKey, Instant, TenantId, UserId};
use ciam_ports::flow_store::{FlowCharge, FlowCommit, FlowView};
use ciam_ports::{Charge, FlowStore, Handle, StepQuery, Store, StoreError};

use crate::statement::Db;
use crate::{SqliteStore, charge, flows, rates, sessions, step};

pub(crate) fn commit(db: &Db<'_>, commit: &FlowCommit) -> Result<(), StoreError> {
    let FlowCommit { tenant, subject, now, session, flow, challenge, rates, cleared } = commit;
    sessions::write(db, session)?;
    flows::write(db, (tenant, subject), (flow, challenge), *now)?;
    rates::admit(db, tenant, rates, *now)?.write(db, tenant)?;
    rates::clear(db, tenant, cleared).map(drop)
}

#[async_trait]
impl FlowStore for SqliteStore {
    async fn view(&self, query: &StepQuery) -> Result<FlowView, StoreError> {
        let query = query.clone();
        self.glance(move |db| Ok(step::view(db, &query)?.view)).await
    }

    async fn charge(
        &self,
        charge: &Charge,
        stamp: &SecurityStamp,
    ) -> Result<(FlowCharge, FlowView), StoreError> {
        let (charge, stamp) = (charge.clone(), *stamp);
        self.write(move |db| {
            let mut held = step::view(db, &charge.query)?;
            let outcome = charge::pay(db, (&charge, &stamp), &mut held)?;
            Ok((outcome, held.view))
        })
        .await
    }

    async fn commit(&self, commit: FlowCommit) -> Result<(), StoreError> {
        self.write(move |db| self::commit(db, &commit)).await
    }

    async fn find(&self, tenant: &TenantId, flow: &FlowKey) -> Result<Option<UserId>, StoreError> {
        Store::find(self, tenant, &Handle::Flow(*flow)).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        Store::sessions(self, tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        Store::forget(self, tenant, user, counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        Store::sweep(self, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Store::ping(self).await
    }
}
