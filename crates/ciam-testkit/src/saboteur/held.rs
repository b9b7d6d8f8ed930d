//! Holds that nobody keeps, that never end, or that lead nowhere.

use async_trait::async_trait;
use ciam_ports::domain::user::Address;
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, Handle, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

fn written(commit: &Commit) -> Option<&User> {
    match &commit.user {
        UserWrite::Keep => None,
        UserWrite::Insert(user) | UserWrite::Replace { user, .. } => Some(user),
    }
}

fn own(user: &User) -> impl Iterator<Item = (UniqueField, Address)> {
    let phone = user.phone.as_ref().map(|contact| Address::Phone(contact.address.clone()));
    let email = user.email.as_ref().map(|contact| Address::Email(contact.address.clone()));
    [(UniqueField::Phone, phone), (UniqueField::Email, email)]
        .into_iter()
        .filter_map(|(field, address)| Some((field, address?)))
}

/// Takes the hold from whoever has it when somebody else wants the address.
#[derive(Default)]
pub(super) struct IgnoresHolds;

#[async_trait]
impl Sabotage for IgnoresHolds {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let refusal = match sound.commit(commit.clone()).await {
            Err(StoreError::Conflict { field }) => field,
            end => return end,
        };
        let wanted = written(&commit).and_then(|user| own(user).find(|(field, _)| *field == refusal));
        if let Some((_, address)) = wanted {
            let handle = Handle::Held(address.clone());
            if let Some(holder) = sound.find(&commit.tenant, &handle).await? {
                let query = StepQuery::of(commit.tenant.clone(), holder.clone());
                let Some(held) = sound.load(&query).await? else { return sound.commit(commit).await };
                let mut user = User::clone(&held.user);
                user.held.retain(|held| !held.is(&address));
                let user = UserWrite::Replace { expected: held.user.version, user: Box::new(user) };
                sound
                    .commit(Commit { user, ..Commit::of(commit.tenant.clone(), holder, commit.now) })
                    .await?;
            }
        }
        sound.commit(commit).await
    }
}

/// Keeps others from an address long after its hold has ended.
#[derive(Default)]
pub(super) struct HoldsForGood(Notes<(TenantId, String, UserId)>);

#[async_trait]
impl Sabotage for HoldsForGood {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let Some(user) = written(&commit).cloned() else { return sound.commit(commit).await };
        for (field, address) in own(&user) {
            let kept = |(tenant, held, holder): &(TenantId, String, UserId)| {
                *tenant == user.tenant && held == address.canonical() && *holder != user.id
            };
            if self.0.all().iter().any(kept)
                && !matches!(sound.commit(commit.clone()).await, Err(StoreError::Stale))
            {
                return Err(StoreError::Conflict { field });
            }
        }
        sound.commit(commit).await?;
        let names = user.held.iter().map(|held| held.address.canonical().to_owned());
        self.0.add(names.map(|name| (user.tenant.clone(), name, user.id.clone())));
        Ok(())
    }
}

/// Leads from a held address to whoever held it first.
#[derive(Default)]
pub(super) struct FindsFormerHolders(Notes<(TenantId, Address, UserId)>);

#[async_trait]
impl Sabotage for FindsFormerHolders {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let found = sound.find(tenant, handle).await?;
        let Handle::Held(address) = handle else { return Ok(found) };
        self.0.add(found.clone().map(|user| (tenant.clone(), address.clone(), user)));
        let former = self.0.all().into_iter().find(|(held, known, _)| held == tenant && known == address);
        Ok(former.map(|(.., user)| user))
    }
}
