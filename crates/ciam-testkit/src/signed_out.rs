//! Somebody who is not signed in, one call before they get further, and every call that can be made then.
#![expect(clippy::unwrap_used, reason = "a stage that cannot be set ends the test")]

mod standing;

use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation, TwoFactor};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Address, Status, User};
use ciam::domain::{FlowId, TenantId};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, SocialProof};
use ciam::{Config, Error, PasswordSet, Principal, SignInRequest, SignedIn, SignedOutStep, Tokens, Wording};

use crate::stage::NEW;
use crate::world::{PASSWORD, Person, SCOPE, World};
pub(crate) use standing::{Secret, Standing};

/// Hands every call of somebody who is not signed in to another macro, by name, with the method behind it. A new
/// one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_signed_out_call {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            sign_in: SignIn sign_in, sign_in_with_two_factors: SignInWithTwo sign_in,
            start_sign_in: StartSignIn start_sign_in, send_sign_in_code: SendSignInCode send_sign_in_code,
            verify_sign_in_code: VerifyOnlyCode verify_sign_in_code,
            verify_first_code_of_two_factors: VerifyFirstCode verify_sign_in_code,
            verify_code_after_password: VerifySecondCode verify_sign_in_code,
            verify_sign_in_password: VerifyPassword verify_sign_in_password,
            refresh_session: RefreshSession refresh_session,
            start_recovery: StartRecovery start_recovery,
            verify_recovery_code: VerifyRecovery verify_sign_in_code,
            set_new_password: SetNewPassword set_new_password,
            renew_password: RenewPassword set_new_password,
            sign_in_social: SignInSocial sign_in_social,
            start_restore: StartRestore start_restore, restore_account: Restore verify_sign_in_code,
        }
    };
}

macro_rules! calls {
    (() $($name:ident: $call:ident $method:ident,)*) => {
        /// A call of somebody who is not signed in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum SignedOutCall {
            $($call,)*
        }

        impl SignedOutCall {
            /// Every call, by its name and with the method behind it.
            pub(crate) const ALL: &[(&str, &str, Self)] =
                &[$((stringify!($name), stringify!($method), Self::$call),)*];
        }
    };
}

each_signed_out_call! { [calls] () }

impl SignedOutCall {
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(known, ..)| *known == name).unwrap().2
    }

    /// Settings under which the call comes up.
    pub(crate) fn config(self) -> Config {
        let mut config = Config::default();
        // With six digits a code may stand in an id by chance.
        config.flow.code.length = 10;
        let two = matches!(
            self,
            Self::SignInWithTwo
                | Self::SendSignInCode
                | Self::VerifyFirstCode
                | Self::VerifySecondCode
                | Self::VerifyPassword
        );
        config.flow.sign_in = if two { TwoFactor::Required } else { config.flow.sign_in };
        config
    }

    /// Whether the call succeeds once, and what it took is worth nothing afterwards.
    pub(crate) const fn is_once(self) -> bool {
        !matches!(
            self,
            Self::SignIn
                | Self::SignInWithTwo
                | Self::SignInSocial
                | Self::StartSignIn
                | Self::SendSignInCode
                | Self::StartRecovery
                | Self::StartRestore
        )
    }

    /// Whether the call is answered alike for an address that is nobody's.
    pub(crate) const fn tells_nobody(self) -> bool {
        matches!(self, Self::StartSignIn | Self::StartRecovery)
    }

    /// The call of the store by which an attempt is paid for, where there is one.
    pub(crate) const fn payment(self) -> Option<&'static str> {
        match self {
            Self::SignIn | Self::SignInWithTwo | Self::StartRestore => Some("commit"),
            Self::VerifyOnlyCode
            | Self::VerifyFirstCode
            | Self::VerifySecondCode
            | Self::VerifyPassword
            | Self::VerifyRecovery
            | Self::Restore => Some("charge"),
            _ => None,
        }
    }
}

/// What a call gave.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The person is signed in.
    In(Tokens),
    /// A flow was begun or goes on.
    Flow(FlowId),
    /// Nothing that could be held.
    Done,
}

/// Somebody who is not signed in, and what they would answer.
pub(crate) struct SignedOutStage {
    pub(crate) call: SignedOutCall,
    pub(crate) person: Person,
    /// A session of theirs on another device.
    pub(crate) elsewhere: Principal,
    pub(crate) flow: FlowId,
    /// The session that is refreshed.
    pub(crate) tokens: Option<Tokens>,
    /// The password as it is presented.
    pub(crate) password: String,
    /// The code as it is presented.
    pub(crate) code: String,
    /// The password that is chosen.
    pub(crate) chosen: String,
    tenant: TenantId,
}

