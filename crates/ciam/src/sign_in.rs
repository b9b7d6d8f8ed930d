//! Signing in by a name and a password.

use ciam_domain::audit::Action;
use ciam_domain::flow::{MethodSet, Operation};
use ciam_domain::identifier::{EmailAddress, Login, Username};
use ciam_domain::password::{Password, PasswordHash};
use ciam_domain::rate::RateKey;
use ciam_domain::refusal::{AccessRefusal, FactorRefusal, Refusal, SignInRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::session::Amr;
use ciam_domain::source::Source;
use ciam_domain::user::User;
use ciam_domain::{DeviceId, FlowId, Instant, SessionId, TenantId, UserId};
use ciam_ports::{Handle, HasherError, Loaded, PasswordMatch, StepQuery};

use crate::audit::Deed;
use crate::captcha::CaptchaAnswer;
use crate::requirements::MethodOffer;
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Failure, Principal, Tokens};

/// Who signs in, where, and for which application.
#[derive(Debug, Default)]
pub struct SignInRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The application (`client_id`).
    pub client: Option<String>,
    /// The scopes that the tokens shall carry; the host decides which it grants.
    pub scopes: Vec<String>,
    /// The device, as its client names it; shown in the list of sessions, trusted for nothing.
    pub device: Option<DeviceId>,
    /// What the device was given at its last sign-in: proves that it is known.
    pub device_token: Option<SecretText>,
    /// Where the request comes from.
    pub source: Option<Source>,
    /// The captcha that was solved for this name ([`Ciam::draw_sign_in_captcha`]), where one is demanded.
    pub captcha: Option<CaptchaAnswer>,
}

/// How far somebody has come.
#[derive(Debug)]
pub enum SignedIn {
    /// They are signed in.
    Done(Tokens),
    /// A second factor comes first, in this flow.
    SecondFactor {
        /// The flow; whoever holds it has proven the first factor.
        flow: FlowId,
        /// What may be proven.
        methods: Vec<MethodOffer>,
    },
    /// A new password comes first, in this flow.
    NewPassword {
        /// The flow.
        flow: FlowId,
        /// What must be proven before; empty: nothing more.
        methods: Vec<MethodOffer>,
    },
    /// The deletion of the account is called back; they sign in as ever.
    Restored,
}

/// How a password compared, and a better hash of it where there is one.
pub(crate) type Compared = (Result<(), Refusal>, Option<PasswordHash>);

/// A name and a password that were paid for and compared.
pub(crate) struct Presented {
    /// Who tries: the person of that name, or nobody.
    pub(crate) who: Principal,
    /// The session that may be opened.
    pub(crate) session: SessionId,
    /// Counts that a success forgets.
    pub(crate) counts: Vec<RateKey>,
    /// The person, where there is one.
    pub(crate) loaded: Option<Loaded>,
    pub(crate) compared: Compared,
}

