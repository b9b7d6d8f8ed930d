//! Accounts elsewhere that are shared, kept for the dead, or lead to who had them once.

use async_trait::async_trait;
use ciam_ports::domain::social::SocialLink;
use ciam_ports::domain::user::Status;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, Handle, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

/// Lets somebody have what is another's, of which then nobody knows.
#[derive(Default)]
pub(super) struct SharesBindings;

#[async_trait]
impl Sabotage for SharesBindings {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        match sound.commit(commit.clone()).await {
            Err(StoreError::Conflict { field: UniqueField::Social }) => {}
            end => return end,
        }
        if let UserWrite::Insert(user) | UserWrite::Replace { user, .. } = &mut commit.user {
            user.social.clear();
        }
        sound.commit(commit).await
    }
}

/// What was ever bound, and to whom.
type Bindings = Notes<(TenantId, SocialLink, UserId)>;

/// Keeps what was bound to somebody who is erased from everybody else.
#[derive(Default)]
pub(super) struct KeepsBindingsOfTheErased(Bindings, Notes<UserId>);

#[async_trait]
impl Sabotage for KeepsBindingsOfTheErased {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let (UserWrite::Insert(user) | UserWrite::Replace { user, .. }) = &commit.user else {
            return sound.commit(commit).await;
        };
        let (user, erased) = (user.clone(), self.1.all());
        let kept = self.0.all().into_iter().filter(|(tenant, _, owner)| {
            *tenant == user.tenant && *owner != user.id && erased.contains(owner)
        });
        if kept.into_iter().any(|(_, link, _)| user.is_bound_to(&link.issuer, &link.subject)) {
            return Err(StoreError::Conflict { field: UniqueField::Social });
        }
        sound.commit(commit).await?;
        self.0.add(user.social.iter().map(|link| (user.tenant.clone(), link.clone(), user.id.clone())));
        self.1.add(Some(user.id.clone()).filter(|_| user.status == Status::Erased));
        Ok(())
    }
}

/// Leads from an account elsewhere to whom it was bound first.
#[derive(Default)]
pub(super) struct FindsFormerBindings(Notes<(TenantId, Handle, UserId)>);

#[async_trait]
impl Sabotage for FindsFormerBindings {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let found = sound.find(tenant, handle).await?;
        let Handle::Social(..) = handle else { return Ok(found) };
        Ok(self.0.first((tenant, handle), found))
    }
}
