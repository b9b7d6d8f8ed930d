//! What people enrol to prove themselves by: an authenticator app and a sheet of recovery codes.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;

use super::command::{Guess, Id};
use super::decide::Decision;
use super::factor::OPEN_FLOWS;
use super::gadget::{Gadget, Owned, Sign};
use super::keyring::Ring;
use super::limits::{self, Payer};
use super::state::{Flow, Model, Reply, Spot, Stand, Token, Use};

/// Seconds that a code of an app is for.
const PERIOD: i64 = 30;
/// Codes on a sheet, and how many of them are few.
pub(super) const SHEET: usize = 10;
const FEW: usize = 3;
pub(super) const TO_CONFIRM: Duration = Duration::from_mins(10);

/// What proves somebody who enrols something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A sign-in of just now.
    Fresh,
    Password(usize),
    Flow(Id),
}

/// What is enrolled or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enrol {
    BeginApp(By),
    ConfirmApp(Guess),
    RemoveApp(By),
    RenewSheet(By),
    /// The key of a device is made known; `None` is one that is none.
    Register(By, Option<Gadget>),
    Bind(By, Option<Sign>),
    Unbind(By, usize),
    BeginKey(By),
    /// An authenticator answers to what began as this number, and its owner calls it something.
    ConfirmKey {
        number: Option<usize>,
        of: usize,
        named: bool,
    },
    RemoveKey(By, usize),
}

/// An authenticator app that is in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct App {
    /// Its place among all apps that ever began.
    pub(super) number: usize,
    pub(super) enrolled_at: Instant,
    /// The step of the last code that was accepted.
    pub(super) last: i64,
}

/// An app whose first code is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) number: usize,
    /// The session that it was shown in, and the name of that.
    pub(super) session: usize,
    pub(super) name: usize,
    pub(super) until: Instant,
}

/// Recovery codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Its place among all sheets that were ever made.
    pub(super) number: usize,
    pub(super) made_at: Instant,
    pub(super) unused: Vec<usize>,
}

/// What somebody has enrolled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kit {
    pub(super) app: Option<App>,
    pub(super) begun: Option<Begun>,
    pub(super) sheet: Option<Sheet>,
    /// Devices, the one made known first before the others.
    pub(super) devices: Vec<Owned>,
    pub(super) ring: Ring,
}

/// What a code was taken for, and what goes with it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Right {
    Sent(Spot),
    Step(i64),
    Paper(usize),
}

impl Kit {
    /// Former addresses take along what came since they were replaced, and what was begun.
    pub(super) fn forget_since(&mut self, since: Instant) {
        self.begun = None;
        self.app.take_if(|app| app.enrolled_at >= since);
        self.sheet.take_if(|sheet| sheet.made_at >= since);
        self.ring.making = None;
        self.ring.keys.retain(|key| key.created_at < since);
        self.devices.retain(|owned| owned.bound_at.is_some_and(|at| at < since));
    }

    pub(super) fn codes_left(&self) -> usize {
        self.sheet.as_ref().map_or(0, |sheet| sheet.unused.len())
    }

    /// When a method was enrolled, where it is one that is.
    pub(super) fn enrolled_at(&self, method: Method) -> Option<Instant> {
        match method {
            Method::Totp => self.app.as_ref().map(|app| app.enrolled_at),
            Method::RecoveryCode => self.sheet.as_ref().map(|sheet| sheet.made_at),
            Method::Passkey => self.ring.since(),
            _ => None,
        }
    }
}

impl Enrol {
    pub(super) const fn by(&self) -> Option<By> {
        match self {
            Self::BeginApp(by)
            | Self::RemoveApp(by)
            | Self::RenewSheet(by)
            | Self::Register(by, _)
            | Self::Bind(by, _)
            | Self::Unbind(by, _)
            | Self::BeginKey(by)
            | Self::RemoveKey(by, _) => Some(*by),
            Self::ConfirmApp(_) | Self::ConfirmKey { .. } => None,
        }
    }

    pub(super) const fn set_by(&mut self, other: By) {
        match self {
            Self::BeginApp(by)
            | Self::RemoveApp(by)
            | Self::RenewSheet(by)
            | Self::Register(by, _)
            | Self::Bind(by, _)
            | Self::Unbind(by, _)
            | Self::BeginKey(by)
            | Self::RemoveKey(by, _) => *by = other,
            Self::ConfirmApp(_) | Self::ConfirmKey { .. } => {}
        }
    }

