//! On whose authority somebody else's account is acted on.

use std::borrow::Cow;

use ciam_domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::user::{Status, User};
use ciam_domain::{EventId, Instant, Refusal, TenantId, UserId};
use ciam_ports::{Commit, Loaded, StepQuery};

use crate::step::Refusing;
use crate::{Ciam, Error, Principal};

/// The scope that the token of an administrator has.
pub const ADMIN_SCOPE: &str = "admin";

/// Who acts on an account that need not be their own.
#[derive(Debug, Clone, Copy)]
pub enum Authority<'a> {
    /// The host itself: its command line, its jobs.
    Host,
    /// An administrator of the tenant: the token has [`ADMIN_SCOPE`], and the account is one of an administrator
    /// now and may act.
    Administrator(&'a Principal),
}

/// What somebody in authority does, for the audit trail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) by: Authority<'a>,
    pub(crate) tenant: &'a TenantId,
    pub(crate) user: &'a UserId,
    pub(crate) action: Action,
    pub(crate) now: Instant,
    pub(crate) detail: Option<&'static str>,
}

impl Authority<'_> {
    fn actor(self) -> Actor {
        match self {
            Self::Host => Actor::System,
            Self::Administrator(who) => Actor::Administrator(who.user().clone()),
        }
    }

    /// Whose trail has what is about no account, such as terms: the administrator's own, or nobody's.
    pub(crate) fn own_account(self) -> UserId {
        match self {
            Self::Host => UserId::nobody(),
            Self::Administrator(who) => who.user().clone(),
        }
    }
}

impl<'a> Order<'a> {
    pub(crate) const fn saying(mut self, detail: &'static str) -> Self {
        self.detail = Some(detail);
        self
    }

    pub(crate) fn record(&self, id: EventId, outcome: Outcome) -> AuditRecord {
        let who = match self.by {
            Authority::Host => None,
            Authority::Administrator(who) => Some(who),
        };
        AuditRecord {
            id,
            tenant: self.trail().clone(),
            at: self.now,
            actor: self.by.actor(),
            user: self.user.clone(),
            session: who.and_then(Principal::session).cloned(),
            action: self.action,
            outcome,
            flow: None,
            source: who.and_then(Principal::source),
            detail: self.detail.map(Cow::Borrowed),
        }
    }

    /// The tenant whose trail has the record: nobody writes into another tenant's.
    const fn trail(&self) -> &'a TenantId {
        match self.by {
            Authority::Host => self.tenant,
            Authority::Administrator(who) => who.tenant(),
        }
    }

    pub(crate) fn commit(&self) -> Commit {
        Commit::of(self.trail().clone(), self.user.clone(), self.now)
    }
}

impl Ciam {
    /// Checks that whoever gives the order may give it.
    pub(crate) async fn authorise(&self, order: &Order<'_>) -> Result<(), Error> {
        let Authority::Administrator(who) = order.by else { return Ok(()) };
        let query = StepQuery {
            session: who.session().cloned(),
            ..StepQuery::of(who.tenant().clone(), who.user().clone())
        };
        let Some(loaded) = self.ports.store.load(&query).await? else {
            return Err(self.overrule(order, AccessRefusal::UnknownUser).await);
        };
        match permitted(who, &loaded, order) {
            Ok(()) => Ok(()),
            Err((refusal, why)) => {
                let order = why.map_or(*order, |why| order.saying(why));
                Err(self.overrule(&order, refusal).await)
            }
        }
    }

    /// Checks that the host gives the order. An administrator may give it no more than anybody else.
    pub(crate) async fn authorise_host(&self, order: &Order<'_>) -> Result<(), Error> {
        self.authorise(order).await?;
        match order.by {
            Authority::Host => Ok(()),
            Authority::Administrator(_) => {
                Err(self.overrule(&order.saying("host alone"), AccessRefusal::InsufficientScope).await)
            }
        }
    }

    /// The account that an order is about; an erased one is beyond every order.
    pub(crate) async fn ordered(&self, order: &Order<'_>) -> Result<Loaded, Error> {
        self.authorise(order).await?;
        let query = StepQuery::of(order.tenant.clone(), order.user.clone());
        match self.ports.store.load(&query).await? {
            None => Err(self.overrule(order, AccessRefusal::UnknownUser).await),
            Some(loaded) if matches!(loaded.user.status, Status::Purging { .. } | Status::Erased) => {
                Err(self.overrule(order, AccessRefusal::Deleted).await)
            }
            Some(loaded) => Ok(loaded),
        }
    }

    /// As [`Ciam::ordered`], and the account is not deleted by its owner either.
    pub(crate) async fn ordered_live(&self, order: &Order<'_>) -> Result<User, Error> {
        let loaded = self.ordered(order).await?;
        if loaded.user.status.is_deleted() {
            return Err(self.overrule(order, AccessRefusal::Deleted).await);
        }
        Ok(std::sync::Arc::unwrap_or_clone(loaded.user))
    }

    /// Records a refusal and gives it back. A refusal that cannot be recorded is a failure.
    pub(crate) fn overrule<'a>(&'a self, order: &'a Order<'_>, refusal: impl Into<Refusal>) -> Refusing<'a> {
        let refusal = refusal.into();
        Box::pin(async move {
            let outcome = Outcome::Refused(Cow::Borrowed(refusal.reason()));
            match self.carry_out(order, outcome, order.commit()).await {
                Ok(()) => refusal.into(),
                Err(error) => error,
            }
        })
    }

    /// Writes what an order does together with its record, whose id the notices carry.
    pub(crate) async fn carry_out(
        &self,
        order: &Order<'_>,
        outcome: Outcome,
        mut commit: Commit,
    ) -> Result<(), Error> {
        let id = match commit.outbox.first() {
            Some(notice) => notice.id.clone(),
            None => EventId::from_random(self.random_bits()?),
        };
        commit.audit.push(order.record(id, outcome));
        Ok(self.ports.store.commit(commit).await?)
    }
}

/// Nobody is told which of scope and flag is missing; the trail is.
fn permitted(
    who: &Principal,
    loaded: &Loaded,
    order: &Order<'_>,
) -> Result<(), (AccessRefusal, Option<&'static str>)> {
    who.admit(loaded, order.now).map_err(|refusal| (refusal, None))?;
    who.sensitive_session().map_err(|refusal| (refusal, None))?;
    let lacks = |why| Err((AccessRefusal::InsufficientScope, Some(why)));
    if !who.has_scope(ADMIN_SCOPE) {
        return lacks("no scope");
    }
    if !loaded.user.admin {
        return lacks("no administrator");
    }
    if who.tenant() != order.tenant {
        return lacks("another tenant");
    }
    Ok(())
}
