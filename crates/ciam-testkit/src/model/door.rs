//! The door: a name and a password, or an address that a code goes to.

use ciam::domain::audit::Action;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::{Channel, Status};

use super::decide::Decision;
use super::limits::{self, Count};
use super::state::{Account, Code, Demand, Flow, Model, Reply, STRANGER, Spot, Stand, Use};
use super::visit::{Entry, Name, Visit};

/// The one answer for every failure.
const FAILED: &str = "sign_in.failed";
const CODES: [Method; 2] = [Method::Sms, Method::Email];

/// A name and a password that were paid for.
pub(super) struct Presented {
    pub(super) person: Option<usize>,
    pub(super) compared: Decision<()>,
    /// What a success forgets.
    pub(super) counts: Vec<Count>,
}

impl Account {
    pub(super) fn has(&self, name: Name) -> bool {
        match name {
            Name::User(number) => self.username == Some(number),
            Name::Spot(spot) => self.contact(spot.channel) == Some(spot),
            Name::Junk => false,
        }
    }
}

impl Model {
    /// A call without an access token.
    pub(super) fn visit(&mut self, visit: &Visit) -> Reply {
        match *visit {
            Visit::SignIn(ref entry) => self.sign_in(entry),
            Visit::Restore(ref entry) => self.start_restore(entry),
            Visit::Start { operation, tenant, name, source } => self.start(operation, (tenant, name), source),
            Visit::SendCode(on, method) => self.send_on_way(on, method),
            Visit::VerifyCode(on, method, guess) => self.code_on_way(on, method, guess),
            Visit::VerifyPassword(on, password) => self.password_on_way(on, password),
            Visit::SetPassword(on, password) => self.set_password(on, password),
            Visit::Ask { tenant, device } => self.challenge(tenant, device, None),
            Visit::AskKey { tenant } => self.question(tenant, None),
            Visit::AskKeyIn(on) => self.question(on.tenant, Some(on.flow)),
            Visit::KeyIn(on, ref answer) => self.key_on_way(on, answer),
            Visit::ByKey { tenant, ref answer, source } => self.come_by_key(tenant, answer, source),
            Visit::Knock(ref knock) => self.knock(knock),
            Visit::Refresh { tenant, pass } => self.refresh(tenant, pass),
        }
    }

    pub(super) fn note(&mut self, account: usize, action: Action, reason: Option<&'static str>) {
        self.accounts[account].trail.push((action, reason));
    }

    /// The trail says why, the answer does not.
    pub(super) fn shut(&mut self, account: usize, action: Action, reason: &'static str) -> Reply {
        self.note(account, action, Some(reason));
        Reply::Refused(FAILED)
    }

    pub(super) fn named(&self, tenant: usize, name: Name) -> Option<usize> {
        self.accounts.iter().position(|who| who.exists && who.tenant == tenant && who.has(name))
    }

    /// Pays for a try, whoever is named, and compares.
    pub(super) fn present(&mut self, entry: &Entry) -> Result<Presented, Reply> {
        let person = self.named(entry.tenant, entry.name);
        let known = entry.device.zip(person).filter(|(device, person)| *person == self.devices[*device]);
        let mut counts = limits::of_entry(entry, known);
        if !self.raise(&counts) {
            let reason = "rate.too_many_attempts";
            self.note(STRANGER + entry.tenant, Action::SignIn, Some(reason));
            return Err(Reply::Refused(reason));
        }
        counts.retain(|count| !matches!(count, Count::EntrySource(..)));
        counts.extend(person.filter(|_| self.setting.locks).map(Count::Lock));
        let compared = match person.map(|person| self.accounts[person].passwords.first()) {
            None => Err("access.unknown_user"),
            Some(None) => Err("factor.none"),
            Some(Some(own)) if *own == entry.password => Ok(()),
            Some(Some(_)) => Err("factor.wrong_password"),
        };
        Ok(Presented { person, compared, counts })
    }

    fn sign_in(&mut self, entry: &Entry) -> Reply {
        let Presented { person, compared, counts } = match self.present(entry) {
            Ok(presented) => presented,
            Err(reply) => return reply,
        };
        let account = person.unwrap_or(STRANGER + entry.tenant);
        if let Err(reason) = compared {
            let reason = if person.is_some() { self.count_failure(account, reason) } else { reason };
            return self.shut(account, Action::SignIn, reason);
        }
        if let Some(reason) = self.barred(account) {
            return self.shut(account, Action::SignIn, reason);
        }
        let amr = vec![Amr::Password];
        let renews = self.accounts[account].must_change;
        let operation = if renews { Operation::RenewPassword } else { Operation::SignIn };
        let methods = self.allowed_on_way(account, operation, &amr);
        if methods.as_ref().is_some_and(Vec::is_empty) {
            return self.shut(account, Action::SignIn, "factor.none");
        }
        self.forget_counts(&counts);
        self.note(account, Action::SignIn, None);
        let Some(methods) = methods else {
            if renews {
                self.open_on_way(account, operation, amr, Stand::Ready(None));
                return Reply::NewPassword(Vec::new());
            }
            return self.enter(account, amr);
        };
        self.open_on_way(account, operation, amr, Stand::Factor(methods.clone()));
        if renews { Reply::NewPassword(methods) } else { Reply::Second(methods) }
    }