    const fn operation(self) -> Operation {
        match self {
            Self::BeginApp(_) | Self::ConfirmApp(_) => Operation::BindTotp,
            Self::RemoveApp(_) => Operation::UnbindTotp,
            Self::RenewSheet(_) => Operation::RenewRecoveryCodes,
            Self::Register(..) | Self::Bind(..) => Operation::BindGesture,
            Self::Unbind(..) => Operation::UnbindGesture,
            Self::BeginKey(_) | Self::ConfirmKey { .. } => Operation::BindPasskey,
            Self::RemoveKey(..) => Operation::UnbindPasskey,
        }
    }

    pub(super) const fn action(self) -> Action {
        match self {
            Self::BeginApp(_) => Action::BeginTotp,
            Self::ConfirmApp(_) => Action::BindTotp,
            Self::RemoveApp(_) => Action::UnbindTotp,
            Self::RenewSheet(_) => Action::RenewRecoveryCodes,
            Self::Register(..) => Action::RegisterGesture,
            Self::Bind(..) => Action::BindGesture,
            Self::Unbind(..) => Action::UnbindGesture,
            Self::BeginKey(_) => Action::BeginPasskey,
            Self::ConfirmKey { .. } => Action::BindPasskey,
            Self::RemoveKey(..) => Action::UnbindPasskey,
        }
    }
}

/// The step of a moment.
pub(super) const fn step_at(now: Instant) -> i64 {
    now.unix_seconds().div_euclid(PERIOD)
}

impl Model {
    /// A call that enrols or removes something. A password is compared first, in a flow that nobody learns the id of.
    pub(super) fn enrol(&mut self, who: &Token, step: Enrol) -> Reply {
        let begun = self.flows.len();
        let proven = match step.by() {
            Some(By::Password(password)) => self.by_password(who, step.operation(), password),
            Some(other) => Ok(other),
            None => Ok(By::Fresh),
        };
        let reply = match proven {
            Ok(by) => {
                let decided = self.enrolled(who, step, by);
                self.note(who.account, step.action(), decided.as_ref().err().copied());
                decided.unwrap_or_else(Reply::Refused)
            }
            Err(reason) => Reply::Refused(reason),
        };
        self.flows[begun..].iter_mut().for_each(|flow| flow.untold = true);
        reply
    }

    fn enrolled(&mut self, who: &Token, step: Enrol, by: By) -> Decision<Reply> {
        match step {
            Enrol::BeginApp(_) => self.begin_app(who, by),
            Enrol::ConfirmApp(guess) => self.confirm_app(who, guess),
            Enrol::RemoveApp(_) => self.remove_app(who, by),
            Enrol::RenewSheet(_) => self.renew_sheet(who, by),
            Enrol::Register(_, gadget) => self.register(who, by, gadget),
            Enrol::Bind(_, sign) => self.bind(who, by, sign),
            Enrol::Unbind(_, device) => self.unbind(who, by, device),
            Enrol::BeginKey(_) => self.begin_key(who, by),
            Enrol::ConfirmKey { number, of, named } => self.confirm_key(who, number, of, named),
            Enrol::RemoveKey(_, of) => self.remove_key(who, by, of),
        }
    }

    fn by_password(&mut self, who: &Token, operation: Operation, password: usize) -> Decision<By> {
        let opened = self.open_for_password(who, operation);
        self.note(who.account, Action::CheckOperation, opened.err());
        let flow = Some(opened?);
        let proven = self.verify_password(who, flow, password);
        self.note(who.account, Action::VerifyFactor, proven.as_ref().err().copied());
        proven.map(|_| By::Flow(flow))
    }

    fn open_for_password(&mut self, who: &Token, operation: Operation) -> Decision<usize> {
        self.admit(who, None)?;
        let session = Self::session_of(who)?;
        if !self.accepts(who, operation, Method::Password) {
            return Err("factor.unsupported");
        }
        self.make_room(who.account, Some(session), operation, OPEN_FLOWS);
        let stand = Stand::Factor(vec![Method::Password]);
        self.flows.push(Flow { session: Some(session), ..self.flow_of(who.account, operation, stand) });
        Ok(self.flows.len() - 1)
    }

    /// What a call stands on: a flow that it spends, or a sign-in of just now.
    pub(super) fn stand_on(&mut self, who: &Token, operation: Operation, by: By) -> Decision<Option<usize>> {
        match by {
            By::Flow(flow) => {
                let at = self.claimed(who, flow)?;
                self.may_act(who, at, operation)?;
                Ok(Some(at))
            }
            By::Fresh | By::Password(_) => self.one_call(who).map(|()| None),
        }
    }

    /// Ends everything else of a person whose proofs have changed, and tells every address.
    pub(super) fn rebind(&mut self, who: &Token, flow: Option<usize>, kind: NoticeKind) {
        self.announce(who.account, kind);
        self.seal(who);
        if let Some(at) = flow {
            self.remove(at);
        }
    }

