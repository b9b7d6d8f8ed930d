//! Flows and codes, kept by person: what belongs to someone else is out of reach.

use std::collections::hash_map::Entry;

use ciam_ports::StoreError;
use ciam_ports::domain::challenge::Challenge;
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::{FlowKey, Instant, UserId};
use ciam_ports::store::{ChallengeWrite, FlowWrite, StepQuery};

use crate::keyed::Keyed;

/// A flow, with the attempts paid in it.
pub(crate) struct Held {
    pub(crate) flow: Box<Flow>,
    pub(crate) attempts: u8,
}

#[derive(Default)]
struct Pending {
    flows: Vec<Held>,
    codes: Vec<Challenge>,
}

#[derive(Default)]
pub(crate) struct Flows {
    pending: Keyed<UserId, Pending>,
    /// Whose the flows are that are found by their key alone; may name one that is gone.
    owners: Keyed<FlowKey, UserId>,
}

impl Flows {
    pub(crate) fn view(&self, user: &UserId, key: &FlowKey) -> (Option<Flow>, Vec<Challenge>) {
        let Some(pending) = self.pending.get(user) else { return (None, Vec::new()) };
        let Some(held) = pending.flows.iter().find(|held| held.flow.key() == key) else {
            return (None, Vec::new());
        };
        let codes = pending.codes.iter().filter(|code| code.flow == *key).cloned().collect();
        (Some(Flow::clone(&held.flow)), codes)
    }

    /// Whose flow of somebody not signed in it is.
    pub(crate) fn owner(&self, key: &FlowKey) -> Option<UserId> {
        let owner = self.owners.get(key)?;
        let held = self.pending.get(owner)?.flows.iter().any(|held| held.flow.key() == key);
        held.then(|| owner.clone())
    }

    /// The live flow of a query, which must name its session too.
    pub(crate) fn payer(&mut self, query: &StepQuery, now: Instant) -> Option<&mut Held> {
        let (key, session) = (query.flow.as_ref()?, query.session.as_ref()?);
        let held = self.pending.get_mut(&query.user)?.flows.iter_mut().find(|held| held.flow.key() == key)?;
        (held.flow.session() == session && now < held.flow.expires_at()).then_some(held)
    }

    pub(crate) fn check(&self, user: &UserId, write: &FlowWrite) -> Result<(), StoreError> {
        let (expected, key, may_be_gone) = match write {
            FlowWrite::Replace { expected, flow } => (*expected, flow.key(), false),
            FlowWrite::Finish { expected, key } => (*expected, key, true),
            FlowWrite::Keep | FlowWrite::Open { .. } | FlowWrite::Remove(_) | FlowWrite::GiveBack(_) => {
                return Ok(());
            }
        };
        let mut flows = self.pending.get(user).into_iter().flat_map(|pending| &pending.flows);
        match flows.find(|held| held.flow.key() == key) {
            Some(held) if held.flow.revision() == expected => Ok(()),
            None if may_be_gone => Ok(()),
            _ => Err(StoreError::Stale),
        }
    }

    pub(crate) fn apply(&mut self, user: UserId, flow: FlowWrite, challenge: ChallengeWrite, now: Instant) {
        if flow == FlowWrite::Keep && challenge == ChallengeWrite::Keep {
            return;
        }
        if let FlowWrite::Open { flow, .. } = &flow
            && !flow.operation().is_self_service()
        {
            self.owners.insert(*flow.key(), user.clone());
        }
        let mut entry = match self.pending.entry(user) {
            Entry::Occupied(entry) => entry,
            Entry::Vacant(entry) => entry.insert_entry(Pending::default()),
        };
        entry.get_mut().write_flow(flow, now);
        entry.get_mut().write_code(challenge);
        if entry.get().is_empty() {
            entry.remove();
        }
    }

    /// Removes all of a person.
    pub(crate) fn forget(&mut self, user: &UserId) -> usize {
        self.owners.retain(|_, owner| owner != user);
        self.pending.remove(user).map_or(0, |pending| pending.flows.len() + pending.codes.len())
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        let before = self.rows();
        for pending in self.pending.values_mut() {
            pending.remove_flows(|flow| flow.expires_at() <= now);
            pending.codes.retain(|code| now < code.expires_at);
        }
        self.pending.retain(|_, pending| !pending.is_empty());
        let Self { pending, owners } = self;
        owners.retain(|key, owner| {
            let flows = pending.get(owner).map(|pending| &pending.flows);
            flows.is_some_and(|flows| flows.iter().any(|held| held.flow.key() == key))
        });
        before - self.rows()
    }

    fn rows(&self) -> usize {
        self.pending.values().map(|pending| pending.flows.len() + pending.codes.len()).sum()
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.flows.is_empty() && self.codes.is_empty()
    }

    fn write_flow(&mut self, write: FlowWrite, now: Instant) {
        match write {
            FlowWrite::Keep => {}
            FlowWrite::Open { flow, cap } => self.open(flow, cap, now),
            FlowWrite::Replace { flow, .. } => {
                if let Some(held) = self.flows.iter_mut().find(|held| held.flow.key() == flow.key()) {
                    held.flow = flow;
                }
            }
            FlowWrite::GiveBack(key) => {
                if let Some(held) = self.flows.iter_mut().find(|held| *held.flow.key() == key) {
                    held.attempts = held.attempts.saturating_sub(1);
                }
            }
            FlowWrite::Remove(key) | FlowWrite::Finish { key, .. } => {
                self.remove_flows(|flow| *flow.key() == key);
            }
        }
    }

    fn open(&mut self, flow: Box<Flow>, cap: u8, now: Instant) {
        self.remove_flows(|other| is_twin(other, &flow) || other.expires_at() <= now);
        while self.flows.len() >= usize::from(cap.max(1)) {
            let oldest =
                self.flows.iter().min_by_key(|held| held.flow.opened_at()).map(|held| *held.flow.key());
            self.remove_flows(|other| oldest.as_ref() == Some(other.key()));
        }
        self.flows.push(Held { flow, attempts: 0 });
    }

    /// Removes flows together with their codes.
    fn remove_flows(&mut self, goes: impl Fn(&Flow) -> bool) {
        let Self { flows, codes } = self;
        flows.retain(|held| {
            let gone = goes(&held.flow);
            if gone {
                codes.retain(|code| code.flow != *held.flow.key());
            }
            !gone
        });
    }

    fn write_code(&mut self, write: ChallengeWrite) {
        match write {
            ChallengeWrite::Keep => {}
            ChallengeWrite::Put(code) => {
                self.codes.retain(|held| held.slot != code.slot);
                self.codes.push(*code);
            }
            ChallengeWrite::Clear(slot) => self.codes.retain(|held| held.slot != slot),
        }
    }
}

/// A person has one open flow for an operation in a session; a key is never in two flows.
fn is_twin(one: &Flow, other: &Flow) -> bool {
    one.key() == other.key() || (one.session() == other.session() && one.operation() == other.operation())
}
