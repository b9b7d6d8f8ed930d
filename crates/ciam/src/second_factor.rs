//! Second factor: send a code, verify a code, whatever it comes from, or the password.

use ciam_domain::audit::Action;
use ciam_domain::challenge::{Code, CodeMatch};
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Flow, Method, NextStep, Reply, State};
use ciam_domain::password::{Password, PasswordHash};
use ciam_domain::refusal::{FactorRefusal, FlowRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::user::User;
use ciam_domain::{FlowId, FlowKey};
use ciam_ports::store::{FlowWrite, UserWrite};
use ciam_ports::{Commit, PasswordMatch};

use crate::attempt::Paid;
use crate::audit::Deed;
use crate::captcha::{CaptchaAnswer, Gate};
use crate::code::Wording;
use crate::presented_code::Compared;
use crate::{Ciam, Error, Principal, step};

/// A code as second factor is asked for.
#[derive(Debug)]
pub struct FactorCodeRequest<'a> {
    /// The flow.
    pub flow: &'a FlowId,
    /// The method.
    pub method: Method,
    /// How the person would like to read it.
    pub wording: Wording,
    /// A captcha, where one was demanded.
    pub captcha: Option<CaptchaAnswer>,
}

impl Ciam {
    /// Sends a code to the person's own verified phone or e-mail address, never to one from the request.
    ///
    /// # Errors
    /// [`FactorRefusal::Unsupported`], [`FlowRefusal::Unknown`], a [`ciam_domain::refusal::CaptchaRefusal`],
    /// [`ciam_domain::refusal::RateRefusal::TooManyCodes`], an access refusal, or a failure of a port. A
    /// failed delivery counts against the limits.
    pub async fn send_factor_code(
        &self,
        who: &Principal,
        request: FactorCodeRequest<'_>,
    ) -> Result<(), Error> {
        let deed = Deed::new(who, Action::SendFactorCode, self.ports.clock.now())
            .in_flow(request.flow.key())
            .saying(request.method.as_str());
        let FactorCodeRequest { method, wording, captcha, .. } = request;
        self.send_code(&deed, &Event::RequestFactorCode(method), wording, Gate::Captcha(captcha.as_ref()))
            .await
    }

    /// Verifies a code as second factor: one that was sent, one of an authenticator app, or a recovery code. What is
    /// accepted is used up in the same write, so that it proves nothing else.
    ///
    /// # Errors
    /// [`FactorRefusal::WrongCode`], [`FactorRefusal::Unsupported`], [`FlowRefusal::Unknown`],
    /// [`ciam_domain::refusal::RateRefusal::TooManyAttempts`], an access refusal, or a failure of a port.
    pub async fn verify_factor_code(
        &self,
        who: &Principal,
        flow: &FlowId,
        method: Method,
        code: &Code,
    ) -> Result<NextStep, Error> {
        let deed = Deed::new(who, Action::VerifyFactor, self.ports.clock.now())
            .in_flow(flow.key())
            .saying(method.as_str());
        if !method.takes_code() {
            return Err(self.refuse(&deed, FactorRefusal::Unsupported).await);
        }
        let paid = self.pay(&deed, method.authenticator()).await?;
        let Compared { outcome, commit } =
            self.compare_presented(&deed, (&paid.loaded, &paid.flow), (method, code)).await?;
        let event = Event::PresentFactorCode { method, outcome, attempts: paid.attempts };
        self.present_factor(&deed, paid, event, commit).await
    }

