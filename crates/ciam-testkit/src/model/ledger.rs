//! The rules that the audit trail, the mailbox and the answers must keep by themselves, whatever the model says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::user::Status;
use ciam::domain::{EventId, FlowKey, Instant, SessionId};
use ciam::ports::AuditQuery;

use super::command::PASSWORDS;
use super::state::{Demand, Model};
use super::system::System;
use super::traces::Way;
use super::{Verdict, ensure};

const FIVE_MINUTES: Duration = Duration::from_mins(5);

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    known: BTreeSet<EventId>,
    /// Who opened a flow in which session, and for what.
    opened: BTreeMap<FlowKey, (usize, Option<SessionId>, String)>,
    proven: BTreeMap<FlowKey, Instant>,
    consumed: BTreeSet<FlowKey>,
    way: Way,
    /// How many accepted codes were looked at.
    accepted: usize,
    /// The status of every account after the last step.
    statuses: Vec<Status>,
}

impl Ledger {
    pub(super) async fn check(&mut self, system: &mut System, model: &Model) -> Verdict {
        for account in 0..system.people.len() {
            let newest = newest(system, account).await;
            compare_trail(&newest, model, account)?;
            let fresh: Vec<_> =
                newest.into_iter().take_while(|record| !self.known.contains(&record.id)).collect();
            for record in fresh.iter().rev() {
                self.known.insert(record.id.clone());
                system.said.push(format!("{record:?}"));
                self.enter(account, record, model)?;
            }
        }
        self.statuses = model.accounts.iter().map(|account| account.status).collect();
        self.check_codes(system)?;
        check_passes(system)?;
        system.home.check()?;
        keep_secrets(system)
    }

    fn enter(&mut self, account: usize, record: &AuditRecord, model: &Model) -> Verdict {
        let status = self.statuses.get(account).copied().unwrap_or(Status::Normal);
        match (&record.outcome, &record.actor) {
            (Outcome::Done, Actor::Person(_)) => {}
            (Outcome::Done, Actor::Anonymous) => return self.way.enter(account, record, status),
            _ => return Ok(()),
        }
        // A former address is given back whatever the status is, short of deletion.
        let reverts = record.action == Action::RevertContact && !status.is_deleted();
        let may = status.admit(record.at).is_ok() || reverts;
        ensure(may, || format!("I8: {record:?} while {status:?}"))?;
        let Some(flow) = record.flow else { return Ok(()) };
        match record.action {
            Action::CheckOperation => {
                let operation = record.detail.clone().unwrap_or_default().into_owned();
                self.opened.insert(flow, (account, record.session.clone(), operation));
            }
            Action::VerifyFactor => {
                self.proven.insert(flow, record.at);
            }
            // Where no flow was asked for, the call has one of its own.
            action if is_one_call(action) && !self.opened.contains_key(&flow) => {
                return ensure(self.consumed.insert(flow), || format!("I1: no flow of its own: {record:?}"));
            }
            action if is_one_call(action) || is_last(action) => {
                return self.consume(account, flow, record, model);
            }
            _ => {}
        }
        ensure(!self.consumed.contains(&flow), || format!("I2: a spent flow goes on: {record:?}"))
    }

    fn consume(&mut self, account: usize, flow: FlowKey, record: &AuditRecord, model: &Model) -> Verdict {
        let operation = match (record.action, record.detail.as_deref()) {
            (Action::ChangePassword, _) => "UPDATE_PASSWORD",
            (Action::ChangeContact, Some("SMS")) => "UPDATE_PHONE",
            (Action::ChangeContact, _) => "UPDATE_EMAIL",
            (Action::BeginTotp, _) => "BIND_TOTP",
            (Action::UnbindTotp, _) => "UNBIND_TOTP",
            (Action::BindGesture, _) => "BIND_GESTURE",
            (Action::UnbindGesture, _) => "UNBIND_GESTURE",
            (Action::BeginPasskey, _) => "BIND_PASSKEY",
            (Action::UnbindPasskey, _) => "UNBIND_PASSKEY",
            (Action::RenewRecoveryCodes, _) => "RENEW_RECOVERY_CODES",
            _ => "UNSUBSCRIBE",
        };
        let bound = (account, record.session.clone(), operation.to_owned());
        ensure(self.opened.get(&flow) == Some(&bound), || format!("I1: no such flow for {record:?}"))?;
        let fresh =
            self.proven.get(&flow).is_some_and(|at| *at <= record.at && record.at < at.after(FIVE_MINUTES));
        let undemanded = model.setting.demand == Demand::Off && operation == "UPDATE_PASSWORD";
        ensure(fresh || undemanded, || format!("I1: without a fresh factor: {record:?}"))?;
        ensure(self.consumed.insert(flow), || format!("I2: a second time: {record:?}"))
    }

