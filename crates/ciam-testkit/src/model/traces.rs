//! The traces of who is not signed in, in the audit trail alone.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::audit::{Action, AuditRecord};
use ciam::domain::user::Status;
use ciam::domain::{FlowKey, Instant};

use super::{Verdict, ensure};

const LIFE: Duration = Duration::from_mins(10);
const FRESH: Duration = Duration::from_mins(5);

/// A flow that no token belongs to.
#[derive(Debug)]
struct Begun {
    account: usize,
    operation: String,
    at: Instant,
    /// Whether a password began it.
    by_password: bool,
    proofs: u8,
    proven: Option<Instant>,
    spent: bool,
}

/// What was seen of the ways in.
#[derive(Debug, Default)]
pub(super) struct Way(BTreeMap<FlowKey, Begun>);

impl Way {
    /// Takes in an effect; `status` is that of the account before the command.
    pub(super) fn enter(&mut self, account: usize, record: &AuditRecord, status: Status) -> Verdict {
        let detail = record.detail.clone().unwrap_or_default();
        if let Some(key) = record.flow {
            let begins =
                matches!(record.action, Action::SignIn | Action::SignInByGesture | Action::RestoreAccount)
                    || record.action == Action::SendSignInCode && !self.0.contains_key(&key);
            if begins {
                let begun = Begun {
                    account,
                    operation: detail.into_owned(),
                    at: record.at,
                    by_password: record.action != Action::SendSignInCode,
                    proofs: 0,
                    proven: None,
                    spent: false,
                };
                self.0.insert(key, begun);
            }
        }
        let begun = record.flow.and_then(|key| self.0.get_mut(&key));
        let operation = begun.as_ref().map_or("", |begun| begun.operation.as_str());
        let lawful = match (operation, status) {
            ("RECOVER_PASSWORD", Status::Locked { .. }) => true,
            ("RESTORE_ACCOUNT", Status::PendingDeletion { erase_at }) => record.at < erase_at,
            _ => status.admit(record.at).is_ok(),
        };
        ensure(lawful, || format!("I8: {record:?} while {status:?}"))?;
        match (record.action, begun) {
            (
                Action::SignIn | Action::SignInByGesture | Action::SignInByPasskey | Action::RefreshSession,
                None,
            ) => Ok(()),
            (_, Some(begun)) => begun.goes_on(account, record),
            (_, None) => Err(format!("I1: without a flow: {record:?}")),
        }
    }
}

impl Begun {
    fn goes_on(&mut self, account: usize, record: &AuditRecord) -> Verdict {
        ensure(self.account == account, || format!("I1: another person's flow: {record:?}"))?;
        ensure(!self.spent, || format!("I2: a spent flow goes on: {record:?}"))?;
        ensure(record.at < self.at.after(LIFE), || format!("I1: a flow that is over: {record:?}"))?;
        match record.action {
            Action::VerifySignIn => {
                self.proofs += 1;
                self.proven = Some(record.at);
                let most = if self.operation == "SIGN_IN" && !self.by_password { 2 } else { 1 };
                ensure(self.proofs <= most, || format!("I2: proven once too often: {record:?}"))
            }
            Action::RecoverPassword => {
                self.spent = true;
                let sets = matches!(self.operation.as_str(), "RECOVER_PASSWORD" | "RENEW_PASSWORD");
                ensure(sets, || format!("I1: a flow for something else: {record:?}"))?;
                let fresh = self.proven.is_some_and(|at| at <= record.at && record.at < at.after(FRESH));
                let alone = self.operation == "RENEW_PASSWORD" && self.proofs == 0;
                ensure(fresh || alone, || format!("I1: without a fresh factor: {record:?}"))
            }
            _ => Ok(()),
        }
    }
}
