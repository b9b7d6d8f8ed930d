//! Signing in by a gesture on a device that is bound.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::gesture::{GestureAction, GestureBinding};
use ciam_domain::identifier::Login;
use ciam_domain::notice::NoticeKind;
use ciam_domain::rate::{RateKey, RateScope};
use ciam_domain::refusal::{GestureRefusal, Refusal};
use ciam_domain::secret::SecretText;
use ciam_domain::session::Amr;
use ciam_domain::user::{GestureDevice, User};
use ciam_domain::{DeviceId, EventId, SessionId};
use ciam_ports::{Commit, Loaded, PresentedGesture, StepQuery, StoreError};

use crate::audit::Deed;
use crate::bind_gesture::next_version;
use crate::gesture_challenge::{MOST_FAILURES, device_rate};
use crate::sign_in::{SignInRequest, SignedIn};
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Failure, Principal, step};

/// A device that proves to hold its key: nobody attests to what guards it, so no more is claimed (RFC 8176, 2).
const PROOF_OF_KEY: &str = "swk";

/// Whether a session was opened by a gesture.
pub(crate) fn is_gesture(amr: &[Amr]) -> bool {
    amr.first().is_some_and(|first| first.as_str() == PROOF_OF_KEY)
}

impl Ciam {
    /// Signs in by user name, phone number or e-mail address, and the sign of a bound device over a challenge of
    /// [`Ciam::gesture_challenge`] and that name.
    ///
    /// Every failure has one public answer (A20). Tries are paid first, per device and per network: after five in a row
    /// the device waits, and after 50 its key is forgotten and the person told, unless they could not sign in otherwise.
    /// These counts are shared with no other way of signing in.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::SignInRefusal::Failed`]; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; a
    /// failure of a port, and [`Failure::NotOffered`] without an issuer or a verifier.
    pub async fn sign_in_by_gesture(
        &self,
        request: &SignInRequest,
        name: &str,
        sign: &SecretText,
    ) -> Result<SignedIn, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let presented = self.gestures()?.read(sign);
        let login = self.parse_login(name);
        let name = login.as_ref().map_or(name, Login::canonical);
        let person = self.find_person(&request.tenant, login.as_ref()).await?;
        let session = SessionId::from_random(self.random_bits()?);
        let who = Principal::signed_out((&request.tenant, &person, &session), request.source);
        let deed = Deed::new(&who, Action::SignInByGesture, self.ports.clock.now());
        let count = self.pay_for_gesture(&deed, (request, name), presented.as_ref()).await?;
        let (Some(presented), Some(count)) = (presented, count) else {
            return Err(self.fail(&deed, GestureRefusal::WrongSign).await);
        };
        let loaded = match self.recognise(&deed, (&presented, sign), count).await? {
            Ok(loaded) => loaded,
            Err(cause) => return Err(self.fail(&deed, cause).await),
        };
        if let Err(cause) = loaded.user.status.admit(deed.now) {
            return Err(self.fail(&deed, cause).await);
        }
        let request = opening(request, presented.device);
        let amr = vec![Amr::Other(PROOF_OF_KEY.into())];
        let arrival = Arrival::of(amr, &request, session.clone(), vec![count]);
        self.arrive(&deed, &loaded, arrival).await
    }

    /// Counts the try before anything is compared, for a device that nobody has as well; gives what a success forgets.
    async fn pay_for_gesture(
        &self,
        deed: &Deed<'_>,
        (request, name): (&SignInRequest, &str),
        presented: Option<&PresentedGesture>,
    ) -> Result<Option<RateKey>, Error> {
        let of_device = presented.map(|presented| device_rate(deed.who.user(), name, &presented.device));
        let of_network = self.config.sign_in.of_network(request.source);
        let rates = of_device.into_iter().chain(of_network).collect();
        match self.ports.store.commit(Commit { rates, ..step::commit(deed) }).await {
            Ok(()) => Ok(of_device.map(|rate| rate.key)),
            Err(StoreError::Limited { scope, until }) => {
                if let (RateScope::GestureDevice, None, Some(presented)) = (scope, until, presented) {
                    self.forget_failing(deed, &presented.device).await?;
                }
                Err(self.refuse(deed, step::too_many_attempts(until, deed.now)).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a bound device of the person's made the sign; where it did not, one device may have failed once too often.
    async fn recognise(
        &self,
        deed: &Deed<'_>,
        (presented, sign): (&PresentedGesture, &SecretText),
        count: RateKey,
    ) -> Result<Result<Loaded, Refusal>, Error> {
        let (tenant, device) = (deed.who.tenant(), &presented.device);
        let binding = GestureBinding { tenant, device, action: GestureAction::SignIn };
        let answered = self.answers(deed, &binding, &presented.challenge).await?;
        let query =
            StepQuery { rates: vec![count], ..StepQuery::of(tenant.clone(), deed.who.user().clone()) };
        let loaded = self.ports.store.load(&query).await?;
        let bound = loaded.as_ref().and_then(|loaded| loaded.user.gesture(device));
        let bound = bound.filter(|known| known.is_bound());
        let compared = if let (Some(loaded), Some(known)) = (&loaded, bound) {
            self.vouch((&loaded.user, &known.key), sign).await?
        } else {
            self.gestures()?.verify_nothing(sign).await.map_err(Failure::from)?;
            Err(GestureRefusal::UnknownDevice)
        };
        match (loaded, compared) {
            (Some(loaded), Ok(())) if answered => Ok(Ok(loaded)),
            (loaded, compared) => {
                let failed = loaded.iter().flat_map(|loaded| &loaded.rates).map(|(_, counter)| counter.count);
                if failed.max().unwrap_or_default() >= MOST_FAILURES {
                    self.forget_failing(deed, device).await?;
                }
                Ok(Err(compared.err().unwrap_or(GestureRefusal::WrongSign).into()))
            }
        }
    }

    /// Forgets a bound device that failed too often and tells the person, unless it is all that they sign in with.
    async fn forget_failing(&self, deed: &Deed<'_>, device: &DeviceId) -> Result<(), Error> {
        for _ in 0..step::RETRIES {
            let query = StepQuery::of(deed.who.tenant().clone(), deed.who.user().clone());
            let Some(loaded) = self.ports.store.load(&query).await? else { return Ok(()) };
            let mut user = User::clone(&loaded.user);
            let bound = user.gesture(device).is_some_and(GestureDevice::is_bound);
            if !bound || user.unbind_gesture(device).is_err() || !self.still_gets_in(&user).await? {
                return Ok(());
            }
            let event = EventId::from_random(self.random_bits()?);
            let to = user.verified_addresses();
            let outbox = Self::announce(&user, &event, NoticeKind::GestureUnbound, to, deed.now);
            let record = Deed { action: Action::UnbindGesture, ..*deed }.saying("too many failures");
            let audit = vec![record.record(event, Outcome::Done)];
            let commit = Commit { user: next_version(user), audit, outbox, ..step::commit(deed) };
            match self.ports.store.commit(commit).await {
                Err(StoreError::Stale) => {}
                written => return Ok(written?),
            }
        }
        Ok(())
    }
}

/// The request as it opens a session: from the device that proved itself, whatever the client says.
fn opening(request: &SignInRequest, device: DeviceId) -> SignInRequest {
    SignInRequest {
        tenant: request.tenant.clone(),
        client: request.client.clone(),
        scopes: request.scopes.clone(),
        device: Some(device),
        device_token: None,
        source: request.source,
        captcha: None,
    }
}
