//! Sessions that never change or end.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::session::{Session, SessionStage};
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, StepQuery, Store, StoreError};

use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct KeepsTheFirstPut;

#[async_trait]
impl Sabotage for KeepsTheFirstPut {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        // Whether what was ended may begin anew is another rule's.
        if let SessionWrite::Put(session) = &commit.session
            && held(sound, session).await?.is_some_and(|held| held.stage != SessionStage::Ended)
        {
            commit.session = SessionWrite::Keep;
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

/// What stands under an id.
async fn held(sound: &dyn Store, session: &Session) -> Result<Option<Arc<Session>>, StoreError> {
    let query = StepQuery {
        session: Some(session.id.clone()),
        ..StepQuery::of(session.tenant.clone(), session.user.clone())
    };
    Ok(sound.load(&query).await?.and_then(|loaded| loaded.session))
}

#[derive(Default)]
pub(super) struct EndsWhatItKnows;

#[async_trait]
impl Sabotage for EndsWhatItKnows {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let SessionWrite::End(end) = &commit.session
            && held(sound, end).await?.is_none()
        {
            commit.session = SessionWrite::Keep;
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct BeginsAnewAtOnce;

#[async_trait]
impl Sabotage for BeginsAnewAtOnce {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let SessionWrite::Put(session) = &mut commit.session
            && let Some(end) = held(sound, session).await?.filter(|held| held.stage == SessionStage::Ended)
        {
            let later = session.auth_time.max(end.auth_time);
            Arc::make_mut(session).auth_time = later;
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
