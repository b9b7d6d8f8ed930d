//! The hasher: the port in front of the pool.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::{HasherError, PasswordHasher, PasswordMatch, Random};
use password_hash::phc::Output;

use crate::cost::Cost;
use crate::engine::Engine;
use crate::job::Job;
use crate::memory::Memory;
use crate::pool::{Limits, NotTaken, Pool};
use crate::recipe::{Recipe, SALT_BYTES};

/// The threads of a hasher could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the hashing threads could not be started")]
pub struct StartError(#[from] std::io::Error);

#[derive(Debug, thiserror::Error)]
#[error("the hashing threads have ended")]
struct ThreadsEnded;

/// Hashes passwords with argon2id.
pub struct Argon2Hasher {
    cost: Cost,
    retry_after: Duration,
    random: Arc<dyn Random>,
    pool: Pool<Job>,
}

impl Argon2Hasher {
    /// Starts a hasher that makes hashes of `cost`, with salts from `random`.
    ///
    /// # Errors
    /// [`StartError`] when the system gives no threads.
    pub fn new(cost: Cost, limits: Limits, random: Arc<dyn Random>) -> Result<Self, StartError> {
        Self::start(cost, limits, random, Memory::new)
    }

    /// Like [`Argon2Hasher::new`], by vector instructions where the processor has them (AVX-512, AVX2, SSE2,
    /// NEON): the same hashes from the `argon2-rust` crate, which is young and has had no audit.
    ///
    /// # Errors
    /// [`StartError`] when the system gives no threads.
    #[cfg(feature = "simd")]
    pub fn with_simd(cost: Cost, limits: Limits, random: Arc<dyn Random>) -> Result<Self, StartError> {
        Self::start(cost, limits, random, crate::simd::SimdMemory::new)
    }

    fn start<E: Engine>(
        cost: Cost,
        limits: Limits,
        random: Arc<dyn Random>,
        engine: impl Fn(Cost) -> E,
    ) -> Result<Self, StartError> {
        let pool = Pool::start(limits, || {
            let mut engine = engine(cost);
            move |job: Job| job.run(&mut engine)
        })?;
        Ok(Self { cost, retry_after: limits.retry_after, random, pool })
    }

    async fn tag(&self, password: &Password, recipe: Recipe) -> Result<Output, HasherError> {
        let (job, answer) = Job::new(password, recipe);
        self.pool.offer(job).map_err(|refused| match refused {
            NotTaken::Full => HasherError::Overloaded { retry_after: self.retry_after },
            NotTaken::Ended => HasherError::Failed(Box::new(ThreadsEnded)),
        })?;
        answer.await.map_err(|_| HasherError::Failed(Box::new(ThreadsEnded)))?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        let mut salt = [0; SALT_BYTES];
        self.random.fill(&mut salt).map_err(|error| HasherError::Failed(Box::new(error)))?;
        let recipe = Recipe::new(self.cost, salt)?;
        let tag = self.tag(password, recipe.clone()).await?;
        recipe.write(tag)
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        let (recipe, stored) = Recipe::read(hash)?;
        let todays = recipe.is_todays(self.cost);
        // Tags compare in constant time.
        let same = self.tag(password, recipe).await? == stored;
        Ok(match (same, todays) {
            (false, _) => PasswordMatch::Mismatched,
            (true, true) => PasswordMatch::Matched,
            (true, false) => PasswordMatch::MatchedOutdated,
        })
    }

    async fn verify_nothing(&self, password: &Password) -> Result<(), HasherError> {
        self.tag(password, Recipe::new(self.cost, [0; SALT_BYTES])?).await.map(drop)
    }
}