    pub(super) fn forget_tries(&mut self, account: usize, authenticator: Authenticator) {
        for payer in [Payer::Person(account), Payer::HalfWay(account)] {
            self.forget_counts(&limits::of_try(payer, authenticator));
        }
    }

    fn begin_app(&mut self, who: &Token, by: By) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::BindTotp, by)?;
        let (number, session) = (self.apps, Self::session_of(who)?);
        let until = self.now.after(TO_CONFIRM);
        self.apps += 1;
        let name = self.sessions[session].name;
        self.accounts[who.account].kit.begun = Some(Begun { number, session, name, until });
        if let Some(at) = flow {
            self.remove(at);
        }
        Ok(Reply::Begun(until))
    }

    fn confirm_app(&mut self, who: &Token, guess: Guess) -> Decision<Reply> {
        self.admit(who, None)?;
        let session = Self::session_of(who)?;
        let begun = self.accounts[who.account].kit.begun.clone();
        let begun = begun.filter(|begun| begun.session == session && self.now < begun.until);
        let number = begun.ok_or("factor.not_enrolled")?.number;
        if !self.raise(&limits::of_try(Payer::Person(who.account), Authenticator::Totp)) {
            return Err("rate.too_many_attempts");
        }
        let last = self.shown(number, guess).ok_or("factor.wrong_code")?;
        let kit = &mut self.accounts[who.account].kit;
        kit.app = Some(App { number, enrolled_at: self.now, last });
        kit.begun = None;
        self.forget_tries(who.account, Authenticator::Totp);
        self.rebind(who, None, NoticeKind::TotpAdded);
        Ok(Reply::Done)
    }

    fn remove_app(&mut self, who: &Token, by: By) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::UnbindTotp, by)?;
        let kit = &mut self.accounts[who.account].kit;
        kit.app.take().ok_or("factor.not_enrolled")?;
        kit.begun = None;
        self.forget_tries(who.account, Authenticator::Totp);
        self.rebind(who, flow, NoticeKind::TotpRemoved);
        Ok(Reply::Done)
    }

    fn renew_sheet(&mut self, who: &Token, by: By) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::RenewRecoveryCodes, by)?;
        let (number, made_at) = (self.sheets, self.now);
        self.sheets += 1;
        let sheet = Sheet { number, made_at, unused: (0..SHEET).collect() };
        self.accounts[who.account].kit.sheet = Some(sheet);
        self.forget_tries(who.account, Authenticator::RecoveryCode);
        self.rebind(who, flow, NoticeKind::RecoveryCodesRenewed);
        Ok(Reply::Done)
    }

    /// The step whose code an app shows, if that is near.
    fn shown(&self, number: usize, guess: Guess) -> Option<i64> {
        let Guess::App(app, late) = guess else { return None };
        (app == number && (-1..=1).contains(&late)).then(|| step_at(self.now) + i64::from(late))
    }

    /// What a guess is in a flow, if it is right there.
    pub(super) fn right(&self, at: usize, method: Method, guess: Guess) -> Option<Right> {
        let kit = &self.accounts[self.flows[at].account].kit;
        match (method, guess) {
            (Method::Totp, _) => {
                let app = kit.app.as_ref()?;
                self.shown(app.number, guess).filter(|step| *step > app.last).map(Right::Step)
            }
            (Method::RecoveryCode, Guess::Paper(number, code)) => {
                let sheet = kit.sheet.as_ref().filter(|sheet| sheet.number == number)?;
                sheet.unused.contains(&code).then_some(Right::Paper(code))
            }
            _ => self.right_code(at, Use::Factor, method.channel()?, guess).map(|code| Right::Sent(code.to)),
        }
    }

    /// What was taken is used up with what it proves.
    pub(super) fn use_up(&mut self, at: usize, right: Option<Right>) {
        let account = self.flows[at].account;
        let kit = &mut self.accounts[account].kit;
        match right {
            None => {}
            Some(Right::Sent(to)) => self.clear_slot(at, Use::Factor, to),
            Some(Right::Step(step)) => {
                if let Some(app) = &mut kit.app {
                    app.last = step;
                }
            }
            Some(Right::Paper(code)) => {
                kit.sheet.iter_mut().for_each(|sheet| sheet.unused.retain(|unused| *unused != code));
                let few = kit.codes_left() <= FEW;
                let low = if few { NoticeKind::RecoveryCodesLow } else { NoticeKind::RecoveryCodeUsed };
                self.announce(account, low);
            }
        }
    }
}
