//! What a call may change, told so that two people in the same position stand alike.
#![expect(clippy::unwrap_used, reason = "a store that cannot be read ends the test")]

use std::time::Duration;

use ciam::Principal;
use ciam::domain::TenantId;
use ciam::domain::audit::{Action, AuditRecord, Outcome};
use ciam::domain::challenge::Slot;
use ciam::domain::flow::{Flow, Moment, State};
use ciam::domain::notice::NoticeKind;
use ciam::domain::password::Password;
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::user::{Address, Channel, User};
use ciam::ports::{AuditQuery, Clock, Loaded, PasswordHasher, StepQuery};

use crate::stage::Stage;
use crate::world::World;

/// Everything about a person that can be read from a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) account: Account,
    pub(crate) open: Open,
    pub(crate) counts: Vec<u32>,
}

/// What users, audit trail and outbox hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) status: &'static str,
    pub(crate) password: Option<Chosen>,
    former: usize,
    email: Whose,
    phone: Whose,
    held: usize,
    social: Vec<String>,
    paused: Paused,
    profile: Vec<String>,
    pub(crate) audit: Vec<(Action, Outcome)>,
    notices: Vec<(NoticeKind, Channel, Recorded)>,
    pub(crate) newcomer: Option<usize>,
}

/// What still opens something: sessions, flows, codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    sessions: Vec<bool>,
    flows: Vec<Option<(&'static str, u32)>>,
    codes: Vec<Vec<Slot>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    First,
    New,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Wanted,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paused {
    Yes,
    No,
}

impl Open {
    /// Whether nothing is open here that is not open there.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let sessions = self.sessions.iter().zip(&other.sessions).all(|(one, other)| one <= other);
        let state = |flow: &Option<(&'static str, u32)>| flow.map(|(state, _)| state);
        let pairs = self.flows.iter().zip(&other.flows);
        let flows = pairs.into_iter().all(|(one, other)| one.is_none() || state(one) == state(other));
        let held = self.codes.iter().zip(&other.codes);
        sessions && flows && held.into_iter().all(|(one, other)| one.iter().all(|slot| other.contains(slot)))
    }
}

impl Standing {
    pub(crate) async fn of(world: &World, stage: &Stage) -> Self {
        // What was interrupted while it was queued has been written by now, or never will be.
        world.backend.store.ping().await.unwrap();
        let user = world.user(&stage.person.id).await;
        let account = account(world, stage, &user).await;
        Self { account, open: open(world, stage).await, counts: counts(world, stage).await }
    }

    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.account == other.account && self.open == other.open
    }
}

impl Standing {
    /// Told without what depends on who came first: refusals, the order of records, revisions, and counts of
    /// attempts, which a success clears.
    pub(crate) fn in_any_order(mut self) -> Self {
        self.account.audit.retain(|(_, outcome)| *outcome == Outcome::Done);
        self.account.audit.sort_by_key(|(action, _)| *action);
        self.account.notices.sort_by_key(|(kind, channel, _)| (kind.as_str(), *channel));
        self.open.flows.iter_mut().flatten().for_each(|(_, revision)| *revision = 0);
        self.counts.drain(..ATTEMPTS);
        self
    }

    /// Whether the account is as there, and nothing is open that is not open there, whatever was recorded.
    pub(crate) fn opens_less_than(&self, other: &Self) -> bool {
        let audit = other.account.audit.clone();
        self.open.is_within(&other.open) && Account { audit, ..self.account.clone() } == other.account
    }

    /// Whether account and what is open are as there, whatever was recorded.
    pub(crate) fn comes_to(&self, other: &Self) -> bool {
        let audit = other.account.audit.clone();
        self.open == other.open && Account { audit, ..self.account.clone() } == other.account
    }
}

async fn account(world: &World, stage: &Stage, user: &User) -> Account {
    let trail = world.audit(&user.id).await;
    let due = world.backend.outbox.take(world.clock.now(), Duration::ZERO, 1_000).await.unwrap();
    let own = due.into_iter().map(|due| due.notice).filter(|notice| notice.user == user.id);
    let recorded = |id| if trail.iter().any(|record| record.id == id) { Recorded::Yes } else { Recorded::No };
    let whose = |channel| match user.verified_address(channel) {
        Some(address) if address == *stage.person.address(channel) => Whose::Own,
        Some(Address::Email(email)) if email.canonical() == stage.wanted => Whose::Wanted,
        _ => Whose::Other,
    };
    Account {
        status: user.status.admit(world.clock.now()).err().map_or("normal", |refusal| refusal.reason()),
        password: chosen(world, user).await,
        former: user.password.as_ref().map_or(0, |credential| credential.former.len()),
        email: whose(Channel::Email),
        phone: whose(Channel::Sms),
        held: user.held.len(),
        social: user.social.iter().map(|link| link.source.to_string()).collect(),
        profile: said(user),
        paused: if user.contacts_are_paused(world.clock.now()) { Paused::Yes } else { Paused::No },
        notices: own.map(|notice| (notice.kind, notice.to.channel(), recorded(notice.id))).collect(),
        audit: trail.into_iter().map(|record| (record.action, record.outcome)).collect(),
        newcomer: newcomer(world, stage).await,
    }
}

