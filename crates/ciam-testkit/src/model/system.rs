//! The system under test: a world over a backend, driven by the commands that the model was driven by.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::flow::NextStep;
use ciam::domain::flow::TwoFactor;
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber, Username};
use ciam::domain::password::Password;
use ciam::domain::revert_code::RevertCode;
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::user::{Address, Channel, Contact, PasswordCredential, SecurityStamp, User};
use ciam::domain::{FlowId, Instant, SessionId, TenantId, UserId};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, Handle, Keys, PasswordHasher, StepQuery, TokenClaims, TokenOrigin};
use ciam::{
    ActingSession, Config, ContactCodeRequest, Error, NewContact, NewUser, Principal, TokenRequest, Wording,
};

use super::command::{Call, Command, For, Guess, Id, PASSWORDS, Wanted};
use super::host::FOREIGN;
use super::state::{Demand, Model, Reply, Setting, Spot};
use crate::world::{Backend, SCOPE, World};

pub(super) struct System {
    pub(super) world: World,
    pub(super) people: Vec<(TenantId, UserId)>,
    pub(super) names: BTreeMap<usize, SessionId>,
    pub(super) flows: Vec<FlowId>,
    pub(super) stamps: BTreeMap<u32, SecurityStamp>,
    tokens: Vec<(usize, SecretText)>,
    /// For each code in the mailbox: who asked for it, and when.
    pub(super) sent: Vec<(usize, Instant)>,
    /// Every code that was accepted, by its place in the mailbox: from whom, and when.
    pub(super) accepted: Vec<(usize, usize, Instant)>,
    /// What the use cases said that was not meant for the person alone.
    pub(super) said: Vec<String>,
}

impl System {
    pub(super) async fn begin(backend: Backend, model: &Model) -> Self {
        let world = World::with(backend, config(model.setting));
        let default = TenantId::default;
        let alice = world.person("alice", 0).await.id;
        let bob = world.person("bob", 1).await.id;
        let other = TenantId::parse("other").expect("a tenant");
        insert_twin(&world, &other, &alice).await;
        let carol =
            with_name(&world, "carol", Some(address(Spot { channel: Channel::Sms, number: 2 }))).await;
        let dave = with_name(&world, "dave", None).await;
        let nobody = UserId::parse("nobody").expect("an id");
        let people = vec![
            (default(), alice.clone()),
            (default(), bob),
            (other, alice),
            (default(), carol),
            (default(), dave),
            (default(), nobody),
        ];
        let (names, stamps) = (BTreeMap::new(), BTreeMap::new());
        let (flows, tokens, sent, accepted, said) = Default::default();
        Self { world, people, names, flows, stamps, tokens, sent, accepted, said }
    }

    /// Does what the model did, at the moments at which it did; gives what was answered.
    pub(super) async fn run(mut self, command: &Command, model: &Model) -> (Self, Vec<Reply>) {
        let mut replies = Vec::new();
        match command {
            Command::Call { token, call, .. } => {
                for (at, _) in &model.replies {
                    self.world.clock.set(*at);
                    replies.push(self.call(*token, call).await);
                }
            }
            Command::IssueToken { account, session, amr } => {
                self.world.clock.set(model.now);
                replies.push(self.issue_token(*account, *session, amr.clone()).await);
            }
            Command::SetStatus { account, status } => {
                let ((tenant, user), status) = (&self.people[*account], status.at(self.world.clock.now()));
                let set = self.world.ciam.set_status(ciam::Authority::Host, tenant, user, status).await;
                replies.push(self.heard(set.map(|()| Reply::Done)));
            }
            Command::ForeignToken { account, session, .. } => self.foreign_token(*account, *session, model),
            Command::Revert { tenant, wanted, right } => {
                let reverted = self.revert(*tenant, *wanted, *right).await;
                replies.push(self.heard(reverted.map(|()| Reply::Done)));
            }
            Command::Relay => drop(self.world.ciam.relay_once().await.expect("a store that relays")),
            Command::Sweep => drop(self.world.ciam.sweep().await.expect("a store that sweeps")),
            Command::Restart(setting) => self.world = self.world.restarted(config(*setting)),
            Command::RotateKeys => self.world.keys.rotate(),
            Command::Delivery { fails } => self.world.mailbox.set_broken(*fails),
            Command::Forward(_) | Command::Back(_) | Command::Until { .. } => {}
        }
        self.world.clock.set(model.now);
        (self, replies)
    }

    fn heard(&mut self, answer: Result<Reply, Error>) -> Reply {
        match answer {
            Ok(reply) => reply,
            Err(error) => {
                self.said.push(format!("{error} {error:?}"));
                match error {
                    Error::Refused(refusal) => Reply::Refused(refusal.reason()),
                    Error::Failed(_) => Reply::Failed,
                }
            }
        }
    }