    /// Verifies the password in use as second factor.
    ///
    /// # Errors
    /// [`FactorRefusal::WrongPassword`], [`FactorRefusal::Unsupported`], [`FlowRefusal::Unknown`],
    /// [`ciam_domain::refusal::RateRefusal::TooManyAttempts`], an access refusal, or a failure of a port.
    pub async fn verify_factor_password(
        &self,
        who: &Principal,
        flow: &FlowId,
        password: &SecretText,
    ) -> Result<NextStep, Error> {
        let deed = Deed::new(who, Action::VerifyFactor, self.ports.clock.now())
            .in_flow(flow.key())
            .saying(Method::Password.as_str());
        let paid = self.pay(&deed, Authenticator::Password).await?;
        let mut renewed = None;
        let outcome = match Password::parse(password.expose()) {
            Ok(password) if asks_for_password(&paid.flow) => {
                let outcome;
                (outcome, renewed) = self.compare_password(&paid.loaded.user, &password).await?;
                outcome
            }
            _ => CodeMatch::Mismatched,
        };
        let event = Event::PresentFactorPassword { outcome, attempts: paid.attempts };
        let renewed = renewed.map(|hash| rehashed(&paid.loaded.user, hash));
        let next = self.present_factor(&deed, paid, event, step::commit(&deed)).await?;
        if let Some(user) = renewed {
            // A write of its own: whether it succeeds says nothing about the factor.
            drop(self.ports.store.commit(Commit { user, ..step::commit(&deed) }).await);
        }
        Ok(next)
    }

    pub(crate) async fn present_factor(
        &self,
        deed: &Deed<'_>,
        paid: Paid,
        event: Event,
        commit: Commit,
    ) -> Result<NextStep, Error> {
        let Paid { loaded, flow, counts: cleared, .. } = paid;
        let (before, key) = (flow.revision(), *flow.key());
        let is_asked_for = matches!(flow.state(), State::AwaitingFactor { .. });
        let taken = flow.apply(event, &self.moment(deed.who, &loaded, deed.now));
        match taken.reply {
            Ok(Reply::Proven(next)) => {
                let write = step::flow_write(deed, before, taken.next);
                match self.write(deed, Commit { flow: write, cleared, ..commit }).await {
                    // Another right answer came first.
                    Err(error) if error.is_stale() => Err(self.refuse_in_vain(deed, key).await),
                    written => written.map(|()| next),
                }
            }
            // The factor is proven already: nobody learns anything by this.
            Err(_) if !is_asked_for => Err(self.refuse_in_vain(deed, key).await),
            Ok(_) => Err(self.refuse(deed, FlowRefusal::Unknown).await),
            Err(refusal) => {
                let write = step::failed_write(deed, before, taken.next);
                Err(self.refuse_with(deed, refusal, write).await)
            }
        }
    }

    /// Refuses an attempt by which nobody finds anything out, and gives it back to the flow.
    fn refuse_in_vain<'a>(&'a self, deed: &'a Deed<'_>, flow: FlowKey) -> step::Refusing<'a> {
        self.refuse_with(deed, FlowRefusal::Unknown.into(), FlowWrite::GiveBack(flow))
    }

    pub(crate) async fn compare_password(
        &self,
        user: &User,
        password: &Password,
    ) -> Result<(CodeMatch, Option<PasswordHash>), Error> {
        let Some(credential) = &user.password else { return Ok((CodeMatch::Mismatched, None)) };
        Ok(match self.ports.hasher.verify(password, &credential.current).await? {
            PasswordMatch::Matched => (CodeMatch::Matched, None),
            // A hash that cannot be renewed now will be renewed another time.
            PasswordMatch::MatchedOutdated => {
                (CodeMatch::Matched, self.ports.hasher.hash(password).await.ok())
            }
            PasswordMatch::Mismatched => (CodeMatch::Mismatched, None),
        })
    }
}

pub(crate) fn asks_for_password(flow: &Flow) -> bool {
    matches!(flow.state(), State::AwaitingFactor { allowed } if allowed.contains(Method::Password))
}

pub(crate) fn rehashed(user: &User, hash: PasswordHash) -> UserWrite {
    let mut user = user.clone();
    let expected = user.version;
    user.version = expected.next();
    if let Some(credential) = &mut user.password {
        credential.current = hash;
    }
    UserWrite::Replace { expected, user: Box::new(user) }
}
