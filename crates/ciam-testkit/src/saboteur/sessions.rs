//! Sessions that never change or end.

use async_trait::async_trait;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{TenantId, UserId};
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

#[derive(Default)]
pub(super) struct LastRefreshWins;

#[async_trait]
impl Sabotage for LastRefreshWins {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let SessionWrite::Replace { session, .. } = &commit.session {
            commit.session = SessionWrite::Put(session.clone());
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct ListsTheFirstAlone;

#[async_trait]
impl Sabotage for ListsTheFirstAlone {
    async fn sessions(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Vec<Session>, StoreError> {
        let mut sessions = sound.sessions(tenant, user).await?;
        sessions.truncate(1);
        Ok(sessions)
    }
}
