//! New passwords of who is not signed in, and deletions that are called back.

use ciam::domain::audit::Action;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::Status;
use ciam::domain::{Instant, session::Amr};

use super::change::{FRESH, REFUSED_PASSWORDS};
use super::decide::{Decision, UNKNOWN};
use super::door::Presented;
use super::limits::{self, Payer};
use super::state::{Model, Reply, STRANGER, Stand, Told, Waiting};
use super::visit::{Entry, On};

impl Model {
    /// What is proven on the way lets somebody set a password for a time.
    fn counts_on_way(&self, at: usize, proof: Option<(Method, Instant)>) -> bool {
        let flow = &self.flows[at];
        let fresh = match proof {
            None => self.allowed_on_way(flow.account, flow.operation, &flow.amr).is_none(),
            Some((method, proven)) => {
                let fresh = proven <= self.now && self.now < proven.after(FRESH);
                let (account, operation) = (flow.account, flow.operation);
                let allowed = self.allowed_on_way_after(Some(method), account, operation, &flow.amr);
                fresh && allowed.is_none_or(|allowed| allowed.contains(&method))
            }
        };
        fresh && flow.refused_passwords < REFUSED_PASSWORDS
    }

    pub(super) fn set_password(&mut self, on: On, password: usize) -> Reply {
        let (account, flow) = self.holder(on);
        match self.try_to_set(account, flow, password) {
            Ok(set) => {
                self.note(account, Action::RecoverPassword, None);
                set.map_or(Reply::Done, |amr| self.enter(account, amr))
            }
            Err(reason) if reason.starts_with("password.") => {
                self.note(account, Action::RecoverPassword, Some(reason));
                Reply::Refused(reason)
            }
            Err(reason) => self.shut(account, Action::RecoverPassword, reason),
        }
    }

    /// Sets it, and tells what the session that waits for it was opened by.
    fn try_to_set(
        &mut self,
        account: usize,
        flow: Option<usize>,
        password: usize,
    ) -> Decision<Option<Vec<Amr>>> {
        self.admit_on_way(account, flow)?;
        let at = self.claim_on_way(flow)?;
        let operation = self.flows[at].operation;
        let sets = matches!(operation, Operation::RenewPassword | Operation::RecoverPassword);
        let Stand::Ready(proof) = self.flows[at].stand else { return Err(UNKNOWN) };
        if !sets || !self.counts_on_way(at, proof) {
            return Err(UNKNOWN);
        }
        self.accept_password(at, password)?;
        self.accounts[account].must_change = false;
        if operation == Operation::RecoverPassword {
            // Whoever knew the old password may have bound one.
            self.accounts[account].kit.devices.clear();
            self.accounts[account].kit.ring.clear();
        }
        if let (true, Status::Locked { until: Some(_) }) = (self.setting.locks, self.accounts[account].status)
        {
            self.accounts[account].status = Status::Normal;
        }
        self.restamp(account);
        self.announce(account, NoticeKind::PasswordChanged);
        for payer in [Payer::Person(account), Payer::HalfWay(account)] {
            self.forget_counts(&limits::of_try(payer, Authenticator::Password));
        }
        self.forget_counts(&limits::of_try(Payer::HalfWay(account), Authenticator::Totp));
        let mut amr = self.flows[at].amr.clone();
        amr.extend(proof.map(|(method, _)| method.amr()));
        self.remove(at);
        Ok((operation == Operation::RenewPassword).then_some(amr))
    }

    pub(super) fn start_restore(&mut self, entry: &Entry) -> Reply {
        let Presented { person, compared, counts } = match self.present(entry) {
            Ok(presented) => presented,
            Err(reply) => return reply,
        };
        let account = person.unwrap_or(STRANGER + entry.tenant);
        let waits = match self.accounts[account].status {
            Status::PendingDeletion { erase_at } if self.now < erase_at => Ok(()),
            _ => Err("access.deleted"),
        };
        if let Err(reason) = compared.and(waits) {
            return self.shut(account, Action::RestoreAccount, reason);
        }
        let methods = self.allowed_on_way(account, Operation::RestoreAccount, &[]).unwrap_or_default();
        if methods.is_empty() {
            return self.shut(account, Action::RestoreAccount, "factor.none");
        }
        self.forget_counts(&counts);
        let stand = Stand::Factor(methods.clone());
        self.open_on_way(account, Operation::RestoreAccount, vec![Amr::Password], stand);
        self.note(account, Action::RestoreAccount, None);
        Reply::Restorable(methods)
    }

    /// The account is as it was, but for what was open.
    pub(super) fn restore(&mut self, at: usize) -> Reply {
        let account = self.flows[at].account;
        self.remove(at);
        self.accounts[account].status = Status::Normal;
        self.restamp(account);
        self.announce(account, NoticeKind::AccountRestored);
        Reply::Restored
    }

    /// Tells every address of an account.
    pub(super) fn announce(&mut self, account: usize, kind: NoticeKind) {
        for to in self.accounts[account].contacts() {
            let notice = Told { account, kind, to };
            self.outbox.push(Waiting { notice, due_at: self.now, tries: 0 });
        }
    }
}
