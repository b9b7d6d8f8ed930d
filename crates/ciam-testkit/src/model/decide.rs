//! What a call with a token must be answered, and what it leaves behind.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::{Channel, Status};
use ciam::ports::TokenOrigin;

use super::command::{Call, Id};
use super::gadget::is_gesture;
use super::state::{Demand, Model, Reply, Row, Token};

pub(super) const WEEK: Duration = Duration::from_hours(7 * 24);

/// The channel of the address that an operation changes.
pub(super) const fn channel_of(operation: Operation) -> Option<Channel> {
    match operation {
        Operation::UpdatePhone => Some(Channel::Sms),
        Operation::UpdateEmail => Some(Channel::Email),
        _ => None,
    }
}

/// The reason of a refusal, if it is one.
pub(super) type Decision<T> = Result<T, &'static str>;

pub(super) const UNKNOWN: &str = "flow.unknown";

const fn action(call: &Call) -> Action {
    match call {
        Call::CheckToken => Action::CheckToken,
        Call::Requirements(_) => Action::ViewRequirements,
        Call::CheckOperation(_) => Action::CheckOperation,
        Call::SendFactor(..) => Action::SendFactorCode,
        Call::VerifyCode(..) | Call::VerifyPassword(..) | Call::VerifyKey(..) => Action::VerifyFactor,
        Call::AskForKey(_) => Action::AskForPasskey,
        Call::OwnKeys => Action::ListPasskeys,
        Call::ChangePassword(..) => Action::ChangePassword,
        Call::SendContact(..) => Action::SendContactCode,
        Call::ChangeContact(..) => Action::ChangeContact,
        Call::DeleteAccount(_) => Action::DeleteAccount,
        Call::Cancel(_) => Action::CancelFlow,
        Call::EndOthers => Action::EndOtherSessions,
        Call::OwnSessions => Action::ListSessions,
        Call::EndOne(_) => Action::EndSession,
        Call::EndAll => Action::EndAllSessions,
        Call::BindSocial(..) => Action::BindSocial,
        Call::UnbindSocial(_) => Action::UnbindSocial,
        Call::AskToBind(_) | Call::OwnDevices => Action::ListGestures,
        Call::Enrol(step) => step.action(),
    }
}

impl Model {
    /// Makes a call, and records it: an effect once, a refusal once with its reason, a question not at all.
    pub(super) fn call(&mut self, token: usize, call: &Call) -> Reply {
        let token = self.tokens[token].clone();
        if self.now >= token.expires_at {
            return Reply::Refused("access.invalid_token");
        }
        match call {
            Call::Enrol(step) => return self.enrol(&token, *step),
            Call::AskToBind(device) => {
                let tenant = self.accounts[token.account].tenant;
                return self.challenge(tenant, *device, Some(token.account));
            }
            _ => {}
        }
        let decided = self.decide(&token, call);
        let action = action(call);
        let question = matches!(
            action,
            Action::CheckToken
                | Action::ViewRequirements
                | Action::ListSessions
                | Action::ListGestures
                | Action::ListPasskeys
                | Action::AskForPasskey
        );
        if !question || decided.is_err() {
            self.accounts[token.account].trail.push((action, decided.as_ref().err().copied()));
        }
        decided.unwrap_or_else(Reply::Refused)
    }

    fn decide(&mut self, who: &Token, call: &Call) -> Decision<Reply> {
        match *call {
            Call::CheckToken => self.admit(who, None).map(|()| Reply::Done),
            Call::Requirements(operation) => self.requirements(who, operation),
            Call::CheckOperation(operation) => self.check_operation(who, operation),
            Call::SendFactor(flow, method) => self.send_factor(who, flow, method),
            Call::VerifyCode(flow, method, guess) => self.verify_code(who, flow, method, guess),
            Call::VerifyPassword(flow, password) => self.verify_password(who, flow, password),
            Call::ChangePassword(flow, password) => self.change_password(who, flow, password),
            Call::SendContact(flow, wanted) => self.send_contact(who, flow, wanted),
            Call::ChangeContact(flow, channel, guess) => self.change_contact(who, flow, channel, guess),
            Call::DeleteAccount(flow) => self.delete_account(who, flow),
            Call::Cancel(flow) => self.cancel(who, flow),
            Call::EndOthers => self.end_others(who),
            Call::OwnSessions => self.own_sessions(who),
            Call::EndOne(name) => self.end_one(who, name),
            Call::EndAll => self.end_all(who),
            Call::BindSocial(source, identity) => self.bind_social(who, source, identity),
            Call::UnbindSocial(source) => self.unbind_social(who, source),
            Call::OwnDevices => self.own_devices(who),
            Call::AskForKey(flow) => self.ask_for_key(who, flow),
            Call::VerifyKey(flow, ref answer) => self.verify_key(who, flow, answer),
            Call::OwnKeys => self.own_keys(who),
            Call::Enrol(step) => Ok(self.enrol(who, step)),
            Call::AskToBind(device) => Ok(self.challenge(self.accounts[who.account].tenant, device, None)),
        }
    }

