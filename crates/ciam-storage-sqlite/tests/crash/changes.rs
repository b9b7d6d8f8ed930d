//! What a person does to change something: through a flow, or turning back somewhere on the way.

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::user::Channel;
use ciam::{CheckedOperation, ContactCodeRequest, FactorCodeRequest, NewContact, Principal, Wording};

use crate::below;
use crate::note::{Change, Deed};
use crate::traveller::{Traveller, secret};

impl Traveller<'_> {
    /// Goes through a flow, or turns back somewhere on the way; says whether the account is deleted.
    pub(crate) fn change(&mut self, session: &str, operation: Operation) -> bool {
        let who = self.holder(session);
        let Some(flow) = self.begin(&who, session, operation) else { return false };
        if self.prove(&who, &flow).is_none() {
            return false;
        }
        if below(self.random, 6) == 0 {
            let deed = Deed::Cancel { session: session.to_owned(), flow: flow.expose().to_owned() };
            self.act(deed, |()| None, self.ciam().cancel_flow(&who, &flow));
            return false;
        }
        match operation {
            Operation::UpdatePassword => self.change_password(&who, session, &flow),
            Operation::UpdateEmail => self.change_contact(&who, session, &flow, Channel::Email),
            Operation::UpdatePhone => self.change_contact(&who, session, &flow, Channel::Sms),
            Operation::Unsubscribe => {
                let deed = Self::changed(session, &flow, Change::Deletion, None);
                return self.act(deed, |()| None, self.ciam().delete_account(&who, &flow)).is_some();
            }
            signed_out => unreachable!("{signed_out:?} takes no token"),
        }
        false
    }

    /// Leaves flows behind, some of them proven, some of them guessed at.
    pub(crate) fn leave(&self, session: &str) {
        let who = self.holder(session);
        for operation in [Operation::UpdateEmail, Operation::UpdatePassword] {
            let Some(flow) = self.begin(&who, session, operation) else { return };
            match below(self.random, 3) {
                0 => drop(self.prove(&who, &flow)),
                1 => self.guess(&who, &flow),
                _ => {}
            }
        }
    }

    fn begin(&self, who: &Principal, session: &str, operation: Operation) -> Option<FlowId> {
        let at = self.house.now().unix_micros();
        let deed = Deed::Begin { session: session.to_owned(), operation: operation.as_str().to_owned(), at };
        let id = |checked: &CheckedOperation| Some(checked.flow.expose().to_owned());
        self.act(deed, id, self.ciam().check_operation(who, operation)).map(|checked| checked.flow)
    }

    fn guess(&self, who: &Principal, flow: &FlowId) {
        for _ in 0..below(self.random, 3) {
            let wrong = Code::presented("no code");
            let guess = self.ciam().verify_factor_code(who, flow, Method::Sms, &wrong);
            let deed = Deed::Guess { flow: flow.expose().to_owned() };
            assert!(self.act(deed, |_| None, guess).is_none());
        }
    }

    fn changed(session: &str, flow: &FlowId, change: Change, code: Option<String>) -> Deed {
        Deed::Change { session: session.to_owned(), flow: flow.expose().to_owned(), change, code }
    }

    fn prove(&self, who: &Principal, flow: &FlowId) -> Option<()> {
        let id = || flow.expose().to_owned();
        let session = who.session().expect("a session").to_string();
        if below(self.random, 2) == 0 {
            let (deed, password) = (Deed::Prove { session, flow: id(), code: None }, secret(&self.password));
            return self
                .act(deed, |_| None, self.ciam().verify_factor_password(who, flow, &password))
                .map(drop);
        }
        let request =
            FactorCodeRequest { flow, method: Method::Sms, wording: Wording::default(), captcha: None };
        let deed = Deed::AskForCode { flow: id(), to: self.phone.clone() };
        self.act(deed, |()| None, self.ciam().send_factor_code(who, request))?;
        self.guess(who, flow);
        let code = self.house.world.mailbox.last_code(&self.phone).expect("a code");
        let presented = Code::presented(&code);
        let deed = Deed::Prove { session, flow: id(), code: Some(code) };
        self.act(deed, |_| None, self.ciam().verify_factor_code(who, flow, Method::Sms, &presented)).map(drop)
    }

    fn change_password(&mut self, who: &Principal, session: &str, flow: &FlowId) {
        let next = format!("{} and {} owls", self.password, below(self.random, 1_000));
        let deed = Self::changed(session, flow, Change::Password(next.clone()), None);
        if self.act(deed, |()| None, self.ciam().change_password(who, flow, &secret(&next))).is_some() {
            self.password = next;
        }
    }

    /// Takes an address that others want too, every other time.
    fn change_contact(&mut self, who: &Principal, session: &str, flow: &FlowId, channel: Channel) {
        let number = if below(self.random, 2) == 0 {
            below(self.random, 3)
        } else {
            10 + self.number * 100 + below(self.random, 100)
        };
        let (to, contact) = match channel {
            Channel::Email => {
                let email = format!("wanted.{}.{number}@example.org", self.round);
                (email.clone(), email)
            }
            Channel::Sms => {
                let national = format!("138{:04}{:04}", self.round % 10_000, number % 10_000);
                (format!("+86{national}"), national)
            }
        };
        let named = match channel {
            Channel::Email => NewContact::Email(&contact),
            Channel::Sms => NewContact::Phone { number: &contact, region: None },
        };
        let request = ContactCodeRequest { flow, contact: named, wording: Wording::default(), captcha: None };
        let deed = Deed::AskForCode { flow: flow.expose().to_owned(), to: to.clone() };
        if self.act(deed, |()| None, self.ciam().send_contact_code(who, request)).is_none() {
            return;
        }
        let code = self.house.world.mailbox.last_code(&to).expect("a code");
        let presented = Code::presented(&code);
        let change = match channel {
            Channel::Email => Change::Email(to.clone()),
            Channel::Sms => Change::Phone(to.clone()),
        };
        let deed = Self::changed(session, flow, change, Some(code));
        let changed = self.act(deed, |()| None, self.ciam().change_contact(who, flow, channel, &presented));
        if changed.is_some() && channel == Channel::Sms {
            self.phone = to;
        }
    }
}
