//! Restoring a former phone or e-mail address by the code that its holder was sent: needs no session.

use std::borrow::Cow;

use ciam_domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_domain::challenge::Code;
use ciam_domain::notice::NoticeKind;
use ciam_domain::refusal::ContactRefusal;
use ciam_domain::revert_code::RevertCode;
use ciam_domain::source::Source;
use ciam_domain::user::{Address, SecurityStamp, Status, User};
use ciam_domain::{EventId, Instant, Refusal, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, Handle, StepQuery, StoreError};

use crate::step;
use crate::{Ciam, Error, Failure, limits};

/// A try to restore an address, whoever makes it.
struct Try<'a> {
    tenant: &'a TenantId,
    /// Whose address it was; nobody's id where it is held for nobody.
    user: &'a UserId,
    address: &'a Address,
    code: &'a Code,
    source: Option<Source>,
    now: Instant,
}

impl Ciam {
    /// Gives a former address back to its holder, by the code that the notice of its replacement carried. Every address
    /// is as it was before that replacement; sessions, flows and codes of the person are dead; addresses stay as
    /// they are for [`crate::ContactPolicy::pause`].
    ///
    /// # Errors
    /// [`ContactRefusal::NotReverted`] for every cause; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; a
    /// failure of a port.
    pub async fn revert_contact(
        &self,
        tenant: &TenantId,
        address: &Address,
        code: &Code,
        source: Option<Source>,
    ) -> Result<(), Error> {
        let now = self.ports.clock.now();
        let nobody = UserId::from_random(self.random_bits()?);
        let found = self.ports.store.find(tenant, &Handle::Held(address.clone())).await?;
        let user = &found.unwrap_or(nobody);
        let tried = Try { tenant, user, address, code, source, now };
        self.pay_revert(&tried).await?;
        step::persist!(self.try_revert(&tried))
    }

    /// Counts the try before anything is compared, whether or not the address is held for anybody.
    async fn pay_revert(&self, tried: &Try<'_>) -> Result<(), Error> {
        let rates = limits::of_revert(tried.source);
        match self.ports.store.commit(Commit { rates, ..tried.commit() }).await {
            Err(StoreError::Limited { until, .. }) => {
                let refusal = step::too_many_attempts(until, tried.now);
                Err(self.refuse_revert(tried, refusal, tried.channel()).await)
            }
            paid => Ok(paid?),
        }
    }

    async fn try_revert(&self, tried: &Try<'_>) -> Result<(), Error> {
        let query = StepQuery::of(tried.tenant.clone(), tried.user.clone());
        let loaded = self.ports.store.load(&query).await?;
        let user = loaded.as_ref().map(|loaded| &*loaded.user);
        match self.why_not(tried, user).await? {
            None => {}
            Some(why) => {
                return Err(self.refuse_revert(tried, ContactRefusal::NotReverted.into(), why).await);
            }
        }
        let Some(user) = user else { return Err(StoreError::Stale.into()) };
        match self.ports.store.commit(self.reverted(tried, user.clone())?).await {
            // Only a clock that ran backwards leads here: the hold was over, and somebody took the address.
            Err(StoreError::Conflict { .. }) => {
                Err(self.refuse_revert(tried, ContactRefusal::NotReverted.into(), "taken").await)
            }
            written => Ok(written?),
        }
    }

    /// Why the address is not restored, in words for the audit trail. Asks the same of the ports for everybody.
    async fn why_not(&self, tried: &Try<'_>, user: Option<&User>) -> Result<Option<&'static str>, Error> {
        let held = user.and_then(|user| user.held(tried.address, tried.now));
        let key = match held {
            Some(held) => self.ports.keys.by_id(&held.key).await?,
            None => Some(self.ports.keys.current().await?),
        };
        let Some(key) = key else { return Ok(Some("the key is gone")) };
        let since = held.map_or(tried.now, |held| held.since);
        let Try { tenant, user: id, address, .. } = *tried;
        let right = RevertCode { tenant, user: id, address, since }.matches(tried.code, &key);
        Ok(match (held, user.map(|user| user.status)) {
            (None, _) | (_, None) => Some("not held"),
            (_, Some(Status::PendingDeletion { .. } | Status::Purging { .. } | Status::Erased)) => {
                Some("deleted")
            }
            // Nothing is opened by it, so nobody is kept from it by a lock: that may be the thief's work too.
            (_, Some(Status::Normal | Status::Locked { .. } | Status::Frozen | Status::Disabled)) => {
                (!right).then_some("wrong code")
            }
        })
    }

    fn reverted(&self, tried: &Try<'_>, mut user: User) -> Result<Commit, Error> {
        let [event, stamp] = self.draw()?;
        let event = EventId::from_random(event);
        let before = user.verified_addresses();
        user.revert_contact(tried.address, tried.now);
        user.pause_contacts(tried.now.after(self.config.contact.pause));
        let expected = user.version;
        user.version = expected.next();
        user.restamp(SecurityStamp::from_bytes(stamp), tried.now);
        // Who loses an address hears of it too: it may be the owner, and the restored address in wrong hands.
        let mut to = user.verified_addresses();
        to.extend(
            before.into_iter().filter(|known| user.verified_address(known.channel()).as_ref() != Some(known)),
        );
        let outbox = Self::announce(&user, &event, NoticeKind::ContactRestored, to, tried.now);
        let record = tried.record(event, Outcome::Done, tried.channel());
        let user = UserWrite::Replace { expected, user: Box::new(user) };
        Ok(Commit { user, audit: vec![record], outbox, ..tried.commit() })
    }

    async fn refuse_revert(&self, tried: &Try<'_>, refusal: Refusal, detail: &'static str) -> Error {
        let event = match self.random_bits() {
            Ok(bits) => EventId::from_random(bits),
            Err(error) => return error.into(),
        };
        let record = tried.record(event, Outcome::Refused(Cow::Borrowed(refusal.reason())), detail);
        match self.ports.store.commit(Commit { audit: vec![record], ..tried.commit() }).await {
            Ok(()) => refusal.into(),
            Err(error) => Error::Failed(Failure::Store(error)),
        }
    }
}

impl Try<'_> {
    fn commit(&self) -> Commit {
        Commit::of(self.tenant.clone(), self.user.clone(), self.now)
    }

    const fn channel(&self) -> &'static str {
        self.address.channel().as_str()
    }

    fn record(&self, id: EventId, outcome: Outcome, detail: &'static str) -> AuditRecord {
        AuditRecord {
            id,
            tenant: self.tenant.clone(),
            at: self.now,
            actor: Actor::Person(self.user.clone()),
            user: self.user.clone(),
            session: None,
            action: Action::RevertContact,
            outcome,
            flow: None,
            source: self.source,
            detail: Some(Cow::Borrowed(detail)),
        }
    }
}
