//! A whole host of fakes around one storage adapter: what scenario and abuse tests play in.
#![expect(clippy::expect_used, reason = "a world that cannot be set up ends the test")]

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::audit::AuditRecord;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber, Username};
use ciam::domain::passkey::UserVerification;
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::user::{Address, Channel, User};
use ciam::domain::{FlowId, TenantId, UserId};
use ciam::ports::{AuditQuery, StepQuery};
use ciam::{
    ADMIN_SCOPE, Authority, Ciam, Config, CorePorts, Error, FactorCodeRequest, NewUser, Principal,
    TokenRequest, Wording,
};

pub use crate::backend::Backend;
use crate::contract::social_source;
use crate::fake::{
    FakeCaptcha, FakeClock, FakeDirectory, FakeGestures, FakeHasher, FakeKeys, FakeLoginHistory,
    FakePasskeys, FakeRandom, FakeSocial, FakeTokens, Mailbox, PersonalRows,
};

/// The scope that tokens of this world have.
pub const SCOPE: &str = "account";

/// The password that people of this world begin with.
pub const PASSWORD: &str = "a lantern over the harbour";

/// A host of fakes around a storage adapter.
pub struct World {
    /// The use cases.
    pub ciam: Arc<Ciam>,
    /// The ports they were made of, to make another host of.
    pub ports: CorePorts,
    /// Its storage.
    pub backend: Backend,
    /// Its time.
    pub clock: Arc<FakeClock>,
    /// Its chance.
    pub random: Arc<FakeRandom>,
    /// What it sent.
    pub mailbox: Arc<Mailbox>,
    /// Its password hasher.
    pub hasher: Arc<FakeHasher>,
    /// Its tokens.
    pub tokens: Arc<FakeTokens>,
    /// Its digest keys.
    pub keys: Arc<FakeKeys>,
    /// Its login history.
    pub logins: Arc<FakeLoginHistory>,
    /// What its host lists as accounts.
    pub directory: Arc<FakeDirectory>,
    /// What its host keeps of people elsewhere.
    pub personal: Arc<PersonalRows>,
    /// The provider behind all of its sources of accounts elsewhere.
    pub social: Arc<FakeSocial>,
    /// Its captchas, which nobody is asked for before [`World::guarded`].
    pub captcha: Arc<FakeCaptcha>,
    /// Its devices that sign in by gesture.
    pub gestures: Arc<FakeGestures>,
    /// Its authenticators with passkeys.
    pub passkeys: Arc<FakePasskeys>,
}

/// A person with a verified phone and e-mail address and a password.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their account.
    pub id: UserId,
    /// Their phone.
    pub phone: Address,
    /// Their e-mail address.
    pub email: Address,
}

impl Person {
    /// Their address behind a method.
    #[must_use]
    pub const fn address(&self, channel: Channel) -> &Address {
        match channel {
            Channel::Sms => &self.phone,
            Channel::Email => &self.email,
        }
    }
}

