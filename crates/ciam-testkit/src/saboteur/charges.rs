//! Attempts that cost nothing, or cost what was refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::FlowKey;
use ciam_ports::store::FlowWrite;
use ciam_ports::{Charge, Charged, Commit, Loaded, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;
use crate::contract::sample;

/// Reads and writes apart, so that charges at once share one attempt.
#[derive(Default)]
pub(super) struct LosesChargesInACrowd(AtomicUsize);

#[async_trait]
impl Sabotage for LosesChargesInACrowd {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        // Long enough for the others to arrive.
        thread::sleep(Duration::from_millis(1));
        let crowded = self.0.load(Ordering::SeqCst) > 1;
        let max_attempts = if crowded { u8::MAX } else { charge.max_attempts };
        let end = sound.charge(&Charge { max_attempts, ..charge.clone() }).await;
        self.0.fetch_sub(1, Ordering::SeqCst);
        end
    }
}

#[derive(Default)]
pub(super) struct KeepsEveryAttempt;

#[async_trait]
impl Sabotage for KeepsEveryAttempt {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if matches!(commit.flow, FlowWrite::GiveBack(_)) {
            commit.flow = FlowWrite::Keep;
        }
        sound.commit(commit).await
    }
}

/// Counts again from one when a flow is replaced.
#[derive(Default)]
pub(super) struct ForgivesOnReplacement {
    replaced: Notes<FlowKey>,
}

#[async_trait]
impl Sabotage for ForgivesOnReplacement {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let forgiven = charge.query.flow.is_some_and(|key| self.replaced.all().contains(&key));
        Ok(match sound.charge(charge).await? {
            Some(Charged::Paid { loaded, .. }) if forgiven => Some(Charged::Paid { loaded, attempts: 1 }),
            end => end,
        })
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Replace { flow, .. } = &commit.flow {
            self.replaced.add([*flow.key()]);
        }
        sound.commit(commit).await
    }
}

/// Raises what it can of a charge that a limit refused.
#[derive(Default)]
pub(super) struct ChargesWhatWasRefused;

#[async_trait]
impl Sabotage for ChargesWhatWasRefused {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let end = sound.charge(charge).await?;
        if let Some(Charged::Limited { .. }) = end {
            for rate in &charge.rates {
                let about = (charge.query.tenant.clone(), charge.query.user.clone());
                let raise = Commit { rates: vec![*rate], ..Commit::of(about.0, about.1, charge.now) };
                drop(sound.commit(raise).await);
            }
        }
        Ok(end)
    }
}

/// Takes the flow's word for the session.
#[derive(Default)]
pub(super) struct ChargesFromAnySession;

#[async_trait]
impl Sabotage for ChargesFromAnySession {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let loaded = sound.load(&charge.query).await?;
        let session = loaded.and_then(|loaded| loaded.flow).map(|flow| flow.session().clone());
        let query = StepQuery { session, ..charge.query.clone() };
        sound.charge(&Charge { query, ..charge.clone() }).await
    }
}

/// Lets a flow pay that is over.
#[derive(Default)]
pub(super) struct ChargesTheDead;

#[async_trait]
impl Sabotage for ChargesTheDead {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let loaded = sound.load(&charge.query).await?;
        let flow = loaded.and_then(|loaded| loaded.flow).filter(|flow| flow.expires_at() <= charge.now);
        let now = flow.map_or(charge.now, |flow| flow.opened_at());
        sound.charge(&Charge { now, ..charge.clone() }).await
    }
}

/// Lets a flow pay whose stamp is no longer the user's.
#[derive(Default)]
pub(super) struct ChargesPastTheStamp;

#[async_trait]
impl Sabotage for ChargesPastTheStamp {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let loaded = sound.load(&charge.query).await?;
        let dead = loaded.and_then(|Loaded { user, flow, .. }| Some((user, *flow?.stamp())));
        let Some((user, stamp)) = dead.filter(|(user, stamp)| user.stamp != *stamp) else {
            return sound.charge(charge).await;
        };
        let revived = sample::changed(&user, |user| user.stamp = stamp);
        sound.commit(sample::replace(&user, &revived)).await?;
        let charged = sound.charge(charge).await?;
        let restored = sample::changed(&revived, |restored| restored.stamp = user.stamp);
        sound.commit(sample::replace(&revived, &restored)).await?;
        Ok(charged)
    }
}
