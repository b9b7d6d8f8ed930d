//! The steps that follow a first factor, or are one: of somebody who is not signed in yet.

use std::sync::Arc;

use ciam_domain::audit::Action;
use ciam_domain::challenge::{Code, CodeMatch};
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Flow, Method, MethodSet, NextStep, Operation, Reply};
use ciam_domain::password::Password;
use ciam_domain::refusal::{FactorRefusal, FlowRefusal, SignInRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::session::{Amr, Session};
use ciam_domain::source::Source;
use ciam_domain::{FlowId, Refusal, TenantId, UserId};
use ciam_ports::store::{FlowWrite, SessionWrite};
use ciam_ports::{Commit, Handle, Loaded, StepQuery};

use crate::attempt::Paid;
use crate::audit::Deed;
use crate::presented_code::Compared;
use crate::requirements::MethodOffer;
use crate::second_factor::asks_for_password;
use crate::sign_in::{SignInRequest, SignedIn};
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Principal, Tokens, step};

/// A flow of somebody who is not signed in, as they present it.
#[derive(Debug)]
pub struct SignedOutStep<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The flow.
    pub flow: &'a FlowId,
    /// Where the request comes from.
    pub source: Option<Source>,
}

/// How somebody goes on after a proof.
pub(crate) enum Onward {
    In(Tokens),
    SecondFactor(Vec<MethodOffer>),
    NewPassword,
    Restored,
}

impl Onward {
    pub(crate) fn told(self, flow: &FlowId) -> SignedIn {
        let flow = FlowId::presented(flow.expose());
        match self {
            Self::In(tokens) => SignedIn::Done(tokens),
            Self::SecondFactor(methods) => SignedIn::SecondFactor { flow, methods },
            Self::NewPassword => SignedIn::NewPassword { flow, methods: Vec::new() },
            Self::Restored => SignedIn::Restored,
        }
    }
}

/// One answer for every refusal.
pub(crate) fn shut(error: Error) -> Error {
    match error {
        Error::Refused(_) => SignInRefusal::Failed.into(),
        failure @ Error::Failed(_) => failure,
    }
}

/// One answer for every refusal but that of a limit, for those who have proven a factor.
pub(crate) fn shut_but_limits(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::Rate(_)) => error,
        other => shut(other),
    }
}

/// The request that a waiting session was begun by.
fn request_of(waiting: &Session, source: Option<Source>) -> SignInRequest {
    SignInRequest {
        tenant: waiting.tenant.clone(),
        client: waiting.client.clone(),
        scopes: waiting.scopes.clone(),
        device: waiting.device.clone(),
        device_token: None,
        source: source.or(waiting.source),
        captcha: None,
    }
}

impl Ciam {
    /// Verifies a code of somebody who is not signed in, and goes on: in, to a second factor, to a new password, or
    /// back to an account whose deletion is called back.
    ///
    /// # Errors
    /// [`SignInRefusal::Failed`] for every cause, or a failure of a port.
    pub async fn verify_sign_in_code(
        &self,
        on: &SignedOutStep<'_>,
        method: Method,
        code: &Code,
    ) -> Result<SignedIn, Error> {
        let who = self.flow_holder(on).await?;
        let deed = Deed::new(&who, Action::VerifySignIn, self.ports.clock.now())
            .in_flow(on.flow.key())
            .saying(method.as_str());
        if !method.takes_code() {
            return Err(self.fail(&deed, FlowRefusal::Unknown).await);
        }
        // Before a factor nobody is asked for what no code is sent for, so nobody's tries are counted either.
        if method.channel().is_none() && !who.is_half_way() {
            return Err(self.miss(&deed).await);
        }
        let paid = self.pay(&deed, method.authenticator()).await.map_err(shut)?;
        let Compared { outcome, commit } =
            self.compare_presented(&deed, (&paid.loaded, &paid.flow), (method, code)).await?;
        let event = Event::PresentFactorCode { method, outcome, attempts: paid.attempts };
        let onward = self.proceed(&deed, paid, (method, event), commit).await.map_err(shut)?;
        Ok(onward.told(on.flow))
    }

    /// Verifies the password of somebody whose first factor was a code.
    ///
    /// # Errors
    /// As of [`Ciam::verify_sign_in_code`].
    pub async fn verify_sign_in_password(
        &self,
        on: &SignedOutStep<'_>,
        password: &SecretText,
    ) -> Result<SignedIn, Error> {
        let who = self.flow_holder(on).await?;
        let method = Method::Password;
        let deed = Deed::new(&who, Action::VerifySignIn, self.ports.clock.now())
            .in_flow(on.flow.key())
            .saying(method.as_str());
        // Before a factor nobody is asked for the password, so nobody's tries are counted either.
        if !who.is_half_way() {
            return Err(self.miss(&deed).await);
        }
        let paid = self.pay(&deed, Authenticator::Password).await.map_err(shut)?;
        let (mut outcome, mut renewed) = (CodeMatch::Mismatched, None);
        if let Ok(password) = Password::parse(password.expose())
            && asks_for_password(&paid.flow)
        {
            (outcome, renewed) = self.compare_password(&paid.loaded.user, &password).await?;
        }
        let event = Event::PresentFactorPassword { outcome, attempts: paid.attempts };
        let user = Arc::clone(&paid.loaded.user);
        let onward = self.proceed(&deed, paid, (method, event), step::commit(&deed)).await.map_err(shut)?;
        self.renew_hash(&deed, &user, renewed).await;
        Ok(onward.told(on.flow))
    }

