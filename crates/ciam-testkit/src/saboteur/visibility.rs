//! Loads that show too little or too much.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, Loaded, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

#[derive(Default)]
pub(super) struct ForgetsFormerPasswords;

#[async_trait]
impl Sabotage for ForgetsFormerPasswords {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(password) =
            found.as_mut().and_then(|loaded| Arc::make_mut(&mut loaded.user).password.as_mut())
        {
            password.former.clear();
        }
        Ok(found)
    }
}

#[derive(Default)]
pub(super) struct ForgetsHolds;

#[async_trait]
impl Sabotage for ForgetsHolds {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(loaded) = &mut found {
            Arc::make_mut(&mut loaded.user).held.clear();
        }
        Ok(found)
    }
}

#[derive(Default)]
pub(super) struct ForgetsDevices;

#[async_trait]
impl Sabotage for ForgetsDevices {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(loaded) = &mut found {
            Arc::make_mut(&mut loaded.user).gestures.clear();
        }
        Ok(found)
    }
}

/// Forgets how often passkeys signed.
#[derive(Default)]
pub(super) struct ForgetsSignatures;

#[async_trait]
impl Sabotage for ForgetsSignatures {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(loaded) = &mut found {
            let passkeys = &mut Arc::make_mut(&mut loaded.user).passkeys;
            passkeys.held.iter_mut().for_each(|passkey| passkey.sign_count = 0);
        }
        Ok(found)
    }
}

/// Forgets when a profile was updated.
#[derive(Default)]
pub(super) struct ForgetsUpdates;

#[async_trait]
impl Sabotage for ForgetsUpdates {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(loaded) = &mut found {
            Arc::make_mut(&mut loaded.user).profile.updated_at = None;
        }
        Ok(found)
    }
}

#[derive(Default)]
pub(super) struct ForgetsBindings;

#[async_trait]
impl Sabotage for ForgetsBindings {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        // The first of two: whoever has one alone is tried by other rules.
        if let Some(loaded) = found.as_mut().filter(|loaded| loaded.user.social.len() > 1) {
            Arc::make_mut(&mut loaded.user).social.truncate(1);
        }
        Ok(found)
    }
}

/// The people that were ever added.
type People = Notes<(TenantId, UserId)>;

fn note(people: &People, commit: &Commit) {
    if let UserWrite::Insert(user) = &commit.user {
        people.add([(user.tenant.clone(), user.id.clone())]);
    }
}

/// Loads with session and flow of whoever has them.
async fn with_theirs(
    sound: &dyn Store,
    query: &StepQuery,
    others: impl Iterator<Item = (TenantId, UserId)> + Send,
) -> Result<Option<Loaded>, StoreError> {
    let Some(mut loaded) = sound.load(query).await? else { return Ok(None) };
    for (tenant, user) in others {
        let Some(theirs) = sound.load(&StepQuery { tenant, user, ..query.clone() }).await? else { continue };
        loaded.session = loaded.session.or(theirs.session);
        loaded.flow = loaded.flow.or(theirs.flow);
    }
    Ok(Some(loaded))
}

#[derive(Default)]
pub(super) struct MixesTenants(People);

#[async_trait]
impl Sabotage for MixesTenants {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let namesakes = self.0.all().into_iter().filter(|(_, user)| *user == query.user);
        with_theirs(sound, query, namesakes).await
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        note(&self.0, &commit);
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct ShowsOthers(People);

#[async_trait]
impl Sabotage for ShowsOthers {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let neighbours = self.0.all().into_iter().filter(|(tenant, _)| *tenant == query.tenant);
        with_theirs(sound, query, neighbours).await
    }

    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        note(&self.0, &commit);
        sound.commit(commit).await
    }
}

/// Keeps moments to the second only.
#[derive(Default)]
pub(super) struct CutsMoments;

#[async_trait]
impl Sabotage for CutsMoments {
    async fn load(&self, sound: &dyn Store, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let mut found = sound.load(query).await?;
        if let Some(loaded) = &mut found {
            let stamped_at = &mut Arc::make_mut(&mut loaded.user).stamped_at;
            *stamped_at = Instant::from_unix_seconds(stamped_at.unix_seconds());
        }
        Ok(found)
    }
}
