//! The person's own sessions: seen and ended.

use super::change::FRESH;
use super::decide::Decision;
use super::state::{Model, Reply, Token};

impl Model {
    pub(super) fn own_sessions(&mut self, who: &Token) -> Decision<Reply> {
        self.admit(who, None)?;
        let acting = who.session.map(|(session, _)| session);
        let own = |at: &usize| self.sessions[*at].account == who.account && self.is_alive(*at);
        let alive = (0..self.sessions.len()).filter(own);
        let mut shown: Vec<_> = alive.map(|at| (self.sessions[at].name, acting == Some(at))).collect();
        shown.sort_unstable();
        Ok(Reply::Own(shown))
    }

    /// Any session but the acting one takes a fresh sign-in; an id that is none of theirs ends nothing.
    pub(super) fn end_one(&mut self, who: &Token, name: Option<usize>) -> Decision<Reply> {
        self.admit(who, None)?;
        let acting = Self::session_of(who)?;
        let tenant = self.accounts[who.account].tenant;
        let named = name.and_then(|name| self.session_named(tenant, name));
        if named != Some(acting) && !self.signed_in_lately(who) {
            return Err("access.stale_authentication");
        }
        if let Some(at) = named.filter(|at| self.sessions[*at].account == who.account) {
            let known = self.sessions[at].row.is_some() || self.sessions[at].ended.is_some();
            if at == acting || known {
                self.end(at);
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn end_all(&mut self, who: &Token) -> Decision<Reply> {
        self.admit(who, None)?;
        Self::session_of(who)?;
        if !self.signed_in_lately(who) {
            return Err("access.stale_authentication");
        }
        self.restamp(who.account);
        self.end_session(who);
        Ok(Reply::Done)
    }

    pub(super) fn end_others(&mut self, who: &Token) -> Decision<Reply> {
        self.admit(who, None)?;
        Self::session_of(who)?;
        if !self.signed_in_lately(who) {
            return Err("access.stale_authentication");
        }
        self.seal(who);
        Ok(Reply::Done)
    }

    pub(super) fn signed_in_lately(&self, who: &Token) -> bool {
        let signed_in = self.row(who).map(|row| row.auth_time).or(who.auth_time);
        signed_in.is_some_and(|at| at <= self.now && self.now < at.after(FRESH))
    }
}
