//! The model as the machine that random journeys are drawn from.

use ciam::domain::Instant;
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::chance;
use super::command::{Call, Command, For, Guess, Id};
use super::state::Model;

/// Draws journeys.
#[derive(Debug)]
pub(super) struct Journeys;

impl ReferenceStateMachine for Journeys {
    type State = Model;
    type Transition = Command;

    fn init_state() -> BoxedStrategy<Model> {
        let begun = |setting| {
            let mut model = Model { setting, ..Model::begin() };
            for command in Command::beginning() {
                model.run(&command);
            }
            model
        };
        chance::setting().prop_map(begun).boxed()
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
    /// The command with every number brought into range, so that a shrunk journey still makes sense.
    pub(super) fn concrete(&self, command: &Command) -> Command {
        match command {
            Command::Call { token, call, times, pause } => {
                let call = self.concrete_call(call);
                Command::Call { token: token % self.tokens.len(), call, times: *times, pause: *pause }
            }
            Command::IssueToken { account, session: For::Named(name), amr } => {
                let session = For::Named(name % self.names);
                Command::IssueToken { account: *account, session, amr: amr.clone() }
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

    fn concrete_call(&self, call: &Call) -> Call {
        use Call::{Cancel, ChangeContact, ChangePassword, DeleteAccount, SendContact, SendFactor};
        let id = |id: Id| id.filter(|_| !self.flows.is_empty()).map(|at| at % self.flows.len());
        let guess = |guess: Guess| match guess {
            Guess::Sent(_) if self.mails == 0 => Guess::Wrong,
            Guess::Sent(mail) => Guess::Sent(mail % self.mails),
            other => other,
        };
        match *call {
            SendFactor(flow, method) => SendFactor(id(flow), method),
            Call::VerifyCode(flow, method, tried) => Call::VerifyCode(id(flow), method, guess(tried)),
            Call::VerifyPassword(flow, password) => Call::VerifyPassword(id(flow), password),
            ChangePassword(flow, password) => ChangePassword(id(flow), password),
            SendContact(flow, wanted) => SendContact(id(flow), wanted),
            ChangeContact(flow, channel, tried) => ChangeContact(id(flow), channel, guess(tried)),
            DeleteAccount(flow) => DeleteAccount(id(flow)),
            Cancel(flow) => Cancel(id(flow)),
            Call::CheckToken | Call::Requirements(_) | Call::CheckOperation(_) | Call::EndOthers => {
                call.clone()
            }
        }
    }
}
