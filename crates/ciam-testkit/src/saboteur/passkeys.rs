//! Passkeys that are shared, or lead to who had them once.

use async_trait::async_trait;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, Handle, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

/// Lets somebody have what is another's, of which then nobody knows.
#[derive(Default)]
pub(super) struct SharesPasskeys;

#[async_trait]
impl Sabotage for SharesPasskeys {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        match sound.commit(commit.clone()).await {
            Err(StoreError::Conflict { field: UniqueField::Passkey }) => {}
            end => return end,
        }
        if let UserWrite::Insert(user) | UserWrite::Replace { user, .. } = &mut commit.user {
            user.passkeys.clear();
        }
        sound.commit(commit).await
    }
}

/// Leads from a passkey to who had it first.
#[derive(Default)]
pub(super) struct FindsFormerPasskeys(Notes<(TenantId, Handle, UserId)>);

#[async_trait]
impl Sabotage for FindsFormerPasskeys {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let found = sound.find(tenant, handle).await?;
        let Handle::Passkey(..) = handle else { return Ok(found) };
        Ok(self.0.first((tenant, handle), found))
    }
}
