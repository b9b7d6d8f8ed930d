//! The system under test as its host has it: people made, tokens issued, accounts erased.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::identifier::Username;
use ciam::domain::password::Password;
use ciam::domain::revert_code::RevertCode;
use ciam::domain::session::Amr;
use ciam::domain::user::{Address, Channel, Contact, PasswordCredential, SecurityStamp, User};
use ciam::domain::{Instant, SessionId, TenantId, UserId};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, Handle, Keys, PasswordHasher, StepQuery, TokenClaims, TokenOrigin};
use ciam::{Authority, Error, NewUser, PurgeReport, TokenRequest};

use super::command::{For, PASSWORDS};
use super::erasure::{FIRST_PASSWORD, Newcomer};
use super::host::FOREIGN;
use super::social::SOURCES;
use super::state::{Model, Reply, Spot};
use super::system::{System, address, config, secret};
use super::visit::NAMES;
use crate::world::{Backend, SCOPE, World};

impl System {
    pub(super) async fn begin(backend: Backend, model: &Model) -> Self {
        let world = World::with(backend, config(model.setting));
        let default = TenantId::default;
        let alice = world.person("alice", 0).await.id;
        let bob = world.person("bob", 1).await.id;
        let other = TenantId::parse("other").expect("a tenant");
        for (name, tenant) in SOURCES.iter().flat_map(|name| [(name, default()), (name, other.clone())]) {
            world.change_source(name, |source| source.tenant = tenant).await;
        }
        insert_twin(&world, &other, &alice).await;
        let carol =
            with_name(&world, "carol", Some(address(Spot { channel: Channel::Sms, number: 2 }))).await;
        let dave = with_name(&world, "dave", None).await;
        let nobody = UserId::parse("nobody").expect("an id");
        let stranger = UserId::nobody;
        let people = vec![
            (default(), alice.clone()),
            (default(), bob),
            (other.clone(), alice),
            (default(), carol),
            (default(), dave),
            (default(), nobody),
            (default(), stranger()),
            (other, stranger()),
        ];
        let (names, stamps) = (BTreeMap::new(), BTreeMap::new());
        let (flows, tokens, sent, accepted, said) = Default::default();
        let (passes, devices, refreshed, home, asked) = Default::default();
        Self {
            world,
            people,
            names,
            flows,
            stamps,
            tokens,
            passes,
            devices,
            refreshed,
            sent,
            accepted,
            said,
            home,
            asked,
        }
    }

    /// A new account of somebody, where nothing of theirs is taken.
    pub(super) async fn join(&mut self, who: &Newcomer, model: &Model) -> Reply {
        let tenant = self.tenant(who.tenant);
        let spot = |channel, number: Option<usize>| number.map(|number| address(Spot { channel, number }));
        let mut new = NewUser {
            tenant: tenant.clone(),
            username: who.username.map(|number| Username::parse(NAMES[number]).expect("a name")),
            password: Some(secret(FIRST_PASSWORD)),
            ..NewUser::default()
        };
        if let Some(Address::Phone(phone)) = spot(Channel::Sms, who.phone) {
            new.phone = Some(phone);
        }
        if let Some(Address::Email(email)) = spot(Channel::Email, who.email) {
            new.email = Some(email);
        }
        let made = self.world.ciam.create_user(Authority::Host, new).await;
        let made = made.map(|user| self.people.push((tenant, user.id)));
        self.let_go(model);
        self.heard(made.map(|()| Reply::Done))
    }

    /// Whether a store of the host lets go of anybody's rows.
    fn let_go(&self, model: &Model) {
        self.world.personal.let_go();
        for (_, user) in self.people.iter().filter(|_| model.stuck) {
            self.world.personal.hold(user);
        }
    }

    pub(super) async fn purge(&mut self, whom: Option<usize>, model: &Model) -> Reply {
        self.let_go(model);
        let (ciam, queue) = (self.world.ciam.clone(), self.world.backend.deletions.clone());
        let mut report = PurgeReport::default();
        match whom {
            None => report = ciam.purge_due(&*queue, 32).await.expect("a queue"),
            Some(account) => {
                let (tenant, user) = &self.people[account];
                report.accounts.push(ciam.purge(tenant, user).await);
            }
        }
        self.said.push(format!("{report:?}"));
        let people = &self.people;
        let who = |tenant: &TenantId, id: &UserId| people.iter().position(|(t, u)| t == tenant && u == id);
        let told = report
            .accounts
            .iter()
            .map(|end| (who(&end.tenant, &end.user).unwrap_or(usize::MAX), end.outcome.as_str()));
        let mut told: Vec<_> = told.collect();
        told.sort_unstable();
        Reply::Purged(told)
    }

    pub(super) async fn revert(&self, tenant: usize, wanted: Spot, right: bool) -> Result<(), Error> {
        let (tenant, wanted) = (&self.tenant(tenant), address(wanted));
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

    pub(super) async fn issue_token(&mut self, account: usize, session: For, amr: Amr) -> Reply {
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

    pub(super) fn foreign_token(&mut self, account: usize, session: Option<usize>, model: &Model) {
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
