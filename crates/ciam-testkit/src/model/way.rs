//! The way in: the steps of a flow that no token belongs to.

use ciam::domain::audit::Action;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::user::Status;

use super::command::Guess;
use super::decide::{Decision, UNKNOWN};
use super::factor::ATTEMPTS;
use super::limits::{self, Payer};
use super::state::{Model, Reply, STRANGER, Stand, Use};
use super::visit::On;

impl Model {
    /// Whose flow it is: found by its id alone, over or not.
    pub(super) fn holder(&self, on: On) -> (usize, Option<usize>) {
        let found = on.flow.filter(|at| {
            let flow = &self.flows[*at];
            let known = flow.session.is_none() && !flow.gone && !flow.untold;
            known && self.accounts[flow.account].tenant == on.tenant
        });
        (found.map_or(STRANGER + on.tenant, |at| self.flows[at].account), found)
    }

    /// Whether the status lets somebody go on; whoever may not loses the flow.
    pub(super) fn admit_on_way(&mut self, account: usize, flow: Option<usize>) -> Decision<()> {
        if !self.accounts[account].exists {
            return Err("access.unknown_user");
        }
        let operation = flow.map(|at| self.flows[at].operation);
        let refusal = match (operation, self.accounts[account].status) {
            (Some(Operation::RecoverPassword), Status::Locked { .. }) => None,
            (Some(Operation::RestoreAccount), Status::PendingDeletion { erase_at })
                if self.now < erase_at =>
            {
                None
            }
            (Some(Operation::RestoreAccount), _) => Some("access.deleted"),
            _ => self.barred(account),
        };
        let Some(refusal) = refusal else { return Ok(()) };
        if let Some(at) = flow {
            self.remove(at);
        }
        Err(refusal)
    }

    pub(super) fn claim_on_way(&self, flow: Option<usize>) -> Decision<usize> {
        flow.filter(|at| self.is_open(*at)).ok_or(UNKNOWN)
    }

    pub(super) fn is_half_way(&self, flow: Option<usize>) -> bool {
        flow.is_some_and(|at| !self.flows[at].amr.is_empty())
    }

    /// Who has proven nothing pays in the flow alone.
    fn payer(&self, at: usize) -> Payer {
        if self.is_half_way(Some(at)) { Payer::HalfWay(self.flows[at].account) } else { Payer::Flow(at) }
    }

    pub(super) fn send_on_way(&mut self, on: On, method: Method) -> Reply {
        let (account, flow) = self.holder(on);
        match self.try_to_send(account, flow, method) {
            Ok(reply) => {
                self.note(account, Action::SendSignInCode, None);
                reply
            }
            Err(reason @ "rate.too_many_codes") => {
                self.note(account, Action::SendSignInCode, Some(reason));
                Reply::Refused(reason)
            }
            Err(reason) => self.shut(account, Action::SendSignInCode, reason),
        }
    }

    fn try_to_send(&mut self, account: usize, flow: Option<usize>, method: Method) -> Decision<Reply> {
        self.admit_on_way(account, flow)?;
        if !self.is_half_way(flow) {
            return Err(UNKNOWN);
        }
        let at = self.claim_on_way(flow)?;
        let Stand::Factor(allowed) = &self.flows[at].stand else { return Err(UNKNOWN) };
        let usable = allowed.contains(&method) && self.accepts_on_way(at, method);
        let own = method.channel().and_then(|channel| self.accounts[account].contact(channel));
        let to = own.filter(|_| usable).ok_or("factor.unsupported")?;
        self.send(account, at, Use::Factor, to)
    }

    pub(super) fn code_on_way(&mut self, on: On, method: Method, guess: Guess) -> Reply {
        let (account, flow) = self.holder(on);
        let proven = self.try_code(account, flow, method, guess);
        self.told(account, proven)
    }

    pub(super) fn password_on_way(&mut self, on: On, password: usize) -> Reply {
        let (account, flow) = self.holder(on);
        let proven = self.try_password(account, flow, password);
        self.told(account, proven)
    }

