//! All that the store holds, behind its lock.

use std::collections::BTreeMap;

use ciam_ports::StoreError;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::notice::Notice;
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::flow_store::FlowCommit;
use ciam_ports::store::{Commit, UserWrite};
use ciam_ports::user_store::UserCommit;

use crate::login_history::Logins;
use crate::outbox::Queue;
use crate::tenant::Tenant;

pub(crate) struct State {
    pub(crate) tenants: BTreeMap<TenantId, Tenant>,
    pub(crate) outbox: Queue,
    pub(crate) logins: Logins,
    audit_capacity: usize,
}

/// The user half of a commit.
struct UserPart {
    now: Instant,
    user: UserWrite,
    audit: Vec<AuditRecord>,
    outbox: Vec<Notice>,
}

impl State {
    pub(crate) fn new(audit_capacity: usize) -> Self {
        Self { tenants: BTreeMap::new(), outbox: Queue::default(), logins: Logins::default(), audit_capacity }
    }

    pub(crate) fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        let Commit { tenant, subject, now, user, session, flow, challenge, rates, cleared, audit, outbox } =
            commit;
        let flows =
            FlowCommit { tenant: tenant.clone(), subject, now, session, flow, challenge, rates, cleared };
        let held = self.tenants.entry(tenant).or_default();
        held.users.check(&user)?;
        let raised = held.check(&flows)?;
        held.apply(flows, raised);
        UserPart { now, user, audit, outbox }.apply(held, &mut self.outbox, self.audit_capacity);
        Ok(())
    }

    pub(crate) fn commit_user(&mut self, commit: UserCommit) -> Result<(), StoreError> {
        let UserCommit { tenant, subject: _, now, user, audit, outbox } = commit;
        let held = self.tenants.entry(tenant).or_default();
        held.users.check(&user)?;
        UserPart { now, user, audit, outbox }.apply(held, &mut self.outbox, self.audit_capacity);
        Ok(())
    }

    pub(crate) fn commit_flow(&mut self, commit: FlowCommit) -> Result<(), StoreError> {
        let held = self.tenants.entry(commit.tenant.clone()).or_default();
        let raised = held.check(&commit)?;
        held.apply(commit, raised);
        Ok(())
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> u64 {
        let rows: usize = self.tenants.values_mut().map(|tenant| tenant.sweep(now)).sum();
        u64::try_from(rows).unwrap_or(u64::MAX)
    }
}

impl UserPart {
    fn apply(self, tenant: &mut Tenant, outbox: &mut Queue, audit_capacity: usize) {
        tenant.users.apply(self.user);
        tenant.audit.append(self.audit, audit_capacity);
        outbox.append(self.outbox, self.now);
    }
}
