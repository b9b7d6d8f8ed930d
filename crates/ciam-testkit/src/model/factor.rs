//! The way to a proven factor: check, code, proof.

use std::time::Duration;

use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};

use super::command::{Guess, Id};
use super::decide::{Decision, UNKNOWN, channel_of};
use super::limits::{self, Count, Payer, Tally};
use super::state::{Code, Flow, Model, Reply, Spot, Stand, Token, Use};

pub(super) const OPEN_FLOWS: usize = 5;
pub(super) const ATTEMPTS: u8 = 5;
const SENDS: u8 = 3;
pub(super) const CODE_LIFE: Duration = Duration::from_mins(5);

impl Model {
    pub(super) fn requirements(&mut self, who: &Token, operation: Operation) -> Decision<Reply> {
        self.admit(who, None)?;
        let offers = self.allowed(who, operation).map(|allowed| {
            let kit = &self.accounts[who.account].kit;
            let left = |method| (method == Method::RecoveryCode).then(|| kit.codes_left());
            let offer = |method| (method, self.wait_for(who.account, method), left(method));
            allowed.into_iter().map(offer).collect()
        });
        Ok(Reply::Offers(offers))
    }

    fn wait_for(&self, account: usize, method: Method) -> Option<Duration> {
        let mut counts = limits::of_try(Payer::Person(account), method.authenticator());
        let to = method.channel().and_then(|channel| self.accounts[account].contact(channel));
        if let Some(to) = to {
            counts.extend(limits::of_send(account, self.accounts[account].tenant, to));
        }
        let wait = |count| {
            self.tallies.get(&count).map_or(Some(Duration::ZERO), |t: &Tally| t.wait(count, self.now))
        };
        counts.into_iter().try_fold(Duration::ZERO, |longest, count| Some(longest.max(wait(count)?)))
    }

    pub(super) fn check_operation(&mut self, who: &Token, operation: Operation) -> Decision<Reply> {
        self.admit(who, None)?;
        let session = Self::session_of(who)?;
        if channel_of(operation).is_some() && self.is_paused(who.account) {
            return Err("contact.paused");
        }
        let allowed = self.allowed(who, operation);
        let stand = match &allowed {
            None => Stand::Ready(None),
            Some(methods) if methods.is_empty() => return Err("factor.none"),
            Some(methods) => Stand::Factor(methods.clone()),
        };
        self.make_room(who.account, Some(session), operation, OPEN_FLOWS);
        self.flows.push(Flow {
            account: who.account,
            session: Some(session),
            amr: Vec::new(),
            device: None,
            stamp: self.accounts[who.account].stamp,
            operation,
            opened_at: self.now,
            stand,
            attempts: 0,
            sends: 0,
            refused_passwords: 0,
            untold: false,
            gone: false,
        });
        Ok(Reply::Next(allowed))
    }

    /// An open flow for the same goes, what is over goes, and past the cap the oldest goes.
    pub(super) fn make_room(
        &mut self,
        account: usize,
        session: Option<usize>,
        operation: Operation,
        most: usize,
    ) {
        let held = |model: &Self| -> Vec<usize> {
            let flows = model.flows.iter().enumerate();
            flows.filter(|(_, flow)| flow.account == account && !flow.gone).map(|(at, _)| at).collect()
        };
        for at in held(self) {
            let flow = &self.flows[at];
            let twin = session.is_some() && flow.session == session && flow.operation == operation;
            if twin || flow.ends_at() <= self.now {
                self.remove(at);
            }
        }
        let mut rest = held(self);
        rest.sort_by_key(|at| self.flows[*at].opened_at);
        let surplus = (rest.len() + 1).saturating_sub(most);
        rest.into_iter().take(surplus).for_each(|at| self.remove(at));
    }

    pub(super) fn send_factor(&mut self, who: &Token, flow: Id, method: Method) -> Decision<Reply> {
        let at = self.claimed(who, flow)?;
        let Stand::Factor(allowed) = &self.flows[at].stand else { return Err(UNKNOWN) };
        let usable = allowed.contains(&method) && self.accepts(who, self.flows[at].operation, method);
        let own = method.channel().and_then(|channel| self.accounts[who.account].contact(channel));
        let to = own.filter(|_| usable).ok_or("factor.unsupported")?;
        self.send(who.account, at, Use::Factor, to)
    }

    /// Counts a code, puts it in its place and sends it.
    pub(super) fn send(&mut self, account: usize, at: usize, usage: Use, to: Spot) -> Decision<Reply> {
        let counts = limits::of_send(account, self.accounts[account].tenant, to);
        if self.flows[at].sends >= SENDS || !self.raise(&counts) {
            return Err("rate.too_many_codes");
        }
        self.flows[at].sends += 1;
        self.clear_slot(at, usage, to);
        let mail = (!self.delivery_fails).then_some(self.mails);
        self.mails += usize::from(mail.is_some());
        let expires_at = self.now.after(CODE_LIFE);
        self.codes.push(Code { flow: at, usage, to, expires_at, mail, gone: false });
        Ok(if self.delivery_fails { Reply::Failed } else { Reply::Done })
    }

