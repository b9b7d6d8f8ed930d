//! Limits that are loose, late or never forgotten.

use async_trait::async_trait;
use ciam_ports::domain::rate::{Rate, RateRule};
use ciam_ports::{Charge, Charged, Commit, Store, StoreError};

use super::sabotage::Sabotage;
use crate::contract::sample::TICK;

#[derive(Default)]
pub(super) struct ToleratesExcess;

#[async_trait]
impl Sabotage for ToleratesExcess {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        match sound.commit(commit.clone()).await {
            Err(StoreError::Limited { .. }) => sound.commit(Commit { rates: Vec::new(), ..commit }).await,
            end => end,
        }
    }
}

#[derive(Default)]
pub(super) struct ClosesWindowsLate;

fn late(rates: &[Rate]) -> Vec<Rate> {
    let later = |rule| match rule {
        RateRule::Window { max, span } => RateRule::Window { max, span: span + TICK },
        RateRule::Backoff { .. } => rule,
    };
    rates.iter().map(|rate| Rate { rule: later(rate.rule), ..*rate }).collect()
}

#[async_trait]
impl Sabotage for ClosesWindowsLate {
    async fn charge(&self, sound: &dyn Store, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        sound.charge(&Charge { rates: late(&charge.rates), ..charge.clone() }).await
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        sound.commit(Commit { rates: late(&commit.rates), ..commit }).await
    }
}

#[derive(Default)]
pub(super) struct ClearsNothing;

#[async_trait]
impl Sabotage for ClearsNothing {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        sound.commit(Commit { cleared: Vec::new(), ..commit }).await
    }
}
