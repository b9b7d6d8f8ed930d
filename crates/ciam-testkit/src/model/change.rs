//! The last steps: what changes an account, and what dies with it.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::{Channel, Status};

use super::command::{COMMON, Guess, Id, TOO_SHORT, Wanted};
use super::decide::{Decision, UNKNOWN};
use super::host::SESSION_LIFE;
use super::limits::{self, Payer};
use super::state::{Model, Reply, Row, Spot, Stand, Token, Told, Use, Waiting};
use super::visit::Name;

pub(super) const FRESH: Duration = Duration::from_mins(5);
const GRACE: Duration = Duration::from_hours(7 * 24);
pub(super) const REFUSED_PASSWORDS: u8 = 5;
const HISTORY: usize = 5;

impl Model {
    /// Whether what was proven when the flow began still lets it act.
    fn counts(&self, who: &Token, at: usize, proof: Option<(Method, Instant)>) -> bool {
        let flow = &self.flows[at];
        let fresh = match proof {
            None => self.allowed(who, flow.operation).is_none(),
            Some((method, proven)) => {
                let fresh = proven <= self.now && self.now < proven.after(FRESH);
                fresh && self.accepted(who, flow.operation, method)
            }
        };
        fresh && flow.refused_passwords < REFUSED_PASSWORDS
    }

    pub(super) fn may_act(&self, who: &Token, at: usize, operation: Operation) -> Decision<()> {
        match self.flows[at].stand {
            Stand::Ready(proof) if self.flows[at].operation == operation && self.counts(who, at, proof) => {
                Ok(())
            }
            _ => Err(UNKNOWN),
        }
    }

    pub(super) fn change_password(&mut self, who: &Token, flow: Id, password: usize) -> Decision<Reply> {
        let at = self.claimed(who, flow)?;
        self.may_act(who, at, Operation::UpdatePassword)?;
        self.accept_password(at, password)?;
        let account = &mut self.accounts[who.account];
        account.must_change = false;
        let to = account.contacts();
        self.complete(who, at, NoticeKind::PasswordChanged, to);
        self.forget(who.account, Authenticator::Password);
        Ok(Reply::Done)
    }

    /// Puts a password in place, or counts why not.
    pub(super) fn accept_password(&mut self, at: usize, password: usize) -> Decision<()> {
        let account = &mut self.accounts[self.flows[at].account];
        let place = account.passwords.iter().position(|known| *known == password);
        let refusal = match (password, place) {
            (TOO_SHORT, _) => Some("password.too_short"),
            (COMMON, _) => Some("password.listed"),
            (_, Some(0)) => Some("password.same"),
            (_, Some(_)) => Some("password.recurrent"),
            (_, None) => None,
        };
        if let Some(refusal) = refusal {
            self.flows[at].refused_passwords += 1;
            return Err(refusal);
        }
        account.passwords.insert(0, password);
        account.passwords.truncate(HISTORY);
        Ok(())
    }

    pub(super) fn send_contact(&mut self, who: &Token, flow: Id, wanted: Wanted) -> Decision<Reply> {
        let to = match wanted {
            Wanted::Spot(to) => to,
            Wanted::Malformed(_) | Wanted::FarAway => {
                self.admit(who, flow)?;
                let far = wanted == Wanted::FarAway;
                return Err(if far { "contact.region_not_served" } else { "contact.malformed" });
            }
        };
        let at = self.claimed(who, flow)?;
        let (Stand::Ready(proof) | Stand::Address(proof)) = self.flows[at].stand else { return Err(UNKNOWN) };
        let changes = match self.flows[at].operation {
            Operation::UpdatePhone => Channel::Sms,
            Operation::UpdateEmail => Channel::Email,
            _ => return Err(UNKNOWN),
        };
        if !self.counts(who, at, proof) {
            return Err(UNKNOWN);
        }
        if changes != to.channel {
            return Err("contact.wrong_channel");
        }
        if self.is_paused(who.account) {
            return Err("contact.paused");
        }
        let sent = self.send(who.account, at, Use::NewAddress, to)?;
        self.flows[at].stand = Stand::Address(proof);
        Ok(sent)
    }