    /// A failure of somebody who could sign in; one too many locks, where the host wants that.
    fn count_failure(&mut self, account: usize, reason: &'static str) -> &'static str {
        if !self.setting.locks || self.barred(account).is_some() || self.raise(&[Count::Lock(account)]) {
            return reason;
        }
        self.accounts[account].status = Status::Locked { until: Some(self.now.after(limits::LOCK)) };
        self.restamp(account);
        self.tallies.remove(&Count::Lock(account));
        self.note(account, Action::SetStatus, None);
        "access.locked"
    }

    fn start(&mut self, operation: Operation, (tenant, name): (usize, Name), source: Option<u8>) -> Reply {
        let Name::Spot(to) = name else { return Reply::Refused("contact.malformed") };
        let person = self.named(tenant, name);
        let account = person.unwrap_or(STRANGER + tenant);
        if !self.raise(&limits::of_start(tenant, to, source)) {
            self.note(account, Action::SendSignInCode, Some("rate.too_many_codes"));
            return Reply::Refused("rate.too_many_codes");
        }
        let opens = person.is_some_and(|person| self.bars_start(person, operation).is_none());
        let method = CODES[usize::from(to.channel == Channel::Email)];
        let stand = Stand::Factor(vec![method]);
        if opens {
            self.open_on_way(account, operation, Vec::new(), stand);
        } else {
            self.flows.push(Flow { gone: true, ..self.flow_of(STRANGER + tenant, operation, stand) });
        }
        self.note(account, Action::SendSignInCode, (!opens).then_some("access.unknown_user"));
        self.send_first(to)
    }

    fn bars_start(&self, account: usize, operation: Operation) -> Option<&'static str> {
        match (operation, self.accounts[account].status) {
            (Operation::RecoverPassword, Status::Locked { .. }) => None,
            _ => self.barred(account),
        }
    }

    /// The code that begins the flow made last; where it is lost, so is the id.
    fn send_first(&mut self, to: Spot) -> Reply {
        let (at, lost) = (self.flows.len() - 1, self.delivery_fails);
        let gone = self.flows[at].gone;
        (self.flows[at].sends, self.flows[at].untold) = (1, lost);
        if !gone {
            self.clear_slot(at, Use::Factor, to);
        }
        let mail = (!lost).then_some(self.mails);
        self.mails += usize::from(!lost);
        let expires_at = self.now.after(super::factor::CODE_LIFE);
        self.codes.push(Code { flow: at, usage: Use::Factor, to, expires_at, mail, gone });
        if lost { Reply::Failed } else { Reply::Done }
    }

    pub(super) fn flow_of(&self, account: usize, operation: Operation, stand: Stand) -> Flow {
        Flow {
            account,
            session: None,
            amr: Vec::new(),
            device: None,
            stamp: self.accounts[account].stamp,
            operation,
            opened_at: self.now,
            stand,
            attempts: 0,
            sends: 0,
            refused_passwords: 0,
            untold: false,
            gone: false,
        }
    }

    /// Opens a flow of somebody on their way in; it pushes out nothing that is not over.
    pub(super) fn open_on_way(&mut self, account: usize, operation: Operation, amr: Vec<Amr>, stand: Stand) {
        self.make_room(account, None, operation, usize::MAX);
        let flow = Flow { amr, ..self.flow_of(account, operation, stand) };
        self.flows.push(flow);
    }

    /// The factors of somebody on their way; `None` where none is demanded.
    pub(super) fn allowed_on_way(
        &self,
        account: usize,
        operation: Operation,
        amr: &[Amr],
    ) -> Option<Vec<Method>> {
        self.allowed_on_way_after(None, account, operation, amr)
    }

    /// The same where one was proven, which may have used it up.
    pub(super) fn allowed_on_way_after(
        &self,
        proven: Option<Method>,
        account: usize,
        operation: Operation,
        amr: &[Amr],
    ) -> Option<Vec<Method>> {
        let usable = |distinct| self.usable(account, amr, distinct, proven);
        // Recovery codes alone make no sign-in ask for one.
        let ordinary = |methods: &Vec<Method>| methods.iter().any(|method| *method != Method::RecoveryCode);
        let available = || Some(usable(true)).filter(ordinary);
        match (operation, self.setting.sign_in) {
            (Operation::SignIn, _) if amr.is_empty() => Some(codes_of(usable(false))),
            (Operation::SignIn, Demand::Off) => None,
            (Operation::SignIn | Operation::RenewPassword, Demand::Required) => Some(usable(true)),
            (Operation::SignIn | Operation::RenewPassword, _) => available(),
            _ => Some(codes_of(usable(false))),
        }
    }

    pub(super) fn forget_counts(&mut self, counts: &[Count]) {
        self.tallies.retain(|count, _| !counts.contains(count));
    }
}

fn codes_of(methods: Vec<Method>) -> Vec<Method> {
    methods.into_iter().filter(|method| CODES.contains(method)).collect()
}