impl Ciam {
    /// Signs in by user name, phone number or e-mail address, and password.
    ///
    /// Every failure has one public answer and takes one hash (A20). Tries are paid first: per name and network,
    /// per name, per network. None of these counts is shared with the owner's known devices, with codes, or with
    /// anything that a signed-in person does, so no stranger uses them up for the owner.
    ///
    /// # Errors
    /// [`SignInRefusal::Failed`]; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; a
    /// [`ciam_domain::refusal::CaptchaRefusal`]; a failure of a port.
    pub async fn sign_in(
        &self,
        request: &SignInRequest,
        name: &str,
        password: &SecretText,
    ) -> Result<SignedIn, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let now = self.ports.clock.now();
        let Presented { who, session, counts, loaded, compared: (compared, renewed) } =
            self.present_password(request, (name, password), now).await?;
        let deed = Deed::new(&who, Action::SignIn, now);
        let known = loaded.as_ref().ok_or(Refusal::from(AccessRefusal::UnknownUser));
        let admitted = known.and_then(|loaded| {
            compared?;
            loaded.user.status.admit(now)?;
            Ok(loaded)
        });
        let loaded = match admitted {
            Ok(loaded) => loaded,
            Err(cause) => {
                let cause = self.count_failure(&deed, loaded.as_ref(), cause).await?;
                return Err(self.fail(&deed, cause).await);
            }
        };
        let arrival = Arrival::of(vec![Amr::Password], request, session, counts);
        let signed_in = self.arrive_by_password(&deed, loaded, arrival).await?;
        self.renew_hash(&deed, &loaded.user, renewed).await;
        Ok(signed_in)
    }

    /// Takes a name and a password: pays for the try, and compares. What comes of it is the caller's.
    pub(crate) async fn present_password(
        &self,
        request: &SignInRequest,
        (name, password): (&str, &SecretText),
        now: Instant,
    ) -> Result<Presented, Error> {
        let login = self.parse_login(name);
        let person = self.find_person(&request.tenant, login.as_ref()).await?;
        let name = login.as_ref().map_or(name, Login::canonical);
        let counts = self.pay_for_sign_in(request, (name, &person), now).await?;
        let loaded = self.ports.store.load(&StepQuery::of(request.tenant.clone(), person.clone())).await?;
        let session = SessionId::from_random(self.random_bits()?);
        let who = Principal::signed_out((&request.tenant, &person, &session), request.source);
        let user = loaded.as_ref().map(|loaded| &*loaded.user);
        let compared = self.compare_sign_in(user, password).await?;
        Ok(Presented { who, session, counts, loaded, compared })
    }

    /// Records why signing in failed, and tells that it did.
    pub(crate) async fn fail(&self, deed: &Deed<'_>, cause: impl Into<Refusal>) -> Error {
        match self.refuse(deed, cause).await {
            Error::Refused(_) => SignInRefusal::Failed.into(),
            failure @ Error::Failed(_) => failure,
        }
    }

    /// Reads a name as whatever it can be: user names never look like addresses or numbers.
    pub(crate) fn parse_login(&self, name: &str) -> Option<Login> {
        if name.contains('@') {
            return EmailAddress::parse(name).ok().map(Login::Email);
        }
        if let Ok(phone) = self.parse_phone(name, None) {
            return Some(Login::Phone(phone));
        }
        Username::parse(name).ok().map(Login::Username)
    }

    /// Finds the person behind a name, or nobody; one call in any case.
    pub(crate) async fn find_person(
        &self,
        tenant: &TenantId,
        login: Option<&Login>,
    ) -> Result<UserId, Error> {
        // Text that is no name is looked up as a flow that nobody has.
        let no_flow = || Handle::Flow(FlowId::presented("").key());
        let handle = login.map_or_else(no_flow, |login| Handle::Login(login.clone()));
        let found = self.ports.store.find(tenant, &handle).await?;
        Ok(found.unwrap_or_else(UserId::nobody))
    }

    /// Compares the password of a sign-in: one call of the hasher, whatever there is to compare with.
    async fn compare_sign_in(&self, user: Option<&User>, password: &SecretText) -> Result<Compared, Error> {
        let wrong = Err(FactorRefusal::WrongPassword.into());
        // What can be nobody's password costs nothing, whoever was named (A23).
        let Ok(password) = Password::parse(password.expose()) else { return Ok((wrong, None)) };
        let Some(credential) = user.and_then(|user| user.password.as_ref()) else {
            self.ports.hasher.verify_nothing(&password).await?;
            return Ok((Err(FactorRefusal::NoFactor.into()), None));
        };
        match self.ports.hasher.verify(&password, &credential.current).await {
            Ok(PasswordMatch::Matched) => Ok((Ok(()), None)),
            Ok(PasswordMatch::MatchedOutdated) => Ok((Ok(()), self.ports.hasher.hash(&password).await.ok())),
            Ok(PasswordMatch::Mismatched) => Ok((wrong, None)),
            Err(HasherError::Unreadable | HasherError::TooExpensive) => {
                Ok((Err(FactorRefusal::NoFactor.into()), None))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// After the right password: a new one first, a second factor first, or in.
    async fn arrive_by_password(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        arrival: Arrival<'_>,
    ) -> Result<SignedIn, Error> {
        let must_change = loaded.user.password.as_ref().is_some_and(|held| held.must_change);
        if !must_change {
            return self.arrive(deed, loaded, arrival).await;
        }
        let (flow, next) =
            self.open_signed_out(deed, loaded, (Operation::RenewPassword, MethodSet::all()), arrival).await?;
        let methods = Self::offers(&loaded.user, next);
        Ok(SignedIn::NewPassword { flow, methods })
    }
}