    async fn call(&mut self, token: usize, call: &Call) -> Reply {
        let (owner, ref secret) = self.tokens[token];
        let answer = match self.world.ciam.principal(secret, SCOPE).await {
            Ok(who) => self.answer(&who, call).await,
            Err(error) => Err(error),
        };
        let now = self.world.clock.now();
        if let (Ok(_), Call::VerifyCode(.., Guess::Sent(mail)) | Call::ChangeContact(.., Guess::Sent(mail))) =
            (&answer, call)
        {
            self.accepted.push((*mail, owner, now));
        }
        self.sent.resize(self.world.mailbox.codes().len(), (owner, now));
        self.heard(answer)
    }

    async fn answer(&mut self, who: &Principal, call: &Call) -> Result<Reply, Error> {
        let ciam = self.world.ciam.clone();
        let done = |()| Reply::Done;
        match *call {
            Call::CheckToken => ciam.check_token(who).await.map(done),
            Call::Requirements(operation) => {
                let needs = ciam.requirements(who, operation).await?;
                let offers = needs.methods.iter().map(|offer| (offer.method, offer.wait)).collect();
                Ok(Reply::Offers(needs.second_factor.then_some(offers)))
            }
            Call::CheckOperation(operation) => {
                let checked = ciam.check_operation(who, operation).await?;
                self.flows.push(checked.flow);
                Ok(next(checked.next))
            }
            Call::SendFactor(id, method) => {
                self.world.send_factor(who, &self.flow(id), method).await.map(done)
            }
            Call::VerifyCode(id, method, guess) => {
                ciam.verify_factor_code(who, &self.flow(id), method, &self.code(guess)).await.map(next)
            }
            Call::VerifyPassword(id, password) => {
                ciam.verify_factor_password(who, &self.flow(id), &secret(password)).await.map(next)
            }
            Call::ChangePassword(id, password) => {
                ciam.change_password(who, &self.flow(id), &secret(password)).await.map(done)
            }
            Call::SendContact(id, wanted) => self.send_contact(who, id, wanted).await.map(done),
            Call::ChangeContact(id, channel, guess) => {
                ciam.change_contact(who, &self.flow(id), channel, &self.code(guess)).await.map(done)
            }
            Call::DeleteAccount(id) => ciam.delete_account(who, &self.flow(id)).await.map(done),
            Call::Cancel(id) => ciam.cancel_flow(who, &self.flow(id)).await.map(done),
            Call::EndOthers => ciam.end_other_sessions(who).await.map(done),
        }
    }

    async fn send_contact(&self, who: &Principal, id: Id, wanted: Wanted) -> Result<(), Error> {
        let spot = |spot: Spot| address(spot).canonical().to_owned();
        let (text, channel) = match wanted {
            Wanted::Spot(to) => (spot(to), to.channel),
            Wanted::Malformed(channel) => ("nowhere".to_owned(), channel),
            Wanted::FarAway => ("+447400123456".to_owned(), Channel::Sms),
        };
        let contact = match channel {
            Channel::Sms => NewContact::Phone { number: &text, region: None },
            Channel::Email => NewContact::Email(&text),
        };
        let flow = &self.flow(id);
        self.world
            .ciam
            .send_contact_code(
                who,
                ContactCodeRequest { flow, contact, wording: Wording::default(), captcha: None },
            )
            .await
    }

    async fn revert(&self, tenant: usize, wanted: Spot, right: bool) -> Result<(), Error> {
        let (tenant, wanted) =
            (if tenant == 0 { &self.people[0].0 } else { &self.people[2].0 }, address(wanted));
        let found =
            self.world.backend.store.find(tenant, &Handle::Held(wanted.clone())).await.expect("a store");
        let mut code = Code::presented("0000000000000000");
        if let (Some(holder), true) = (found, right) {
            let query = StepQuery::of(tenant.clone(), holder);
            let user = self.world.backend.store.load(&query).await.expect("a store").expect("a holder").user;
            let held = user.held.iter().find(|held| held.is(&wanted)).expect("a hold");
            let key = self.world.keys.by_id(&held.key).await.expect("a vault").expect("a key");
            let revert = RevertCode { tenant, user: &user.id, address: &held.address, since: held.since };
            code = revert.write(&key);
        }
        self.world.ciam.revert_contact(tenant, &wanted, &code, None).await
    }

