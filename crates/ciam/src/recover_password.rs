//! A new password for somebody who is not signed in: forgotten, or to be changed on the way in.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::flow::{Event, Flow, Operation, Proof, State};
use ciam_domain::notice::NoticeKind;
use ciam_domain::password::Password;
use ciam_domain::rate::{RateKey, RateScope};
use ciam_domain::refusal::FlowRefusal;
use ciam_domain::secret::SecretText;
use ciam_domain::session::{Amr, Session, SessionStage};
use ciam_domain::user::{SecurityStamp, Status, User};
use ciam_domain::{EventId, FlowId};
use ciam_ports::store::{FlowWrite, SessionWrite, UserWrite};
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::code::Wording;
use crate::principal::half_way;
use crate::sign_in::SignInRequest;
use crate::sign_in_factor::{SignedOutStep, shut};
use crate::{Ciam, Error, Tokens, step};

/// What a new password leads to.
#[derive(Debug)]
pub enum PasswordSet {
    /// It was demanded on the way in: the person is signed in.
    SignedIn(Tokens),
    /// It replaces a forgotten one: the person signs in with it.
    Recovered,
}

impl Ciam {
    /// Sends a code to a phone number or e-mail address, to replace a forgotten password. Tells nobody whether the
    /// address is somebody's: see [`Ciam::start_sign_in`]. A locked person may recover the password, a frozen or
    /// disabled one may not.
    ///
    /// # Errors
    /// As of [`Ciam::start_sign_in`].
    pub async fn start_recovery(
        &self,
        request: &SignInRequest,
        address: &str,
        wording: Wording,
    ) -> Result<FlowId, Error> {
        self.start_by_code(Operation::RecoverPassword, request, address, wording).await
    }

    /// Sets a new password at the end of a recovery, or of a sign-in that demands one. Every session, flow and code of
    /// the person is dead in the same write; a lock that failures brought about ends with it.
    ///
    /// # Errors
    /// A [`ciam_domain::password::PasswordRefusal`], after which the flow goes on for a few tries;
    /// [`ciam_domain::refusal::SignInRefusal::Failed`] for every other cause; a failure of a port.
    pub async fn set_new_password(
        &self,
        on: &SignedOutStep<'_>,
        new: &SecretText,
    ) -> Result<PasswordSet, Error> {
        let who = self.flow_holder(on).await?;
        let deed = Deed::new(&who, Action::RecoverPassword, self.ports.clock.now()).in_flow(on.flow.key());
        step::persist!(self.try_new_password(&deed, new))
    }

    async fn try_new_password(&self, deed: &Deed<'_>, new: &SecretText) -> Result<PasswordSet, Error> {
        let (loaded, flow) = self.claimed(deed).await.map_err(shut)?;
        let operation = flow.operation();
        let sets = matches!(operation, Operation::RenewPassword | Operation::RecoverPassword);
        let may = flow.may_act(operation, &self.moment(deed.who, &loaded, deed.now));
        if !sets || may.is_err() {
            return Err(self.fail(deed, FlowRefusal::Unknown).await);
        }
        let (password, deed) = match self.accept_password(&loaded.user, new).await? {
            Ok((password, breach)) => (password, Deed { detail: breach.detail(), ..*deed }),
            Err(refusal) => return Err(self.count_refused_password(deed, &loaded, flow, refusal).await),
        };
        self.put_new_password(&deed, &loaded, flow, &password).await
    }

    async fn put_new_password(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        flow: Flow,
        password: &Password,
    ) -> Result<PasswordSet, Error> {
        let hash = self.ports.hasher.hash(password).await?;
        let (key, operation) = (*flow.key(), flow.operation());
        let proven = match flow.state() {
            State::Ready { proof: Proof::Factor { method, .. } } => Some(method.amr()),
            _ => None,
        };
        let taken = flow.apply(Event::Act(operation), &self.moment(deed.who, loaded, deed.now));
        if taken.reply.is_err() {
            return Err(self.fail(deed, FlowRefusal::Unknown).await);
        }
        let [event, stamp] = self.draw()?;
        let mut user = self.with_new_password(&loaded.user, hash, (SecurityStamp::from_bytes(stamp), deed));
        if operation == Operation::RecoverPassword {
            // Whoever knew the old password may have bound a device or made a passkey.
            user.forget_keys();
        }
        let event = EventId::from_random(event);
        let to = user.verified_addresses();
        let commit = Commit {
            flow: FlowWrite::Remove(key),
            outbox: Self::announce(&user, &event, NoticeKind::PasswordChanged, to, deed.now),
            audit: vec![deed.record(event, Outcome::Done)],
            // The row of wrong passwords ends with the password, wherever they were tried.
            cleared: vec![
                RateKey::new(RateScope::Password, &[deed.who.user().as_str()]),
                half_way(deed.who.user()).within(RateScope::Password),
                half_way(deed.who.user()).within(RateScope::Totp),
            ],
            ..step::commit(deed)
        };
        let expected = loaded.user.version;
        if operation == Operation::RecoverPassword {
            let session = self.end_acting(deed, &user);
            let user = UserWrite::Replace { expected, user: Box::new(user) };
            self.ports.store.commit(Commit { user, session, ..commit }).await?;
            return Ok(PasswordSet::Recovered);
        }
        let Some(waiting) = &loaded.session else { return Err(self.fail(deed, FlowRefusal::Unknown).await) };
        let session = self.opened(waiting, (&user, proven), deed);
        let tokens = self.tokens_with_device(&user, &session, deed.now).await?;
        self.note_login(&session, deed.now).await?;
        let session = SessionWrite::Replace { expected: waiting.revision, session: session.into() };
        let user = UserWrite::Replace { expected, user: Box::new(user) };
        self.ports.store.commit(Commit { user, session, ..commit }).await?;
        Ok(PasswordSet::SignedIn(tokens))
    }

    fn with_new_password(
        &self,
        user: &User,
        hash: ciam_domain::password::PasswordHash,
        (stamp, deed): (SecurityStamp, &Deed<'_>),
    ) -> User {
        let mut user = user.clone();
        user.change_password(hash, self.config.password.history_depth().into(), deed.now);
        // Without a lock policy no failures lock anybody: then a lock with an end is an administrator's too.
        if let (Status::Locked { until: Some(_) }, Some(_)) = (user.status, self.config.sign_in.lock) {
            user.status = Status::Normal;
        }
        user.version = user.version.next();
        user.restamp(stamp, deed.now);
        user
    }

    /// The session that waited, open, for the person as they are now.
    fn opened(&self, waiting: &Session, (user, proven): (&User, Option<Amr>), deed: &Deed<'_>) -> Session {
        let amr: Vec<Amr> = waiting.amr.iter().cloned().chain(proven).collect();
        let (ttl, idle) = self.config.session.life(&amr);
        Session {
            amr,
            stamp: user.stamp,
            stage: SessionStage::Open,
            revision: waiting.revision.saturating_add(1),
            auth_time: deed.now,
            used_at: deed.now,
            expires_at: deed.now.after(ttl),
            idle_ends_at: idle.map(|idle| deed.now.after(idle)),
            ..waiting.clone()
        }
    }
}
