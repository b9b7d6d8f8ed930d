//! The port of accounts alone.

use async_trait::async_trait;
use ciam_ports::domain::identifier::Login;
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::user_store::UserCommit;
use ciam_ports::{Handle, Store, StoreError, UserStore};

use crate::statement::Db;
use crate::{SqliteStore, audit, outbox, users};

fn commit(db: &Db<'_>, commit: &UserCommit) -> Result<(), StoreError> {
    users::write(db, &commit.user)?;
    audit::append(db, &commit.audit)?;
    outbox::append(db, &commit.outbox, commit.now)
}

#[async_trait]
impl UserStore for SqliteStore {
    async fn user(&self, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.glance(move |db| users::find(db, &tenant, &user)).await
    }

    async fn find(&self, tenant: &TenantId, login: &Login) -> Result<Option<UserId>, StoreError> {
        Store::find(self, tenant, &Handle::Login(login.clone())).await
    }

    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError> {
        self.write(move |db| self::commit(db, &commit)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Store::ping(self).await
    }
}