impl SignedOutStage {
    pub(crate) async fn set(world: &World, call: SignedOutCall, number: u16) -> Self {
        let person = world.person(&format!("person.{number}"), number).await;
        let elsewhere = world.sign_in(&person).await;
        let mut stage = Self::of(call, person, elsewhere);
        stage.prepare(world).await;
        stage
    }

    /// A person with nothing at hand but the password.
    fn of(call: SignedOutCall, person: Person, elsewhere: Principal) -> Self {
        Self {
            call,
            person,
            elsewhere,
            flow: FlowId::presented("no flow is open"),
            tokens: None,
            password: PASSWORD.to_owned(),
            code: "no code".to_owned(),
            chosen: NEW.to_owned(),
            tenant: TenantId::default(),
        }
    }

    async fn prepare(&mut self, world: &World) {
        match self.call {
            SignedOutCall::SignIn
            | SignedOutCall::SignInWithTwo
            | SignedOutCall::StartSignIn
            | SignedOutCall::StartRecovery => {}
            SignedOutCall::SignInSocial => {
                let subject = format!("{}.there", self.person.id);
                world.bound(&world.user(&self.person.id).await, "bound", &subject).await;
                self.code = world.social.identity_token(&subject);
            }
            SignedOutCall::SendSignInCode => self.flow = begun(self.sign_in(world).await.unwrap()),
            SignedOutCall::VerifyOnlyCode | SignedOutCall::VerifyFirstCode => self.start(world).await,
            SignedOutCall::VerifySecondCode => {
                self.flow = begun(self.sign_in(world).await.unwrap());
                self.send(world).await;
            }
            SignedOutCall::VerifyPassword => {
                self.start(world).await;
                self.verify(world).await.unwrap();
            }
            SignedOutCall::RefreshSession => match self.sign_in(world).await.unwrap() {
                Answer::In(tokens) => self.tokens = Some(tokens),
                other => unreachable!("{other:?}"),
            },
            SignedOutCall::VerifyRecovery => self.recover(world).await,
            SignedOutCall::SetNewPassword => {
                self.recover(world).await;
                self.verify(world).await.unwrap();
            }
            SignedOutCall::RenewPassword => {
                self.write(world, |user| user.password.as_mut().unwrap().must_change = true).await;
                self.flow = begun(self.sign_in(world).await.unwrap());
                self.send(world).await;
                self.verify(world).await.unwrap();
            }
            SignedOutCall::StartRestore => self.delete(world).await,
            SignedOutCall::Restore => {
                self.delete(world).await;
                self.flow = begun(self.start_restore(world).await.unwrap());
                self.send(world).await;
            }
        }
    }

    /// Makes a call that would succeed if nothing came between.
    pub(crate) async fn make(&self, world: &World) -> Result<Answer, Error> {
        let ciam = &world.ciam;
        let (request, to, wording) = (Self::request(), self.person.email.canonical(), Wording::default());
        match self.call {
            SignedOutCall::SignIn | SignedOutCall::SignInWithTwo => self.sign_in(world).await,
            SignedOutCall::SignInSocial => {
                let (bound, code) = (world.source("bound").await, SecretText::new(self.code.clone()));
                ciam.sign_in_social(&request, &bound, &SocialProof::of(code)).await.map(Answer::from)
            }
            SignedOutCall::StartSignIn => ciam.start_sign_in(&request, to, wording).await.map(Answer::Flow),
            SignedOutCall::SendSignInCode => self.ask(world).await,
            SignedOutCall::VerifyOnlyCode
            | SignedOutCall::VerifyFirstCode
            | SignedOutCall::VerifySecondCode
            | SignedOutCall::VerifyRecovery
            | SignedOutCall::Restore => self.verify(world).await,
            SignedOutCall::VerifyPassword => {
                let password = SecretText::new(self.password.clone());
                ciam.verify_sign_in_password(&self.on(), &password).await.map(Answer::from)
            }
            SignedOutCall::RefreshSession => {
                let refresh = &self.tokens.as_ref().unwrap().refresh;
                ciam.refresh_session(&self.tenant, refresh, None).await.map(Answer::In)
            }
            SignedOutCall::StartRecovery => {
                ciam.start_recovery(&request, to, wording).await.map(Answer::Flow)
            }
            SignedOutCall::SetNewPassword | SignedOutCall::RenewPassword => self.choose(world).await,
            SignedOutCall::StartRestore => self.start_restore(world).await,
        }
    }

    /// The same person with nothing at hand but the password.
    pub(crate) fn anew(&self) -> Self {
        Self::of(self.call, self.person.clone(), self.elsewhere.clone())
    }