    async fn issue_token(&mut self, account: usize, session: For, amr: Amr) -> Reply {
        let (tenant, user) = self.people[account].clone();
        let session = match session {
            For::New => None,
            For::Named(name) => self.names.get(&name).cloned(),
        };
        let (scopes, ttl) = (vec![SCOPE.to_owned()], Duration::from_hours(1));
        let request = TokenRequest { tenant, user, session, amr: vec![amr], scopes, client: None, ttl };
        let issued = self.world.ciam.issue_token(request).await.map(|issued| {
            if !self.names.values().any(|name| *name == issued.session) {
                self.names.insert(self.names.keys().filter(|name| **name < FOREIGN).count(), issued.session);
            }
            self.tokens.push((account, issued.token));
            Reply::Done
        });
        self.heard(issued)
    }

    fn foreign_token(&mut self, account: usize, session: Option<usize>, model: &Model) {
        let (tenant, subject) = self.people[account].clone();
        let session = session.map(|number| {
            let name = FOREIGN + account * 10 + number;
            let id = SessionId::parse(&format!("foreign-{name}")).expect("an id");
            self.names.entry(name).or_insert(id).clone()
        });
        let now = self.world.clock.now();
        let token = self.world.tokens.says(TokenClaims {
            origin: TokenOrigin::Foreign,
            tenant,
            subject,
            session,
            scopes: vec![SCOPE.to_owned()],
            client: None,
            amr: vec![Amr::Sms],
            auth_time: model.tokens.last().and_then(|token| token.auth_time),
            issued_at: now,
            expires_at: now.after(Duration::from_hours(1)),
        });
        self.tokens.push((account, token));
    }

    fn flow(&self, id: Id) -> FlowId {
        id.map_or_else(|| FlowId::from_random([0xee; 16]), |at| FlowId::presented(self.flows[at].expose()))
    }

    fn code(&self, guess: Guess) -> Code {
        Code::presented(&match guess {
            Guess::Sent(mail) => self.world.mailbox.codes()[mail].digits.clone(),
            Guess::Wrong => "not a code".to_owned(),
            Guess::Blank => String::new(),
        })
    }
}

fn next(step: NextStep) -> Reply {
    Reply::Next(match step {
        NextStep::SecondFactor(methods) => Some(methods.iter().collect()),
        NextStep::Act(_) => None,
    })
}

fn secret(password: usize) -> SecretText {
    SecretText::new(PASSWORDS[password].to_owned())
}

fn config(setting: Setting) -> Config {
    let mut config = Config::default();
    config.flow.two_factor = match setting.demand {
        Demand::WhenAvailable => TwoFactor::WhenAvailable,
        Demand::Required => TwoFactor::Required,
        Demand::Off => TwoFactor::Off,
    };
    if setting.acting_session_ends {
        config.session.acting = ActingSession::Ends;
    }
    config
}

/// The address of a number; the first ones are those of alice and bob.
pub(super) fn address(spot: Spot) -> Address {
    match spot.channel {
        Channel::Sms => {
            let number = format!("1380000{:04}", spot.number);
            Address::Phone(PhoneNumber::parse(&number, Some(CountryCode::CHINA)).expect("a phone"))
        }
        Channel::Email => {
            let name = ["alice", "bob", "third", "fourth", "fifth"][spot.number];
            Address::Email(EmailAddress::parse(&format!("{name}@example.org")).expect("an address"))
        }
    }
}

/// Somebody with a name and at most a phone.
async fn with_name(world: &World, name: &str, phone: Option<Address>) -> UserId {
    let phone = phone.and_then(|phone| match phone {
        Address::Phone(phone) => Some(phone),
        Address::Email(_) => None,
    });
    let username = Some(Username::parse(name).expect("a name"));
    let new = NewUser { username, phone, ..NewUser::default() };
    world.ciam.create_user(ciam::Authority::Host, new).await.expect("an account").id
}

/// The same id, addresses and password in another tenant.
async fn insert_twin(world: &World, tenant: &TenantId, id: &UserId) {
    let now: Instant = world.clock.now();
    let known = world.user(id).await;
    let password = Password::parse(PASSWORDS[0]).expect("a password");
    let hash = world.hasher.hash(&password).await.expect("a hash");
    let user = User {
        phone: known.phone.map(|phone| Contact::verified(phone.address, now)),
        email: known.email.map(|email| Contact::verified(email.address, now)),
        password: Some(PasswordCredential::first(hash, now)),
        ..User::new(tenant.clone(), id.clone(), SecurityStamp::from_bytes([9; 16]), now)
    };
    let commit =
        Commit { user: UserWrite::Insert(Box::new(user)), ..Commit::of(tenant.clone(), id.clone(), now) };
    world.backend.store.commit(commit).await.expect("an account in another tenant");
}
