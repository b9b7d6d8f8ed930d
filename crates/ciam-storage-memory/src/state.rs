//! All that the store holds, behind its lock.

use std::collections::BTreeMap;

use ciam_ports::deletion::Claim;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::notice::Notice;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::tombstone::Tombstone;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::flow_store::FlowCommit;
use ciam_ports::store::{Commit, StoreError, UserWrite};
use ciam_ports::user_store::UserCommit;

use crate::attribute_schema::Schemas;
use crate::login_history::Logins;
use crate::outbox::Queue;
use crate::social_sources::Sources;
use crate::tenant::Tenant;

pub(crate) struct State {
    pub(crate) tenants: BTreeMap<TenantId, Tenant>,
    pub(crate) outbox: Queue,
    pub(crate) logins: Logins,
    pub(crate) schemas: Schemas,
    pub(crate) sources: Sources,
    audit_capacity: usize,
}

/// The user half of a commit.
struct UserPart {
    now: Instant,
    user: UserWrite,
    claims: Vec<Claim>,
    tombstones: Vec<Tombstone>,
    audit: Vec<AuditRecord>,
    outbox: Vec<Notice>,
}

impl State {
    pub(crate) fn new(audit_capacity: usize) -> Self {
        Self {
            tenants: BTreeMap::new(),
            outbox: Queue::default(),
            logins: Logins::default(),
            schemas: Schemas::default(),
            sources: Sources::default(),
            audit_capacity,
        }
    }

    pub(crate) fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
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
        let flows =
            FlowCommit { tenant: tenant.clone(), subject, now, session, flow, challenge, rates, cleared };
        let users = UserPart { now, user, claims, tombstones, audit, outbox };
        let held = self.tenants.entry(tenant).or_default();
        users.check(held)?;
        let raised = held.check(&flows)?;
        held.apply(flows, raised);
        users.apply(held, &mut self.outbox, self.audit_capacity);
        Ok(())
    }

    pub(crate) fn commit_user(&mut self, commit: UserCommit) -> Result<(), StoreError> {
        let UserCommit { tenant, subject: _, now, user, audit, outbox, claims, tombstones } = commit;
        let users = UserPart { now, user, claims, tombstones, audit, outbox };
        let held = self.tenants.entry(tenant).or_default();
        users.check(held)?;
        users.apply(held, &mut self.outbox, self.audit_capacity);
        Ok(())
    }

    pub(crate) fn commit_flow(&mut self, commit: FlowCommit) -> Result<(), StoreError> {
        let held = self.tenants.entry(commit.tenant.clone()).or_default();
        let raised = held.check(&commit)?;
        held.apply(commit, raised);
        Ok(())
    }

    /// Adds a record to the trail of its tenant.
    pub(crate) fn record(&mut self, audit: AuditRecord) {
        let held = self.tenants.entry(audit.tenant.clone()).or_default();
        held.audit.append(vec![audit], self.audit_capacity);
    }

    /// Does something together with its record.
    pub(crate) fn recorded(
        &mut self,
        tenant: TenantId,
        audit: AuditRecord,
        work: impl FnOnce(&mut Tenant) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let held = self.tenants.entry(tenant).or_default();
        work(held)?;
        held.audit.append(vec![audit], self.audit_capacity);
        Ok(())
    }

    /// Who is to be erased, those who are due longest first.
    pub(crate) fn due(&self, now: Instant, limit: u16) -> Vec<(TenantId, UserId)> {
        let of = |(name, tenant): (&TenantId, &Tenant)| {
            let due = tenant.users.due(now).take(limit.into());
            due.map(|(due_at, user)| (*due_at, name.clone(), user.clone())).collect::<Vec<_>>()
        };
        let mut due: Vec<_> = self.tenants.iter().flat_map(of).collect();
        due.sort_unstable();
        due.into_iter().take(limit.into()).map(|(_, tenant, user)| (tenant, user)).collect()
    }

    pub(crate) fn forget(&mut self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> u64 {
        let rows = self.tenants.get_mut(tenant).map_or(0, |tenant| tenant.forget(user, counts));
        u64::try_from(rows).unwrap_or(u64::MAX)
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> u64 {
        let rows: usize = self.tenants.values_mut().map(|tenant| tenant.sweep(now)).sum();
        u64::try_from(rows).unwrap_or(u64::MAX)
    }
}

impl UserPart {
    fn check(&self, tenant: &Tenant) -> Result<(), StoreError> {
        tenant.users.check(&self.user, self.now)?;
        tenant.tombstones.check(&self.claims, self.now)
    }

    fn apply(self, tenant: &mut Tenant, outbox: &mut Queue, audit_capacity: usize) {
        tenant.users.apply(self.user);
        tenant.tombstones.add(self.tombstones);
        tenant.audit.append(self.audit, audit_capacity);
        outbox.append(self.outbox, self.now);
    }
}