/// What the profile says: type and values.
fn said(user: &User) -> Vec<String> {
    let user_type = user.profile.user_type.iter().map(ToString::to_string);
    let values = user.profile.values.iter().map(|(id, held)| format!("{id}={}", held.value));
    user_type.chain(values).collect()
}

async fn chosen(world: &World, user: &User) -> Option<Chosen> {
    let hash = &user.password.as_ref()?.current;
    for (text, chosen) in [(crate::PASSWORD, Chosen::First), (crate::stage::NEW, Chosen::New)] {
        let password = Password::parse(text).unwrap();
        if world.hasher.verify(&password, hash).await.unwrap().is_match() {
            return Some(chosen);
        }
    }
    Some(Chosen::Unknown)
}

/// The records of the account that the host made on the stage, if it stands.
async fn newcomer(world: &World, stage: &Stage) -> Option<usize> {
    let query = AuditQuery::newest(TenantId::default(), 50);
    let records = world.backend.audit.records(&query).await.unwrap().records;
    let made = |record: &&AuditRecord| record.action == Action::CreateUser && record.user != stage.person.id;
    if let Some(record) = records.iter().find(made) {
        let user = world.user(&record.user).await;
        if user.username.is_some_and(|name| name.canonical() == stage.newcomer) {
            return Some(world.audit(&record.user).await.len());
        }
    }
    None
}

async fn read(world: &World, query: StepQuery) -> Loaded {
    world.backend.store.load(&query).await.unwrap().unwrap()
}

async fn open(world: &World, stage: &Stage) -> Open {
    let query = StepQuery::of(TenantId::default(), stage.person.id.clone());
    let mut open = Open { sessions: Vec::new(), flows: Vec::new(), codes: Vec::new() };
    let own = [&stage.who, &stage.elsewhere].map(|who| who.session().unwrap());
    for session in own.into_iter().chain([&stage.opened]) {
        let loaded = read(world, StepQuery { session: Some(session.clone()), ..query.clone() }).await;
        let (stamp, now) = (loaded.user.stamp, world.clock.now());
        open.sessions.push(loaded.session.is_some_and(|session| session.is_alive(&stamp, now)));
    }
    for (place, flow) in stage.flows.iter().enumerate() {
        let who = stage.holder(place);
        let loaded = read(world, StepQuery { flow: Some(flow.key()), ..query.clone() }).await;
        let flow = usable(world, who, &loaded);
        // The code of a dead flow opens nothing.
        let codes = loaded.challenges.iter().filter(|_| flow.is_some());
        open.codes.push(codes.map(|challenge| challenge.slot).collect());
        open.flows.push(flow);
    }
    open
}

/// Where a flow stands, if its owner may go on in it.
fn usable(world: &World, who: &Principal, loaded: &Loaded) -> Option<(&'static str, u32)> {
    let policy = &world.ciam.config().flow;
    let moment = Moment { now: world.clock.now(), user: &loaded.user, amr: &[], policy };
    let flow: Flow = loaded.flow.clone()?.claimed_by(who.session()?, &moment).ok()?;
    let state = match flow.state() {
        State::AwaitingFactor { .. } => "awaiting factor",
        State::Ready { .. } => "ready",
        State::AwaitingAddress { .. } => "awaiting address",
    };
    Some((state, flow.revision()))
}

/// Attempts first, see [`ATTEMPTS`].
async fn counts(world: &World, stage: &Stage) -> Vec<u32> {
    let user = stage.person.id.as_str();
    let account = [RateScope::CodeHour, RateScope::CodeDay, RateScope::Password];
    let sends = [RateScope::AccountSmsDay, RateScope::AccountEmailDay];
    let mut keys: Vec<_> =
        account.into_iter().chain(sends).map(|scope| RateKey::new(scope, &[user])).collect();
    for to in [stage.person.phone.canonical(), stage.person.email.canonical(), &stage.wanted, &stage.other()]
    {
        keys.push(RateKey::new(RateScope::TargetHour, &[to]));
        keys.push(RateKey::new(RateScope::TargetDay, &[to]));
        keys.push(RateKey::new(RateScope::ResendCooldown, &[user, to]));
    }
    let query = StepQuery::of(TenantId::default(), stage.person.id.clone());
    let found = read(world, StepQuery { rates: keys.clone(), ..query }).await.rates;
    let count = |key: &RateKey| found.iter().find(|(held, _)| held == key).map_or(0, |(_, held)| held.count);
    keys.iter().map(count).collect()
}

/// How many of the counts are of attempts.
pub(crate) const ATTEMPTS: usize = 3;