impl World {
    /// A world with default settings.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self::with(backend, Config::default())
    }

    /// A world with settings of the test's own.
    ///
    /// # Panics
    /// When a setting is out of its range.
    #[must_use]
    pub fn with(backend: Backend, config: Config) -> Self {
        let clock = Arc::new(FakeClock::default());
        let random = Arc::new(FakeRandom::seeded(7));
        let mailbox = Arc::new(Mailbox::default());
        let hasher = Arc::new(FakeHasher::default());
        let tokens = Arc::new(FakeTokens::default());
        let keys = Arc::new(FakeKeys::default());
        let ports = CorePorts {
            store: backend.store.clone(),
            outbox: backend.outbox.clone(),
            hasher: hasher.clone(),
            otp: mailbox.clone(),
            notices: mailbox.clone(),
            tokens: tokens.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            random: random.clone(),
        };
        let personal = Arc::new(PersonalRows::default());
        let (directory, social) = (Arc::default(), Arc::default());
        let (logins, captcha, gestures, passkeys) =
            (Arc::default(), Arc::default(), Arc::default(), Arc::default());
        let ciam = Arc::new(Ciam::new(ports.clone(), config.clone()).expect("settings in range"));
        let world = Self {
            ciam,
            ports,
            backend,
            clock,
            random,
            mailbox,
            hasher,
            tokens,
            keys,
            logins,
            directory,
            personal,
            social,
            captcha,
            gestures,
            passkeys,
        };
        world.restarted(config)
    }

    /// The same world after a restart with other settings: same storage, time and people.
    ///
    /// # Panics
    /// When a setting is out of its range.
    #[must_use]
    pub fn restarted(mut self, config: Config) -> Self {
        self.ciam =
            Arc::new(self.offering(Ciam::new(self.ports.clone(), config).expect("settings in range")));
        self
    }

    /// The world's use cases over other ports.
    #[must_use]
    pub(crate) fn ciam_over(&self, ports: CorePorts) -> Ciam {
        let ciam = Ciam::new(ports, self.ciam.config().clone()).expect("settings in range");
        self.offering(ciam)
    }

    fn offering(&self, ciam: Ciam) -> Ciam {
        let ciam = ciam.with_issuer(self.tokens.clone()).with_login_history(self.logins.clone());
        let ciam = ciam.with_personal_records("rows", self.personal.clone());
        let ciam = ciam.with_social_sources(self.backend.sources.clone());
        let ciam = ciam.with_social_verifier(social_source("any").social_type, self.social.clone());
        let ciam = ciam.with_attribute_schemas(self.backend.schemas.clone());
        let ciam = ciam.with_personal_extract("rows", self.personal.clone());
        let ciam = ciam.with_consents(self.backend.consents.clone());
        let ciam = ciam.with_gestures(self.gestures.clone());
        let ciam = ciam.with_passkeys(self.passkeys.clone(), FakePasskeys::party(UserVerification::Required));
        ciam.with_audit_trail(self.backend.audit.clone()).with_directory(self.directory.clone())
    }

    /// The same world as another host of it sees it.
    #[must_use]
    pub(crate) fn hosted_by(&self, ciam: Ciam) -> Self {
        Self {
            ciam: Arc::new(ciam),
            ports: self.ports.clone(),
            backend: self.backend.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            mailbox: self.mailbox.clone(),
            hasher: self.hasher.clone(),
            tokens: self.tokens.clone(),
            keys: self.keys.clone(),
            logins: self.logins.clone(),
            directory: self.directory.clone(),
            personal: self.personal.clone(),
            social: self.social.clone(),
            captcha: self.captcha.clone(),
            gestures: self.gestures.clone(),
            passkeys: self.passkeys.clone(),
        }
    }

    /// The same world as a host of it that demands captchas sees it.
    ///
    /// # Panics
    /// When a setting is out of its range.
    #[must_use]
    pub fn guarded(&self) -> Self {
        let ciam = Ciam::new(self.ports.clone(), self.ciam.config().clone()).expect("settings in range");
        let ciam = ciam.with_issuer(self.tokens.clone()).with_login_history(self.logins.clone());
        self.hosted_by(ciam.with_captcha(self.captcha.clone()))
    }

    /// A new person; `number` tells people apart.
    ///
    /// # Panics
    /// When the account cannot be made.
    pub async fn person(&self, name: &str, number: u16) -> Person {
        let phone =
            PhoneNumber::parse(&format!("1380000{number:04}"), Some(CountryCode::CHINA)).expect("a phone");
        let email = EmailAddress::parse(&format!("{name}@example.org")).expect("an address");
        let new = NewUser {
            username: Some(Username::parse(name).expect("a name")),
            phone: Some(phone.clone()),
            email: Some(email.clone()),
            password: Some(SecretText::new(PASSWORD.to_owned())),
            ..NewUser::default()
        };
        let user = self.ciam.create_user(Authority::Host, new).await.expect("a new account");
        Person { id: user.id, phone: Address::Phone(phone), email: Address::Email(email) }
    }

    /// A token of a new session, opened by password.
    ///
    /// # Panics
    /// When the token cannot be issued.
    pub async fn token(&self, person: &Person) -> SecretText {
        self.token_with(&person.id, &[SCOPE]).await
    }

    /// The holder of a token of a new session.
    ///
    /// # Panics
    /// When the token cannot be issued or verified.
    pub async fn sign_in(&self, person: &Person) -> Principal {
        let token = self.token(person).await;
        self.ciam.principal(&token, SCOPE).await.expect("a good token")
    }

    /// A new administrator with a token of a new session that has the scope; `number` tells people apart.
    ///
    /// # Panics
    /// When the account cannot be made, or the token cannot be issued.
    pub async fn administrator(&self, number: u16) -> Principal {
        let username = Username::parse(&format!("root.{number}")).expect("a name");
        let new = NewUser { username: Some(username), admin: true, ..NewUser::default() };
        let root = self.ciam.create_user(Authority::Host, new).await.expect("a new account");
        self.acting_as(&root.id, &[SCOPE, ADMIN_SCOPE]).await
    }

    /// The holder of a token of a new session with these scopes.
    ///
    /// # Panics
    /// When the token cannot be issued or verified.
    pub async fn acting_as(&self, user: &UserId, scopes: &[&str]) -> Principal {
        let token = self.token_with(user, scopes).await;
        self.ciam.principal(&token, SCOPE).await.expect("a good token")
    }

    async fn token_with(&self, user: &UserId, scopes: &[&str]) -> SecretText {
        let request = TokenRequest {
            tenant: TenantId::default(),
            user: user.clone(),
            session: None,
            amr: vec![Amr::Password],
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            client: None,
            ttl: Duration::from_hours(1),
        };
        self.ciam.issue_token(request).await.expect("a token").token
    }

    /// Asks for a code as second factor.
    ///
    /// # Errors
    /// What the use case answers.
    pub async fn send_factor(&self, who: &Principal, flow: &FlowId, method: Method) -> Result<(), Error> {
        self.ciam
            .send_factor_code(
                who,
                FactorCodeRequest { flow, method, wording: Wording::default(), captcha: None },
            )
            .await
    }

    /// The newest code to an address.
    ///
    /// # Panics
    /// When none was sent.
    #[must_use]
    pub fn code(&self, to: &Address) -> Code {
        Code::presented(&self.mailbox.last_code(to.canonical()).expect("a code was sent"))
    }

    /// A code that is not the newest one to an address.
    #[must_use]
    pub fn wrong_code(&self, to: &Address) -> Code {
        let right = self.mailbox.last_code(to.canonical()).unwrap_or_default();
        Code::presented(if right == "111111" { "222222" } else { "111111" })
    }

    /// A flow whose second factor is proven by password, or by a code to the phone where the password must be changed.
    ///
    /// # Panics
    /// When a step is refused.
    pub async fn proven(&self, who: &Principal, operation: Operation) -> FlowId {
        let flow = self.ciam.check_operation(who, operation).await.expect("a flow").flow;
        let user = self.user(who.user()).await;
        if user.password.is_some_and(|held| held.must_change) {
            self.send_factor(who, &flow, Method::Sms).await.expect("a code on its way");
            let code = self.code(&user.phone.map(|phone| Address::Phone(phone.address)).expect("a phone"));
            self.ciam.verify_factor_code(who, &flow, Method::Sms, &code).await.expect("the right code");
        } else {
            let password = SecretText::new(PASSWORD.to_owned());
            self.ciam.verify_factor_password(who, &flow, &password).await.expect("the right password");
        }
        flow
    }

    /// The account as the store has it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn user(&self, id: &UserId) -> User {
        let query = StepQuery::of(TenantId::default(), id.clone());
        self.backend.store.load(&query).await.expect("a store").expect("an account").user.as_ref().clone()
    }

    /// The audit trail of a person, newest first.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn audit(&self, id: &UserId) -> Vec<AuditRecord> {
        let query = AuditQuery::of(TenantId::default(), id.clone(), 1_000);
        self.backend.audit.records(&query).await.expect("a store").records
    }
}
