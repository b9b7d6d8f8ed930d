//! Flows that stay, or are overwritten.

use async_trait::async_trait;
use ciam_ports::domain::challenge::Challenge;
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::store::FlowWrite;
use ciam_ports::{Commit, Handle, Loaded, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;
use super::users::TRIES;

#[derive(Default)]
pub(super) struct KeepsTwins(Notes<Flow>);

#[async_trait]
impl Sabotage for KeepsTwins {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let Some(mut loaded) = sound.load(query).await? else { return Ok(None) };
        let opened = self.0.all();
        let superseded = |flow: &&Flow| {
            opened.iter().any(|next| {
                next.key() != flow.key()
                    && next.session() == flow.session()
                    && next.operation() == flow.operation()
            })
        };
        let mut asked = opened.iter().filter(|flow| Some(flow.key()) == query.flow.as_ref());
        loaded.flow = loaded.flow.or_else(|| asked.find(superseded).cloned());
        Ok(Some(loaded))
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Open { flow, .. } = &commit.flow {
            self.0.add([Flow::clone(flow)]);
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct IgnoresTheCap;

#[async_trait]
impl Sabotage for IgnoresTheCap {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Open { cap, .. } = &mut commit.flow {
            *cap = u8::MAX;
        }
        sound.commit(commit).await
    }
}

/// What the store has of a flow.
async fn held(
    sound: &dyn Store,
    commit: &Commit,
    flow: ciam_ports::domain::FlowKey,
) -> Result<Option<Loaded>, StoreError> {
    let query =
        StepQuery { flow: Some(flow), ..StepQuery::of(commit.tenant.clone(), commit.subject.clone()) };
    sound.load(&query).await
}

#[derive(Default)]
pub(super) struct LastRevisionWins;

#[async_trait]
impl Sabotage for LastRevisionWins {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let FlowWrite::Replace { flow, .. } = &commit.flow else { break };
            let loaded = held(sound, &commit, *flow.key()).await?;
            let Some(flow) = loaded.and_then(|loaded| loaded.flow) else { break };
            if let FlowWrite::Replace { expected, .. } = &mut commit.flow {
                *expected = flow.revision();
            }
            if sound.commit(commit.clone()).await.is_ok() {
                return Ok(());
            }
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct FinishesAnyRevision;

#[async_trait]
impl Sabotage for FinishesAnyRevision {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Finish { key, .. } = commit.flow {
            commit.flow = FlowWrite::Remove(key);
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct KeepsCodesOfRemovedFlows(Notes<Challenge>);

#[async_trait]
impl Sabotage for KeepsCodesOfRemovedFlows {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let Some(mut loaded) = sound.load(query).await? else { return Ok(None) };
        if loaded.flow.is_some() {
            let left = self.0.all().into_iter().filter(|code| Some(code.flow) == query.flow);
            loaded.challenges.extend(left);
        }
        Ok(Some(loaded))
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Remove(key) = commit.flow {
            let loaded = held(sound, &commit, key).await?;
            self.0.add(loaded.into_iter().flat_map(|loaded| loaded.challenges));
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct FindsEveryFlow(Notes<Flow>);

#[async_trait]
impl Sabotage for FindsEveryFlow {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let opened = self.0.all().into_iter().find(|flow| {
            flow.operation().is_self_service()
                && *handle == Handle::Flow(*flow.key())
                && flow.tenant() == tenant
        });
        Ok(sound.find(tenant, handle).await?.or(opened.map(|flow| flow.user().clone())))
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        if let FlowWrite::Open { flow, .. } = &commit.flow {
            self.0.add([Flow::clone(flow)]);
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct FindsGoneFlows(Notes<(TenantId, Handle, UserId)>);

#[async_trait]
impl Sabotage for FindsGoneFlows {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let Handle::Flow(_) = handle else { return sound.find(tenant, handle).await };
        let found = sound.find(tenant, handle).await?;
        let first = self.0.first((tenant, handle), found.clone());
        Ok(found.or(first))
    }
}
