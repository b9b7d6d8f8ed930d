//! What the host and the world do: tokens, status, relay, sweep, restart, the clock.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::session::Amr;
use ciam::domain::user::Status;
use ciam::ports::TokenOrigin;

use super::command::{Command, For, NewStatus};
use super::decide::WEEK;
use super::entry::LEEWAY;
use super::state::{Model, Reply, Row, Session, Stand, Token};

const TOKEN_LIFE: Duration = Duration::from_hours(1);
/// How long the login history tells of a sign-in.
const HISTORY: Duration = Duration::from_hours(180 * 24);
pub(super) const SESSION_LIFE: Duration = Duration::from_hours(30 * 24);
/// Sessions of a foreign issuer have names of their own.
pub(super) const FOREIGN: usize = 1_000;

impl Model {
    /// What a command does, and what each of its calls is answered.
    pub(super) fn run(&mut self, command: &Command) {
        self.replies.clear();
        match command {
            Command::Call { token, call, times, pause } => {
                self.often((*times, *pause), call.begins(), |model| model.call(*token, call));
            }
            Command::Visit { visit, times, pause } => {
                self.often((*times, *pause), visit.begins(), |model| model.visit(visit));
            }
            Command::IssueToken { account, session, amr } => {
                if let For::Named(name) = session {
                    self.wait_out(*account, *name);
                }
                self.hear(|model| model.issue_token(*account, *session, amr.clone()));
            }
            Command::ForeignToken { account, session, renewed } => {
                self.foreign_token(*account, *session, *renewed);
            }
            Command::SetStatus { account, status } => self.hear(|model| model.set_status(*account, *status)),
            Command::Revert { tenant, wanted, right } => {
                self.hear(|model| model.revert(*tenant, *wanted, *right));
            }
            Command::DemandReset { account } => self.hear(|model| model.demand_reset(*account)),
            Command::Purge { whom, stuck } => {
                self.stuck = *stuck;
                self.hear(|model| model.purge(*whom));
            }
            Command::Join(newcomer) => self.hear(|model| model.join(newcomer)),
            Command::Relay => self.relay(),
            Command::Sweep => self.sweep(),
            Command::Restart(setting) => self.setting = *setting,
            Command::RotateKeys => {}
            Command::Delivery { fails } => self.delivery_fails = *fails,
            Command::Forward(span) => self.now = self.now.after(*span),
            Command::Back(span) => self.now = self.now.before(*span),
            Command::Until { deadline, early } => self.wait_until(*deadline, *early),
        }
    }

    fn hear(&mut self, act: impl FnOnce(&mut Self) -> Reply) {
        let reply = act(self);
        self.replies.push((self.now, reply));
    }

    /// So many times, with a pause before each further one.
    fn often(&mut self, (times, pause): (u8, Duration), begins: bool, act: impl Fn(&mut Self) -> Reply) {
        for turn in 0..times {
            if turn > 0 {
                self.now = self.now.after(pause);
            }
            self.tick(begins);
            self.hear(&act);
        }
    }

    /// No two flows begin in one moment, so that it is plain which one is the oldest.
    fn tick(&mut self, begins: bool) {
        while begins && self.flows.iter().any(|flow| flow.opened_at == self.now) {
            self.now = self.now.after(Duration::from_micros(1));
        }
    }

    fn wait_until(&mut self, deadline: usize, early: bool) {
        let deadlines = self.deadlines();
        if let Some(at) = deadlines.get(deadline % deadlines.len().max(1)) {
            self.now = if early { at.before(Duration::from_micros(1)) } else { *at };
        }
    }

