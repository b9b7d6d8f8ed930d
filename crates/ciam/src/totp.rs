//! The authenticator app of a person: begun, confirmed by its first code, removed.

use std::time::Duration;

use ciam_domain::audit::Action;
use ciam_domain::challenge::Code;
use ciam_domain::encrypted::{EncryptedSecret, NONCE};
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Operation};
use ciam_domain::identifier::Username;
use ciam_domain::rate::{RateKey, RateScope};
use ciam_domain::refusal::FactorRefusal;
use ciam_domain::secret::SecretText;
use ciam_domain::totp::{TOTP_SECRET_BYTES, TotpSecret, TotpStep};
use ciam_domain::user::{PendingTotp, SecurityStamp, TotpCredential, User};
use ciam_domain::{EventId, Instant};
use ciam_ports::store::{FlowWrite, UserWrite};
use ciam_ports::{Commit, KeysError, Loaded, StoreError};

use crate::audit::Deed;
use crate::one_shot::Grounds;
use crate::principal::half_way;
use crate::{Ciam, Error, Principal, Proven, step};

/// How long an app that was begun may be confirmed: 10 minutes, in which people install one.
pub const TOTP_ENROLMENT: Duration = Duration::from_mins(10);

/// How authenticator apps name an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpPolicy {
    /// Who it is at: 1 to 64 characters, default `ciam`.
    pub issuer: String,
}

impl Default for TotpPolicy {
    fn default() -> Self {
        Self { issuer: "ciam".to_owned() }
    }
}

impl TotpPolicy {
    pub(crate) fn check(&self) -> Result<(), ciam_domain::flow::PolicyError> {
        let fits =
            (1..=64).contains(&self.issuer.chars().count()) && !self.issuer.chars().any(char::is_control);
        crate::limits::ranges([(fits, "totp.issuer", "1 to 64 characters, none of control")])
    }
}

/// What an authenticator app is set up with. It is shown this once.
#[derive(Debug)]
pub struct TotpEnrolment {
    /// The secret as people type it (RFC 4648, 6).
    pub secret: SecretText,
    /// The key URI that a QR code holds.
    pub uri: SecretText,
    /// The moment from which it cannot be confirmed any more.
    pub until: Instant,
}

impl Ciam {
    /// Begins an authenticator app. It proves nothing before [`Ciam::confirm_totp`] was given a code of it in the same
    /// session; one that the person has already goes on until then.
    ///
    /// # Errors
    /// What the proof is refused with: [`ciam_domain::refusal::FlowRefusal::Unknown`],
    /// [`ciam_domain::refusal::AccessRefusal::StaleAuthentication`], a [`FactorRefusal`]; another access refusal; a failure
    /// of a port.
    pub async fn begin_totp(&self, who: &Principal, proven: Proven<'_>) -> Result<TotpEnrolment, Error> {
        let grounds = self.grounds(who, Operation::BindTotp, proven).await?;
        let deed = Deed::new(who, Action::BeginTotp, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_begin_totp(&deed, grounds))
    }

    async fn try_to_begin_totp(&self, deed: &Deed<'_>, grounds: Grounds) -> Result<TotpEnrolment, Error> {
        let loaded = self.spend(deed, grounds, Operation::BindTotp).await?;
        let session = self.sensitive(deed).await?.clone();
        let (secret, stored) = self.draw_totp(&loaded.user).await?;
        let until = deed.now.after(TOTP_ENROLMENT);
        let mut user = User::clone(&loaded.user);
        let expected = user.version;
        user.version = expected.next();
        user.factors.pending_totp = Some(PendingTotp { secret: stored, session, until });
        let uri = secret.uri(&self.config.totp.issuer, &account_of(&user));
        let user = UserWrite::Replace { expected, user: Box::new(user) };
        let flow = FlowWrite::Remove(grounds.flow());
        self.write(deed, Commit { user, flow, ..step::commit(deed) }).await?;
        Ok(TotpEnrolment { secret: secret.base32(), uri, until })
    }

    /// Puts the app in place that was begun in this session, by a code of it. Every other session, flow and code of the
    /// person is dead in the same write, and each verified address is told.
    ///
    /// # Errors
    /// [`FactorRefusal::NotEnrolled`] where none was begun in this session, or too long ago;
    /// [`FactorRefusal::WrongCode`]; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; an access refusal; a failure of
    /// a port.
    pub async fn confirm_totp(&self, who: &Principal, code: &Code) -> Result<(), Error> {
        let deed = Deed::new(who, Action::BindTotp, self.ports.clock.now());
        let mut paid = false;
        step::persist!(self.try_to_confirm_totp(&deed, &mut paid, code))
    }

    async fn try_to_confirm_totp(&self, deed: &Deed<'_>, paid: &mut bool, code: &Code) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        let session = self.sensitive(deed).await?;
        let Some(pending) = loaded.user.factors.pending_totp(session, deed.now) else {
            return Err(self.refuse(deed, FactorRefusal::NotEnrolled).await);
        };
        if !std::mem::replace(paid, true) {
            self.pay_without_flow(deed, Authenticator::Totp).await?;
        }
        let Some(last_step) = self.first_step(&loaded.user, (pending, code), deed.now).await? else {
            return Err(self.refuse(deed, FactorRefusal::WrongCode).await);
        };
        let mut user = User::clone(&loaded.user);
        let secret = pending.secret.clone();
        user.factors.totp = Some(TotpCredential { secret, enrolled_at: deed.now, last_step });
        user.factors.pending_totp = None;
        let commit = self.rebound(deed, &loaded, user, Operation::BindTotp)?;
        self.write(deed, Commit { cleared: self.totp_counts(deed.who), ..commit }).await
    }

