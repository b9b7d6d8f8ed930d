//! Social sources; their settings as a JSON object.

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::social::{Logo, SocialSource, SocialSourceId, SocialType};
use ciam_ports::{SocialSourceStore, StoreError};

use crate::error::unreadable;
use crate::statement::{Db, Fields};
use crate::{SqliteStore, audit};

const ALL: &str = "SELECT id, name, logo, social_type, enabled, settings FROM ciam_social_sources
    WHERE tenant = ?1 ORDER BY id";

const PUT: &str = "INSERT OR REPLACE INTO ciam_social_sources
        (tenant, id, name, logo, social_type, enabled, settings)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const REMOVE: &str = "DELETE FROM ciam_social_sources WHERE tenant = ?1 AND id = ?2";

fn put(db: &Db<'_>, source: &SocialSource) -> Result<(), StoreError> {
    let SocialSource { tenant, id, name, logo, social_type, enabled, settings } = source;
    let settings = serde_json::to_string(settings).map_err(|_| unreadable("ciam_social_sources.settings"))?;
    let row = (
        tenant.as_str(),
        id.as_str(),
        name,
        logo.as_ref().map(Logo::bytes),
        social_type.as_str(),
        enabled,
        settings,
    );
    db.run(PUT, row).map(drop)
}

fn read(row: Fields<'_, '_>, tenant: &TenantId) -> Result<SocialSource, StoreError> {
    let logo = row.get::<Option<Vec<u8>>>(2)?.map(|bytes| Logo::new(&bytes)).transpose();
    Ok(SocialSource {
        tenant: tenant.clone(),
        id: SocialSourceId::parse(&row.get::<String>(0)?)
            .map_err(|_| unreadable("ciam_social_sources.id"))?,
        name: row.get(1)?,
        logo: logo.map_err(|_| unreadable("ciam_social_sources.logo"))?,
        social_type: SocialType::parse(&row.get::<String>(3)?)
            .map_err(|_| unreadable("ciam_social_sources.social_type"))?,
        enabled: row.get(4)?,
        settings: serde_json::from_str(&row.get::<String>(5)?)
            .map_err(|_| unreadable("ciam_social_sources.settings"))?,
    })
}

#[async_trait]
impl SocialSourceStore for SqliteStore {
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError> {
        let tenant = tenant.clone();
        self.glance(move |db| db.rows(ALL, (tenant.as_str(),), |row| read(row, &tenant))).await
    }

    async fn put(&self, source: SocialSource, record: AuditRecord) -> Result<(), StoreError> {
        self.write(move |db| {
            put(db, &source)?;
            audit::append(db, std::slice::from_ref(&record))
        })
        .await
    }

    async fn remove(
        &self,
        tenant: &TenantId,
        id: &SocialSourceId,
        record: AuditRecord,
    ) -> Result<(), StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.write(move |db| {
            db.run(REMOVE, (tenant.as_str(), id.as_str()))?;
            audit::append(db, std::slice::from_ref(&record))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [ALL, REMOVE] {
            assert_searches(sql);
        }
    }
}
