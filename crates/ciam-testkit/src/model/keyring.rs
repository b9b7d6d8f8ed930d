//! Passkeys: begun, confirmed, used in a flow and at the door, removed.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::session::Amr;

use super::command::Id;
use super::decide::{Decision, UNKNOWN, WEEK};
use super::enrol::By;
use super::limits::{self, Count, Payer};
use super::state::{Model, Reply, STRANGER, Stand, Token};
use super::visit::On;

/// How many authenticators there are, each with one passkey.
pub(super) const AUTHENTICATORS: usize = 4;
pub(super) const TIME: Duration = Duration::from_mins(5);
const REJECTED: &str = "passkey.rejected";

/// A passkey of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// The authenticator that holds it.
    pub(super) of: usize,
    pub(super) count: u32,
    pub(super) created_at: Instant,
    pub(super) used_at: Option<Instant>,
}

/// A passkey that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Making {
    /// Its place among all that ever began.
    pub(super) number: usize,
    /// The session in which it began, and the name of that.
    pub(super) session: usize,
    pub(super) name: usize,
    pub(super) until: Instant,
}

/// What somebody has of passkeys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) keys: Vec<Key>,
    pub(super) making: Option<Making>,
    /// Whether authenticators were told what to know the person by.
    pub(super) known: bool,
}

/// What a passkey is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) tenant: usize,
    /// The flow; `None` is the door. A flow that never was has a number of its own.
    pub(super) flow: Option<Id>,
    pub(super) ends: Instant,
}

/// What an authenticator answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) of: usize,
    pub(super) question: Option<usize>,
    /// Whose handle it tells, if any.
    pub(super) handle: Option<usize>,
    pub(super) count: u32,
    /// Whether it signed for another origin.
    pub(super) lured: bool,
}

impl Ring {
    /// What is removed when somebody else may have made them.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.making = None;
    }

    pub(super) fn since(&self) -> Option<Instant> {
        self.keys.iter().map(|key| key.created_at).min()
    }

    fn find(&self, of: usize) -> Option<&Key> {
        self.keys.iter().find(|key| key.of == of)
    }
}

impl Model {
    fn ring(&mut self, account: usize) -> &mut Ring {
        &mut self.accounts[account].kit.ring
    }

