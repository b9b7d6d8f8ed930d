//! The ports of consents and exports.

use async_trait::async_trait;
use ciam::domain::consent::ConsentEntry;
use ciam::domain::export::Exported;
use ciam::domain::terms::{TermsDocument, TermsText, TermsVersion};
use ciam::domain::{TenantId, UserId, VersionId};
use ciam::ports::{
    ConsentCommit, ConsentErasure, ConsentStore, PersonalExtract, StoreError, TermsCommit, VersionFilter,
};

use super::ports::Faulty;

#[async_trait]
impl ConsentStore for Faulty<dyn ConsentStore> {
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError> {
        let work = self.inner.write_terms(commit);
        self.faults.pass("consents.write_terms", work, StoreError::Unavailable).await
    }

    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
        let work = self.inner.documents(tenant);
        self.faults.pass("consents.documents", work, StoreError::Unavailable).await
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError> {
        let work = self.inner.versions(tenant, filter);
        self.faults.pass("consents.versions", work, StoreError::Unavailable).await
    }

    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError> {
        self.faults.pass("consents.text", self.inner.text(tenant, version), StoreError::Unavailable).await
    }

    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError> {
        self.faults.pass("consents.append", self.inner.append(commit), StoreError::Unavailable).await
    }

    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
        let work = self.inner.consents(tenant, user);
        self.faults.pass("consents.consents", work, StoreError::Unavailable).await
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError> {
        let work = self.inner.erase(tenant, user, erasure);
        self.faults.pass("consents.erase", work, StoreError::Unavailable).await
    }
}

#[async_trait]
impl PersonalExtract for Faulty<dyn PersonalExtract> {
    async fn extract(&self, tenant: &TenantId, user: &UserId) -> Result<Exported, StoreError> {
        let work = self.inner.extract(tenant, user);
        self.faults.pass("personal.extract", work, StoreError::Unavailable).await
    }
}
