//! What a call of somebody who is not signed in may change, told so that two people in the same position stand alike.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::{Action, Outcome};
use ciam::domain::challenge::Slot;
use ciam::domain::flow::{Moment, State};
use ciam::domain::notice::NoticeKind;
use ciam::domain::password::Password;
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::session::{Amr, Session, SessionStage};
use ciam::domain::user::{Channel, User};
use ciam::ports::{Clock, Loaded, PasswordHasher, StepQuery};

use super::SignedOutStage;
use crate::world::{PASSWORD, World};

/// Everything about a person that can be read from a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) account: Account,
    pub(crate) open: Open,
    /// Counts of attempts, and then of codes sent.
    pub(crate) counts: (Vec<u32>, Vec<u32>),
}

/// What users, audit trail and outbox hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) status: &'static str,
    pub(crate) password: Secret,
    must_change: bool,
    pub(crate) audit: Vec<(Action, Outcome)>,
    notices: Vec<(NoticeKind, Channel)>,
}

/// What still opens something: sessions, flows, codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    /// The live sessions, by what was proven and how often they were refreshed.
    pub(crate) sessions: Vec<(Vec<&'static str>, u32)>,
    /// How many sessions wait for the end of a sign-in.
    pub(crate) pending: usize,
    pub(crate) flow: Option<(&'static str, u32)>,
    pub(crate) codes: Vec<Slot>,
}

/// The password in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    First,
    Chosen,
    Other,
}

impl Open {
    /// Whether nothing is open here that is not open there.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let mut left = other.sessions.clone();
        let sessions = self.sessions.iter().all(|session| {
            let place = left.iter().position(|held| held == session);
            place.map(|place| left.swap_remove(place)).is_some()
        });
        let state = |flow: &Option<(&'static str, u32)>| flow.map(|(state, _)| state);
        let flow = self.flow.is_none() || state(&self.flow) == state(&other.flow);
        let codes = self.codes.iter().all(|slot| other.codes.contains(slot));
        sessions && flow && codes && self.pending <= other.pending
    }
}

impl Standing {
    pub(crate) async fn of(world: &World, stage: &SignedOutStage) -> Self {
        // What was interrupted while it was queued has been written by now, or never will be.
        world.backend.store.ping().await.unwrap();
        let user = world.user(&stage.person.id).await;
        let account = account(world, stage, &user).await;
        Self { account, open: open(world, stage, &user).await, counts: counts(world, stage).await }
    }

    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.account == other.account && self.open == other.open
    }

    /// Told without what depends on who came first: refusals, the order of records, revisions, and counts of
    /// attempts, which a success clears.
    pub(crate) fn in_any_order(mut self) -> Self {
        self.account.audit.retain(|(_, outcome)| *outcome == Outcome::Done);
        self.account.audit.sort_by_key(|(action, _)| *action);
        self.account.notices.sort_by_key(|(kind, channel)| (kind.as_str(), *channel));
        self.open.flow.iter_mut().for_each(|(_, revision)| *revision = 0);
        self.counts.0.clear();
        self
    }
}

async fn account(world: &World, stage: &SignedOutStage, user: &User) -> Account {
    let due = world.backend.outbox.take(world.clock.now(), Duration::ZERO, 1_000).await.unwrap();
    let own = due.into_iter().map(|due| due.notice).filter(|notice| notice.user == user.id);
    let credential = user.password.as_ref().unwrap();
    let mut password = Secret::Other;
    for (text, secret) in [(PASSWORD, Secret::First), (stage.chosen.as_str(), Secret::Chosen)] {
        let text = Password::parse(text).unwrap();
        if world.hasher.verify(&text, &credential.current).await.unwrap().is_match() {
            password = secret;
            break;
        }
    }
    let trail = world.audit(&user.id).await;
    Account {
        status: user.status.admit(world.clock.now()).err().map_or("normal", |refusal| refusal.reason()),
        password,
        must_change: credential.must_change,
        audit: trail.into_iter().map(|record| (record.action, record.outcome)).collect(),
        notices: own.map(|notice| (notice.kind, notice.to.channel())).collect(),
    }
}