    /// The moments ahead at which something ends, the next one first.
    pub(super) fn deadlines(&self) -> Vec<Instant> {
        let flows = self.flows.iter().filter(|flow| !flow.gone);
        let proofs = flows.clone().filter_map(|flow| match flow.stand {
            Stand::Ready(Some((_, at))) | Stand::Address(Some((_, at))) => {
                Some(at.after(Duration::from_mins(5)))
            }
            _ => None,
        });
        let tallies = self.tallies.iter().flat_map(|(count, tally)| [tally.opens(*count), tally.end(*count)]);
        let mut all: Vec<Instant> = flows.clone().map(super::state::Flow::ends_at).chain(proofs).collect();
        all.extend(tallies.flatten());
        all.extend(self.codes.iter().filter(|code| !code.gone).map(|code| code.expires_at));
        all.extend(self.tokens.iter().map(|token| token.expires_at));
        all.extend(self.outbox.iter().map(|waiting| waiting.due_at));
        all.extend(self.accounts.iter().filter_map(|account| match account.status {
            Status::Locked { until } => until,
            Status::PendingDeletion { erase_at } => Some(erase_at),
            _ => None,
        }));
        all.extend(self.questions.iter().map(|question| question.ends));
        all.extend(self.challenges.iter().map(|challenge| challenge.ends));
        all.extend(self.tombs.iter().map(|tomb| tomb.until));
        for row in self.sessions.iter().filter_map(|session| session.row.as_ref()) {
            all.extend([row.ends_at(), row.used_at.after(LEEWAY)]);
        }
        for account in &self.accounts {
            all.extend(account.held.iter().map(|held| held.until));
            all.extend(account.placed.values().map(|at| at.after(WEEK)));
            all.extend(account.paused_until);
            all.extend(account.kit.begun.iter().map(|begun| begun.until));
            all.extend(account.kit.ring.making.iter().map(|making| making.until));
            all.extend(account.kit.ring.keys.iter().map(|key| key.created_at.after(WEEK)));
            all.extend(account.kit.app.iter().map(|app| app.enrolled_at.after(WEEK)));
            all.extend(account.kit.sheet.iter().map(|sheet| sheet.made_at.after(WEEK)));
        }
        all.retain(|at| *at > self.now);
        all.sort_unstable();
        all.dedup();
        all
    }

    fn issue_token(&mut self, account: usize, session: For, amr: Amr) -> Reply {
        let who = &self.accounts[account];
        if !who.exists {
            return Reply::Refused("access.unknown_user");
        }
        if let Some(reason) = self.barred(account) {
            self.accounts[account].trail.push((Action::OpenSession, Some(reason)));
            return Reply::Refused(reason);
        }
        let held = match session {
            For::New => None,
            For::Named(name) => self.session_named(who.tenant, name),
        };
        let at = match (session, held) {
            (_, Some(at)) if self.sessions[at].account == account && self.is_alive(at) => at,
            (_, Some(at)) if self.sessions[at].row.is_none() && self.sessions[at].ended.is_none() => {
                self.open(Some(at), account, None, amr)
            }
            (_, Some(at)) if self.sessions[at].account != account => return Reply::Failed,
            (For::Named(name), None) => self.open(None, account, Some(name), amr),
            _ => self.open(None, account, None, amr),
        };
        self.grant(account, at);
        Reply::Done
    }

    pub(super) fn session_named(&self, tenant: usize, name: usize) -> Option<usize> {
        self.sessions
            .iter()
            .position(|held| held.name == name && self.accounts[held.account].tenant == tenant)
    }

    fn open(&mut self, held: Option<usize>, account: usize, name: Option<usize>, amr: Amr) -> usize {
        let row = Some(Row {
            stamp: self.accounts[account].stamp,
            amr: vec![amr],
            auth_time: self.now,
            expires_at: self.now.after(SESSION_LIFE),
            idle_ends_at: None,
            used_at: self.now,
            generation: 0,
            device: None,
        });
        self.accounts[account].trail.push((Action::OpenSession, None));
        if let Some(at) = held {
            let generation = self.sessions[at].generation + 1;
            self.sessions[at] =
                Session { account, name: self.sessions[at].name, generation, row, ended: None };
            return at;
        }
        let name = name.unwrap_or(self.names);
        self.names = self.names.max(name + 1);
        self.sessions.push(Session { account, name, generation: 0, row, ended: None });
        self.sessions.len() - 1
    }