    /// I3: a code is accepted once, from whom it was sent for, as the newest of its kind, in its time.
    fn check_codes(&mut self, system: &System) -> Verdict {
        let mails = system.world.mailbox.codes();
        for (at, (mail, by, now)) in system.accepted.iter().enumerate().skip(self.accepted) {
            let ((asked_by, sent_at), code) = (system.sent[*mail], &mails[*mail]);
            let again = system.accepted[..at].iter().any(|(other, ..)| other == mail);
            ensure(!again, || format!("I3: code {mail} is accepted twice"))?;
            ensure(asked_by == *by, || format!("I3: code {mail} of {asked_by} is accepted from {by}"))?;
            ensure(*now < sent_at.after(FIVE_MINUTES), || format!("I3: code {mail} is too old"))?;
            let kind = (code.purpose, code.to.channel());
            let newer = mails.iter().zip(&system.sent).skip(mail + 1).any(|(other, (asker, at))| {
                (other.purpose, other.to.channel(), *asker) == (kind.0, kind.1, *by) && *at <= *now
            });
            // One that was sent after this one was accepted is no matter.
            ensure(!newer || again, || format!("I3: code {mail} is not the newest"))?;
        }
        self.accepted = system.accepted.len();
        Ok(())
    }
}

/// Whether an action may be one call, without a flow that was asked for.
const fn is_one_call(action: Action) -> bool {
    use Action::{BeginTotp, BindSocial, RenewRecoveryCodes, UnbindSocial, UnbindTotp};
    matches!(
        action,
        BindSocial
            | UnbindSocial
            | BeginTotp
            | UnbindTotp
            | RenewRecoveryCodes
            | Action::BindGesture
            | Action::UnbindGesture
            | Action::BeginPasskey
            | Action::UnbindPasskey
    )
}

/// Whether an action is the end of a flow.
const fn is_last(action: Action) -> bool {
    matches!(action, Action::ChangePassword | Action::ChangeContact | Action::DeleteAccount)
}

/// I2: a refresh token gives a new one once, and nothing after the one that came after it is gone.
fn check_passes(system: &System) -> Verdict {
    let refreshed = &system.refreshed;
    for (at, (old, new)) in refreshed.iter().enumerate() {
        let other = refreshed[..at].iter().find(|(before, after)| before == old && after != new);
        ensure(other.is_none(), || format!("I2: refresh token {old} gave {other:?} and {new}"))?;
        let double = refreshed[..at].iter().find(|(before, after)| before != old && after == new);
        ensure(double.is_none(), || format!("I2: refresh token {new} comes of {old} and {double:?}"))?;
    }
    Ok(())
}

async fn newest(system: &System, account: usize) -> Vec<AuditRecord> {
    let (tenant, user) = system.people[account].clone();
    let query = AuditQuery::of(tenant, user, 16);
    system.world.backend.audit.records(&query).await.expect("an audit trail").records
}

/// I11: the trail has what was done and refused, and nothing else.
fn compare_trail(newest: &[AuditRecord], model: &Model, account: usize) -> Verdict {
    let trail = &model.accounts[account].trail;
    let expected: Vec<_> =
        trail.iter().rev().take(16).map(|(action, reason)| (*action, reason.map(str::to_owned))).collect();
    let found: Vec<_> = newest
        .iter()
        .map(|record| match &record.outcome {
            Outcome::Done => (record.action, None),
            Outcome::Refused(reason) => (record.action, Some(reason.to_string())),
        })
        .collect();
    ensure(found == expected, || format!("I11: the trail of {account} ends in {found:?}, not {expected:?}"))
}

/// I9: nothing that was said holds a code, a password, an address or the id of a flow.
fn keep_secrets(system: &mut System) -> Verdict {
    let codes = system.world.mailbox.codes();
    let mut secrets: Vec<&str> = PASSWORDS.iter().copied().filter(|password| password.len() > 8).collect();
    secrets.extend(codes.iter().flat_map(|code| [code.to.canonical(), code.digits.as_str()]));
    let told = |flow: &&ciam::domain::FlowId| flow.expose().len() > 16;
    secrets.extend(system.flows.iter().filter(told).map(ciam::domain::FlowId::expose));
    let passes =
        system.passes.iter().chain(&system.devices).chain(system.tokens.iter().map(|(_, token)| token));
    secrets.extend(passes.map(ciam::domain::secret::SecretText::expose));
    secrets.extend(system.home.secrets());
    for said in std::mem::take(&mut system.said) {
        let told = secrets.iter().find(|secret| has_word(&said, secret));
        ensure(told.is_none(), || format!("I9: {told:?} in {said}"))?;
    }
    Ok(())
}

/// Six digits inside a longer row of digits or letters are no code.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
