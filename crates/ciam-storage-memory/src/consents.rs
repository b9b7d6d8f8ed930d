//! The ledgers of a tenant, and the port of terms and consents.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use ciam_ports::domain::consent::{ConsentAct, ConsentEntry};
use ciam_ports::domain::terms::{TermsDocument, TermsText, TermsVersion};
use ciam_ports::domain::user::{Status, User};
use ciam_ports::domain::{ConsentId, TenantId, UserId, VersionId};
use ciam_ports::{ConsentCommit, ConsentErasure, ConsentStore, StoreError, TermsCommit, VersionFilter};

use crate::MemoryStore;
use crate::terms::Terms;

#[derive(Default)]
pub(crate) struct Consents {
    pub(crate) terms: Terms,
    ledgers: HashMap<UserId, Vec<ConsentEntry>>,
    ids: HashSet<ConsentId>,
}

impl Consents {
    pub(crate) fn append(&mut self, entry: ConsentEntry, last: Option<&ConsentId>) -> Result<(), StoreError> {
        let ledger = self.ledgers.get(&entry.user).map_or(&[][..], Vec::as_slice);
        let newest = ledger.iter().rev().find(|held| held.document == entry.document);
        let in_force = |version: &TermsVersion| {
            version.document == entry.document
                && version.hash == entry.hash
                && version.admit(entry.at).is_ok()
        };
        let admitted =
            entry.act == ConsentAct::Recalled || self.terms.version(&entry.version).is_some_and(in_force);
        if newest.map(|held| &held.id) != last || !admitted || self.ids.contains(&entry.id) {
            return Err(StoreError::Stale);
        }
        self.ids.insert(entry.id.clone());
        self.ledgers.entry(entry.user.clone()).or_default().push(entry);
        Ok(())
    }

    fn of(&self, user: &UserId) -> Vec<ConsentEntry> {
        self.ledgers.get(user).cloned().unwrap_or_default()
    }

    fn erase(&mut self, user: &UserId, erasure: ConsentErasure) -> usize {
        match erasure {
            ConsentErasure::KeepsEvidence => {
                let entries = self.ledgers.get_mut(user).into_iter().flatten();
                entries.filter_map(|entry| entry.source.take()).count()
            }
            ConsentErasure::KeepsNothing => {
                let gone = self.ledgers.remove(user).unwrap_or_default();
                self.ids.retain(|id| gone.iter().all(|entry| entry.id != *id));
                gone.len()
            }
        }
    }
}

#[async_trait]
impl ConsentStore for MemoryStore {
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError> {
        let TermsCommit { tenant, write, audit } = commit;
        self.state()?.recorded(tenant, audit, |tenant| tenant.consents.terms.write(write))
    }

    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).map_or_else(Vec::new, |tenant| tenant.consents.terms.documents()))
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).map_or_else(Vec::new, |tenant| tenant.consents.terms.versions(filter)))
    }

    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).and_then(|tenant| tenant.consents.terms.text(version)))
    }

    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError> {
        let ConsentCommit { entry, last, audit } = commit;
        let tenant = entry.tenant.clone();
        self.state()?.recorded(tenant, audit, |tenant| {
            let gone = |user: &User| matches!(user.status, Status::Purging { .. } | Status::Erased);
            if tenant.users.get(&entry.user).is_some_and(|user| gone(user)) {
                return Err(StoreError::Stale);
            }
            tenant.consents.append(entry, last.as_ref())
        })
    }

    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
        let state = self.state()?;
        Ok(state.tenants.get(tenant).map_or_else(Vec::new, |tenant| tenant.consents.of(user)))
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let lines = state.tenants.get_mut(tenant).map_or(0, |tenant| tenant.consents.erase(user, erasure));
        Ok(u64::try_from(lines).unwrap_or(u64::MAX))
    }
}
