//! Values of attributes that are shared, hoarded or half forgotten.

use async_trait::async_trait;
use ciam_ports::domain::profile::AttributeId;
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

type Value = (TenantId, AttributeId, String, UserId);

fn claims(user: &User) -> Vec<Value> {
    let claims = user.profile.claims();
    claims.map(|(id, value)| (user.tenant.clone(), id.clone(), value, user.id.clone())).collect()
}

/// Lets everybody have what one account has for itself.
#[derive(Default)]
pub(super) struct SharesValues;

#[async_trait]
impl Sabotage for SharesValues {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        match sound.commit(commit.clone()).await {
            Err(StoreError::Conflict { field: UniqueField::Attribute }) => {}
            end => return end,
        }
        if let UserWrite::Insert(user) | UserWrite::Replace { user, .. } = &mut commit.user {
            user.profile.values.clear();
        }
        sound.commit(commit).await
    }
}

/// Keeps values from others that their owner gave up.
#[derive(Default)]
pub(super) struct HoardsValues(Notes<Value>);

#[async_trait]
impl Sabotage for HoardsValues {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let (UserWrite::Insert(user) | UserWrite::Replace { user, .. }) = &commit.user else {
            return sound.commit(commit).await;
        };
        let (hoarded, wanted) = (self.0.all(), claims(user));
        let theirs = |(tenant, id, value, owner): &Value| {
            wanted
                .iter()
                .any(|(mine, wanted, text, who)| (mine, wanted, text) == (tenant, id, value) && who != owner)
        };
        let kept = hoarded.iter().any(theirs);
        if kept
            && !matches!(
                sound.commit(commit.clone()).await,
                Err(StoreError::Stale | StoreError::Conflict { .. })
            )
        {
            return Err(StoreError::Conflict { field: UniqueField::Attribute });
        }
        sound.commit(commit).await?;
        self.0.add(wanted);
        Ok(())
    }
}
