//! The flow state machine: a pure function of flow, event, time and user.

use super::{Effect, Event, Flow, Method, MethodSet, Moment, NextStep, Operation, Proof, Reply, State, Step};
use crate::challenge::{CodeMatch, Purpose};
use crate::refusal::{ContactRefusal, FactorRefusal, FlowRefusal, PasskeyRefusal, RateRefusal, Refusal};
use crate::user::Address;

impl Flow {
    /// What comes next for the client.
    #[must_use]
    pub const fn next_step(&self) -> NextStep {
        match self.state {
            State::AwaitingFactor { allowed } => NextStep::SecondFactor(allowed),
            State::Ready { .. } | State::AwaitingAddress { .. } => NextStep::Act(self.operation),
        }
    }

    /// Takes one event. The flow must have been claimed by its owner.
    #[must_use]
    pub fn apply(self, event: Event, at: &Moment<'_>) -> Step {
        match (event, self.state) {
            (Event::RequestFactorCode(method), State::AwaitingFactor { allowed }) => {
                self.request_factor_code(method, allowed, at)
            }
            (Event::PresentFactorCode { method, outcome, attempts }, State::AwaitingFactor { allowed }) => {
                let wrong = FactorRefusal::WrongCode.into();
                let coded = if method.takes_code() { allowed } else { MethodSet::EMPTY };
                self.present_factor(method, coded, (outcome, attempts, wrong), at)
            }
            (Event::PresentFactorPassword { outcome, attempts }, State::AwaitingFactor { allowed }) => {
                let wrong = FactorRefusal::WrongPassword.into();
                self.present_factor(Method::Password, allowed, (outcome, attempts, wrong), at)
            }
            (Event::PresentPasskey { outcome, attempts }, State::AwaitingFactor { allowed }) => {
                let wrong = PasskeyRefusal::Rejected.into();
                self.present_factor(Method::Passkey, allowed, (outcome, attempts, wrong), at)
            }
            (
                Event::RequestAddressCode(to),
                State::Ready { proof } | State::AwaitingAddress { proof, .. },
            ) => self.request_address_code(to, proof, at),
            (
                Event::PresentAddressCode { channel, outcome, attempts },
                State::AwaitingAddress { proof, channel: expected },
            ) if channel == expected => self.present_address_code(proof, outcome, attempts, at),
            (Event::Act(operation), State::Ready { proof }) if self.acts_on(operation) => self.act(proof, at),
            (Event::RefusePassword, State::Ready { .. }) => self.refuse_password(at),
            (Event::Cancel, _) => Step { next: None, effect: None, reply: Ok(Reply::Cancelled) },
            // A wrong step leaves the flow as it is: its owner may still take the right one.
            _ => self.stay(FlowRefusal::Unknown.into()),
        }
    }

    /// Demands one factor more of a flow whose factor was proven just now.
    #[must_use]
    pub fn demanding(mut self, methods: MethodSet) -> Self {
        self.state = State::AwaitingFactor { allowed: methods };
        self
    }

    /// Whether the action may be tried now, before anything is spent on it.
    ///
    /// # Errors
    /// [`FlowRefusal::Unknown`] when this is not the flow's operation, or its factor is missing or stale.
    pub fn may_act(&self, operation: Operation, at: &Moment<'_>) -> Result<(), FlowRefusal> {
        match self.state {
            State::Ready { proof } if self.acts_on(operation) && self.still_counts(proof, at) => Ok(()),
            _ => Err(FlowRefusal::Unknown),
        }
    }

    fn acts_on(&self, operation: Operation) -> bool {
        self.operation == operation && operation.changes().is_none()
    }

    fn request_factor_code(mut self, method: Method, allowed: MethodSet, at: &Moment<'_>) -> Step {
        let usable = allowed.contains(method) && self.accepts(method, at);
        let address =
            method.channel().filter(|_| usable).and_then(|channel| at.user.verified_address(channel));
        let Some(to) = address else { return self.stay(FactorRefusal::Unsupported.into()) };
        if let Err(refusal) = self.count_send(at) {
            return self.stay(refusal);
        }
        let effect = Effect::IssueCode { purpose: Purpose::SecondFactor(self.operation), to };
        Step { next: Some(self), effect: Some(effect), reply: Ok(Reply::CodeIssued) }
    }

    fn present_factor(
        mut self,
        method: Method,
        allowed: MethodSet,
        (outcome, attempts, wrong): (CodeMatch, u8, Refusal),
        at: &Moment<'_>,
    ) -> Step {
        if !allowed.contains(method) || !self.accepts(method, at) {
            return self.failed(FactorRefusal::Unsupported, attempts, at);
        }
        match outcome {
            CodeMatch::Mismatched => self.failed(wrong, attempts, at),
            CodeMatch::Matched => {
                self.state = State::Ready { proof: Proof::Factor { method, at: at.now } };
                let reply = Ok(Reply::Proven(self.next_step()));
                self.moved(reply, None)
            }
        }
    }