    pub(super) fn begin_key(&mut self, who: &Token, by: By) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::BindPasskey, by)?;
        let session = Self::session_of(who)?;
        self.handles.insert(who.account);
        let (number, name, until) = (self.creations, self.sessions[session].name, self.now.after(TIME));
        self.creations += 1;
        let ring = self.ring(who.account);
        ring.making = Some(Making { number, session, name, until });
        ring.known = true;
        if let Some(at) = flow {
            self.remove(at);
        }
        Ok(Reply::Begun(until))
    }

    /// Takes the answer of an authenticator to what began as this number.
    pub(super) fn confirm_key(
        &mut self,
        who: &Token,
        number: Option<usize>,
        of: usize,
        named: bool,
    ) -> Decision<Reply> {
        self.admit(who, None)?;
        let session = Self::session_of(who)?;
        let making = self.ring(who.account).making.clone();
        let making = making.filter(|making| making.session == session && self.now < making.until);
        let making = making.ok_or("passkey.not_begun")?;
        if !named {
            return Err("passkey.malformed_name");
        }
        if !self.raise(&limits::of_try(Payer::Person(who.account), Authenticator::Passkey)) {
            return Err("rate.too_many_attempts");
        }
        if number != Some(making.number) {
            return Err(REJECTED);
        }
        if self.holder_of(self.accounts[who.account].tenant, of).is_some() {
            return Err("passkey.taken");
        }
        let created_at = self.now;
        let ring = self.ring(who.account);
        ring.making = None;
        ring.keys.push(Key { of, count: 1, created_at, used_at: None });
        self.forget_tries(who.account, Authenticator::Passkey);
        self.rebind(who, None, NoticeKind::PasskeyAdded);
        Ok(Reply::Done)
    }

    pub(super) fn remove_key(&mut self, who: &Token, by: By, of: usize) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::UnbindPasskey, by)?;
        let account = &mut self.accounts[who.account];
        account.kit.ring.find(of).ok_or("passkey.unknown")?;
        if account.ways_in() == 1 {
            return Err("credential.last");
        }
        account.kit.ring.keys.retain(|key| key.of != of);
        self.forget_tries(who.account, Authenticator::Passkey);
        self.rebind(who, flow, NoticeKind::PasskeyRemoved);
        Ok(Reply::Done)
    }

    pub(super) fn own_keys(&mut self, who: &Token) -> Decision<Reply> {
        self.admit(who, None)?;
        Ok(Reply::Keys(self.ring(who.account).keys.iter().map(|key| (key.of, key.used_at)).collect()))
    }

    fn holder_of(&self, tenant: usize, of: usize) -> Option<usize> {
        let holds =
            |account: &super::state::Account| account.tenant == tenant && account.kit.ring.find(of).is_some();
        self.accounts.iter().position(holds)
    }

    /// A challenge; nothing is stored, and nothing is recorded.
    pub(super) fn question(&mut self, tenant: usize, flow: Option<Id>) -> Reply {
        let ends = self.now.after(TIME);
        self.questions.push(Question { tenant, flow, ends });
        Reply::Begun(ends)
    }

    /// A challenge in a flow of somebody signed in.
    pub(super) fn ask_for_key(&mut self, who: &Token, flow: Id) -> Decision<Reply> {
        let at = self.claimed(who, flow)?;
        match &self.flows[at].stand {
            Stand::Factor(allowed) if allowed.contains(&Method::Passkey) => {}
            _ => return Err("factor.unsupported"),
        }
        let known = self.keys_for(who.account, self.flows[at].operation);
        let Reply::Begun(ends) = self.question(self.accounts[who.account].tenant, Some(flow)) else {
            return Err(UNKNOWN);
        };
        Ok(Reply::Asked(ends, known))
    }

    /// The passkeys that count for an operation: of a signed-in person none that was made within a week, while there is
    /// an older one.
    fn keys_for(&self, account: usize, operation: Operation) -> Vec<usize> {
        let keys = &self.accounts[account].kit.ring.keys;
        let old: Vec<_> =
            keys.iter().filter(|key| self.now >= key.created_at.after(WEEK)).map(|key| key.of).collect();
        if old.is_empty() || Operation::SIGNED_OUT.contains(&operation) {
            return keys.iter().map(|key| key.of).collect();
        }
        old
    }

    /// Whether a question was answered by this in its time; it counts once.
    fn answers(&mut self, answer: &Answer, tenant: usize, flow: Option<Id>) -> bool {
        let Some(number) = answer.question else { return false };
        let Question { ends, .. } = self.questions[number];
        let fits = self.questions[number] == Question { tenant, flow, ends };
        fits && self.now < ends && self.raise(&[Count::Question(number)])
    }

    /// Whether a passkey of somebody signed; one that counts back may be a copy, and its owner is told.
    fn signed(&mut self, account: usize, answer: &Answer) -> bool {
        let key = self.accounts[account].kit.ring.find(answer.of);
        let Some(key) = key.filter(|_| !answer.lured) else { return false };
        let counts = answer.count > key.count || (answer.count == 0 && key.count == 0);
        if !counts {
            self.announce(account, NoticeKind::PasskeyCopied);
        }
        counts
    }

    fn right_key(&mut self, at: usize, flow: Id, answer: &Answer) -> bool {
        let (account, operation) = (self.flows[at].account, self.flows[at].operation);
        if !self.answers(answer, self.accounts[account].tenant, Some(flow)) {
            return false;
        }
        // Only who has a handle can be told by it.
        let told = answer.handle.filter(|whose| self.handles.contains(whose));
        let told = told.is_none_or(|whose| whose == account);
        told && self.keys_for(account, operation).contains(&answer.of) && self.signed(account, answer)
    }

    fn used(&mut self, account: usize, answer: &Answer) {
        let now = self.now;
        let keys = self.ring(account).keys.iter_mut().filter(|key| key.of == answer.of);
        keys.for_each(|key| (key.count, key.used_at) = (answer.count, Some(now)));
    }

    pub(super) fn verify_key(&mut self, who: &Token, flow: Id, answer: &Answer) -> Decision<Reply> {
        let at = self.pay(who, flow, Authenticator::Passkey)?;
        let right = self.right_key(at, flow, answer);
        self.prove(who, at, Method::Passkey, right.then_some(()).ok_or(REJECTED))?;
        self.used(who.account, answer);
        Ok(Reply::Next(None))
    }

    pub(super) fn key_on_way(&mut self, on: On, answer: &Answer) -> Reply {
        let (account, flow) = self.holder(on);
        let proven = self.try_key(account, flow, (on.flow, answer));
        self.told(account, proven)
    }

    fn try_key(
        &mut self,
        account: usize,
        flow: Option<usize>,
        (id, answer): (Id, &Answer),
    ) -> Decision<Reply> {
        // Before a factor nobody is asked for a passkey.
        if !self.is_half_way(flow) {
            return Err(UNKNOWN);
        }
        let at = self.pay_on_way(account, flow, Authenticator::Passkey)?;
        let right = self.right_key(at, id, answer);
        self.judge(at, Method::Passkey, right.then_some(()).ok_or(REJECTED))?;
        let reply = self.go_on(at, Method::Passkey)?;
        self.used(account, answer);
        Ok(reply)
    }

    /// Tries to come in by a passkey, which tells whose it is.
    pub(super) fn come_by_key(&mut self, tenant: usize, answer: &Answer, source: Option<u8>) -> Reply {
        let action = Action::SignInByPasskey;
        let person = self.holder_of(tenant, answer.of);
        let account = person.unwrap_or(STRANGER + tenant);
        let counts: Vec<_> = source.map(|source| Count::EntrySource(tenant, source)).into_iter().collect();
        if !self.raise(&counts) {
            self.note(account, action, Some("rate.too_many_attempts"));
            return Reply::Refused("rate.too_many_attempts");
        }
        let answered = self.answers(answer, tenant, None);
        let known = person.is_some() && answer.handle == person && answered;
        if !known || !self.signed(account, answer) {
            return self.shut(account, action, REJECTED);
        }
        if let Some(reason) = self.barred(account) {
            return self.shut(account, action, reason);
        }
        self.used(account, answer);
        self.note(account, action, None);
        // One that verified its person is two factors.
        self.enter(account, vec![Amr::Passkey, Amr::several()])
    }
}
