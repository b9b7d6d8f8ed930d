//! The system under test: a world over a backend, driven by the commands that the model was driven by.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::flow::{NextStep, TwoFactor};
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Address, Channel, SecurityStamp};
use ciam::domain::{FlowId, Instant, SessionId, TenantId, UserId};
use ciam::ports::Clock;
use ciam::{
    ActingSession, Config, ContactCodeRequest, Error, LockPolicy, NewContact, OwnSession, Principal, Proven,
    Wording,
};

use super::command::{Call, Command, Guess, Id, PASSWORDS, Wanted};
use super::entry::LEEWAY;
use super::keys::Asked;
use super::kit::AtHome;
use super::state::{Demand, Model, Reply, Setting, Spot};
use super::{limits, social};
use crate::world::{SCOPE, World};

pub(super) struct System {
    pub(super) world: World,
    pub(super) people: Vec<(TenantId, UserId)>,
    pub(super) names: BTreeMap<usize, SessionId>,
    pub(super) flows: Vec<FlowId>,
    pub(super) stamps: BTreeMap<u32, SecurityStamp>,
    pub(super) tokens: Vec<(usize, SecretText)>,
    /// Refresh tokens, and tokens of devices.
    pub(super) passes: Vec<SecretText>,
    pub(super) devices: Vec<SecretText>,
    /// Which refresh token gave which.
    pub(super) refreshed: Vec<(usize, usize)>,
    /// For each code in the mailbox: who asked for it, and when.
    pub(super) sent: Vec<(usize, Instant)>,
    /// Every code that was accepted, by its place in the mailbox: from whom, and when.
    pub(super) accepted: Vec<(usize, usize, Instant)>,
    /// What the use cases said that was not meant for the person alone.
    pub(super) said: Vec<String>,
    /// What people have at home.
    pub(super) home: AtHome,
    pub(super) asked: Asked,
}

impl System {
    /// Does what the model did, at the moments at which it did; gives what was answered.
    pub(super) async fn run(mut self, command: &Command, model: &Model) -> (Self, Vec<Reply>) {
        let mut replies = Vec::new();
        match command {
            Command::Call { token, call, .. } => {
                for (at, _) in &model.replies {
                    self.world.clock.set(*at);
                    replies.push(self.call(*token, call).await);
                }
                self.pass_over_untold(model);
            }
            Command::Visit { visit, .. } => {
                for (at, _) in &model.replies {
                    self.world.clock.set(*at);
                    replies.push(self.visit(visit).await);
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
            Command::DemandReset { account } => {
                let (tenant, user) = &self.people[*account];
                let ciam = &self.world.ciam;
                let demanded = ciam.demand_password_reset(ciam::Authority::Host, tenant, user).await;
                replies.push(self.heard(demanded.map(|()| Reply::Done)));
            }
            Command::Purge { whom, .. } => replies.push(self.purge(*whom, model).await),
            Command::Join(newcomer) => replies.push(self.join(newcomer, model).await),
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

    pub(super) fn heard(&mut self, answer: Result<Reply, Error>) -> Reply {
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
        if let (Ok(_), Call::VerifyCode(.., guess) | Call::ChangeContact(.., guess)) = (&answer, call) {
            self.took(*guess, owner);
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
                let offers =
                    needs.methods.iter().map(|offer| (offer.method, offer.wait, offer.left)).collect();
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
            Call::OwnSessions => Ok(self.own(&ciam.own_sessions(who).await?)),
            Call::EndOne(name) => {
                let id = name.and_then(|name| self.names.get(&name).cloned());
                let id = id.unwrap_or_else(|| SessionId::from_random([0xdd; 16]));
                ciam.end_session(who, &id).await.map(done)
            }
            Call::EndAll => ciam.end_all_sessions(who).await.map(done),
            Call::BindSocial(source, identity) => {
                let (source, proof) = (social::source(source), social::proof(&self.world, identity));
                ciam.bind_social(who, Proven::FreshSession, &source, &proof).await.map(done)
            }
            Call::UnbindSocial(source) => {
                ciam.unbind_social(who, Proven::FreshSession, &social::source(source)).await.map(done)
            }
            Call::AskForKey(_)
            | Call::VerifyKey(..)
            | Call::OwnKeys
            | Call::OwnDevices
            | Call::AskToBind(_) => self.answer_of_keys(who, call).await,
            Call::Enrol(step) => self.enrol(who, step).await,
        }
    }

    fn own(&self, sessions: &[OwnSession]) -> Reply {
        let name = |id: &SessionId| self.names.iter().find(|(_, known)| *known == id).map(|(name, _)| *name);
        let shown = sessions.iter().map(|own| (name(&own.id).unwrap_or(usize::MAX), own.is_current));
        let mut shown: Vec<_> = shown.collect();
        shown.sort_unstable();
        Reply::Own(shown)
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

    pub(super) fn flow(&self, id: Id) -> FlowId {
        id.map_or_else(|| FlowId::from_random([0xee; 16]), |at| FlowId::presented(self.flows[at].expose()))
    }

    pub(super) fn code(&self, guess: Guess) -> Code {
        match guess {
            Guess::Sent(mail) => Code::presented(&self.world.mailbox.codes()[mail].digits),
            Guess::Blank => Code::presented(""),
            _ => self.home.code(guess, self.world.clock.now()).unwrap_or(Code::presented("not a code")),
        }
    }

    /// Writes down that a code was taken from somebody.
    pub(super) fn took(&mut self, guess: Guess, from: usize) {
        let now = self.world.clock.now();
        match guess {
            Guess::Sent(mail) => self.accepted.push((mail, from, now)),
            other => self.home.took(other, now),
        }
    }
}

pub(super) fn next(step: NextStep) -> Reply {
    Reply::Next(match step {
        NextStep::SecondFactor(methods) => Some(methods.iter().collect()),
        NextStep::Act(_) => None,
    })
}

pub(super) fn secret(password: usize) -> SecretText {
    SecretText::new(PASSWORDS[password].to_owned())
}

pub(super) fn config(setting: Setting) -> Config {
    let mut config = Config::default();
    let demanded = |demand| match demand {
        Demand::WhenAvailable => TwoFactor::WhenAvailable,
        Demand::Required => TwoFactor::Required,
        Demand::Off => TwoFactor::Off,
    };
    config.flow.two_factor = demanded(setting.demand);
    config.flow.sign_in = demanded(setting.sign_in);
    (config.sign_in.free, config.sign_in.free_anywhere) = (limits::FREE, limits::FREE_ANYWHERE);
    config.sign_in.per_source_hour = limits::ENTRIES;
    config.send.per_source_hour = limits::STARTS;
    if setting.locks {
        let (threshold, window, period) = (limits::FAILURES, Duration::from_hours(1), limits::LOCK);
        config.sign_in.lock = Some(LockPolicy { threshold, window, period });
    }
    if setting.leeway {
        config.session.refresh_leeway = LEEWAY;
    }
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