    /// Removes the authenticator app. Every other session, flow and code of the person is dead in the same write, and each
    /// verified address is told.
    ///
    /// # Errors
    /// [`FactorRefusal::NotEnrolled`]; what the proof is refused with, as of [`Ciam::begin_totp`]; a failure of a port.
    pub async fn remove_totp(&self, who: &Principal, proven: Proven<'_>) -> Result<(), Error> {
        let grounds = self.grounds(who, Operation::UnbindTotp, proven).await?;
        let deed = Deed::new(who, Action::UnbindTotp, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_remove_totp(&deed, grounds))
    }

    async fn try_to_remove_totp(&self, deed: &Deed<'_>, grounds: Grounds) -> Result<(), Error> {
        let loaded = self.spend(deed, grounds, Operation::UnbindTotp).await?;
        let mut user = User::clone(&loaded.user);
        if user.factors.totp.take().is_none() {
            return Err(self.refuse(deed, FactorRefusal::NotEnrolled).await);
        }
        user.factors.pending_totp = None;
        let commit = self.rebound(deed, &loaded, user, Operation::UnbindTotp)?;
        self.write(deed, Commit { cleared: self.totp_counts(deed.who), ..commit }).await
    }

    /// The person, with a flow that acts now.
    pub(crate) async fn spend(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        operation: Operation,
    ) -> Result<Box<Loaded>, Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, operation).await?;
        let taken = flow.apply(Event::Act(operation), &self.moment(deed.who, &loaded, deed.now));
        match taken.reply {
            Ok(_) => Ok(loaded),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    /// The account after a change of what proves its person: a new stamp, the flow spent, each verified address told.
    pub(crate) fn rebound(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        user: User,
        operation: Operation,
    ) -> Result<Commit, Error> {
        let [event, stamp] = self.draw()?;
        let (event, to) = (EventId::from_random(event), user.verified_addresses());
        let told = operation.notice().map(|kind| Self::announce(&user, &event, kind, to, deed.now));
        let (user, session) =
            self.restamped(deed, loaded, user, SecurityStamp::from_bytes(stamp)).into_writes();
        let flow = deed.flow.map_or(FlowWrite::Keep, FlowWrite::Remove);
        Ok(Commit { user, session, flow, outbox: told.unwrap_or_default(), ..step::commit(deed) })
    }

    /// Pays for one try of somebody who may act, where no flow pays.
    pub(crate) async fn pay_without_flow(
        &self,
        deed: &Deed<'_>,
        authenticator: Authenticator,
    ) -> Result<(), Error> {
        let rates = self.config.attempts.rates(authenticator, deed.who.payer());
        match self.ports.store.commit(Commit { rates, ..step::commit(deed) }).await {
            Ok(()) => Ok(()),
            Err(StoreError::Limited { until, .. }) => {
                Err(self.refuse(deed, step::too_many_attempts(until, deed.now)).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn draw_totp(&self, user: &User) -> Result<(TotpSecret, EncryptedSecret), Error> {
        let bits = self.draw_bytes(TOTP_SECRET_BYTES)?;
        let mut nonce = [0; NONCE];
        self.ports.random.fill(&mut nonce)?;
        let key = self.ports.keys.current().await?;
        let stored = EncryptedSecret::new(&bits, &user.totp_owner(), &key, nonce);
        let stored = stored.map_err(|error| KeysError(Box::new(error)))?;
        let secret = TotpSecret::new(bits).ok_or(FactorRefusal::NotEnrolled)?;
        Ok((secret, stored))
    }

    /// The step of the first code of an app.
    async fn first_step(
        &self,
        user: &User,
        (pending, code): (&PendingTotp, &Code),
        now: Instant,
    ) -> Result<Option<TotpStep>, Error> {
        let Some(key) = self.ports.keys.by_id(pending.secret.key()).await? else { return Ok(None) };
        let secret = pending.secret.decrypt(&user.totp_owner(), &key).ok().and_then(TotpSecret::new);
        Ok(secret.and_then(|secret| secret.accept(code, None, now)))
    }

    /// The row of wrong codes ends with the app, wherever they were tried.
    fn totp_counts(&self, who: &Principal) -> Vec<RateKey> {
        let mut counts = self.counts_of(Authenticator::Totp, who);
        counts.push(half_way(who.user()).within(RateScope::Totp));
        counts
    }
}

/// How an app names the account: by what its person signs in with.
pub(crate) fn account_of(user: &User) -> String {
    let username = user.username.as_ref().map(Username::original);
    let email = user.email.as_ref().map(|contact| contact.address.original());
    let phone = user.phone.as_ref().map(|contact| contact.address.canonical());
    username.or(email).or(phone).unwrap_or(user.id.as_str()).to_owned()
}