    /// Whoever holds a flow that takes no token. Nobody, where there is none: what follows then fails as for
    /// somebody, and takes as long, so that no one can tell whose address a code went to.
    pub(crate) async fn flow_holder(&self, on: &SignedOutStep<'_>) -> Result<Principal, Error> {
        let found = self.ports.store.find(on.tenant, &Handle::Flow(on.flow.key())).await?;
        let user = found.unwrap_or_else(UserId::nobody);
        let who = Principal::signed_out((on.tenant, &user, &on.flow.session()), on.source);
        let query = StepQuery { session: who.session().cloned(), ..StepQuery::of(on.tenant.clone(), user) };
        let loaded = self.ports.store.load(&query).await?;
        let waiting = loaded.and_then(|loaded| loaded.session);
        Ok(if waiting.is_some_and(|waiting| !waiting.amr.is_empty()) { who.half_way() } else { who })
    }

    /// Takes a proof and goes on.
    pub(crate) async fn proceed(
        &self,
        deed: &Deed<'_>,
        paid: Paid,
        (method, event): (Method, Event),
        commit: Commit,
    ) -> Result<Onward, Error> {
        let Paid { loaded, flow, counts: cleared, .. } = paid;
        let before = flow.revision();
        let taken = flow.apply(event, &self.moment(deed.who, &loaded, deed.now));
        let commit = Commit { cleared, ..commit };
        match (taken.reply, taken.next) {
            (Ok(Reply::Proven(NextStep::Act(operation))), Some(flow)) => match operation {
                Operation::SignIn => self.come_in(deed, (&loaded, flow, before), method, commit).await,
                Operation::RestoreAccount => self.restore(deed, &loaded, commit).await,
                _ => {
                    let flow = FlowWrite::Replace { expected: before, flow: Box::new(flow) };
                    self.settle(deed, Commit { flow, ..commit }).await?;
                    Ok(Onward::NewPassword)
                }
            },
            (Ok(_), _) => Err(self.refuse(deed, FlowRefusal::Unknown).await),
            (Err(refusal), next) => {
                Err(self.refuse_with(deed, refusal, step::failed_write(deed, before, next)).await)
            }
        }
    }

    /// Opens the session that waits, unless the policy demands one factor more.
    async fn come_in(
        &self,
        deed: &Deed<'_>,
        (loaded, flow, before): (&Loaded, Flow, u32),
        method: Method,
        commit: Commit,
    ) -> Result<Onward, Error> {
        let Some(waiting) = &loaded.session else {
            return Err(self.refuse(deed, FlowRefusal::Unknown).await);
        };
        let amr: Vec<Amr> = waiting.amr.iter().cloned().chain([method.amr()]).collect();
        let second = waiting
            .amr
            .is_empty()
            .then(|| self.config.flow.allowed(Operation::SignIn, &loaded.user, &amr, deed.now));
        if let Some(methods) = second.flatten() {
            return self.ask_for_second(deed, (loaded, flow, before), (amr, methods), commit).await;
        }
        let request = request_of(waiting, deed.who.source());
        let arrival = Arrival::of(amr, &request, waiting.id.clone(), Vec::new());
        let session = Session {
            revision: waiting.revision.saturating_add(1),
            ..self.session_of(&loaded.user, &arrival, deed.now)
        };
        let expected = waiting.revision;
        let write = |session| SessionWrite::Replace { expected, session };
        let commit = Commit { flow: FlowWrite::Remove(*flow.key()), ..commit };
        match self.open_session(deed, (&loaded.user, session), write, commit).await {
            Err(error) if error.is_stale() => Err(self.refuse(deed, FlowRefusal::Unknown).await),
            opened => opened.map(Onward::In),
        }
    }

    async fn ask_for_second(
        &self,
        deed: &Deed<'_>,
        (loaded, flow, before): (&Loaded, Flow, u32),
        (amr, methods): (Vec<Amr>, MethodSet),
        commit: Commit,
    ) -> Result<Onward, Error> {
        let Some(waiting) = &loaded.session else {
            return Err(self.refuse(deed, FlowRefusal::Unknown).await);
        };
        if methods.is_empty() {
            return Err(self.refuse(deed, FactorRefusal::NoFactor).await);
        }
        let next = Session { amr, revision: waiting.revision.saturating_add(1), ..Session::clone(waiting) };
        let commit = Commit {
            session: SessionWrite::Replace { expected: waiting.revision, session: next.into() },
            flow: FlowWrite::Replace { expected: before, flow: Box::new(flow.demanding(methods)) },
            ..commit
        };
        self.settle(deed, commit).await?;
        Ok(Onward::SecondFactor(Self::offers(&loaded.user, NextStep::SecondFactor(methods))))
    }
}
