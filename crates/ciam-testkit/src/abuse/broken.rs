//! Ports that fail, each in its own words, and one that is slow.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::password::{Password, PasswordHash};
use ciam::domain::rate::RateKey;
use ciam::domain::session::Session;
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::{
    BreachCheck, BreachError, Charge, Charged, Commit, DeliveryError, Handle, HasherError, Loaded,
    OtpMessage, OtpSender, PasswordHasher, PasswordMatch, StepQuery, Store, StoreError,
};

use crate::fake::FakeHasher;

/// A store that answers nothing but the text of its engine.
pub(super) struct BrokenStore;

impl BrokenStore {
    fn failure<T>() -> Result<T, StoreError> {
        Err(StoreError::Unavailable("UNIQUE constraint failed: people.email".into()))
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(&self, _: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        Self::failure()
    }

    async fn charge(&self, _: &Charge) -> Result<Option<Charged>, StoreError> {
        Self::failure()
    }

    async fn commit(&self, _: Commit) -> Result<(), StoreError> {
        Self::failure()
    }

    async fn find(&self, _: &TenantId, _: &Handle) -> Result<Option<UserId>, StoreError> {
        Self::failure()
    }

    async fn sessions(&self, _: &TenantId, _: &UserId) -> Result<Vec<Session>, StoreError> {
        Self::failure()
    }

    async fn forget(&self, _: &TenantId, _: &UserId, _: &[RateKey]) -> Result<u64, StoreError> {
        Self::failure()
    }

    async fn sweep(&self, _: Instant) -> Result<u64, StoreError> {
        Self::failure()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Self::failure()
    }
}

/// A corpus that holds every password.
pub(super) struct AllBreached;

#[async_trait]
impl BreachCheck for AllBreached {
    async fn is_breached(&self, _: &Password) -> Result<bool, BreachError> {
        Ok(true)
    }
}

/// A gateway that takes no address.
pub(super) struct Refusing;

#[async_trait]
impl OtpSender for Refusing {
    async fn send(&self, _: OtpMessage) -> Result<(), DeliveryError> {
        Err(DeliveryError::Undeliverable)
    }
}

/// A hasher so slow that whoever begins at the same time has read the same state before anyone writes.
pub(super) struct SlowHasher(pub(super) Arc<FakeHasher>);

#[async_trait]
impl PasswordHasher for SlowHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        std::thread::sleep(Duration::from_millis(20));
        self.0.hash(password).await
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        std::thread::sleep(Duration::from_millis(20));
        self.0.verify(password, hash).await
    }

    async fn verify_nothing(&self, password: &Password) -> Result<(), HasherError> {
        self.0.verify_nothing(password).await
    }
}
