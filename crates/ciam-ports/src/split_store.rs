//! A store made of two: users here, flows there.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_domain::rate::RateKey;
use ciam_domain::session::Session;
use ciam_domain::user::User;
use ciam_domain::{Instant, TenantId, UserId};

use crate::flow_store::{FlowCharge, FlowCommit, FlowStore, FlowView};
use crate::store::{Charge, Charged, Commit, Handle, Loaded, StepQuery, Store, StoreError, UserWrite};
use crate::user_store::{UserCommit, UserStore};

/// Users in one store, sessions, flows, codes and counts in another: two reads and two writes a step.
///
/// Safe without a transaction over both: everything that has an effect is one conditional write of the user,
/// which changes the stamp that flows and sessions are bound to. Where the user changes, the user is written
/// first: what is lost between the two writes is a session that must sign in again, or a flow that is dead
/// already. Where the user stays, flows and counts are written first, so that a send is counted before its
/// audit record exists.
pub struct SplitStore {
    users: Arc<dyn UserStore>,
    flows: Arc<dyn FlowStore>,
}

impl SplitStore {
    /// A store over two halves.
    #[must_use]
    pub fn new(users: Arc<dyn UserStore>, flows: Arc<dyn FlowStore>) -> Self {
        Self { users, flows }
    }
}

fn joined(user: User, view: FlowView) -> Loaded {
    let FlowView { session, flow, challenges, rates } = view;
    Loaded { user: Arc::new(user), session, flow, challenges, rates }
}

fn halves(commit: Commit) -> (UserCommit, FlowCommit) {
    let Commit {
        tenant,
        subject,
        now,
        user,
        session,
        flow,
        challenge,
        rates,
        cleared,
        audit,
        outbox,
        claims,
        tombstones,
    } = commit;
    let flows = FlowCommit {
        tenant: tenant.clone(),
        subject: subject.clone(),
        now,
        session,
        flow,
        challenge,
        rates,
        cleared,
    };
    (UserCommit { tenant, subject, now, user, audit, outbox, claims, tombstones }, flows)
}

#[async_trait]
impl Store for SplitStore {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let Some(user) = self.users.user(&query.tenant, &query.user).await? else { return Ok(None) };
        Ok(Some(joined(user, self.flows.view(query).await?)))
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let Some(user) = self.users.user(&charge.query.tenant, &charge.query.user).await? else {
            return Ok(None);
        };
        let (outcome, view) = self.flows.charge(charge, &user.stamp).await?;
        let loaded = joined(user, view);
        Ok(Some(match outcome {
            FlowCharge::Paid(attempts) => Charged::Paid { loaded, attempts },
            FlowCharge::NoFlow => Charged::NoFlow { loaded },
            FlowCharge::Exhausted => Charged::Exhausted { loaded },
            FlowCharge::Limited { scope, until } => Charged::Limited { loaded, scope, until },
        }))
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let (users, flows) = halves(commit);
        if users.user == UserWrite::Keep {
            if !flows.is_empty() {
                self.flows.commit(flows).await?;
            }
            return self.users.commit(users).await;
        }
        self.users.commit(users).await?;
        // The change stands; what is left is clean-up, and its loss fails closed.
        if !flows.is_empty() {
            drop(self.flows.commit(flows).await);
        }
        Ok(())
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        match handle {
            Handle::Flow(flow) => self.flows.find(tenant, flow).await,
            handle => self.users.find(tenant, handle).await,
        }
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        self.flows.sessions(tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        self.flows.forget(tenant, user, counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        Ok(self.flows.sweep(now).await?.saturating_add(self.users.sweep(now).await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.users.ping().await?;
        self.flows.ping().await
    }
}
