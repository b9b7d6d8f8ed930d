//! The port of accounts alone.

use async_trait::async_trait;
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::user_store::UserCommit;
use ciam_ports::{Handle, Store, StoreError, UserStore};

use crate::statement::Db;
use crate::{SqliteStore, audit, outbox, tombstones, users};

fn commit(db: &Db<'_>, commit: &UserCommit) -> Result<(), StoreError> {
    users::write(db, &commit.user, commit.now)?;
    tombstones::check(db, &commit.tenant, &commit.claims, commit.now)?;
    tombstones::put(db, &commit.tenant, &commit.tombstones)?;
    audit::append(db, &commit.audit)?;
    outbox::append(db, &commit.outbox)
}

#[async_trait]
impl UserStore for SqliteStore {
    async fn user(&self, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.glance(move |db| users::find(db, &tenant, &user)).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        Store::find(self, tenant, handle).await
    }

    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError> {
        self.write(move |db| self::commit(db, &commit)).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        Store::sweep(self, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Store::ping(self).await
    }
}
