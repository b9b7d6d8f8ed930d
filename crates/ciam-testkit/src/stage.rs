//! A person in the middle of everything at once, and every call that can be made then.
#![expect(clippy::unwrap_used, reason = "a stage that cannot be set ends the test")]

mod call;
mod profile;
mod setting;

use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::identifier::EmailAddress;
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Address, Channel, Status};
use ciam::domain::{FlowId, SessionId, TenantId};
use ciam::ports::{AuditQuery, DirectoryQuery};
use ciam::{Authority, ContactCodeRequest, Error, LoginPage, NewContact, Principal, Wording};

use crate::world::{PASSWORD, Person, SCOPE, World};
use setting::hold;

/// The password that people on a stage choose.
pub(crate) const NEW: &str = "seven herons cross the bay";

/// Hands every use case that a stage can be tried with, by its method, to another macro. A new one is listed
/// here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_call {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            principal: VerifyToken, check_token: CheckToken, check_operation: CheckOperation,
            requirements: ViewRequirements, send_factor_code: SendFactorCode,
            verify_factor_code: VerifyFactorCode, verify_factor_password: VerifyFactorPassword,
            change_password: ChangePassword, send_contact_code: SendContactCode,
            change_contact: ChangeContact, revert_contact: RevertContact, delete_account: DeleteAccount, cancel_flow: CancelFlow,
            end_other_sessions: EndOtherSessions, own_sessions: OwnSessions, end_session: EndSession,
            end_all_sessions: EndAllSessions, issue_token: OpenSession, create_user: CreateUser,
            set_status: SetStatus, sweep: Sweep, login_history: ViewLoginHistory,
            record_login: RecordLogin, erase_login_history: EraseLoginHistory,
            demand_password_reset: DemandReset, end_user_sessions: EndUserSessions,
            end_user_session: EndUserSession, restore_user: RestoreUser, view_user: ViewUser,
            find_user: FindUser, users: ListUsers,
            profile: ViewProfile, profile_of: ViewProfileOf, update_profile: UpdateProfile,
            update_profile_of: UpdateProfileOf, set_user_type: SetUserType,
            attribute_schema: ReadSchema, define_attributes: DefineAttributes,
            user_sessions: UserSessions, audit_trail: ViewAuditTrail, social_sources: ListSocial,
            bind_social: BindSocial, unbind_social: UnbindSocial,
        }
    };
}

macro_rules! calls {
    (() $($method:ident: $call:ident,)*) => {
        /// A use case that is tried.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Call {
            $($call,)*
        }

        impl Call {
            /// Every call, with the method behind it.
            pub(crate) const ALL: &[(&str, Self)] = &[$((stringify!($method), Self::$call),)*];
        }
    };
}

each_call! { [calls] () }

/// A person in the middle of everything at once, and what they would answer.
pub(crate) struct Stage {
    pub(crate) person: Person,
    pub(crate) who: Principal,
    pub(crate) elsewhere: Principal,
    pub(crate) flows: [FlowId; 5],
    pub(crate) token: SecretText,
    pub(crate) factor: String,
    pub(crate) contact: String,
    /// The address that the code of a contact change went to.
    pub(crate) wanted: String,
    /// An address that is held for the person, and the code that gives it back.
    pub(crate) former: Address,
    pub(crate) revert: String,
    /// The password in use, as it is presented.
    pub(crate) present: String,
    /// The password that is chosen.
    pub(crate) chosen: String,
    /// The name of an account that is made.
    pub(crate) newcomer: String,
    /// A proof of who the person is elsewhere, where nothing is bound yet.
    pub(crate) proof: String,
    /// The session that the host opens.
    pub(crate) opened: SessionId,
    /// The status that the host sets.
    pub(crate) status: Status,
}

impl Stage {
    /// Every flow lacks its last call alone, but the first, which lacks its factor.
    pub(crate) async fn set(world: &World, number: u16) -> Self {
        let person = world.person(&format!("person.{number}"), number).await;
        let former = EmailAddress::parse(&format!("former.{number}@example.org")).unwrap();
        let former = Address::Email(former);
        let revert = hold(world, &person, &former).await;
        profile::prepare(&world.ciam).await;
        let token = world.token(&person).await;
        let who = world.ciam.principal(&token, SCOPE).await.unwrap();
        let elsewhere = world.sign_in(&person).await;
        let awaiting = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
        world.send_factor(&who, &awaiting, Method::Email).await.unwrap();
        let wanted = format!("new.{number}@example.org");
        let moving = world.proven(&elsewhere, Operation::UpdateEmail).await;
        ask(world, &elsewhere, &moving, &wanted).await.unwrap();
        let flows = [
            awaiting,
            world.proven(&who, Operation::UpdatePassword).await,
            world.proven(&who, Operation::UpdateEmail).await,
            moving,
            world.proven(&elsewhere, Operation::Unsubscribe).await,
        ];
        let digits = |to: &str| world.mailbox.last_code(to).unwrap();
        let (factor, contact) = (digits(person.email.canonical()), digits(&wanted));
        Self {
            person,
            who,
            elsewhere,
            flows,
            token,
            factor,
            contact,
            wanted,
            former,
            revert,
            present: PASSWORD.to_owned(),
            chosen: NEW.to_owned(),
            newcomer: format!("newcomer.{number}"),
            proof: world.social.identity_token(&format!("wanted.{number}")),
            opened: SessionId::parse(&format!("opened-{number}")).unwrap(),
            status: Status::Frozen,
        }
    }

    /// Who makes a call.
    pub(crate) const fn caller(&self, call: Call) -> &Principal {
        if matches!(call, Call::ChangeContact | Call::DeleteAccount) { &self.elsewhere } else { &self.who }
    }

