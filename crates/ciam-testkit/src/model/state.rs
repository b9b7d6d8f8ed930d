//! What the model remembers: people, sessions, tokens, flows, codes, counts, notices.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::session::Amr;
use ciam::domain::user::{Channel, Status};
use ciam::ports::{Clock, TokenOrigin};

use super::command::Command;
use super::enrol::Kit;
use super::gadget::Challenge;
use super::keyring::Question;
use super::limits::{Count, Tally};
pub(super) use super::reply::Reply;
use super::visit::{Pass, Tomb};
use crate::fake::FakeClock;

/// One of the addresses that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) channel: Channel,
    pub(super) number: usize,
}

/// A person; some have no account at all.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) tenant: usize,
    pub(super) exists: bool,
    /// The user name by number.
    pub(super) username: Option<usize>,
    pub(super) status: Status,
    pub(super) phone: Option<usize>,
    pub(super) email: Option<usize>,
    /// What is bound, by source and account elsewhere, the one bound first before the others.
    pub(super) social: Vec<(usize, usize)>,
    /// Passwords by number, the one in use first.
    pub(super) passwords: Vec<usize>,
    /// Whether the password in use opens nothing but its own replacement.
    pub(super) must_change: bool,
    /// When an address was put in place; absent where the account was made with it.
    pub(super) placed: BTreeMap<Channel, Instant>,
    /// Former addresses, the one replaced first before the others.
    pub(super) held: Vec<Held>,
    pub(super) paused_until: Option<Instant>,
    pub(super) kit: Kit,
    pub(super) stamp: u32,
    pub(super) stamped_at: Instant,
    pub(super) made_at: Instant,
    /// The sign-ins that the login history tells of.
    pub(super) logins: Vec<Instant>,
    /// What was done, or refused for which reason, oldest first.
    pub(super) trail: Vec<(Action, Option<&'static str>)>,
}

/// An address that was replaced, with the moment at which it had been put in place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) spot: Spot,
    pub(super) placed: Option<Instant>,
    pub(super) since: Instant,
    pub(super) until: Instant,
}

/// What the store has under the id of a session.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) stamp: u32,
    pub(super) amr: Vec<Amr>,
    pub(super) auth_time: Instant,
    pub(super) expires_at: Instant,
    pub(super) idle_ends_at: Option<Instant>,
    pub(super) used_at: Instant,
    /// How often its refresh token was replaced.
    pub(super) generation: u32,
    /// The device whose sign opened it.
    pub(super) device: Option<usize>,
}

/// An id of a session in a tenant; the same name in two tenants is the same id in two places.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) account: usize,
    pub(super) name: usize,
    /// How often the id was given out again after its session had ended.
    pub(super) generation: u32,
    pub(super) row: Option<Row>,
    /// When it was ended.
    pub(super) ended: Option<Instant>,
}

/// An access token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) account: usize,
    pub(super) session: Option<(usize, u32)>,
    pub(super) origin: TokenOrigin,
    pub(super) amr: Vec<Amr>,
    pub(super) auth_time: Option<Instant>,
    pub(super) issued_at: Instant,
    pub(super) expires_at: Instant,
}

/// Where a flow stands; a factor is by method and moment, `None` where none was demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stand {
    Factor(Vec<Method>),
    Ready(Option<(Method, Instant)>),
    Address(Option<(Method, Instant)>),
}

#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) account: usize,
    /// The session of its owner; `None` for who is not signed in.
    pub(super) session: Option<usize>,
    /// What was proven on the way in, by who is not signed in.
    pub(super) amr: Vec<Amr>,
    /// The device whose sign began it.
    pub(super) device: Option<usize>,
    pub(super) stamp: u32,
    pub(super) operation: Operation,
    pub(super) opened_at: Instant,
    pub(super) stand: Stand,
    pub(super) attempts: u8,
    pub(super) sends: u8,
    pub(super) refused_passwords: u8,
    /// Whether nobody was told its id.
    pub(super) untold: bool,
    pub(super) gone: bool,
}

/// The last step but one and the last of a flow both have codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Factor,
    NewAddress,
}

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) flow: usize,
    pub(super) usage: Use,
    pub(super) to: Spot,
    pub(super) expires_at: Instant,
    /// Its place in the mailbox, where it arrived.
    pub(super) mail: Option<usize>,
    pub(super) gone: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) account: usize,
    pub(super) kind: NoticeKind,
    pub(super) to: Spot,
}

#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) notice: Told,
    pub(super) due_at: Instant,
    pub(super) tries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    WhenAvailable,
    Required,
    Off,
}

/// The settings that a restart may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) demand: Demand,
    pub(super) acting_session_ends: bool,
    /// When signing in takes a second factor.
    pub(super) sign_in: Demand,
    /// Whether failed sign-ins lock an account.
    pub(super) locks: bool,
    /// Whether a replaced refresh token gives the same answer for a moment.
    pub(super) leeway: bool,
}

