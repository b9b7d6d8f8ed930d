//! Change of password: the last step of its flow.

use ciam_domain::audit::Action;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Flow, Operation};
use ciam_domain::password::{Password, PasswordRefusal};
use ciam_domain::rate::RateScope;
use ciam_domain::secret::SecretText;
use ciam_domain::user::{SecurityStamp, User};
use ciam_domain::{EventId, FlowId};
use ciam_ports::store::FlowWrite;
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::principal::half_way;
use crate::{Ciam, Error, Principal, step};

/// How the breach corpus answered.
#[derive(Clone, Copy)]
pub(crate) enum Breach {
    Clear,
    Listed,
    Unasked,
}

impl Breach {
    /// What the audit trail says of it.
    pub(crate) const fn detail(self) -> Option<&'static str> {
        match self {
            Self::Clear | Self::Listed => None,
            Self::Unasked => Some("breach check unavailable"),
        }
    }
}

impl Ciam {
    /// Sets a new password at the end of a flow whose factor is proven and fresh, and ends every other
    /// session, flow and code of the person in the same write.
    ///
    /// A password that the policy refuses does not spend the flow, but a flow has only so many tries.
    ///
    /// # Errors
    /// A [`PasswordRefusal`], [`ciam_domain::refusal::FlowRefusal::Unknown`], an access refusal, or a
    /// failure of a port.
    pub async fn change_password(
        &self,
        who: &Principal,
        flow: &FlowId,
        new: &SecretText,
    ) -> Result<(), Error> {
        let deed = Deed::new(who, Action::ChangePassword, self.ports.clock.now()).in_flow(flow.key());
        step::persist!(self.try_password(&deed, new))
    }

    async fn try_password(&self, deed: &Deed<'_>, new: &SecretText) -> Result<(), Error> {
        let (loaded, flow) = self.claimed(deed).await?;
        if let Err(refusal) =
            flow.may_act(Operation::UpdatePassword, &self.moment(deed.who, &loaded, deed.now))
        {
            return Err(self.refuse(deed, refusal).await);
        }
        let (password, deed) = match self.accept_password(&loaded.user, new).await? {
            Ok((password, breach)) => (password, Deed { detail: breach.detail(), ..*deed }),
            Err(refusal) => return Err(self.count_refused_password(deed, &loaded, flow, refusal).await),
        };
        self.put_password(&deed, &loaded, flow, &password).await
    }

    async fn put_password(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        flow: Flow,
        password: &Password,
    ) -> Result<(), Error> {
        let hash = self.ports.hasher.hash(password).await?;
        let taken =
            flow.apply(Event::Act(Operation::UpdatePassword), &self.moment(deed.who, loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        user.change_password(hash, self.config.password.history_depth().into(), deed.now);
        let to = user.verified_addresses();
        let commit = self.completed(deed, loaded, user, to)?;
        let mut cleared = self.counts_of(Authenticator::Password, deed.who);
        // Whoever got past the old password without the second factor is no nearer now.
        let half_way = half_way(deed.who.user());
        cleared.extend([RateScope::Password, RateScope::Totp].map(|scope| half_way.within(scope)));
        self.write(deed, Commit { cleared, ..commit }).await
    }

    /// Whether the policy accepts a password for a person; cheap rules first, hashes last.
    pub(crate) async fn accept_password(
        &self,
        user: &User,
        new: &SecretText,
    ) -> Result<Result<(Password, Breach), PasswordRefusal>, Error> {
        let password = match Password::parse(new.expose()) {
            Ok(password) => password,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.config.password.check(&password, &user.own_words()) {
            return Ok(Err(refusal));
        }
        let breach = self.ask_breach(&password).await;
        if matches!(breach, Breach::Listed) {
            return Ok(Err(PasswordRefusal::Breached));
        }
        Ok(match self.find_used(user, &password).await? {
            Some(refusal) => Err(refusal),
            None => Ok((password, breach)),
        })
    }

    /// The corpus is asked once; where it does not answer, the change goes on and the trail says so.
    async fn ask_breach(&self, password: &Password) -> Breach {
        let Some(corpus) = &self.breach else { return Breach::Clear };
        match corpus.is_breached(password).await {
            Ok(true) => Breach::Listed,
            Ok(false) => Breach::Clear,
            Err(_) => Breach::Unasked,
        }
    }

    async fn find_used(&self, user: &User, password: &Password) -> Result<Option<PasswordRefusal>, Error> {
        let Some(credential) = &user.password else { return Ok(None) };
        if self.ports.hasher.verify(password, &credential.current).await?.is_match() {
            return Ok(Some(PasswordRefusal::Same));
        }
        let depth = usize::from(self.config.password.history_depth()).saturating_sub(1);
        for former in credential.former.iter().take(depth) {
            if self.ports.hasher.verify(password, former).await?.is_match() {
                return Ok(Some(PasswordRefusal::Recurrent));
            }
        }
        Ok(None)
    }

    /// Says why only after the try is counted, so that parallel tries learn nothing for free.
    pub(crate) async fn count_refused_password(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        flow: Flow,
        refusal: PasswordRefusal,
    ) -> Error {
        let before = flow.revision();
        let taken = flow.apply(Event::RefusePassword, &self.moment(deed.who, loaded, deed.now));
        self.refuse_with(deed, refusal.into(), step::flow_write(deed, before, taken.next)).await
    }

    /// Everything that completes an operation: the restamped account, the spent flow, the notices.
    pub(crate) fn completed(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        user: User,
        to: Vec<ciam_domain::user::Address>,
    ) -> Result<Commit, Error> {
        let [event, stamp] = self.draw()?;
        let outbox = loaded.flow.as_ref().map_or_else(Vec::new, |flow| {
            flow.operation().notice().map_or_else(Vec::new, |kind| {
                Self::announce(&user, &EventId::from_random(event), kind, to, deed.now)
            })
        });
        let stamp = SecurityStamp::from_bytes(stamp);
        let (user, session) = self.restamped(deed, loaded, user, stamp).into_writes();
        let flow = deed.flow.map_or(FlowWrite::Keep, FlowWrite::Remove);
        Ok(Commit { user, session, flow, outbox, ..step::commit(deed) })
    }
}
