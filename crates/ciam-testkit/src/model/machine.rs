//! The model as the machine that random journeys are drawn from.

use ciam::domain::Instant;
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::command::{Call, Command, For, Guess, Id};
use super::enrol::{By, Enrol, SHEET};
use super::gadget::{Knock, Sign};
use super::keyring::Answer;
use super::state::Model;
use super::visit::{Entry, On, Visit};
use super::{chance, past};

/// Draws journeys.
#[derive(Debug)]
pub(super) struct Journeys;

impl ReferenceStateMachine for Journeys {
    type State = Model;
    type Transition = Command;

    fn init_state() -> BoxedStrategy<Model> {
        let begun = |(setting, before)| {
            let mut model = Model { setting, before, ..Model::begin() };
            for command in model.opening() {
                let command = model.concrete(&command);
                model.run(&command);
            }
            model
        };
        (chance::setting(), past::any()).prop_map(begun).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Command> {
        chance::next(model)
    }

    fn apply(mut model: Model, command: &Command) -> Model {
        let command = model.concrete(command);
        model.run(&command);
        model
    }
}

impl Model {
    /// What comes before the journey itself.
    pub(super) fn opening(&self) -> Vec<Command> {
        [self.before.clone(), Command::beginning()].concat()
    }

    /// The command with every number brought into range, so that a shrunk journey still makes sense.
    pub(super) fn concrete(&self, command: &Command) -> Command {
        match command {
            Command::Call { token, call, times, pause } => {
                let call = self.concrete_call(call);
                Command::Call { token: token % self.tokens.len(), call, times: *times, pause: *pause }
            }
            Command::Visit { visit, times, pause } => {
                Command::Visit { visit: self.concrete_visit(visit), times: *times, pause: *pause }
            }
            Command::IssueToken { account, session: For::Named(name), amr } => {
                let session = For::Named(name % self.names);
                Command::IssueToken { account: self.concrete_account(*account), session, amr: amr.clone() }
            }
            Command::IssueToken { account, session: For::New, amr } => {
                let account = self.concrete_account(*account);
                Command::IssueToken { account, session: For::New, amr: amr.clone() }
            }
            Command::ForeignToken { account, session, renewed } => {
                let account = self.concrete_account(*account);
                Command::ForeignToken { account, session: *session, renewed: *renewed }
            }
            Command::SetStatus { account, status } => {
                Command::SetStatus { account: self.concrete_account(*account), status: *status }
            }
            Command::DemandReset { account } => {
                Command::DemandReset { account: self.concrete_account(*account) }
            }
            Command::Purge { whom: Some(account), stuck } => {
                Command::Purge { whom: Some(self.concrete_account(*account)), stuck: *stuck }
            }
            other => other.clone(),
        }
    }

    /// Tokens tell seconds: a host gives the id of an ended session out again only after the second in which its
    /// last token was issued.
    pub(super) fn wait_out(&mut self, account: usize, name: usize) {
        let Some(at) = self.session_named(self.accounts[account].tenant, name) else { return };
        let of_it =
            self.tokens.iter().filter(|token| token.session.is_some_and(|(session, _)| session == at));
        let last = of_it.map(|token| token.issued_at.unix_seconds()).max();
        if let Some(last) = last.filter(|_| self.sessions[at].row.is_none()) {
            self.now = self.now.max(Instant::from_unix_seconds(last + 1));
        }
    }

    const fn concrete_account(&self, account: usize) -> usize {
        account % self.accounts.len()
    }

    fn concrete_id(&self, id: Id) -> Id {
        id.filter(|_| !self.flows.is_empty()).map(|at| at % self.flows.len())
    }

    const fn concrete_guess(&self, guess: Guess) -> Guess {
        match guess {
            Guess::Sent(_) if self.mails == 0 => Guess::Wrong,
            Guess::Sent(mail) => Guess::Sent(mail % self.mails),
            Guess::App(_, _) if self.apps == 0 => Guess::Wrong,
            Guess::App(app, late) => Guess::App(app % self.apps, late),
            Guess::Paper(_, _) if self.sheets == 0 => Guess::Wrong,
            Guess::Paper(sheet, code) => Guess::Paper(sheet % self.sheets, code % SHEET),
            other => other,
        }
    }

    fn concrete_answer(&self, answer: Answer) -> Answer {
        let count = self.questions.len();
        let handle = answer.handle.map(|whose| self.concrete_account(whose));
        Answer { question: answer.question.filter(|_| count > 0).map(|at| at % count), handle, ..answer }
    }