    /// Whether account, status and session let a token act. Whoever may not act loses the flow.
    pub(super) fn admit(&mut self, who: &Token, flow: Id) -> Decision<()> {
        if !self.accounts[who.account].exists {
            return Err("access.unknown_user");
        }
        let refusal =
            self.barred(who.account).or_else(|| (!self.opens(who)).then_some("access.invalid_token"));
        let Some(refusal) = refusal else { return Ok(()) };
        if let Some(own) = flow.filter(|flow| self.is_of_session(*flow, who)) {
            self.remove(own);
        }
        Err(refusal)
    }

    /// Why the status of an account lets nobody act.
    pub(super) fn barred(&self, account: usize) -> Option<&'static str> {
        match self.accounts[account].status {
            Status::Locked { until: Some(until) } if until <= self.now => None,
            Status::Locked { .. } => Some("access.locked"),
            Status::Frozen => Some("access.frozen"),
            Status::Disabled => Some("access.disabled"),
            Status::PendingDeletion { .. } | Status::Purging { .. } | Status::Erased => {
                Some("access.deleted")
            }
            Status::Normal => None,
        }
    }

    /// Whether the session of a token is alive, and the token not older than it.
    pub(super) fn opens(&self, who: &Token) -> bool {
        let own = |session: usize| self.sessions[session].account == who.account;
        let alive = who.session.filter(|(session, _)| own(*session) && self.is_alive(*session));
        match who.origin {
            TokenOrigin::Own => alive.is_some_and(|(session, generation)| {
                let session = &self.sessions[session];
                let opened = session.row.as_ref().map_or(0, |row| row.auth_time.unix_seconds());
                session.generation == generation && who.issued_at.unix_seconds() >= opened
            }),
            // A token that its issuer renewed is no new sign-in.
            TokenOrigin::Foreign => {
                let signed_in = who.auth_time.map_or(who.issued_at, |at| at.min(who.issued_at));
                let ended = who.session.filter(|(session, _)| own(*session));
                let ended = ended.and_then(|(session, _)| self.sessions[session].ended);
                let over = ended.is_some_and(|at| who.auth_time.is_none_or(|signed_in| signed_in <= at));
                alive.is_some() || (!over && signed_in > self.accounts[who.account].stamped_at)
            }
        }
    }

    fn is_of_session(&self, flow: usize, who: &Token) -> bool {
        let flow = &self.flows[flow];
        !flow.gone
            && !flow.untold
            && flow.account == who.account
            && who.session.is_some_and(|(session, _)| Some(session) == flow.session)
    }

    /// The session of a token that may do something sensitive.
    pub(super) fn session_of(who: &Token) -> Decision<usize> {
        who.session.map(|(session, _)| session).ok_or("access.no_session")
    }

    /// The flow, if it is this person's in this session and open.
    pub(super) fn claim(&self, who: &Token, flow: Id) -> Decision<usize> {
        Self::session_of(who)?;
        flow.filter(|flow| self.is_of_session(*flow, who) && self.is_open(*flow)).ok_or(UNKNOWN)
    }

    pub(super) fn claimed(&mut self, who: &Token, flow: Id) -> Decision<usize> {
        self.admit(who, flow)?;
        self.claim(who, flow)
    }

    pub(super) fn remove(&mut self, flow: usize) {
        self.flows[flow].gone = true;
        for code in self.codes.iter_mut().filter(|code| code.flow == flow) {
            code.gone = true;
        }
    }

    /// What the store has of the session of a token.
    pub(super) fn row(&self, who: &Token) -> Option<&Row> {
        let session = &self.sessions[who.session?.0];
        session.row.as_ref().filter(|_| session.account == who.account)
    }

    /// How a session was opened, as the store says, else the token.
    pub(super) fn amr(&self, who: &Token) -> Vec<Amr> {
        self.row(who).map_or_else(|| who.amr.clone(), |row| row.amr.clone())
    }

    /// The factors to choose from; `None` where none is demanded.
    pub(super) fn allowed(&self, who: &Token, operation: Operation) -> Option<Vec<Method>> {
        self.allowed_after(None, who, operation)
    }

    /// The same where one was proven, which may have used it up.
    fn allowed_after(
        &self,
        proven: Option<Method>,
        who: &Token,
        operation: Operation,
    ) -> Option<Vec<Method>> {
        if self.setting.demand == Demand::Off && operation == Operation::UpdatePassword {
            return None;
        }
        let distinct = self.setting.demand == Demand::Required;
        let usable = self.usable(who.account, &self.amr(who), distinct, proven);
        let doubted = |method: &Method| {
            self.doubts(who.account, operation, *method) || self.is_new(who.account, *method)
        };
        let trusted: Vec<_> = usable.iter().copied().filter(|method| !doubted(method)).collect();
        Some(if trusted.is_empty() { usable } else { trusted })
    }

    /// The factors that a person has, and, where `distinct`, that opened nothing yet.
    pub(super) fn usable(
        &self,
        account: usize,
        amr: &[Amr],
        distinct: bool,
        proven: Option<Method>,
    ) -> Vec<Method> {
        let account = &self.accounts[account];
        let paper = account.kit.codes_left() > 0
            || (proven == Some(Method::RecoveryCode) && account.kit.sheet.is_some());
        let password = !account.passwords.is_empty() && !account.must_change;
        let factors = [
            (Method::Sms, account.phone.is_some(), &[Amr::Sms, Amr::Otp][..]),
            (Method::Email, account.email.is_some(), &[Amr::Email, Amr::Otp]),
            (Method::Passkey, !account.kit.ring.keys.is_empty(), &[Amr::Passkey]),
            (Method::Totp, account.kit.app.is_some(), &[Amr::Otp]),
            (Method::Password, password, &[Amr::Password]),
            (Method::RecoveryCode, paper, &[Amr::Otp]),
        ];
        let tells = |by: &Amr| !matches!(by, Amr::Other(_)) || is_gesture(std::slice::from_ref(by));
        if distinct && !amr.iter().any(tells) {
            return Vec::new();
        }
        let opened = |by: &[Amr]| distinct && by.iter().any(|by| amr.contains(by));
        let usable = factors.into_iter().filter(|(_, has, by)| *has && !opened(by));
        usable.map(|(method, ..)| method).collect()
    }

    /// Whether a method proves less than another: its address is changed, or was put in place within a week.
    fn doubts(&self, account: usize, operation: Operation, method: Method) -> bool {
        let Some(channel) = method.channel() else { return false };
        let changed = channel_of(operation) == Some(channel);
        let made_at = self.accounts[account].made_at;
        let lately = |at: Instant| at > made_at && self.now < at.after(WEEK);
        changed || self.accounts[account].placed.get(&channel).copied().is_some_and(lately)
    }

    /// Whether a method was enrolled within a week.
    fn is_new(&self, account: usize, method: Method) -> bool {
        let enrolled_at = self.accounts[account].kit.enrolled_at(method);
        enrolled_at.is_some_and(|at| self.now < at.after(WEEK))
    }

    /// Whether addresses stay as they are for now.
    pub(super) fn is_paused(&self, account: usize) -> bool {
        self.accounts[account].paused_until.is_some_and(|until| self.now < until)
    }

    /// Whether what was proven is still accepted.
    pub(super) fn accepted(&self, who: &Token, operation: Operation, method: Method) -> bool {
        let allowed = self.allowed_after(Some(method), who, operation);
        allowed.is_none_or(|allowed| allowed.contains(&method))
    }

    pub(super) fn accepts(&self, who: &Token, operation: Operation, method: Method) -> bool {
        self.allowed(who, operation).is_none_or(|allowed| allowed.contains(&method))
    }
}
