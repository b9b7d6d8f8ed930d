//! Signing in by a passkey, which tells by itself who it is of.

use ciam_domain::audit::Action;
use ciam_domain::passkey::PasskeyFlaw;
use ciam_domain::refusal::{PasskeyRefusal, Refusal};
use ciam_domain::session::Amr;
use ciam_domain::user::User;
use ciam_domain::{FlowId, SessionId, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, Handle, Loaded, PasskeyAnswer, PresentedPasskey, StepQuery, StoreError};

use crate::audit::Deed;
use crate::passkey_challenge::{PasskeyAction, Used, after_use};
use crate::sign_in::{SignInRequest, SignedIn};
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Failure, PasskeyRequest, Principal, step};

impl Ciam {
    /// A challenge for whichever passkey somebody chooses to sign in by. Nobody is named, and nothing is read or written.
    ///
    /// # Errors
    /// [`Failure::NotOffered`] without a verifier; a failure of keys or chance.
    pub async fn passkey_challenge(&self, tenant: &TenantId) -> Result<PasskeyRequest, Error> {
        self.passkey_request(tenant, PasskeyAction::SignIn, Vec::new()).await
    }

    /// Signs in by a passkey over a challenge of [`Ciam::passkey_challenge`]. Whom it is of is told by its id and by what
    /// the authenticator knows them by, which must agree.
    ///
    /// Every failure has one public answer (A20). Tries are paid first, per network; none is counted for the passkey, whose
    /// signature nobody guesses and whose id others may know: they would lock its owner out.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::SignInRefusal::Failed`]; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; a
    /// failure of a port, and [`Failure::NotOffered`] without an issuer or a verifier.
    pub async fn sign_in_by_passkey(
        &self,
        request: &SignInRequest,
        answer: &PasskeyAnswer,
    ) -> Result<SignedIn, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let presented = self.passkeys()?.verifier.read(answer);
        let person = self.holder_of(&request.tenant, presented.as_ref()).await?;
        let session = SessionId::from_random(self.random_bits()?);
        let who = Principal::signed_out((&request.tenant, &person, &session), request.source);
        let deed = Deed::new(&who, Action::SignInByPasskey, self.ports.clock.now());
        self.pay_for_passkey(&deed, request).await?;
        let Some(presented) = presented else {
            return Err(self.fail_by(&deed, PasskeyFlaw::Malformed).await);
        };
        let answered = self.answers_passkey(&deed, PasskeyAction::SignIn, &presented.challenge).await?;
        let presented = (&presented, answer);
        step::persist!(self.try_to_come_by_passkey(&deed, (request, &session), presented, answered))
    }

    async fn try_to_come_by_passkey(
        &self,
        deed: &Deed<'_>,
        (request, session): (&SignInRequest, &SessionId),
        presented: (&PresentedPasskey, &PasskeyAnswer),
        answered: bool,
    ) -> Result<SignedIn, Error> {
        let query = StepQuery::of(deed.who.tenant().clone(), deed.who.user().clone());
        let loaded = self.ports.store.load(&query).await?;
        let (loaded, by) = match (self.recognised(loaded.as_ref(), presented).await?, loaded) {
            (Ok(by), Some(loaded)) if answered => (loaded, by),
            (Ok(_), _) => return Err(self.fail_by(deed, PasskeyFlaw::Challenge).await),
            (Err(flaw), _) => return Err(self.fail_by(deed, flaw).await),
        };
        let user: &User = &loaded.user;
        if user.passkeys.find(&by.id).is_some_and(|known| !known.may_count(by.signed.sign_count)) {
            self.warn_of_copy(deed, user).await?;
            return Err(self.fail_by(deed, PasskeyFlaw::Counter).await);
        }
        if let Err(cause) = user.status.admit(deed.now) {
            return Err(self.fail(deed, cause).await);
        }
        let verified = by.signed.user_verified.then(Amr::several);
        let mut next = after_use(user, &by, deed.now);
        let expected = next.version;
        next.version = expected.next();
        let arrival = Arrival {
            amr: std::iter::once(Amr::Passkey).chain(verified).collect(),
            request,
            session: session.clone(),
            counts: Vec::new(),
            user: UserWrite::Replace { expected, user: Box::new(next) },
        };
        self.arrive(deed, &loaded, arrival).await
    }

    /// Whether a passkey of the person's signed the answer; about as much work where nobody has such a passkey.
    async fn recognised(
        &self,
        loaded: Option<&Loaded>,
        (presented, answer): (&PresentedPasskey, &PasskeyAnswer),
    ) -> Result<Result<Used, PasskeyFlaw>, Error> {
        let passkeys = loaded.map(|loaded| &loaded.user.passkeys);
        let named =
            passkeys.filter(|passkeys| presented.handle.is_some() && passkeys.handle == presented.handle);
        let Some(passkey) = named.and_then(|passkeys| passkeys.find(&presented.id)) else {
            self.passkeys()?.verifier.verify_nothing(answer).await.map_err(Failure::from)?;
            return Ok(Err(PasskeyFlaw::Unknown));
        };
        let signed = self.signed_by(passkey, (presented, answer)).await?;
        Ok(signed.map(|signed| Used { id: presented.id.clone(), signed }))
    }

    /// Whose passkey it is; nobody's, where nobody has it. One call in any case.
    async fn holder_of(
        &self,
        tenant: &TenantId,
        presented: Option<&PresentedPasskey>,
    ) -> Result<UserId, Error> {
        let no_flow = || Handle::Flow(FlowId::presented("").key());
        let handle = presented.map_or_else(no_flow, |presented| Handle::Passkey(presented.id.clone()));
        let found = self.ports.store.find(tenant, &handle).await?;
        Ok(found.unwrap_or_else(UserId::nobody))
    }

    /// Counts the try before anything is compared.
    async fn pay_for_passkey(&self, deed: &Deed<'_>, request: &SignInRequest) -> Result<(), Error> {
        let rates = self.config.sign_in.of_network(request.source);
        match self.ports.store.commit(Commit { rates, ..step::commit(deed) }).await {
            Ok(()) => Ok(()),
            Err(StoreError::Limited { until, .. }) => {
                Err(self.refuse(deed, step::too_many_attempts(until, deed.now)).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Fails, and says to the audit trail alone what was wrong.
    async fn fail_by(&self, deed: &Deed<'_>, flaw: PasskeyFlaw) -> Error {
        self.fail(&deed.saying(flaw.as_str()), Refusal::from(PasskeyRefusal::Rejected)).await
    }
}
