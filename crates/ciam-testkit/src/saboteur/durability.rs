//! What is lost when a store is closed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::domain::user::{Factors, Passkeys};
use ciam_ports::{
    AuditPage, AuditQuery, AuditTrail, Charge, Charged, Commit, DueNotice, Loaded, Outbox, StepQuery, Store,
    StoreError,
};

use super::sabotage::Sabotage;

macro_rules! forgets {
    ($($sabotage:ident: $forget:expr,)*) => {$(
        #[derive(Default)]
        pub(super) struct $sabotage;

        #[async_trait]
        impl Sabotage for $sabotage {
            async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
                let forget: fn(&mut Loaded) = $forget;
                let mut found = sound.load(query).await?;
                found.iter_mut().for_each(forget);
                Ok(found)
            }
        }
    )*};
}

forgets! {
    ForgetsAddresses: |loaded| Arc::make_mut(&mut loaded.user).email = None,
    ForgetsFactors: |loaded| Arc::make_mut(&mut loaded.user).factors = Factors::NONE,
    ForgetsPasskeys: |loaded| Arc::make_mut(&mut loaded.user).passkeys = Passkeys::NONE,
    ForgetsDevices: |loaded| Arc::make_mut(&mut loaded.user).gestures.clear(),
    ForgetsSessions: |loaded| loaded.session = None,
    ForgetsFlows: |loaded| loaded.flow = None,
    ForgetsCodes: |loaded| loaded.challenges.clear(),
    ForgetsCounts: |loaded| loaded.rates.clear(),
}

#[derive(Default)]
pub(super) struct ForgetsAttempts;

#[async_trait]
impl Sabotage for ForgetsAttempts {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        Ok(match sound.charge(charge).await? {
            Some(Charged::Paid { loaded, .. }) => Some(Charged::Paid { loaded, attempts: 1 }),
            end => end,
        })
    }
}

#[derive(Default)]
pub(super) struct ForgetsNotices;

#[async_trait]
impl Sabotage for ForgetsNotices {
    async fn take(&self, _: &dyn Outbox, _: (Instant, Duration, u16)) -> Result<Vec<DueNotice>, StoreError> {
        Ok(Vec::new())
    }
}

#[derive(Default)]
pub(super) struct ForgetsTheAuditTrail;

#[async_trait]
impl Sabotage for ForgetsTheAuditTrail {
    async fn records(&self, sound: &dyn AuditTrail, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let mut page = sound.records(query).await?;
        page.records.truncate(1);
        Ok(page)
    }
}

#[derive(Default)]
pub(super) struct ForgetsTombstones;

#[async_trait]
impl Sabotage for ForgetsTombstones {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        sound.commit(Commit { claims: Vec::new(), ..commit }).await
    }
}
