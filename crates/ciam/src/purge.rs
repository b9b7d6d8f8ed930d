//! The end of a deleted account: everything personal goes, step by step, and a run that broke off is taken up again.

use std::sync::Arc;

use ciam_domain::audit::Action;
use ciam_domain::rate::{RateKey, RateScope};
use ciam_domain::user::{SecurityStamp, Status, User};
use ciam_domain::{Instant, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, DeletionQueue, StepQuery, StoreError};

use crate::principal::half_way;
use crate::purge_report::{PurgeOutcome, PurgeReport, PurgeStep, Purged};
use crate::sign_in_limits::idle_key;
use crate::step::RETRIES;
use crate::{Ciam, Error};

/// The step that marks the account, so that nothing brings it back.
const MARK: &str = "mark";
/// The step that removes sessions, flows, codes and counts.
const ACCESS: &str = "access";
/// The step that empties the login history, which does not tell how many rows went.
const LOGINS: &str = "logins";
/// The step that takes what is personal from consents, or all of them.
const CONSENTS: &str = "consents";
/// The step that erases the account itself.
const ACCOUNT: &str = "account";

/// Where the erasure of an account stands.
enum Stand {
    /// It may go on, as this account.
    Open(Arc<User>),
    /// There is nothing to do.
    Closed(PurgeOutcome),
}

impl Ciam {
    /// Erases up to `limit` deleted accounts whose grace is over, those that are due longest first. The host calls
    /// it now and then; several may run at once. What fails with one account stays in its line of the report, and
    /// the next call takes that account up again.
    ///
    /// # Errors
    /// A failure of the queue alone.
    pub async fn purge_due(&self, queue: &dyn DeletionQueue, limit: u16) -> Result<PurgeReport, Error> {
        let due = queue.due(self.ports.clock.now(), limit).await?;
        let mut report = PurgeReport { accounts: Vec::with_capacity(due.len()) };
        for (tenant, user) in due {
            report.accounts.push(self.purge(&tenant, &user).await);
        }
        Ok(report)
    }

    /// Erases one account, if it was deleted and its grace is over: marks it, removes sessions, flows, codes and
    /// counts, empties the login history, takes what is personal from consents, asks each store of personal data in the order of their registration, and erases the account last, in
    /// one write with its tombstones and its audit record. Every step may be taken again.
    pub async fn purge(&self, tenant: &TenantId, user: &UserId) -> Purged {
        let mut steps = Vec::new();
        let outcome = match self.erase_by_steps((tenant, user), &mut steps).await {
            Ok(outcome) => outcome,
            Err((step, error)) => PurgeOutcome::Failed { step, cause: PurgeOutcome::cause_of(&error) },
        };
        Purged { tenant: tenant.clone(), user: user.clone(), steps, outcome }
    }

    async fn erase_by_steps(
        &self,
        (tenant, user): (&TenantId, &UserId),
        steps: &mut Vec<PurgeStep>,
    ) -> Result<PurgeOutcome, (Arc<str>, Error)> {
        let at = |step: &str, error: Error| (Arc::from(step), error);
        let marked = match self.mark(tenant, user).await.map_err(|error| at(MARK, error))? {
            Stand::Open(marked) => marked,
            Stand::Closed(outcome) => return Ok(outcome),
        };
        let forgotten = self.ports.store.forget(tenant, user, &counts_of(&marked)).await;
        let rows = forgotten.map_err(|error| at(ACCESS, error.into()))?;
        steps.push(PurgeStep { name: ACCESS.into(), rows });
        if let Some(history) = &self.login_history {
            let erased = history.erase(tenant, user).await;
            erased.map_err(|error| at(LOGINS, error.into()))?;
            steps.push(PurgeStep { name: LOGINS.into(), rows: 0 });
        }
        if let Some(consents) = &self.consents {
            let erased = consents.erase(tenant, user, self.config.consent.erasure).await;
            let rows = erased.map_err(|error| at(CONSENTS, error.into()))?;
            steps.push(PurgeStep { name: CONSENTS.into(), rows });
        }
        for (name, data) in &self.personal {
            let erased = data.erase(tenant, user).await;
            let rows = erased.map_err(|error| (Arc::clone(name), error.into()))?.rows;
            steps.push(PurgeStep { name: Arc::clone(name), rows });
        }
        let outcome = self.bury(tenant, user).await.map_err(|error| at(ACCOUNT, error))?;
        steps.push(PurgeStep { name: ACCOUNT.into(), rows: u64::from(outcome == PurgeOutcome::Erased) });
        Ok(outcome)
    }