    /// Everything that a failure must not tell.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![self.flow.expose().to_owned()];
        secrets.extend([&self.password, &self.code, &self.chosen].map(Clone::clone));
        secrets
            .extend([&self.person.phone, &self.person.email].map(|to: &Address| to.canonical().to_owned()));
        let held = self.tokens.iter().flat_map(|tokens| [&tokens.access, &tokens.refresh]);
        secrets.extend(held.map(|token| token.expose().to_owned()));
        secrets
    }

    /// The step that the flow is at.
    pub(crate) const fn on(&self) -> SignedOutStep<'_> {
        SignedOutStep { tenant: &self.tenant, flow: &self.flow, source: None }
    }

    pub(crate) fn request() -> SignInRequest {
        SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() }
    }

    /// Writes the account past the use cases, as a host with its own user table may.
    pub(crate) async fn write(&self, world: &World, change: impl FnOnce(&mut User)) {
        let user = world.user(&self.person.id).await;
        let (expected, mut next) = (user.version, user.clone());
        next.version = expected.next();
        change(&mut next);
        let write = UserWrite::Replace { expected, user: Box::new(next) };
        let commit = Commit { user: write, ..Commit::of(user.tenant, user.id, world.clock.now()) };
        world.backend.store.commit(commit).await.unwrap();
    }

    pub(crate) async fn set_status(&self, world: &World, status: Status) -> Result<(), Error> {
        world.ciam.set_status(ciam::Authority::Host, &self.tenant, &self.person.id, status).await
    }

    pub(crate) async fn verify(&self, world: &World) -> Result<Answer, Error> {
        let code = Code::presented(&self.code);
        world.ciam.verify_sign_in_code(&self.on(), Method::Email, &code).await.map(Answer::from)
    }

    pub(crate) async fn ask(&self, world: &World) -> Result<Answer, Error> {
        let sent = world.ciam.send_sign_in_code(&self.on(), Method::Email, Wording::default()).await;
        sent.map(|()| Answer::Done)
    }

    /// Sets the password that is chosen.
    pub(crate) async fn choose(&self, world: &World) -> Result<Answer, Error> {
        let chosen = SecretText::new(self.chosen.clone());
        world.ciam.set_new_password(&self.on(), &chosen).await.map(Answer::from)
    }

    /// Begins to sign in by a code, which is at hand then.
    pub(crate) async fn start(&mut self, world: &World) {
        let to = self.person.email.canonical();
        self.flow = world.ciam.start_sign_in(&Self::request(), to, Wording::default()).await.unwrap();
        self.read(world);
    }

    pub(crate) async fn recover(&mut self, world: &World) {
        let to = self.person.email.canonical();
        self.flow = world.ciam.start_recovery(&Self::request(), to, Wording::default()).await.unwrap();
        self.read(world);
    }

    /// Asks for a code in the flow, and reads it.
    pub(crate) async fn send(&mut self, world: &World) {
        self.ask(world).await.unwrap();
        self.read(world);
    }

    fn read(&mut self, world: &World) {
        self.code = world.mailbox.last_code(self.person.email.canonical()).unwrap();
    }

    pub(crate) async fn sign_in(&self, world: &World) -> Result<Answer, Error> {
        let password = SecretText::new(self.password.clone());
        let name = self.person.email.canonical();
        world.ciam.sign_in(&Self::request(), name, &password).await.map(Answer::from)
    }

    pub(crate) async fn start_restore(&self, world: &World) -> Result<Answer, Error> {
        let password = SecretText::new(self.password.clone());
        let name = self.person.email.canonical();
        let begun = world.ciam.start_restore(&Self::request(), name, &password).await;
        begun.map(|(flow, _)| Answer::Flow(flow))
    }

    async fn delete(&self, world: &World) {
        let flow = world.proven(&self.elsewhere, Operation::Unsubscribe).await;
        world.ciam.delete_account(&self.elsewhere, &flow).await.unwrap();
    }
}

impl From<SignedIn> for Answer {
    fn from(signed_in: SignedIn) -> Self {
        match signed_in {
            SignedIn::Done(tokens) => Self::In(tokens),
            SignedIn::SecondFactor { flow, .. } | SignedIn::NewPassword { flow, .. } => Self::Flow(flow),
            SignedIn::Restored => Self::Done,
        }
    }
}

impl From<PasswordSet> for Answer {
    fn from(set: PasswordSet) -> Self {
        match set {
            PasswordSet::SignedIn(tokens) => Self::In(tokens),
            PasswordSet::Recovered => Self::Done,
        }
    }
}

/// The flow that a call began.
pub(crate) fn begun(answer: Answer) -> FlowId {
    match answer {
        Answer::Flow(flow) => flow,
        other => unreachable!("{other:?}"),
    }
}
