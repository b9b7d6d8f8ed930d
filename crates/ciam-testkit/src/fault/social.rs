//! Sources of accounts elsewhere, and their provider, through which faults come.

use async_trait::async_trait;
use ciam::Ciam;
use ciam::domain::audit::AuditRecord;
use ciam::domain::social::{SocialSource, SocialSourceId};
use ciam::domain::{Instant, TenantId};
use ciam::ports::{SocialError, SocialIdentity, SocialProof, SocialSourceStore, SocialVerifier, StoreError};

use super::Faults;
use super::ports::Faulty;
use crate::contract::social_source;
use crate::world::World;

impl Faults {
    /// What a host has for accounts elsewhere.
    pub(super) fn elsewhere(&self, ciam: Ciam, world: &World) -> Ciam {
        let sources = self.over::<dyn SocialSourceStore>(world.backend.sources.clone());
        let verifier = self.over::<dyn SocialVerifier>(world.social.clone());
        ciam.with_social_sources(sources).with_social_verifier(social_source("any").social_type, verifier)
    }
}

#[async_trait]
impl SocialSourceStore for Faulty<dyn SocialSourceStore> {
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError> {
        self.faults.pass("sources.sources", self.inner.sources(tenant), StoreError::Unavailable).await
    }

    async fn put(&self, source: SocialSource, audit: AuditRecord) -> Result<(), StoreError> {
        self.faults.pass("sources.put", self.inner.put(source, audit), StoreError::Unavailable).await
    }

    async fn remove(
        &self,
        tenant: &TenantId,
        id: &SocialSourceId,
        audit: AuditRecord,
    ) -> Result<(), StoreError> {
        let work = self.inner.remove(tenant, id, audit);
        self.faults.pass("sources.remove", work, StoreError::Unavailable).await
    }
}

#[async_trait]
impl SocialVerifier for Faulty<dyn SocialVerifier> {
    async fn verify(
        &self,
        source: &SocialSource,
        proof: &SocialProof,
        now: Instant,
    ) -> Result<SocialIdentity, SocialError> {
        let work = self.inner.verify(source, proof, now);
        self.faults.pass("social.verify", work, SocialError::Unavailable).await
    }
}