    /// Marks the account as being erased: from here on its owner cannot call it back, whatever any clock says. Each
    /// try is written, so that one that keeps failing goes to the end of the queue.
    async fn mark(&self, tenant: &TenantId, user: &UserId) -> Result<Stand, Error> {
        for _ in 0..RETRIES {
            let now = self.ports.clock.now();
            let loaded = match self.stand(tenant, user, now).await? {
                Stand::Open(loaded) => loaded,
                closed @ Stand::Closed(_) => return Ok(closed),
            };
            let expected = loaded.version;
            let mut next = Arc::unwrap_or_clone(loaded);
            next.version = expected.next();
            next.status = Status::Purging { tried_at: now };
            let user_write = UserWrite::Replace { expected, user: Box::new(next.clone()) };
            let commit = Commit { user: user_write, ..Commit::of(tenant.clone(), user.clone(), now) };
            match self.ports.store.commit(commit).await {
                Ok(()) => return Ok(Stand::Open(Arc::new(next))),
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Stale.into())
    }

    /// Erases the account itself. Of several runs one does it, and one record says so.
    async fn bury(&self, tenant: &TenantId, user: &UserId) -> Result<PurgeOutcome, Error> {
        for _ in 0..RETRIES {
            let now = self.ports.clock.now();
            let loaded = match self.stand(tenant, user, now).await? {
                Stand::Open(loaded) => loaded,
                Stand::Closed(outcome) => return Ok(outcome),
            };
            let tombstones = self.tombstones(&loaded, now).await?;
            let expected = loaded.version;
            let mut erased = Arc::unwrap_or_clone(loaded);
            erased.erase();
            erased.version = expected.next();
            erased.restamp(SecurityStamp::from_bytes(self.random_bits()?), now);
            let record = self.system_record(&erased, Action::EraseAccount, None, now)?;
            let commit = Commit {
                user: UserWrite::Replace { expected, user: Box::new(erased) },
                tombstones,
                audit: vec![record],
                ..Commit::of(tenant.clone(), user.clone(), now)
            };
            match self.ports.store.commit(commit).await {
                Ok(()) => return Ok(PurgeOutcome::Erased),
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Stale.into())
    }

    async fn stand(&self, tenant: &TenantId, user: &UserId, now: Instant) -> Result<Stand, Error> {
        let query = StepQuery::of(tenant.clone(), user.clone());
        let Some(loaded) = self.ports.store.load(&query).await? else {
            return Ok(Stand::Closed(PurgeOutcome::NotDue));
        };
        Ok(match loaded.user.status {
            Status::PendingDeletion { erase_at } if erase_at <= now => Stand::Open(loaded.user),
            Status::Purging { .. } => Stand::Open(loaded.user),
            Status::Erased => Stand::Closed(PurgeOutcome::AlreadyErased),
            Status::PendingDeletion { .. }
            | Status::Normal
            | Status::Locked { .. }
            | Status::Frozen
            | Status::Disabled => Stand::Closed(PurgeOutcome::NotDue),
        })
    }
}

/// Every count of the account alone. Those of an address or a network belong to more than one person, and end by
/// themselves.
fn counts_of(user: &User) -> Vec<RateKey> {
    let id = user.id.as_str();
    let own = RateScope::ALL.into_iter().map(|scope| RateKey::new(scope, &[id]));
    let logins = user.logins();
    let pairs = logins.iter().map(|to| RateKey::new(RateScope::ResendCooldown, &[id, to.canonical()]));
    let half_way = RateScope::ALL.into_iter().map(|scope| half_way(&user.id).within(scope));
    own.chain(pairs).chain(half_way).chain([idle_key(&user.id)]).collect()
}