    fn grant(&mut self, account: usize, at: usize) {
        let session = &self.sessions[at];
        let Some(row) = &session.row else { return };
        self.tokens.push(Token {
            account,
            session: Some((at, session.generation)),
            origin: TokenOrigin::Own,
            amr: row.amr.clone(),
            auth_time: Some(row.auth_time),
            issued_at: self.now,
            expires_at: self.now.after(TOKEN_LIFE).min(row.expires_at),
        });
    }

    fn foreign_token(&mut self, account: usize, number: Option<usize>, renewed: bool) {
        let session = number.map(|number| {
            let name = FOREIGN + account * 10 + number;
            let held = self.session_named(self.accounts[account].tenant, name);
            held.unwrap_or_else(|| {
                self.sessions.push(Session { account, name, generation: 0, row: None, ended: None });
                self.sessions.len() - 1
            })
        });
        let session = session.map(|session| (session, 0));
        let first = self.tokens.iter().find(|token| renewed && session.is_some() && token.session == session);
        let auth_time = first.map_or(Some(self.now), |token| token.auth_time);
        self.tokens.push(Token {
            account,
            session,
            origin: TokenOrigin::Foreign,
            amr: vec![Amr::Sms],
            auth_time,
            issued_at: self.now,
            expires_at: self.now.after(TOKEN_LIFE),
        });
    }

    fn set_status(&mut self, account: usize, status: NewStatus) -> Reply {
        let who = &mut self.accounts[account];
        let deleted = who.status.is_deleted();
        let refused =
            if who.exists { deleted.then_some("access.deleted") } else { Some("access.unknown_user") };
        if let Some(reason) = refused {
            who.trail.push((Action::SetStatus, Some(reason)));
            return Reply::Refused(reason);
        }
        who.status = match status {
            NewStatus::Erased => Status::PendingDeletion { erase_at: self.now },
            other => other.at(self.now),
        };
        if who.status.is_deleted() {
            who.kit.devices.clear();
            who.kit.ring.clear();
        }
        who.trail.push((Action::SetStatus, None));
        self.restamp(account);
        if status == NewStatus::Erased {
            self.erase(account);
        }
        Reply::Done
    }

    fn relay(&mut self) {
        let (now, fails) = (self.now, self.delivery_fails);
        let due = self.outbox.iter_mut().filter(|waiting| waiting.due_at <= now);
        for waiting in due.take(32) {
            let pause = Duration::from_secs(10) * (1 << waiting.tries.min(16));
            waiting.due_at = now.after(pause.min(Duration::from_hours(1)));
            waiting.tries += 1;
            if !fails {
                self.told.push(waiting.notice.clone());
                waiting.tries = u32::MAX;
            }
        }
        self.outbox.retain(|waiting| waiting.tries != u32::MAX);
    }

    fn sweep(&mut self) {
        let now = self.now;
        self.tallies.retain(|count, tally| !tally.is_over(*count, now));
        for session in &mut self.sessions {
            session.row = session.row.take().filter(|row| now < row.ends_at());
            session.ended = session.ended.filter(|ended| now < ended.after(SESSION_LIFE));
        }
        for at in 0..self.flows.len() {
            if self.flows[at].ends_at() <= now {
                self.remove(at);
            }
        }
        for code in self.codes.iter_mut().filter(|code| code.expires_at <= now) {
            code.gone = true;
        }
        for account in &mut self.accounts {
            account.logins.retain(|at| *at >= now.before(HISTORY));
        }
    }
}

impl NewStatus {
    pub(super) fn at(self, now: Instant) -> Status {
        match self {
            Self::Normal => Status::Normal,
            Self::Locked => Status::Locked { until: None },
            Self::LockedFor(span) => Status::Locked { until: Some(now.after(span)) },
            Self::Frozen => Status::Frozen,
            Self::Disabled => Status::Disabled,
            Self::Deleted => Status::PendingDeletion { erase_at: now.after(WEEK) },
            // What the host asks for; what stands then is the end of it.
            Self::Erased => Status::Erased,
        }
    }
}