    fn request_address_code(mut self, to: Address, proof: Proof, at: &Moment<'_>) -> Step {
        if !self.still_counts(proof, at) || self.operation.changes().is_none() {
            return self.stay(FlowRefusal::Unknown.into());
        }
        let channel = to.channel();
        if self.operation.changes() != Some(channel) {
            return self.stay(ContactRefusal::WrongChannel.into());
        }
        if at.user.contacts_are_paused(at.now) {
            return self.stay(ContactRefusal::Paused.into());
        }
        if let Err(refusal) = self.count_send(at) {
            return self.stay(refusal);
        }
        self.state = State::AwaitingAddress { proof, channel };
        let effect = Effect::IssueCode { purpose: Purpose::NewAddress(self.operation), to };
        Step { next: Some(self), effect: Some(effect), reply: Ok(Reply::CodeIssued) }
    }

    fn present_address_code(self, proof: Proof, outcome: CodeMatch, attempts: u8, at: &Moment<'_>) -> Step {
        if !self.still_counts(proof, at) {
            return self.failed(FlowRefusal::Unknown, attempts, at);
        }
        if at.user.contacts_are_paused(at.now) {
            return self.failed(ContactRefusal::Paused, attempts, at);
        }
        match outcome {
            CodeMatch::Mismatched => self.failed(FactorRefusal::WrongCode, attempts, at),
            CodeMatch::Matched => self.performed(),
        }
    }

    fn act(self, proof: Proof, at: &Moment<'_>) -> Step {
        if self.still_counts(proof, at) { self.performed() } else { self.stay(FlowRefusal::Unknown.into()) }
    }

    fn performed(self) -> Step {
        let operation = self.operation;
        Step { next: None, effect: Some(Effect::Perform(operation)), reply: Ok(Reply::Performed(operation)) }
    }

    /// Reply and refusal of a password that the policy refuses are the caller's; here it is only counted.
    fn refuse_password(mut self, at: &Moment<'_>) -> Step {
        if self.password_tries >= at.policy.password_tries {
            return self.stay(FlowRefusal::Unknown.into());
        }
        self.password_tries += 1;
        self.moved(Err(FlowRefusal::Unknown.into()), None)
    }

    fn count_send(&mut self, at: &Moment<'_>) -> Result<(), Refusal> {
        if self.sends >= at.policy.sends {
            return Err(RateRefusal::TooManyCodes { retry_after: None }.into());
        }
        self.sends += 1;
        self.revision = self.revision.saturating_add(1);
        Ok(())
    }

    /// A paid attempt that failed; the last one ends the flow.
    fn failed(self, refusal: impl Into<Refusal>, attempts: u8, at: &Moment<'_>) -> Step {
        let over = attempts >= at.policy.attempts;
        Step { next: (!over).then_some(self), effect: None, reply: Err(refusal.into()) }
    }

    fn moved(mut self, reply: Result<Reply, Refusal>, effect: Option<Effect>) -> Step {
        self.revision = self.revision.saturating_add(1);
        Step { next: Some(self), effect, reply }
    }

    fn stay(self, refusal: Refusal) -> Step {
        Step { next: Some(self), effect: None, reply: Err(refusal) }
    }

    fn allowed(&self, at: &Moment<'_>) -> Option<MethodSet> {
        at.policy.allowed(self.operation, at.user, at.amr, at.now)
    }

    fn accepts(&self, method: Method, at: &Moment<'_>) -> bool {
        self.allowed(at).is_none_or(|allowed| allowed.contains(method))
    }

    /// Whether a method that was proven is still one that the policy accepts.
    fn accepted(&self, method: Method, at: &Moment<'_>) -> bool {
        let now = at.policy.allowed_after(Some(method), (self.operation, at.user, at.amr), at.now);
        now.is_none_or(|allowed| allowed.contains(method))
    }

    /// Whether the proof still counts: the policy is asked again, and a factor must be fresh.
    pub(super) fn still_counts(&self, proof: Proof, at: &Moment<'_>) -> bool {
        // A flow out of tries stays until it expires: of refusals at once only one may be the last.
        if self.password_tries >= at.policy.password_tries {
            return false;
        }
        match proof {
            Proof::NotDemanded => self.allowed(at).is_none(),
            Proof::SignIn { at: signed_in } => {
                self.operation.takes_fresh_sign_in() && at.policy.is_fresh_sign_in(signed_in, at.now)
            }
            Proof::Factor { method, at: proven } => {
                proven <= at.now && at.now < proven.after(at.policy.freshness) && self.accepted(method, at)
            }
        }
    }
}