    /// There is one code at most for a person, an operation, a use and a channel.
    pub(super) fn clear_slot(&mut self, at: usize, usage: Use, to: Spot) {
        let (account, operation) = (self.flows[at].account, self.flows[at].operation);
        for code in &mut self.codes {
            let flow = &self.flows[code.flow];
            let same = flow.account == account && flow.operation == operation;
            if same && code.usage == usage && code.to.channel == to.channel {
                code.gone = true;
            }
        }
    }

    /// Raises counts by one, all of them or none.
    pub(super) fn raise(&mut self, counts: &[Count]) -> bool {
        let admits = |count: &Count| {
            self.tallies.get(count).is_none_or(|tally| tally.wait(*count, self.now) == Some(Duration::ZERO))
        };
        let admitted = counts.iter().all(admits);
        for count in counts.iter().filter(|_| admitted) {
            let tally = Tally::raised(self.tallies.get(count).copied(), *count, self.now);
            self.tallies.insert(*count, tally);
            self.counted.insert(*count);
        }
        admitted
    }

    /// Pays for a try: on the flow and on the account, before anything is compared.
    pub(super) fn pay(&mut self, who: &Token, flow: Id, by: Authenticator) -> Decision<usize> {
        let Ok(at) = self.claim(who, flow) else {
            self.admit(who, flow)?;
            return self.claim(who, flow);
        };
        let spent = self.flows[at].attempts >= ATTEMPTS;
        let limited = !spent && !self.raise(&limits::of_try(Payer::Person(who.account), by));
        if !spent && !limited {
            self.flows[at].attempts += 1;
        }
        self.admit(who, flow)?;
        if spent {
            return Err(UNKNOWN);
        }
        if limited { Err("rate.too_many_attempts") } else { Ok(at) }
    }

    /// A try that was paid for failed; the last one ends the flow.
    pub(super) fn fail(&mut self, at: usize, reason: &'static str) -> &'static str {
        if self.flows[at].attempts >= ATTEMPTS {
            self.remove(at);
        }
        reason
    }

    /// The code that a guess is, if it is the one for this use of this flow and still counts.
    pub(super) fn right_code(
        &self,
        at: usize,
        usage: Use,
        channel: ciam::domain::user::Channel,
        guess: Guess,
    ) -> Option<&Code> {
        let Guess::Sent(mail) = guess else { return None };
        self.codes.iter().find(|code| {
            let fits = code.flow == at && code.usage == usage && code.to.channel == channel;
            fits && code.mail == Some(mail) && !code.gone && self.now < code.expires_at
        })
    }

    pub(super) fn verify_code(
        &mut self,
        who: &Token,
        flow: Id,
        method: Method,
        guess: Guess,
    ) -> Decision<Reply> {
        if !method.takes_code() {
            return Err("factor.unsupported");
        }
        let at = self.pay(who, flow, method.authenticator())?;
        let right = self.right(at, method, guess);
        self.prove(who, at, method, right.is_some().then_some(()).ok_or("factor.wrong_code"))?;
        self.use_up(at, right);
        Ok(Reply::Next(None))
    }

    pub(super) fn verify_password(&mut self, who: &Token, flow: Id, password: usize) -> Decision<Reply> {
        let at = self.pay(who, flow, Authenticator::Password)?;
        let right = self.accounts[who.account].passwords.first() == Some(&password);
        self.prove(who, at, Method::Password, right.then_some(()).ok_or("factor.wrong_password"))?;
        Ok(Reply::Next(None))
    }

    pub(super) fn prove(
        &mut self,
        who: &Token,
        at: usize,
        method: Method,
        outcome: Decision<()>,
    ) -> Decision<()> {
        let Stand::Factor(allowed) = &self.flows[at].stand else {
            // A factor that is proven is asked for no more: the attempt is given back.
            self.flows[at].attempts -= 1;
            return Err(UNKNOWN);
        };
        if !allowed.contains(&method) || !self.accepts(who, self.flows[at].operation, method) {
            return Err(self.fail(at, "factor.unsupported"));
        }
        outcome.map_err(|reason| self.fail(at, reason))?;
        self.flows[at].stand = Stand::Ready(Some((method, self.now)));
        for count in limits::of_try(Payer::Person(who.account), method.authenticator()) {
            self.tallies.remove(&count);
        }
        Ok(())
    }
}
