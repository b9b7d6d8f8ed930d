//! Sessions that never change or end.

use async_trait::async_trait;
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, StepQuery, Store, StoreError};

use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct KeepsTheFirstPut;

#[async_trait]
impl Sabotage for KeepsTheFirstPut {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let SessionWrite::Put(session) = &commit.session {
            let query = StepQuery {
                session: Some(session.id.clone()),
                ..StepQuery::of(session.tenant.clone(), session.user.clone())
            };
            if sound.load(&query).await?.is_some_and(|loaded| loaded.session.is_some()) {
                commit.session = SessionWrite::Keep;
            }
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct EndsNothing;

#[async_trait]
impl Sabotage for EndsNothing {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let SessionWrite::End(_) = commit.session {
            commit.session = SessionWrite::Keep;
        }
        sound.commit(commit).await
    }
}
