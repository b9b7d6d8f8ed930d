//! A directory in a list.

use std::sync::Mutex;

use async_trait::async_trait;
use ciam::domain::user::User;
use ciam::ports::{DirectoryPage, DirectoryQuery, StoreError, UserDirectory};

use super::locked;

/// Knows the accounts that it was told of.
#[derive(Debug, Default)]
pub struct FakeDirectory(Mutex<Vec<User>>);

impl FakeDirectory {
    /// Tells it of an account, in place of what it knows of it.
    pub fn put(&self, user: User) {
        let mut users = locked(&self.0);
        users.retain(|known| (&known.tenant, &known.id) != (&user.tenant, &user.id));
        users.push(user);
    }
}

#[async_trait]
impl UserDirectory for FakeDirectory {
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
        let mut users = locked(&self.0).clone();
        users.retain(|user| {
            user.tenant == query.tenant
                && query.status.is_none_or(|status| user.status.kind() == status)
                && query.after.as_ref().is_none_or(|after| user.id > *after)
        });
        users.sort_by(|one, other| one.id.cmp(&other.id));
        let more = users.len() > query.limit.into();
        users.truncate(query.limit.into());
        let next = users.last().filter(|_| more).map(|user| user.id.clone());
        Ok(DirectoryPage { users, next })
    }
}