    pub(super) fn change_contact(
        &mut self,
        who: &Token,
        flow: Id,
        channel: Channel,
        guess: Guess,
    ) -> Decision<Reply> {
        let at = self.pay(who, flow, Authenticator::Code)?;
        let Stand::Address(proof) = self.flows[at].stand else { return Err(UNKNOWN) };
        let mine = match channel {
            Channel::Sms => Operation::UpdatePhone,
            Channel::Email => Operation::UpdateEmail,
        };
        if self.flows[at].operation != mine {
            return Err(UNKNOWN);
        }
        if !self.counts(who, at, proof) {
            return Err(self.fail(at, UNKNOWN));
        }
        if self.is_paused(who.account) {
            return Err(self.fail(at, "contact.paused"));
        }
        let Some(to) = self.right_code(at, Use::NewAddress, channel, guess).map(|code| code.to) else {
            return Err(self.fail(at, "factor.wrong_code"));
        };
        let tenant = self.accounts[who.account].tenant;
        if self.is_taken(who.account, tenant, to) || self.is_kept(tenant, Name::Spot(to)) {
            self.remove(at);
            return Err("contact.duplicate");
        }
        let known = self.accounts[who.account].contacts();
        let told: Vec<Spot> = known.into_iter().filter(|known| *known != to).collect();
        let kind = match channel {
            Channel::Sms => NoticeKind::PhoneChanged,
            Channel::Email => NoticeKind::EmailChanged,
        };
        self.replace(who.account, to);
        self.clear_slot(at, Use::NewAddress, to);
        self.complete(who, at, kind, told);
        self.forget(who.account, Authenticator::Code);
        Ok(Reply::Done)
    }

    pub(super) fn delete_account(&mut self, who: &Token, flow: Id) -> Decision<Reply> {
        let at = self.claimed(who, flow)?;
        self.may_act(who, at, Operation::Unsubscribe)?;
        let account = &mut self.accounts[who.account];
        account.status = Status::PendingDeletion { erase_at: self.now.after(GRACE) };
        account.kit.devices.clear();
        account.kit.ring.clear();
        let to = account.contacts();
        self.complete(who, at, NoticeKind::AccountDeleted, to);
        self.end_session(who);
        Ok(Reply::Done)
    }

    pub(super) fn cancel(&mut self, who: &Token, flow: Id) -> Decision<Reply> {
        let at = self.claimed(who, flow)?;
        self.remove(at);
        Ok(Reply::Done)
    }

    fn complete(&mut self, who: &Token, at: usize, kind: NoticeKind, to: Vec<Spot>) {
        for to in to {
            let notice = Told { account: who.account, kind, to };
            self.outbox.push(Waiting { notice, due_at: self.now, tries: 0 });
        }
        self.seal(who);
        self.remove(at);
    }

    /// A new stamp: every session but the acting one is dead.
    pub(super) fn seal(&mut self, who: &Token) {
        self.restamp(who.account);
        let Some((session, _)) = who.session else { return };
        if self.setting.acting_session_ends {
            return self.end_session(who);
        }
        let row = self.row(who);
        let signed_in = row.map(|row| row.auth_time).or(who.auth_time);
        let row = Row {
            stamp: self.accounts[who.account].stamp,
            amr: self.amr(who),
            auth_time: signed_in.unwrap_or(Instant::EPOCH),
            expires_at: row.map_or(self.now.after(SESSION_LIFE), |row| row.expires_at),
            idle_ends_at: row.and_then(|row| row.idle_ends_at),
            used_at: row.map_or(self.now, |row| row.used_at),
            generation: row.map_or(0, |row| row.generation),
            device: row.and_then(|row| row.device),
        };
        (self.sessions[session].row, self.sessions[session].ended) = (Some(row), None);
    }

    pub(super) fn end_session(&mut self, who: &Token) {
        if let Some((session, _)) = who.session {
            self.end(session);
        }
    }

    /// A session that is ended is known to be, until one may live no longer; a clock that ran back moves no end.
    pub(super) fn end(&mut self, session: usize) {
        let now = self.now;
        let session = &mut self.sessions[session];
        session.row = None;
        session.ended = Some(session.ended.map_or(now, |ended| ended.max(now)));
    }

    /// Time that runs back does not bring back what a later stamp ended.
    pub(super) fn restamp(&mut self, account: usize) {
        let account = &mut self.accounts[account];
        account.stamp = self.stamps;
        account.stamped_at = account.stamped_at.max(self.now);
        let now = self.now;
        account.held.retain(|held| now < held.until);
        self.stamps += 1;
    }

    /// Success clears what the person tried, and a password what was tried on the way in.
    fn forget(&mut self, account: usize, authenticator: Authenticator) {
        self.forget_counts(&limits::of_try(Payer::Person(account), authenticator));
        if authenticator == Authenticator::Password {
            self.forget_counts(&limits::of_try(Payer::HalfWay(account), authenticator));
            self.forget_counts(&limits::of_try(Payer::HalfWay(account), Authenticator::Totp));
        }
    }
}