    /// The session that does not make a call.
    pub(crate) const fn opposite(&self, call: Call) -> &Principal {
        if matches!(call, Call::ChangeContact | Call::DeleteAccount) { &self.who } else { &self.elsewhere }
    }

    /// Whose flow stands at a place.
    pub(crate) const fn holder(&self, place: usize) -> &Principal {
        if place > 2 { &self.elsewhere } else { &self.who }
    }

    /// Makes a call that would succeed if nothing came between.
    pub(crate) async fn make(&self, world: &World, call: Call) -> Result<(), Error> {
        self.make_as(world, call, self.caller(call)).await
    }

    pub(crate) async fn make_as(&self, world: &World, call: Call, who: &Principal) -> Result<(), Error> {
        let (ciam, flows, operation) = (&world.ciam, &self.flows, Operation::UpdatePassword);
        let secret = |text: &str| SecretText::new(text.to_owned());
        let (host, tenant, user) = (Authority::Host, TenantId::default(), &self.person.id);
        match call {
            Call::VerifyToken => ciam.principal(&self.token, SCOPE).await.map(drop),
            Call::CheckToken => ciam.check_token(who).await,
            Call::CheckOperation => ciam.check_operation(who, operation).await.map(drop),
            Call::ViewRequirements => ciam.requirements(who, operation).await.map(drop),
            Call::SendFactorCode => world.send_factor(who, &flows[0], Method::Sms).await,
            Call::VerifyFactorCode => {
                let factor = Code::presented(&self.factor);
                ciam.verify_factor_code(who, &flows[0], Method::Email, &factor).await.map(drop)
            }
            Call::VerifyFactorPassword => {
                ciam.verify_factor_password(who, &flows[0], &secret(&self.present)).await.map(drop)
            }
            Call::ChangePassword => ciam.change_password(who, &flows[1], &secret(&self.chosen)).await,
            Call::SendContactCode => ask(world, who, &flows[2], &self.other()).await,
            Call::ChangeContact => {
                ciam.change_contact(who, &flows[3], Channel::Email, &Code::presented(&self.contact)).await
            }
            Call::RevertContact => {
                let code = Code::presented(&self.revert);
                ciam.revert_contact(&TenantId::default(), &self.former, &code, None).await
            }
            Call::DeleteAccount => ciam.delete_account(who, &flows[4]).await,
            Call::CancelFlow => ciam.cancel_flow(who, &flows[0]).await,
            Call::EndOtherSessions => ciam.end_other_sessions(who).await,
            Call::OwnSessions => ciam.own_sessions(who).await.map(drop),
            Call::EndSession => ciam.end_session(who, self.elsewhere.session().unwrap()).await,
            Call::EndAllSessions => ciam.end_all_sessions(who).await,
            Call::OpenSession => ciam.issue_token(self.request()).await.map(drop),
            Call::CreateUser => ciam.create_user(host, self.new_user()).await.map(drop),
            Call::SetStatus => {
                ciam.set_status(host, &TenantId::default(), &self.person.id, self.status).await
            }
            Call::Sweep => ciam.sweep().await.map(drop),
            Call::ViewLoginHistory => ciam.login_history(who, LoginPage::default()).await.map(drop),
            Call::DemandReset => ciam.demand_password_reset(host, &tenant, user).await,
            Call::EndUserSessions => ciam.end_user_sessions(host, &tenant, user).await,
            Call::EndUserSession => {
                let session = self.elsewhere.session().unwrap();
                ciam.end_user_session(host, &tenant, user, session).await
            }
            Call::RestoreUser => ciam.restore_user(host, &tenant, user).await,
            Call::ViewUser => ciam.view_user(host, &tenant, user).await.map(drop),
            Call::FindUser => ciam.find_user(host, &tenant, &self.login_name()).await.map(drop),
            Call::ListUsers => ciam.users(host, &DirectoryQuery::first(tenant, 9)).await.map(drop),
            Call::UserSessions => ciam.user_sessions(host, &tenant, user).await.map(drop),
            Call::ViewAuditTrail => ciam.audit_trail(host, &AuditQuery::newest(tenant, 10)).await.map(drop),
            Call::ListSocial => ciam.social_sources(who).await.map(drop),
            Call::BindSocial => self.bind(world, who).await,
            Call::UnbindSocial => self.unbind(world, who).await,
            Call::RecordLogin => ciam.record_login(self.login()).await,
            Call::EraseLoginHistory => ciam.erase_login_history(&TenantId::default(), &self.person.id).await,
            of_profile => self.make_of_profile(ciam, of_profile, who).await,
        }
    }

    /// Where a second code to a new address goes.
    pub(crate) fn other(&self) -> String {
        self.wanted.replace("new.", "other.")
    }

    /// Everything that a failure must not tell.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<_> = self.flows.iter().map(|flow| flow.expose().to_owned()).collect();
        secrets.extend(
            [&self.factor, &self.contact, &self.wanted, &self.present, &self.chosen, &self.proof]
                .map(Clone::clone),
        );
        secrets.extend([self.former.canonical(), &self.revert].map(str::to_owned));
        secrets.extend([self.token.expose(), &self.other(), &self.newcomer].map(str::to_owned));
        secrets
            .extend([&self.person.phone, &self.person.email].map(|to: &Address| to.canonical().to_owned()));
        secrets
    }
}

async fn ask(world: &World, who: &Principal, flow: &FlowId, to: &str) -> Result<(), Error> {
    let request = ContactCodeRequest {
        flow,
        contact: NewContact::Email(to),
        wording: Wording::default(),
        captcha: None,
    };
    world.ciam.send_contact_code(who, request).await
}
