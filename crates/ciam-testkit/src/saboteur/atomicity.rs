//! Commits that are refused in part.

use async_trait::async_trait;
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, Store, StoreError};

use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct RecordsWhatWasRefused;

#[async_trait]
impl Sabotage for RecordsWhatWasRefused {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let records = Commit {
            audit: commit.audit.clone(),
            ..Commit::of(commit.tenant.clone(), commit.subject.clone(), commit.now)
        };
        let end = sound.commit(commit).await;
        if end.is_err() {
            sound.commit(records).await?;
        }
        end
    }
}

#[derive(Default)]
pub(super) struct OpensSessionsOfWhatWasRefused;

#[async_trait]
impl Sabotage for OpensSessionsOfWhatWasRefused {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let SessionWrite::Put(session) = commit.session.clone() else { return sound.commit(commit).await };
        let open = Commit {
            session: SessionWrite::Put(session),
            ..Commit::of(commit.tenant.clone(), commit.subject.clone(), commit.now)
        };
        let end = sound.commit(commit).await;
        if end.is_err() {
            drop(sound.commit(open).await);
        }
        end
    }
}

/// Raises the counts before it looks at the rest.
#[derive(Default)]
pub(super) struct CountsFirst;

#[async_trait]
impl Sabotage for CountsFirst {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        for rate in std::mem::take(&mut commit.rates) {
            let about = (commit.tenant.clone(), commit.subject.clone());
            sound.commit(Commit { rates: vec![rate], ..Commit::of(about.0, about.1, commit.now) }).await?;
        }
        sound.commit(commit).await
    }
}
