//! The store, and the port of a step.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::flow_store::{FlowCharge, FlowView};
use ciam_ports::{Charge, Charged, Commit, Handle, Loaded, StepQuery, Store, StoreError};

use crate::state::State;

/// Everything in maps behind one lock; also the two halves of a [`ciam_ports::SplitStore`].
///
/// Memory grows with accounts and with what [`Store::sweep`] has not removed; the audit trail is bounded.
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store that keeps the newest 100,000 audit records of each tenant.
    #[must_use]
    pub fn new() -> Self {
        Self::with_audit_capacity(100_000)
    }

    /// An empty store that keeps the newest `records` audit records of each tenant; older ones are lost.
    #[must_use]
    pub fn with_audit_capacity(records: usize) -> Self {
        Self { state: Mutex::new(State::new(records)) }
    }

    /// After a panic inside a write nobody knows what stands, so nothing is answered any more.
    pub(crate) fn state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        self.state.lock().map_err(|_| StoreError::Unavailable("a write panicked".into()))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

fn joined(user: Arc<User>, view: FlowView) -> Loaded {
    let FlowView { session, flow, challenges, rates } = view;
    Loaded { user, session, flow, challenges, rates }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let state = self.state()?;
        let Some(tenant) = state.tenants.get(&query.tenant) else { return Ok(None) };
        Ok(tenant.users.get(&query.user).map(|user| joined(Arc::clone(user), tenant.view(query))))
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let mut state = self.state()?;
        let Some(tenant) = state.tenants.get_mut(&charge.query.tenant) else { return Ok(None) };
        let Some(user) = tenant.users.get(&charge.query.user).cloned() else { return Ok(None) };
        let outcome = tenant.charge(charge, &user.stamp);
        let loaded = joined(user, tenant.view(&charge.query));
        Ok(Some(match outcome {
            FlowCharge::Paid(attempts) => Charged::Paid { loaded, attempts },
            FlowCharge::NoFlow => Charged::NoFlow { loaded },
            FlowCharge::Exhausted => Charged::Exhausted { loaded },
            FlowCharge::Limited { scope, until } => Charged::Limited { loaded, scope, until },
        }))
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.state()?.commit(commit)
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).and_then(|tenant| match handle {
            Handle::Login(login) => tenant.users.find(login),
            Handle::Held(address) => tenant.users.holder(address),
            Handle::Social(issuer, subject) => tenant.users.bound_to(issuer, subject),
            Handle::Passkey(id) => tenant.users.holder_of(id),
            Handle::Flow(flow) => tenant.flow_owner(flow),
        }))
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).map_or_else(Vec::new, |tenant| tenant.sessions(user)))
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
