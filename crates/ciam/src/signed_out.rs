//! What people share who are not signed in yet: a flow to prove themselves in, and the way in.

use std::sync::Arc;

use ciam_domain::audit::Outcome;
use ciam_domain::flow::{Flow, Method, MethodSet, Moment, NextStep, Opening, Operation};
use ciam_domain::login_history::{LoginMode, LoginOutcome, LoginRecord};
use ciam_domain::password::PasswordHash;
use ciam_domain::rate::RateKey;
use ciam_domain::session::{Amr, Session, SessionStage};
use ciam_domain::user::User;
use ciam_domain::{EventId, FlowId, Instant, SessionId};
use ciam_ports::store::{FlowWrite, SessionWrite, UserWrite};
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::requirements::MethodOffer;
use crate::second_factor::rehashed;
use crate::sign_in::{SignInRequest, SignedIn};
use crate::sign_in_gesture::is_gesture;
use crate::{Ciam, Error, Tokens, step};

/// Somebody who has proven a factor.
pub(crate) struct Arrival<'a> {
    /// What was proven.
    pub(crate) amr: Vec<Amr>,
    pub(crate) request: &'a SignInRequest,
    /// The session that shall be opened.
    pub(crate) session: SessionId,
    /// Counts to be forgotten once they are in.
    pub(crate) counts: Vec<RateKey>,
    /// What proving it changes about the person.
    pub(crate) user: UserWrite,
}

impl<'a> Arrival<'a> {
    /// An arrival that changes nothing about the person.
    pub(crate) const fn of(
        amr: Vec<Amr>,
        request: &'a SignInRequest,
        session: SessionId,
        counts: Vec<RateKey>,
    ) -> Self {
        Self { amr, request, session, counts, user: UserWrite::Keep }
    }
}

impl Ciam {
    /// Goes on with a second factor, where the policy demands one that the person has; else opens the session.
    pub(crate) async fn arrive(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        arrival: Arrival<'_>,
    ) -> Result<SignedIn, Error> {
        if self.config.flow.allowed(Operation::SignIn, &loaded.user, &arrival.amr, deed.now).is_none() {
            let session = self.session_of(&loaded.user, &arrival, deed.now);
            let commit = Commit { user: arrival.user, cleared: arrival.counts, ..step::commit(deed) };
            let opened = self.open_session(deed, (&loaded.user, session), SessionWrite::Put, commit).await;
            return opened.map(SignedIn::Done);
        }
        let (flow, next) =
            self.open_signed_out(deed, loaded, (Operation::SignIn, MethodSet::all()), arrival).await?;
        let methods = Self::offers(&loaded.user, next);
        Ok(SignedIn::SecondFactor { flow, methods })
    }

    /// Opens a flow, and the session that it will end in, pending.
    pub(crate) async fn open_signed_out(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        (operation, methods): (Operation, MethodSet),
        arrival: Arrival<'_>,
    ) -> Result<(FlowId, NextStep), Error> {
        let id = FlowId::from_random(self.random_bits()?);
        let opening = Opening { key: id.key(), session: id.session(), operation, methods };
        let flow = match Flow::open(opening, &self.moment_of(&loaded.user, &arrival.amr, deed.now)) {
            Ok(flow) => flow,
            Err(refusal) => return Err(self.fail(deed, refusal).await),
        };
        let next = flow.next_step();
        let session = self.pending(&loaded.user, &arrival, &flow);
        let commit = Commit {
            session: SessionWrite::Put(session.into()),
            // Strangers must not push out what the person has open.
            flow: FlowWrite::Open { flow: Box::new(flow), cap: u8::MAX },
            user: arrival.user,
            cleared: arrival.counts,
            ..step::commit(deed)
        };
        self.write(&deed.in_flow(id.key()).saying(operation.as_str()), commit).await?;
        Ok((id, next))
    }