    pub(super) fn told(&mut self, account: usize, proven: Decision<Reply>) -> Reply {
        match proven {
            Ok(reply) => {
                self.note(account, Action::VerifySignIn, None);
                reply
            }
            Err(reason) => self.shut(account, Action::VerifySignIn, reason),
        }
    }

    fn try_code(
        &mut self,
        account: usize,
        flow: Option<usize>,
        method: Method,
        guess: Guess,
    ) -> Decision<Reply> {
        // Before a factor nobody is asked for what no code is sent for.
        if !method.takes_code() || method.channel().is_none() && !self.is_half_way(flow) {
            return Err(UNKNOWN);
        }
        let at = self.pay_on_way(account, flow, method.authenticator())?;
        let right = self.right(at, method, guess);
        self.judge(at, method, right.is_some().then_some(()).ok_or("factor.wrong_code"))?;
        let reply = self.go_on(at, method)?;
        self.use_up(at, right);
        Ok(reply)
    }

    fn try_password(&mut self, account: usize, flow: Option<usize>, password: usize) -> Decision<Reply> {
        // Before a factor nobody is asked for the password.
        if !self.is_half_way(flow) {
            return Err(UNKNOWN);
        }
        let at = self.pay_on_way(account, flow, Authenticator::Password)?;
        let right = self.accounts[account].passwords.first() == Some(&password);
        self.judge(at, Method::Password, right.then_some(()).ok_or("factor.wrong_password"))?;
        self.go_on(at, Method::Password)
    }

    pub(super) fn pay_on_way(
        &mut self,
        account: usize,
        flow: Option<usize>,
        by: Authenticator,
    ) -> Decision<usize> {
        let Ok(at) = self.claim_on_way(flow) else {
            self.admit_on_way(account, flow)?;
            return Err(UNKNOWN);
        };
        let spent = self.flows[at].attempts >= ATTEMPTS;
        let limited = !spent && !self.raise(&limits::of_try(self.payer(at), by));
        if !spent && !limited {
            self.flows[at].attempts += 1;
        }
        self.admit_on_way(account, flow)?;
        if spent {
            return Err(UNKNOWN);
        }
        if limited { Err("rate.too_many_attempts") } else { Ok(at) }
    }

    pub(super) fn accepts_on_way(&self, at: usize, method: Method) -> bool {
        let flow = &self.flows[at];
        let allowed = self.allowed_on_way(flow.account, flow.operation, &flow.amr);
        allowed.is_none_or(|allowed| allowed.contains(&method))
    }

    pub(super) fn judge(&mut self, at: usize, method: Method, outcome: Decision<()>) -> Decision<()> {
        let Stand::Factor(allowed) = &self.flows[at].stand else { return Err(UNKNOWN) };
        if !allowed.contains(&method) || !self.accepts_on_way(at, method) {
            return Err(self.fail(at, "factor.unsupported"));
        }
        outcome.map_err(|reason| self.fail(at, reason))
    }

    /// After a proof: a second factor, in, a new password, or back to the account.
    pub(super) fn go_on(&mut self, at: usize, method: Method) -> Decision<Reply> {
        let (account, operation, first) = {
            let flow = &self.flows[at];
            (flow.account, flow.operation, flow.amr.is_empty())
        };
        let mut amr = self.flows[at].amr.clone();
        amr.push(method.amr());
        let second = (operation == Operation::SignIn && first)
            .then(|| self.allowed_on_way(account, operation, &amr))
            .flatten();
        if second.as_ref().is_some_and(Vec::is_empty) {
            return Err("factor.none");
        }
        self.forget_counts(&limits::of_try(self.payer(at), method.authenticator()));
        Ok(match operation {
            Operation::SignIn => {
                if let Some(methods) = second {
                    self.flows[at].amr = amr;
                    self.flows[at].stand = Stand::Factor(methods.clone());
                    return Ok(Reply::Second(methods));
                }
                self.remove(at);
                self.enter_from(account, amr, self.flows[at].device)
            }
            Operation::RestoreAccount => self.restore(at),
            _ => {
                self.flows[at].stand = Stand::Ready(Some((method, self.now)));
                Reply::NewPassword(Vec::new())
            }
        })
    }
}
