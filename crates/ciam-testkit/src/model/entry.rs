//! In: sessions that a sign-in opens, their tokens, and how they are replaced.

use std::time::Duration;

use ciam::domain::audit::Action;
use ciam::domain::session::Amr;
use ciam::ports::TokenOrigin;

use super::host::SESSION_LIFE;
use super::state::{Model, Reply, Row, Session, Token};
use super::visit::{In, Pass};

const ACCESS_LIFE: Duration = Duration::from_mins(15);
const FACTOR_LIFE: Duration = Duration::from_hours(24);
const FACTOR_IDLE: Duration = Duration::from_hours(1);
/// How long a replaced refresh token gives the same answer, where it does.
pub(super) const LEEWAY: Duration = Duration::from_secs(30);
const REFUSED: &str = "sign_in.refresh_token";

/// Several factors make a session shorter.
fn life(amr: &[Amr]) -> (Duration, Option<Duration>) {
    if amr.len() > 1 { (FACTOR_LIFE, Some(FACTOR_IDLE)) } else { (SESSION_LIFE, None) }
}

impl Model {
    /// Opens a session, writes the sign-in down, and gives tokens out, one for the device among them.
    pub(super) fn enter(&mut self, account: usize, amr: Vec<Amr>) -> Reply {
        self.enter_from(account, amr, None)
    }

    /// The same from a device that proved itself.
    pub(super) fn enter_from(&mut self, account: usize, amr: Vec<Amr>, device: Option<usize>) -> Reply {
        let (life, idle) = life(&amr);
        let row = Row {
            stamp: self.accounts[account].stamp,
            amr,
            auth_time: self.now,
            expires_at: self.now.after(life),
            idle_ends_at: idle.map(|idle| self.now.after(idle)),
            used_at: self.now,
            generation: 0,
            device,
        };
        self.sessions.push(Session {
            account,
            name: self.names,
            generation: 0,
            row: Some(row.clone()),
            ended: None,
        });
        self.names += 1;
        self.accounts[account].logins.push(self.now);
        self.devices.push(account);
        self.give_tokens(self.sessions.len() - 1, &row)
    }

    fn give_tokens(&mut self, at: usize, row: &Row) -> Reply {
        let Session { account, name, generation, .. } = self.sessions[at];
        let access_ends_at = self.now.after(ACCESS_LIFE).min(row.ends_at());
        self.tokens.push(Token {
            account,
            session: Some((at, generation)),
            origin: TokenOrigin::Own,
            amr: row.amr.clone(),
            auth_time: Some(row.auth_time),
            issued_at: self.now,
            expires_at: access_ends_at,
        });
        let pass = Pass { account, session: at, signed_in: row.auth_time, generation: row.generation };
        let known = self.passes.iter().position(|known| *known == pass);
        let number = known.unwrap_or(self.passes.len());
        self.passes.extend(known.is_none().then_some(pass));
        Reply::In(In { account, session: name, pass: number, access_ends_at, ends_at: row.ends_at() })
    }

    pub(super) fn refresh(&mut self, tenant: usize, pass: Option<usize>) -> Reply {
        let own = |pass: &Pass| self.accounts[pass.account].tenant == tenant;
        let Some(pass) = pass.map(|at| self.passes[at].clone()).filter(own) else {
            return Reply::Refused(REFUSED);
        };
        if let Some(reason) = self.barred(pass.account) {
            self.note(pass.account, Action::RefreshSession, Some(reason));
            return Reply::Refused(reason);
        }
        let held = &self.sessions[pass.session];
        let same = |row: &Row| held.account == pass.account && row.auth_time == pass.signed_in;
        let alive = self.is_alive(pass.session);
        let Some(mut row) = held.row.clone().filter(|row| alive && same(row)) else {
            self.note(pass.account, Action::RefreshSession, Some(REFUSED));
            return Reply::Refused(REFUSED);
        };
        if pass.generation == row.generation {
            row.generation += 1;
            row.used_at = row.used_at.max(self.now);
            row.idle_ends_at = life(&row.amr).1.map(|idle| self.now.after(idle));
            self.sessions[pass.session].row = Some(row.clone());
            self.note(pass.account, Action::RefreshSession, None);
            return self.give_tokens(pass.session, &row);
        }
        let lost = self.setting.leeway && row.used_at <= self.now && self.now < row.used_at.after(LEEWAY);
        if lost && pass.generation + 1 == row.generation {
            return self.give_tokens(pass.session, &row);
        }
        // It, or what replaced it, was stolen.
        self.end(pass.session);
        self.note(pass.account, Action::RefreshSession, Some(REFUSED));
        Reply::Refused(REFUSED)
    }
}
