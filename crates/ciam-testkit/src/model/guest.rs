//! The system under test, without an access token.

use std::net::{IpAddr, Ipv4Addr};

use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::source::Source;
use ciam::domain::{FlowId, TenantId, UserId};
use ciam::ports::{Clock, Handle};
use ciam::{Error, MethodOffer, PasswordSet, SignInRequest, SignedIn, SignedOutStep, Tokens, Wording};

use super::command::Guess;
use super::gadget::Knock;
use super::host::FOREIGN;
use super::kit;
use super::state::{ALICE, Reply, TWIN};
use super::system::{System, address, secret};
use super::visit::{Entry, In, NAMES, Name, On, Visit};
use crate::world::SCOPE;

/// The network of a number.
pub(super) fn source(number: u8) -> Source {
    Source::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)))
}

/// A name as somebody types it.
pub(super) fn spelled(name: Name) -> String {
    match name {
        Name::User(number) => NAMES[number].to_owned(),
        Name::Spot(spot) => address(spot).canonical().to_owned(),
        Name::Junk => "no such name!".to_owned(),
    }
}

fn offered(methods: &[MethodOffer]) -> Vec<Method> {
    methods.iter().map(|offer| offer.method).collect()
}

impl System {
    pub(super) async fn visit(&mut self, visit: &Visit) -> Reply {
        let answer = self.answer_visit(visit).await;
        self.heard(answer)
    }

    async fn answer_visit(&mut self, visit: &Visit) -> Result<Reply, Error> {
        let ciam = self.world.ciam.clone();
        match *visit {
            Visit::SignIn(ref entry) => {
                let (name, password) = (spelled(entry.name), secret(entry.password));
                let signed_in = ciam.sign_in(&self.request(entry), &name, &password).await?;
                Ok(self.arrived(entry.tenant, signed_in, None))
            }
            Visit::Restore(ref entry) => {
                let (name, password) = (spelled(entry.name), secret(entry.password));
                let (flow, methods) = ciam.start_restore(&self.request(entry), &name, &password).await?;
                self.begun(flow);
                Ok(Reply::Restorable(offered(&methods)))
            }
            Visit::Start { operation, tenant, name, source: from } => {
                self.start((operation, self.tenant(tenant)), name, from.map(source)).await
            }
            Visit::SendCode(on, method) => {
                let owner = self.owner(on).await;
                let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
                let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
                let sent = ciam.send_sign_in_code(&step, method, Wording::default()).await;
                self.sent_for(owner);
                sent.map(|()| Reply::Done)
            }
            Visit::VerifyCode(on, method, guess) => self.verify(on, method, guess).await,
            Visit::VerifyPassword(on, password) => {
                let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
                let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
                let proven = ciam.verify_sign_in_password(&step, &secret(password)).await?;
                Ok(self.arrived(on.tenant, proven, Some(&flow)))
            }
            Visit::SetPassword(on, password) => {
                let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
                let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
                Ok(match ciam.set_new_password(&step, &secret(password)).await? {
                    PasswordSet::Recovered => Reply::Done,
                    PasswordSet::SignedIn(tokens) => self.given(&tenant, tokens),
                })
            }
            Visit::AskKey { tenant } => self.ask_for_key(tenant).await,
            Visit::AskKeyIn(on) => self.ask_for_key_in(on).await,
            Visit::KeyIn(on, ref answer) => self.key_in(on, answer).await,
            Visit::ByKey { tenant, ref answer, source } => self.by_key(tenant, answer, source).await,
            Visit::Ask { tenant, device } => self.ask(tenant, device).await,
            Visit::Knock(ref knock) => self.knock(knock).await,
            Visit::Refresh { tenant, pass } => {
                let tenant = self.tenant(tenant);
                let made_up = SecretText::new("alice~s~1~0~00~k1".to_owned());
                let shown = pass.map_or(&made_up, |at| &self.passes[at]);
                let tokens = ciam.refresh_session(&tenant, shown, None).await?;
                let reply = self.given(&tenant, tokens);
                if let (Some(old), Reply::In(given)) = (pass, &reply) {
                    self.refreshed.push((old, given.pass));
                }
                Ok(reply)
            }
        }
    }

    async fn ask(&mut self, tenant: usize, device: usize) -> Result<Reply, Error> {
        let tenant = self.tenant(tenant);
        let asked = self.world.ciam.gesture_challenge(&tenant, &kit::device(device)).await?;
        Ok(self.home.given(asked))
    }

    async fn knock(&mut self, knock: &Knock) -> Result<Reply, Error> {
        let (request, name) = (self.bare_request(knock.tenant, knock.source), spelled(knock.name));
        let signed_in = self.world.ciam.sign_in_by_gesture(&request, &name, &self.signed(knock.sign)).await?;
        Ok(self.arrived(knock.tenant, signed_in, None))
    }

