//! Everything of one tenant: nothing reaches from one into another.

use ciam_ports::StoreError;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::user::SecurityStamp;
use ciam_ports::domain::{FlowKey, Instant, UserId};
use ciam_ports::flow_store::{FlowCharge, FlowCommit, FlowView};
use ciam_ports::store::{Charge, StepQuery};

use crate::audit::Trail;
use crate::consents::Consents;
use crate::flows::Flows;
use crate::rates::{Raised, Rates};
use crate::sessions::Sessions;
use crate::tombstones::Tombstones;
use crate::users::Users;

#[derive(Default)]
pub(crate) struct Tenant {
    pub(crate) users: Users,
    pub(crate) audit: Trail,
    pub(crate) tombstones: Tombstones,
    pub(crate) consents: Consents,
    sessions: Sessions,
    flows: Flows,
    rates: Rates,
}

impl Tenant {
    pub(crate) fn view(&self, query: &StepQuery) -> FlowView {
        let session = query.session.as_ref().and_then(|id| self.sessions.own(&query.user, id)).cloned();
        let (flow, challenges) =
            query.flow.as_ref().map_or_else(Default::default, |key| self.flows.view(&query.user, key));
        FlowView { session, flow, challenges, rates: self.rates.read(&query.rates) }
    }

    pub(crate) fn flow_owner(&self, flow: &FlowKey) -> Option<UserId> {
        self.flows.owner(flow)
    }

    pub(crate) fn sessions(&self, user: &UserId) -> Vec<Session> {
        self.sessions.all(user)
    }

    pub(crate) fn charge(&mut self, charge: &Charge, stamp: &SecurityStamp) -> FlowCharge {
        let payer = self.flows.payer(&charge.query, charge.now);
        let Some(payer) = payer.filter(|payer| payer.flow.stamp() == stamp) else {
            return FlowCharge::NoFlow;
        };
        if payer.attempts >= charge.max_attempts {
            return FlowCharge::Exhausted;
        }
        match self.rates.admit(&charge.rates, charge.now) {
            Ok(raised) => {
                payer.attempts += 1;
                self.rates.apply(raised, &[]);
                FlowCharge::Paid(payer.attempts)
            }
            Err(refused) => FlowCharge::Limited { scope: refused.scope, until: refused.until },
        }
    }

    /// Checks the flow half of a commit without writing anything.
    pub(crate) fn check(&self, commit: &FlowCommit) -> Result<Raised, StoreError> {
        self.sessions.check(&commit.subject, &commit.session)?;
        self.flows.check(&commit.subject, &commit.flow)?;
        Ok(self.rates.admit(&commit.rates, commit.now)?)
    }

    /// Writes the flow half of a commit that was checked under the same lock.
    pub(crate) fn apply(&mut self, commit: FlowCommit, raised: Raised) {
        self.sessions.apply(&commit.subject, commit.session);
        self.flows.apply(commit.subject, commit.flow, commit.challenge, commit.now);
        self.rates.apply(raised, &commit.cleared);
    }

    pub(crate) fn forget(&mut self, user: &UserId, counts: &[RateKey]) -> usize {
        self.sessions.forget(user) + self.flows.forget(user) + self.rates.forget(counts)
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        self.sessions.sweep(now) + self.flows.sweep(now) + self.rates.sweep(now) + self.tombstones.sweep(now)
    }
}
