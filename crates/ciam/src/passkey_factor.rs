//! A passkey as second factor, of somebody who is signed in or on the way.

use ciam_domain::FlowId;
use ciam_domain::audit::Action;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Method, NextStep, State};
use ciam_domain::passkey::PasskeyFlaw;
use ciam_domain::refusal::FactorRefusal;
use ciam_domain::user::User;
use ciam_ports::PasskeyAnswer;

use crate::attempt::Paid;
use crate::audit::Deed;
use crate::passkey_challenge::{PasskeyAction, Used, after_use};
use crate::presented_code::{Compared, matched, mismatched};
use crate::sign_in::SignedIn;
use crate::sign_in_factor::{SignedOutStep, shut};
use crate::{Ciam, Error, KnownPasskey, PasskeyRequest, Principal};

impl Ciam {
    /// A challenge for a passkey of the person to prove them in this flow, with those that count there. Writes nothing.
    ///
    /// # Errors
    /// [`FactorRefusal::Unsupported`] where the flow takes none; [`ciam_domain::refusal::FlowRefusal::Unknown`]; an access
    /// refusal; a failure of a port, and [`crate::Failure::NotOffered`] without a verifier.
    pub async fn ask_for_passkey(&self, who: &Principal, flow: &FlowId) -> Result<PasskeyRequest, Error> {
        self.passkeys()?;
        let key = flow.key();
        let deed = Deed::new(who, Action::AskForPasskey, self.ports.clock.now()).in_flow(key);
        let (loaded, flow) = self.claimed(&deed).await?;
        let taken = |allowed: ciam_domain::flow::MethodSet| allowed.contains(Method::Passkey);
        if !matches!(flow.state(), State::AwaitingFactor { allowed } if taken(*allowed)) {
            return Err(self.refuse(&deed, FactorRefusal::Unsupported).await);
        }
        let span = self.config.flow.recent_factor;
        let known = loaded.user.passkeys_for(flow.operation(), span, deed.now);
        let known = known.into_iter().map(KnownPasskey::from).collect();
        self.passkey_request(who.tenant(), PasskeyAction::Prove(&key), known).await
    }

    /// Verifies what a passkey signed as second factor.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::PasskeyRefusal::Rejected`] for every flaw of the answer, [`FactorRefusal::Unsupported`],
    /// [`ciam_domain::refusal::FlowRefusal::Unknown`], [`ciam_domain::refusal::RateRefusal::TooManyAttempts`], an access
    /// refusal; a failure of a port, and [`crate::Failure::NotOffered`] without a verifier.
    pub async fn verify_factor_passkey(
        &self,
        who: &Principal,
        flow: &FlowId,
        answer: &PasskeyAnswer,
    ) -> Result<NextStep, Error> {
        self.passkeys()?;
        let deed = Deed::new(who, Action::VerifyFactor, self.ports.clock.now())
            .in_flow(flow.key())
            .saying(Method::Passkey.as_str());
        let paid = self.pay(&deed, Authenticator::Passkey).await?;
        let (deed, Compared { outcome, commit }) = self.compare_passkey(deed, &paid, answer).await?;
        let event = Event::PresentPasskey { outcome, attempts: paid.attempts };
        self.present_factor(&deed, paid, event, commit).await
    }

    /// A challenge for somebody who is not signed in to prove themselves in their flow. It tells nothing of the flow, and
    /// reads and writes nothing.
    ///
    /// # Errors
    /// A failure of keys or chance, and [`crate::Failure::NotOffered`] without a verifier.
    pub async fn sign_in_factor_passkey(&self, on: &SignedOutStep<'_>) -> Result<PasskeyRequest, Error> {
        self.passkey_request(on.tenant, PasskeyAction::Prove(&on.flow.key()), Vec::new()).await
    }

    /// Verifies what a passkey signed of somebody whose first factor was another, and goes on.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::SignInRefusal::Failed`] for every cause; a failure of a port, and
    /// [`crate::Failure::NotOffered`] without a verifier.
    pub async fn verify_sign_in_passkey(
        &self,
        on: &SignedOutStep<'_>,
        answer: &PasskeyAnswer,
    ) -> Result<SignedIn, Error> {
        self.passkeys()?;
        let who = self.flow_holder(on).await?;
        let deed = Deed::new(&who, Action::VerifySignIn, self.ports.clock.now())
            .in_flow(on.flow.key())
            .saying(Method::Passkey.as_str());
        // Before a factor nobody is asked for a passkey, so nobody's tries are counted either.
        if !who.is_half_way() {
            return Err(self.miss(&deed).await);
        }
        let paid = self.pay(&deed, Authenticator::Passkey).await.map_err(shut)?;
        let (deed, Compared { outcome, commit }) = self.compare_passkey(deed, &paid, answer).await?;
        let event = Event::PresentPasskey { outcome, attempts: paid.attempts };
        let onward = self.proceed(&deed, paid, (Method::Passkey, event), commit).await.map_err(shut)?;
        Ok(onward.told(on.flow))
    }

    /// Compares an answer in a flow. What is wrong with it is said to the audit trail alone.
    async fn compare_passkey<'a>(
        &self,
        deed: Deed<'a>,
        paid: &Paid,
        answer: &PasskeyAnswer,
    ) -> Result<(Deed<'a>, Compared), Error> {
        let user = &paid.loaded.user;
        Ok(match self.passkey_in_flow(&deed, paid, answer).await? {
            Ok(by) => {
                let compared = matched(&deed, user, after_use(user, &by, deed.now));
                (deed, compared)
            }
            Err(flaw) => {
                if flaw == PasskeyFlaw::Counter {
                    self.warn_of_copy(&deed, user).await?;
                }
                let deed = deed.saying(flaw.as_str());
                (deed, mismatched(&deed))
            }
        })
    }

    async fn passkey_in_flow(
        &self,
        deed: &Deed<'_>,
        paid: &Paid,
        answer: &PasskeyAnswer,
    ) -> Result<Result<Used, PasskeyFlaw>, Error> {
        let user: &User = &paid.loaded.user;
        let Some(presented) = self.passkeys()?.verifier.read(answer) else {
            return Ok(Err(PasskeyFlaw::Malformed));
        };
        let action = PasskeyAction::Prove(paid.flow.key());
        if !self.answers_passkey(deed, action, &presented.challenge).await? {
            return Ok(Err(PasskeyFlaw::Challenge));
        }
        if presented.handle.is_some_and(|handle| user.passkeys.handle != Some(handle)) {
            return Ok(Err(PasskeyFlaw::Unknown));
        }
        let Some(passkey) = user.passkeys.find(&presented.id) else { return Ok(Err(PasskeyFlaw::Unknown)) };
        let span = self.config.flow.recent_factor;
        let counts = user.passkeys_for(paid.flow.operation(), span, deed.now);
        if !counts.iter().any(|known| known.id == passkey.id) {
            return Ok(Err(PasskeyFlaw::NotAllowed));
        }
        Ok(match self.signed_by(passkey, (&presented, answer)).await? {
            Ok(signed) if !passkey.may_count(signed.sign_count) => Err(PasskeyFlaw::Counter),
            Ok(signed) => Ok(Used { id: presented.id, signed }),
            Err(flaw) => Err(flaw),
        })
    }
}