    fn concrete_sign(&self, sign: Sign) -> Sign {
        let count = self.challenges.len();
        Sign { challenge: sign.challenge.filter(|_| count > 0).map(|at| at % count), ..sign }
    }

    fn concrete_visit(&self, visit: &Visit) -> Visit {
        let on = |on: On| On { flow: self.concrete_id(on.flow), ..on };
        let within = |number: Option<usize>, count: usize| number.filter(|_| count > 0).map(|at| at % count);
        let entry =
            |entry: &Entry| Entry { device: within(entry.device, self.devices.len()), ..entry.clone() };
        match visit {
            Visit::SignIn(known) => Visit::SignIn(entry(known)),
            Visit::Restore(known) => Visit::Restore(entry(known)),
            Visit::Start { .. } | Visit::Ask { .. } | Visit::AskKey { .. } => visit.clone(),
            Visit::AskKeyIn(step) => Visit::AskKeyIn(on(*step)),
            Visit::KeyIn(step, answer) => Visit::KeyIn(on(*step), self.concrete_answer(*answer)),
            Visit::ByKey { tenant, answer, source } => {
                Visit::ByKey { tenant: *tenant, answer: self.concrete_answer(*answer), source: *source }
            }
            Visit::Knock(knock) => {
                Visit::Knock(Knock { sign: knock.sign.map(|sign| self.concrete_sign(sign)), ..*knock })
            }
            Visit::SendCode(step, method) => Visit::SendCode(on(*step), *method),
            Visit::VerifyCode(step, method, tried) => {
                Visit::VerifyCode(on(*step), *method, self.concrete_guess(*tried))
            }
            Visit::VerifyPassword(step, password) => Visit::VerifyPassword(on(*step), *password),
            Visit::SetPassword(step, password) => Visit::SetPassword(on(*step), *password),
            Visit::Refresh { tenant, pass } => {
                Visit::Refresh { tenant: *tenant, pass: within(*pass, self.passes.len()) }
            }
        }
    }

    fn concrete_call(&self, call: &Call) -> Call {
        use Call::{Cancel, ChangeContact, ChangePassword, DeleteAccount, SendContact, SendFactor};
        let id = |id: Id| self.concrete_id(id);
        let guess = |guess: Guess| self.concrete_guess(guess);
        match *call {
            SendFactor(flow, method) => SendFactor(id(flow), method),
            Call::VerifyCode(flow, method, tried) => Call::VerifyCode(id(flow), method, guess(tried)),
            Call::VerifyPassword(flow, password) => Call::VerifyPassword(id(flow), password),
            ChangePassword(flow, password) => ChangePassword(id(flow), password),
            SendContact(flow, wanted) => SendContact(id(flow), wanted),
            ChangeContact(flow, channel, tried) => ChangeContact(id(flow), channel, guess(tried)),
            DeleteAccount(flow) => DeleteAccount(id(flow)),
            Cancel(flow) => Cancel(id(flow)),
            Call::AskForKey(flow) => Call::AskForKey(id(flow)),
            Call::VerifyKey(flow, answer) => Call::VerifyKey(id(flow), self.concrete_answer(answer)),
            Call::EndOne(name) => Call::EndOne(name.filter(|_| self.names > 0).map(|name| name % self.names)),
            Call::CheckToken
            | Call::Requirements(_)
            | Call::CheckOperation(_)
            | Call::EndOthers
            | Call::OwnSessions
            | Call::EndAll
            | Call::BindSocial(..)
            | Call::AskToBind(_)
            | Call::OwnDevices
            | Call::OwnKeys
            | Call::UnbindSocial(_) => call.clone(),
            Call::Enrol(mut step) => {
                if let Some(By::Flow(flow)) = step.by() {
                    step.set_by(By::Flow(id(flow)));
                }
                if let Enrol::ConfirmKey { number, .. } = &mut step {
                    *number = number.filter(|_| self.creations > 0).map(|at| at % self.creations);
                }
                if let Enrol::Bind(by, Some(sign)) = step {
                    step = Enrol::Bind(by, Some(self.concrete_sign(sign)));
                }
                Call::Enrol(if let Enrol::ConfirmApp(tried) = step {
                    Enrol::ConfirmApp(guess(tried))
                } else {
                    step
                })
            }
        }
    }
}
