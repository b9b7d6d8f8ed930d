//! Signing in by a code that is sent.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::challenge::{Challenge, Purpose};
use ciam_domain::flow::{Effect, Event, Flow, Method, MethodSet, Opening, Operation};
use ciam_domain::identifier::Login;
use ciam_domain::rate::RateScope;
use ciam_domain::refusal::{AccessRefusal, ContactRefusal, FlowRefusal};
use ciam_domain::session::Session;
use ciam_domain::user::{Address, Channel, User};
use ciam_domain::{EventId, FlowId, Refusal};
use ciam_ports::store::{ChallengeWrite, FlowWrite, SessionWrite};
use ciam_ports::{Commit, Loaded, OtpMessage, StepQuery, StoreError};

use crate::audit::Deed;
use crate::captcha::Gate;
use crate::code::Wording;
use crate::sign_in::SignInRequest;
use crate::sign_in_factor::{SignedOutStep, shut, shut_but_limits};
use crate::sign_in_limits::{Passage, refused_by};
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Failure, Principal, step};

impl Ciam {
    /// Sends a code to sign in with to a phone number or e-mail address.
    ///
    /// The answer, the work and the message are the same whether or not the address is somebody's, so neither this
    /// call nor the mailbox of another tells who has an account. Each call begins a new flow; the code of the last one
    /// alone counts.
    ///
    /// # Errors
    /// [`ContactRefusal::Malformed`]; [`ciam_domain::refusal::RateRefusal::TooManyCodes`]; a failure of a port.
    pub async fn start_sign_in(
        &self,
        request: &SignInRequest,
        address: &str,
        wording: Wording,
    ) -> Result<FlowId, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        self.start_by_code(Operation::SignIn, request, address, wording).await
    }

    /// Sends another code in a flow in which a first factor was proven already.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::SignInRefusal::Failed`]; [`ciam_domain::refusal::RateRefusal::TooManyCodes`]; a failure of a port.
    pub async fn send_sign_in_code(
        &self,
        on: &SignedOutStep<'_>,
        method: Method,
        wording: Wording,
    ) -> Result<(), Error> {
        let who = self.flow_holder(on).await?;
        let now = self.ports.clock.now();
        let deed = Deed::new(&who, Action::SendSignInCode, now).in_flow(on.flow.key());
        let loaded = self.acting(&deed).await.map_err(shut)?;
        // Whoever has proven nothing yet begins anew instead, as those must whose flow does not exist.
        if loaded.session.is_none_or(|session| session.amr.is_empty()) {
            return Err(self.fail(&deed, FlowRefusal::Unknown).await);
        }
        let (deed, event) = (deed.saying(method.as_str()), Event::RequestFactorCode(method));
        self.send_code(&deed, &event, wording, Gate::Open).await.map_err(shut_but_limits)
    }

    /// Begins a flow with a code as its first factor.
    pub(crate) async fn start_by_code(
        &self,
        operation: Operation,
        request: &SignInRequest,
        address: &str,
        wording: Wording,
    ) -> Result<FlowId, Error> {
        let now = self.ports.clock.now();
        let login = self.parse_login(address);
        let Some(to) = login.as_ref().and_then(Login::address) else {
            let channel = if address.contains('@') { Channel::Email } else { Channel::Sms };
            return Err(ContactRefusal::Malformed(channel).into());
        };
        let person = self.find_person(&request.tenant, login.as_ref()).await?;
        let id = FlowId::from_random(self.random_bits()?);
        let who = Principal::signed_out((&request.tenant, &person, &id.session()), request.source);
        let deed = Deed::new(&who, Action::SendSignInCode, now).in_flow(id.key()).saying(operation.as_str());
        let loaded = self.ports.store.load(&StepQuery::of(request.tenant.clone(), person.clone())).await?;
        let to = loaded.as_ref().and_then(|loaded| stored(&loaded.user, &to)).unwrap_or(to);
        let opened = loaded.and_then(|loaded| self.open_by_code(&deed, &loaded, (operation, &to), request));
        let (code, event) = self.draw_code()?;
        let purpose = Purpose::SecondFactor(operation);
        // Made in any case, so that an address that is nobody's takes the same time.
        let challenge = self.bind(&deed, (id.key(), purpose, &to), &code).await?;
        let mut rates = self.config.send.rates_signed_out(&request.tenant, &to, request.source);
        let once = (RateScope::SendWithoutCaptcha, to.canonical());
        let passage = self.captcha_or_count(request, once, self.config.captcha.after_sends, now).await?;
        if let Passage::Counted(rate) = passage {
            // Asked first: a captcha helps against it, and does not against the others.
            rates.insert(0, rate);
        }
        let commit = opening(&deed, opened, challenge, event);
        match self.ports.store.commit(Commit { rates, ..commit }).await {
            Ok(()) => {}
            Err(StoreError::Limited { scope, until }) => {
                let refusal = refused_by(scope, step::too_many_codes(until, now));
                return Err(self.refuse(&deed, refusal).await);
            }
            Err(error) => return Err(error.into()),
        }
        let Wording { language, gateway } = wording;
        self.deliver(OtpMessage { to, purpose, code, language, gateway }).await?;
        Ok(id)
    }

    /// A flow that waits for the code just sent, where the address is the person's and they may act.
    fn open_by_code(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        (operation, to): (Operation, &Address),
        request: &SignInRequest,
    ) -> Option<(Flow, Session)> {
        let (user, session) = (&loaded.user, deed.who.session()?.clone());
        let method = Method::from(to.channel());
        stored(user, to)?;
        let opening = Opening {
            key: deed.flow?,
            session: session.clone(),
            operation,
            methods: [method].into_iter().collect::<MethodSet>(),
        };
        let moment = self.moment_of(user, &[], deed.now);
        let flow = Flow::open(opening, &moment).ok()?;
        let seen = Loaded { flow: Some(flow.clone()), ..loaded.clone() };
        deed.who.admit(&seen, deed.now).ok()?;
        let arrival = Arrival::of(Vec::new(), request, session, Vec::new());
        let pending = self.pending(user, &arrival, &flow);
        let taken = flow.apply(Event::RequestFactorCode(method), &moment);
        let asked = matches!(taken.effect, Some(Effect::IssueCode { .. }));
        taken.next.filter(|_| asked).map(|flow| (flow, pending))
    }
}

/// An address of a person as it was proven, however it was written now.
fn stored(user: &User, presented: &Address) -> Option<Address> {
    user.verified_address(presented.channel()).filter(|own| own == presented)
}

/// The consequences of a code that goes out, to a person or to nobody.
fn opening(deed: &Deed<'_>, opened: Option<(Flow, Session)>, challenge: Challenge, event: EventId) -> Commit {
    let outcome = match opened {
        Some(_) => Outcome::Done,
        None => Outcome::Refused(Refusal::from(AccessRefusal::UnknownUser).reason().into()),
    };
    let commit = Commit { audit: vec![deed.record(event, outcome)], ..step::commit(deed) };
    match opened {
        None => commit,
        Some((flow, pending)) => Commit {
            // Strangers must not push out what the person has open.
            flow: FlowWrite::Open { flow: Box::new(flow), cap: u8::MAX },
            session: SessionWrite::Put(pending.into()),
            challenge: ChallengeWrite::Put(Box::new(challenge)),
            ..commit
        },
    }
}