    pub(crate) fn moment_of<'a>(&'a self, user: &'a User, amr: &'a [Amr], now: Instant) -> Moment<'a> {
        Moment { now, user, amr, policy: &self.config.flow }
    }

    pub(crate) fn pending(&self, user: &User, arrival: &Arrival<'_>, flow: &Flow) -> Session {
        Session {
            id: flow.session().clone(),
            stage: SessionStage::Pending,
            expires_at: flow.expires_at(),
            idle_ends_at: None,
            ..self.session_of(user, arrival, flow.opened_at())
        }
    }

    /// An open session as the policy has it: shorter where several factors were proven (NIST SP 800-63B-4, 2.2.3).
    pub(crate) fn session_of(&self, user: &User, arrival: &Arrival<'_>, now: Instant) -> Session {
        let request = arrival.request;
        let (ttl, idle) = self.config.session.life(&arrival.amr);
        Session {
            amr: arrival.amr.clone(),
            idle_ends_at: idle.map(|idle| now.after(idle)),
            client: request.client.clone(),
            scopes: request.scopes.clone(),
            device: request.device.clone(),
            source: request.source,
            ..Session::open(user, arrival.session.clone(), now, now.after(ttl))
        }
    }

    /// Opens a session with everything else that the commit holds, and gives out its tokens.
    pub(crate) async fn open_session(
        &self,
        deed: &Deed<'_>,
        (user, session): (&User, Session),
        write: impl FnOnce(Arc<Session>) -> SessionWrite,
        commit: Commit,
    ) -> Result<Tokens, Error> {
        // Made before anything is written: who gets no tokens has no session.
        let tokens = self.tokens_with_device(user, &session, deed.now).await?;
        self.note_login(&session, deed.now).await?;
        // Notices tell of this very event.
        let told = commit.outbox.first().map(|notice| notice.id.clone());
        let record = deed.record(told.map_or_else(|| self.event_id(deed), Ok)?, Outcome::Done);
        let commit = Commit { session: write(session.into()), audit: vec![record], ..commit };
        self.ports.store.commit(commit).await?;
        Ok(tokens)
    }

    /// Writes down a sign-in that is about to be committed: without its history nobody comes in. One that another write
    /// overtakes stays written down.
    pub(crate) async fn note_login(&self, session: &Session, now: Instant) -> Result<(), Error> {
        let mode = match session.amr.first() {
            Some(Amr::Sms) => LoginMode::SMS,
            Some(Amr::Email) => LoginMode::EMAIL,
            Some(Amr::Social) => LoginMode::SOCIAL,
            Some(Amr::Passkey) => LoginMode::PASSKEY,
            Some(_) if is_gesture(&session.amr) => LoginMode::GESTURE,
            _ => LoginMode::PASSWORD,
        };
        let record = LoginRecord {
            id: EventId::from_random(self.random_bits()?),
            tenant: session.tenant.clone(),
            user: session.user.clone(),
            at: now,
            mode,
            outcome: LoginOutcome::Succeeded,
            source: session.source,
            location: None,
            client: session.client.clone(),
            device: session.device.clone(),
        };
        self.append_login(record).await
    }

    /// What may be proven next, with masked destinations.
    pub(crate) fn offers(user: &User, next: NextStep) -> Vec<MethodOffer> {
        let NextStep::SecondFactor(methods) = next else { return Vec::new() };
        let destination = |method: Method| {
            method.channel().and_then(|channel| user.verified_address(channel)).map(|to| to.masked())
        };
        methods
            .iter()
            .map(|method| MethodOffer { destination: destination(method), ..MethodOffer::of(user, method) })
            .collect()
    }

    /// Puts a better hash of the same password in place. A write of its own: whether it succeeds says nothing
    /// about the factor.
    pub(crate) async fn renew_hash(&self, deed: &Deed<'_>, user: &User, renewed: Option<PasswordHash>) {
        if let Some(hash) = renewed {
            let commit = Commit { user: rehashed(user, hash), ..step::commit(deed) };
            drop(self.ports.store.commit(commit).await);
        }
    }
}