/// Everything that there is, as it must be.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) now: Instant,
    pub(super) delivery_fails: bool,
    pub(super) setting: Setting,
    /// What people did before the journey.
    pub(super) before: Vec<Command>,
    pub(super) accounts: Vec<Account>,
    pub(super) sessions: Vec<Session>,
    pub(super) names: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) passes: Vec<Pass>,
    /// Whose device each token of a device is for.
    pub(super) devices: Vec<usize>,
    pub(super) tombs: Vec<Tomb>,
    /// Whether a store of the host does not let go of anybody's rows.
    pub(super) stuck: bool,
    pub(super) flows: Vec<Flow>,
    pub(super) codes: Vec<Code>,
    pub(super) mails: usize,
    /// How many authenticator apps began and how many sheets of recovery codes were made.
    pub(super) apps: usize,
    pub(super) sheets: usize,
    /// The challenges that devices were given.
    pub(super) challenges: Vec<Challenge>,
    /// What passkeys were asked to sign, how many were to be made, and whom authenticators ever knew.
    pub(super) questions: Vec<Question>,
    pub(super) creations: usize,
    pub(super) handles: BTreeSet<usize>,
    pub(super) tallies: BTreeMap<Count, Tally>,
    /// Everything that was ever counted.
    pub(super) counted: BTreeSet<Count>,
    pub(super) outbox: Vec<Waiting>,
    pub(super) told: Vec<Told>,
    pub(super) stamps: u32,
    /// When the calls of the last command are made and what they are answered.
    pub(super) replies: Vec<(Instant, Reply)>,
}

pub(super) const ALICE: usize = 0;
pub(super) const BOB: usize = 1;
/// Alice's id, addresses and password in another tenant.
pub(super) const TWIN: usize = 2;
/// Has a phone and nothing else.
pub(super) const CAROL: usize = 3;
/// Has nothing but a name.
pub(super) const DAVE: usize = 4;
/// Has tokens but no account.
pub(super) const NOBODY: usize = 5;
/// Whoever is not known, in each of the two tenants.
pub(super) const STRANGER: usize = 6;
/// The first number of who joins later.
pub(super) const JOINED: usize = 8;

impl Account {
    pub(super) fn new(
        tenant: usize,
        contacts: (Option<usize>, Option<usize>),
        passwords: &[usize],
        stamp: u32,
    ) -> Self {
        let trail = if tenant == 0 { vec![(Action::CreateUser, None)] } else { Vec::new() };
        Self {
            tenant,
            exists: true,
            username: None,
            status: Status::Normal,
            phone: contacts.0,
            email: contacts.1,
            social: Vec::new(),
            passwords: passwords.to_vec(),
            must_change: false,
            placed: BTreeMap::new(),
            held: Vec::new(),
            paused_until: None,
            kit: Kit::default(),
            stamp,
            stamped_at: FakeClock::default().now(),
            made_at: FakeClock::default().now(),
            logins: Vec::new(),
            trail,
        }
    }

    pub(super) fn contact(&self, channel: Channel) -> Option<Spot> {
        let number = match channel {
            Channel::Sms => self.phone,
            Channel::Email => self.email,
        };
        number.map(|number| Spot { channel, number })
    }

    pub(super) fn contacts(&self) -> Vec<Spot> {
        [Channel::Sms, Channel::Email].into_iter().filter_map(|channel| self.contact(channel)).collect()
    }
}

impl Model {
    /// Six people, and who is not known.
    pub(super) fn begin() -> Self {
        let known = |name, account| Account { username: Some(name), ..account };
        let absent = |tenant| Account {
            exists: false,
            trail: Vec::new(),
            ..Account::new(tenant, (None, None), &[], 5)
        };
        let accounts = vec![
            known(0, Account::new(0, (Some(0), Some(0)), &[0], 0)),
            known(1, Account::new(0, (Some(1), Some(1)), &[0], 1)),
            Account::new(1, (Some(0), Some(0)), &[0], 2),
            known(2, Account::new(0, (Some(2), None), &[], 3)),
            known(3, Account::new(0, (None, None), &[], 4)),
            absent(0),
            absent(0),
            absent(1),
        ];
        Self {
            now: FakeClock::default().now(),
            delivery_fails: false,
            setting: Setting {
                demand: Demand::WhenAvailable,
                acting_session_ends: false,
                sign_in: Demand::Off,
                locks: false,
                leeway: false,
            },
            before: Vec::new(),
            accounts,
            sessions: Vec::new(),
            names: 0,
            tokens: Vec::new(),
            passes: Vec::new(),
            devices: Vec::new(),
            tombs: Vec::new(),
            stuck: false,
            flows: Vec::new(),
            codes: Vec::new(),
            mails: 0,
            apps: 0,
            sheets: 0,
            challenges: Vec::new(),
            questions: Vec::new(),
            creations: 0,
            handles: BTreeSet::new(),
            tallies: BTreeMap::new(),
            counted: BTreeSet::new(),
            outbox: Vec::new(),
            told: Vec::new(),
            stamps: 6,
            replies: Vec::new(),
        }
    }

    /// Whether the stamp and the end of a flow let its owner use it.
    pub(super) fn is_open(&self, flow: usize) -> bool {
        let flow = &self.flows[flow];
        !flow.gone && flow.stamp == self.accounts[flow.account].stamp && self.now < flow.ends_at()
    }

    /// Whether the store has the session and it still opens something.
    pub(super) fn is_alive(&self, session: usize) -> bool {
        let session = &self.sessions[session];
        let stamp = self.accounts[session.account].stamp;
        session.row.as_ref().is_some_and(|row| row.stamp == stamp && self.now < row.ends_at())
    }
}

impl Row {
    /// When it ends, unless it is used before.
    pub(super) fn ends_at(&self) -> Instant {
        self.idle_ends_at.map_or(self.expires_at, |idle| idle.min(self.expires_at))
    }
}

impl Flow {
    pub(super) fn ends_at(&self) -> Instant {
        self.opened_at.after(Duration::from_mins(10))
    }
}
