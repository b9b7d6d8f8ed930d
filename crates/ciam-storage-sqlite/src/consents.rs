//! The ledger of consents, and the port of terms and consents.

use async_trait::async_trait;
use ciam_ports::domain::consent::{ConsentAct, ConsentEntry};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::terms::{ContentHash, TermsDocument, TermsText, TermsVersion};
use ciam_ports::domain::{ConsentId, DocumentId, TenantId, UserId, VersionId};
use ciam_ports::{ConsentCommit, ConsentErasure, ConsentStore, StoreError, TermsCommit, VersionFilter};

use crate::error::unreadable;
use crate::statement::{Db, Fields};
use crate::{SqliteStore, audit, terms};

// What the line follows, whether the version is in force, and whether the person still is, is asked by the statement
// that adds it.
const APPEND: &str = "INSERT INTO ciam_consents
        (tenant, user, document, version, id, hash, act, at, source, client)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE ?11 IS (SELECT id FROM ciam_consents WHERE tenant = ?1 AND user = ?2 AND document = ?3
            ORDER BY seq DESC LIMIT 1)
        AND (?7 = 'recalled' OR EXISTS (SELECT 1 FROM ciam_terms_versions
            WHERE tenant = ?1 AND document = ?3 AND id = ?4 AND hash = ?6
                AND begins_at <= ?8 AND (ends_at IS NULL OR ends_at > ?8)))
        AND NOT EXISTS (SELECT 1 FROM ciam_users
            WHERE tenant = ?1 AND id = ?2 AND status IN ('purging', 'erased'))";

const ALL: &str = "SELECT document, version, id, hash, act, at, source, client FROM ciam_consents
    WHERE tenant = ?1 AND user = ?2 ORDER BY seq";

const FORGET_SOURCES: &str = "UPDATE ciam_consents SET source = NULL
    WHERE tenant = ?1 AND user = ?2 AND source IS NOT NULL";

const ERASE: &str = "DELETE FROM ciam_consents WHERE tenant = ?1 AND user = ?2";

fn append(db: &Db<'_>, commit: &ConsentCommit) -> Result<(), StoreError> {
    let ConsentCommit { entry, last, audit } = commit;
    let ConsentEntry { id, tenant, user, document, version, hash, act, at, source, client } = entry;
    let row = (
        tenant.as_str(),
        user.as_str(),
        document.as_str(),
        version.as_str(),
        id.as_str(),
        hash.as_bytes(),
        act.as_str(),
        at.unix_micros(),
        source.map(|source| source.address().to_string()),
        client.as_deref(),
        last.as_ref().map(ConsentId::as_str),
    );
    terms::one(db.run(APPEND, row)?)?;
    audit::append(db, std::slice::from_ref(audit))
}

fn all(db: &Db<'_>, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
    db.rows(ALL, (tenant.as_str(), user.as_str()), |row| read(row, tenant, user))
}

fn read(row: Fields<'_, '_>, tenant: &TenantId, user: &UserId) -> Result<ConsentEntry, StoreError> {
    let text = |column| row.get::<String>(column);
    let source = row.get::<Option<String>>(6)?.map(|text| text.parse().map(Source::new)).transpose();
    Ok(ConsentEntry {
        id: ConsentId::parse(&text(2)?).map_err(|_| unreadable("ciam_consents.id"))?,
        tenant: tenant.clone(),
        user: user.clone(),
        document: DocumentId::parse(&text(0)?).map_err(|_| unreadable("ciam_consents.document"))?,
        version: VersionId::parse(&text(1)?).map_err(|_| unreadable("ciam_consents.version"))?,
        hash: row.get(3).map(ContentHash::from_bytes)?,
        act: ConsentAct::parse(&text(4)?).ok_or_else(|| unreadable("ciam_consents.act"))?,
        at: row.instant(5)?,
        source: source.map_err(|_| unreadable("ciam_consents.source"))?,
        client: row.get(7)?,
    })
}

#[async_trait]
impl ConsentStore for SqliteStore {
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError> {
        self.write(move |db| {
            terms::write(db, &commit.tenant, &commit.write)?;
            audit::append(db, std::slice::from_ref(&commit.audit))
        })
        .await
    }

    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
        let tenant = tenant.clone();
        self.read(move |db| terms::documents(db, &tenant)).await
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError> {
        let (tenant, filter) = (tenant.clone(), filter.clone());
        self.read(move |db| terms::versions(db, &tenant, &filter)).await
    }

    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError> {
        let (tenant, version) = (tenant.clone(), version.clone());
        self.read(move |db| terms::text(db, &tenant, &version)).await
    }

    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError> {
        self.write(move |db| append(db, &commit)).await
    }

    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.read(move |db| all(db, &tenant, &user)).await
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        let sql = match erasure {
            ConsentErasure::KeepsEvidence => FORGET_SOURCES,
            ConsentErasure::KeepsNothing => ERASE,
        };
        let lines = self.write(move |db| db.run(sql, (tenant.as_str(), user.as_str()))).await?;
        Ok(u64::try_from(lines).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [APPEND, ALL, FORGET_SOURCES, ERASE] {
            assert_searches(sql);
        }
    }

    #[test]
    fn the_database_itself_keeps_lines_and_published_texts_as_they_are() {
        let store = SqliteStore::in_memory().unwrap();
        let tried = |sql: &'static str| block_on(store.write(move |db| db.run(sql, ())));
        tried(
            "INSERT INTO ciam_consents (tenant, user, document, version, id, hash, act, at, source)
            VALUES ('t', 'u', 'd', 'v', 'c', x'00', 'agreed', 1, '::1')",
        )
        .unwrap();
        tried("INSERT INTO ciam_terms_versions VALUES ('t', 'd', 'v', 1, '1', 'en', 'T', 'TEXT', x'00', 1, NULL, 1, 1)")
            .unwrap();
        tried("INSERT INTO ciam_terms_texts VALUES ('t', 'v', 'old')").unwrap();
        for sql in [
            "UPDATE ciam_consents SET act = 'recalled', source = NULL",
            "UPDATE ciam_consents SET source = '::2'",
            "UPDATE ciam_consents SET client = 'shop', source = NULL",
            "UPDATE ciam_terms_texts SET text = 'new'",
        ] {
            assert!(tried(sql).is_err(), "{sql}");
        }
        assert_eq!(tried("UPDATE ciam_consents SET source = NULL").unwrap(), 1);
    }
}