    async fn start(
        &mut self,
        (operation, tenant): (Operation, TenantId),
        name: Name,
        source: Option<Source>,
    ) -> Result<Reply, Error> {
        let ciam = self.world.ciam.clone();
        let (request, to) =
            (SignInRequest { tenant: tenant.clone(), source, ..SignInRequest::default() }, spelled(name));
        let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..request };
        let begun = match operation {
            Operation::RecoverPassword => ciam.start_recovery(&request, &to, Wording::default()).await,
            _ => ciam.start_sign_in(&request, &to, Wording::default()).await,
        };
        match begun {
            Ok(flow) => {
                let owner = self.owner_of(&tenant, &flow).await;
                self.begun(flow);
                self.sent_for(owner);
                Ok(Reply::Done)
            }
            // The code was lost, and the id of the flow with it.
            Err(failure @ Error::Failed(_)) => {
                self.begun(FlowId::presented("lost"));
                Err(failure)
            }
            Err(refused) => Err(refused),
        }
    }

    async fn verify(&mut self, on: On, method: Method, guess: Guess) -> Result<Reply, Error> {
        let owner = self.owner(on).await;
        let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
        let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
        let proven = self.world.ciam.verify_sign_in_code(&step, method, &self.code(guess)).await?;
        if let Some(owner) = owner {
            self.took(guess, owner);
        }
        Ok(self.arrived(on.tenant, proven, Some(&flow)))
    }

    pub(super) fn arrived(&mut self, tenant: usize, signed_in: SignedIn, known: Option<&FlowId>) -> Reply {
        match signed_in {
            SignedIn::Done(tokens) => self.given(&self.tenant(tenant), tokens),
            SignedIn::SecondFactor { flow, methods } => {
                if known.is_none() {
                    self.begun(flow);
                }
                Reply::Second(offered(&methods))
            }
            SignedIn::NewPassword { flow, methods } => {
                if known.is_none() {
                    self.begun(flow);
                }
                Reply::NewPassword(offered(&methods))
            }
            SignedIn::Restored => Reply::Restored,
        }
    }

    fn given(&mut self, tenant: &TenantId, tokens: Tokens) -> Reply {
        let who = |(t, user): &(TenantId, UserId)| t == tenant && *user == tokens.user;
        let account = self.people.iter().position(who).unwrap_or(usize::MAX);
        let known = self.names.iter().find(|(_, id)| **id == tokens.session).map(|(name, _)| *name);
        let next = self.names.keys().filter(|name| **name < FOREIGN).count();
        let session = known.unwrap_or(next);
        self.names.insert(session, tokens.session);
        self.tokens.push((account, tokens.access));
        self.devices.extend(tokens.device);
        let shown = self.passes.iter().position(|pass| pass.expose() == tokens.refresh.expose());
        let pass = shown.unwrap_or(self.passes.len());
        self.passes.extend(shown.is_none().then_some(tokens.refresh));
        let (access_ends_at, ends_at) = (tokens.access_expires_at, tokens.session_ends_at);
        Reply::In(In { account, session, pass, access_ends_at, ends_at })
    }

    pub(super) fn bare_request(&self, tenant: usize, from: Option<u8>) -> SignInRequest {
        SignInRequest {
            tenant: self.tenant(tenant),
            scopes: vec![SCOPE.to_owned()],
            source: from.map(source),
            ..SignInRequest::default()
        }
    }

    fn request(&self, entry: &Entry) -> SignInRequest {
        SignInRequest {
            tenant: self.tenant(entry.tenant),
            scopes: vec![SCOPE.to_owned()],
            device_token: entry.device.map(|at| SecretText::new(self.devices[at].expose().to_owned())),
            source: entry.source.map(source),
            ..SignInRequest::default()
        }
    }

    pub(super) fn tenant(&self, number: usize) -> TenantId {
        self.people[if number == 0 { ALICE } else { TWIN }].0.clone()
    }

    /// What tells the device of a token from others.
    pub(super) fn device(&self, number: usize) -> &str {
        self.devices[number].expose().split('~').next().unwrap_or_default()
    }

    fn begun(&mut self, flow: FlowId) {
        self.flows.push(flow);
    }

    async fn owner(&self, on: On) -> Option<usize> {
        self.owner_of(&self.tenant(on.tenant), &self.flow(on.flow)).await
    }

    /// Whose flow the store says it is.
    async fn owner_of(&self, tenant: &TenantId, flow: &FlowId) -> Option<usize> {
        let handle = Handle::Flow(flow.key());
        let found = self.world.backend.store.find(tenant, &handle).await.expect("a store")?;
        self.people.iter().position(|(t, user)| t == tenant && *user == found)
    }

    fn sent_for(&mut self, owner: Option<usize>) {
        let now = self.world.clock.now();
        self.sent.resize(self.world.mailbox.codes().len(), (owner.unwrap_or(usize::MAX), now));
    }
}