async fn open(world: &World, stage: &SignedOutStage, user: &User) -> Open {
    let now = world.clock.now();
    let held = world.backend.store.sessions(&user.tenant, &user.id).await.unwrap();
    let alive = held.iter().filter(|session| session.is_alive(&user.stamp, now));
    let mut sessions: Vec<_> = alive.map(|session| (told(session), session.generation)).collect();
    sessions.sort_unstable();
    let waits = |session: &&Session| {
        session.stage == SessionStage::Pending && session.stamp == user.stamp && now < session.ends_at()
    };
    let key = stage.flow.key();
    let loaded = read(world, stage, |query| StepQuery { flow: Some(key), ..query }).await;
    let flow = usable(world, &loaded);
    Open {
        sessions,
        pending: held.iter().filter(waits).count(),
        // The code of a dead flow opens nothing.
        codes: loaded.challenges.iter().filter(|_| flow.is_some()).map(|code| code.slot).collect(),
        flow,
    }
}

fn told(session: &Session) -> Vec<&'static str> {
    let tell = |amr: &Amr| match amr {
        Amr::Password => "password",
        Amr::Sms => "sms",
        Amr::Email => "email",
        Amr::Otp => "otp",
        Amr::Social => "social",
        Amr::Passkey => "pop",
        Amr::Other(_) => "other",
    };
    session.amr.iter().map(tell).collect()
}

/// Where the flow stands, if its holder may go on in it.
fn usable(world: &World, loaded: &Loaded) -> Option<(&'static str, u32)> {
    let policy = &world.ciam.config().flow;
    let moment = Moment { now: world.clock.now(), user: &loaded.user, amr: &[], policy };
    let flow = loaded.flow.clone()?;
    let session = flow.session().clone();
    let flow = flow.claimed_by(&session, &moment).ok()?;
    let state = match flow.state() {
        State::AwaitingFactor { .. } => "awaiting factor",
        State::Ready { .. } => "ready",
        State::AwaitingAddress { .. } => "awaiting address",
    };
    Some((state, flow.revision()))
}

async fn read(world: &World, stage: &SignedOutStage, ask: impl FnOnce(StepQuery) -> StepQuery) -> Loaded {
    let query = ask(StepQuery::of(TenantId::default(), stage.person.id.clone()));
    world.backend.store.load(&query).await.unwrap().unwrap()
}

async fn counts(world: &World, stage: &SignedOutStage) -> (Vec<u32>, Vec<u32>) {
    let (user, to) = (stage.person.id.as_str(), stage.person.email.canonical());
    let session = stage.flow.session();
    let attempts = [
        RateKey::new(RateScope::CodeHour, &[user, "signed_out", session.as_str()]),
        RateKey::new(RateScope::CodeDay, &[user, "signed_out", session.as_str()]),
        RateKey::new(RateScope::SignIn, &[to, ""]),
        RateKey::new(RateScope::SignInAnywhere, &[to]),
        RateKey::new(RateScope::CodeHour, &[user, "signed_out"]),
        RateKey::new(RateScope::CodeDay, &[user, "signed_out"]),
        RateKey::new(RateScope::Password, &[user, "signed_out"]),
    ];
    let sends = [
        RateKey::new(RateScope::ResendCooldown, &["signed_out", to]),
        RateKey::new(RateScope::ResendCooldown, &[user, to]),
        RateKey::new(RateScope::TargetHour, &[to]),
        RateKey::new(RateScope::TargetDay, &[to]),
        RateKey::new(RateScope::AccountEmailDay, &[user]),
    ];
    let keys = attempts.into_iter().chain(sends).collect();
    let found = read(world, stage, |query| StepQuery { rates: keys, ..query }).await.rates;
    let count = |key: &RateKey| found.iter().find(|(held, _)| held == key).map_or(0, |(_, held)| held.count);
    (attempts.iter().map(count).collect(), sends.iter().map(count).collect())
}
