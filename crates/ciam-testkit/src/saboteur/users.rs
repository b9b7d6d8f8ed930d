//! Accounts that are overwritten, shared or hoarded.

use async_trait::async_trait;
use ciam_ports::domain::identifier::{Login, Username};
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, Handle, StepQuery, Store, StoreError};

use super::notes::Notes;
use super::sabotage::Sabotage;

/// More tries than there are racers in the suite.
pub(super) const TRIES: usize = 64;

#[derive(Default)]
pub(super) struct LastWriteWins;

#[async_trait]
impl Sabotage for LastWriteWins {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let query = StepQuery::of(commit.tenant.clone(), commit.subject.clone());
            let Some(held) = sound.load(&query).await? else { break };
            let UserWrite::Replace { expected, .. } = &mut commit.user else { break };
            *expected = held.user.version;
            if sound.commit(commit.clone()).await.is_ok() {
                return Ok(());
            }
        }
        sound.commit(commit).await
    }
}

#[derive(Default)]
pub(super) struct SharesIdentifiers;

#[async_trait]
impl Sabotage for SharesIdentifiers {
    async fn commit(&self, sound: &dyn Store, mut commit: Commit) -> Result<(), StoreError> {
        loop {
            let refusal = match sound.commit(commit.clone()).await {
                Err(StoreError::Conflict { field })
                    if !matches!(field, UniqueField::Id | UniqueField::Attribute) =>
                {
                    field
                }
                end => return end,
            };
            let (UserWrite::Insert(user) | UserWrite::Replace { user, .. }) = &mut commit.user else {
                return Err(StoreError::Conflict { field: refusal });
            };
            // What is held for somebody is nobody's to share.
            let login = login(user, refusal).map(Handle::Login);
            let Some(login) = login else { return Err(StoreError::Conflict { field: refusal }) };
            if sound.find(&commit.tenant, &login).await?.is_none() {
                return Err(StoreError::Conflict { field: refusal });
            }
            give_up(user, refusal);
        }
    }
}

fn login(user: &User, field: UniqueField) -> Option<Login> {
    match field {
        UniqueField::Id | UniqueField::Attribute | UniqueField::Social | UniqueField::Passkey => None,
        UniqueField::Username => user.username.clone().map(Login::Username),
        UniqueField::Phone => user.phone.clone().map(|contact| Login::Phone(contact.address)),
        UniqueField::Email => user.email.clone().map(|contact| Login::Email(contact.address)),
    }
}

fn give_up(user: &mut User, field: UniqueField) {
    match field {
        UniqueField::Id | UniqueField::Attribute | UniqueField::Social | UniqueField::Passkey => {}
        UniqueField::Username => user.username = None,
        UniqueField::Phone => user.phone = None,
        UniqueField::Email => user.email = None,
    }
}

#[derive(Default)]
pub(super) struct HoardsIdentifiers(Notes<(TenantId, String, UserId)>);

#[async_trait]
impl Sabotage for HoardsIdentifiers {
    async fn commit(&self, sound: &dyn Store, commit: Commit) -> Result<(), StoreError> {
        let (UserWrite::Insert(user) | UserWrite::Replace { user, .. }) = &commit.user else {
            return sound.commit(commit).await;
        };
        let (hoarded, user) = (self.0.all(), user.clone());
        for (field, name) in identifiers(&user) {
            let taken = |(tenant, held, owner): &(TenantId, String, UserId)| {
                *tenant == user.tenant && *held == name && *owner != user.id
            };
            if hoarded.iter().any(taken) {
                return Err(StoreError::Conflict { field });
            }
        }
        sound.commit(commit).await?;
        self.0.add(identifiers(&user).map(|(_, name)| (user.tenant.clone(), name, user.id.clone())));
        Ok(())
    }
}

fn identifiers(user: &User) -> impl Iterator<Item = (UniqueField, String)> {
    let username = user.username.as_ref().map(Username::canonical);
    let phone = user.phone.as_ref().map(|contact| contact.address.canonical());
    let email = user.email.as_ref().map(|contact| contact.address.canonical());
    [(UniqueField::Username, username), (UniqueField::Phone, phone), (UniqueField::Email, email)]
        .into_iter()
        .filter_map(|(field, name)| Some((field, name?.to_owned())))
}

#[derive(Default)]
pub(super) struct RemembersFormerNames(Notes<(TenantId, Login, UserId)>);

#[async_trait]
impl Sabotage for RemembersFormerNames {
    async fn find(
        &self,
        sound: &dyn Store,
        tenant: &TenantId,
        handle: &Handle,
    ) -> Result<Option<UserId>, StoreError> {
        let Handle::Login(login) = handle else { return sound.find(tenant, handle).await };
        let found = sound.find(tenant, handle).await?;
        self.0.add(found.clone().map(|user| (tenant.clone(), login.clone(), user)));
        let former = self.0.all().into_iter().find(|(held, name, _)| held == tenant && name == login);
        Ok(found.or(former.map(|(.., user)| user)))
    }
}
