//! Documents of terms, their versions and texts.

use ciam_ports::domain::terms::{
    ContentHash, ContentKind, Demand, Label, Locale, Publication, TermsDocument, TermsText, TermsVersion,
    VersionNumber,
};
use ciam_ports::domain::{DocumentId, Instant, TenantId, VersionId};
use ciam_ports::{StoreError, TermsWrite, VersionFilter};

use crate::error::unreadable;
use crate::statement::{Db, Fields};

const DOCUMENTS: &str =
    "SELECT id, revision, external_id, name, kind, description, demand, created_at, updated_at
    FROM ciam_terms WHERE tenant = ?1 ORDER BY id";

const INSERT_DOCUMENT: &str = "INSERT INTO ciam_terms
        (tenant, id, revision, external_id, name, kind, description, demand, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const REPLACE_DOCUMENT: &str = "UPDATE ciam_terms SET revision = ?3, external_id = ?4, name = ?5, kind = ?6,
        description = ?7, demand = ?8, created_at = ?9, updated_at = ?10
    WHERE tenant = ?1 AND id = ?2 AND revision = ?11";

const VERSIONS: [&str; 3] = [
    "SELECT document, id, revision, number, locale, title, kind, hash, begins_at, ends_at, created_at, updated_at
    FROM ciam_terms_versions WHERE tenant = ?1 ORDER BY document, id",
    "SELECT document, id, revision, number, locale, title, kind, hash, begins_at, ends_at, created_at, updated_at
    FROM ciam_terms_versions WHERE tenant = ?1 AND document = ?2 ORDER BY id",
    "SELECT document, id, revision, number, locale, title, kind, hash, begins_at, ends_at, created_at, updated_at
    FROM ciam_terms_versions WHERE tenant = ?1 AND id = ?2",
];

const INSERT_DRAFT: &str =
    "INSERT INTO ciam_terms_versions (tenant, document, id, revision, number, locale, title,
        kind, hash, begins_at, ends_at, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const REPLACE_DRAFT: &str =
    "UPDATE ciam_terms_versions SET revision = ?4, number = ?5, locale = ?6, title = ?7,
        kind = ?8, hash = ?9, begins_at = ?10, ends_at = ?11, created_at = ?12, updated_at = ?13
    WHERE tenant = ?1 AND document = ?2 AND id = ?3 AND revision = ?14 AND begins_at IS NULL";

const PUBLISH: &str =
    "UPDATE ciam_terms_versions SET begins_at = ?3, ends_at = ?4, revision = ?5, updated_at = ?6
    WHERE tenant = ?1 AND id = ?2 AND revision = ?7";

const PUT_TEXT: &str = "INSERT INTO ciam_terms_texts (tenant, version, text) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET text = excluded.text";

const TEXT: &str = "SELECT text FROM ciam_terms_texts WHERE tenant = ?1 AND version = ?2";

pub(crate) fn write(db: &Db<'_>, tenant: &TenantId, write: &TermsWrite) -> Result<(), StoreError> {
    match write {
        TermsWrite::Document { expected, document } => put_document(db, *expected, document),
        TermsWrite::Draft { expected, version, text } => {
            put_draft(db, *expected, version)?;
            db.run(PUT_TEXT, (tenant.as_str(), version.id.as_str(), text.as_str())).map(drop)
        }
        TermsWrite::Publication { expected, version, publication, revision, at } => {
            let (begins, ends) = times(*publication);
            let row = (tenant.as_str(), version.as_str(), begins, ends, revision, at.unix_micros(), expected);
            one(db.run(PUBLISH, row)?)
        }
    }
}

fn put_document(db: &Db<'_>, expected: Option<u32>, document: &TermsDocument) -> Result<(), StoreError> {
    let TermsDocument {
        tenant,
        id,
        revision,
        external_id,
        name,
        kind,
        description,
        demand,
        created_at,
        updated_at,
    } = document;
    let columns = rusqlite::params![
        tenant.as_str(),
        id.as_str(),
        revision,
        external_id.as_ref().map(Label::as_str),
        name.as_ref().map(Label::as_str),
        kind.as_ref().map(Label::as_str),
        description.as_ref().map(Label::as_str),
        demand.as_str(),
        created_at.unix_micros(),
        updated_at.unix_micros(),
        expected,
    ];
    match expected {
        None => one(db.run(INSERT_DOCUMENT, &columns[..10])?),
        Some(_) => one(db.run(REPLACE_DOCUMENT, columns)?),
    }
}

fn put_draft(db: &Db<'_>, expected: Option<u32>, version: &TermsVersion) -> Result<(), StoreError> {
    let TermsVersion {
        tenant,
        id,
        document,
        revision,
        number,
        locale,
        title,
        kind,
        hash,
        publication,
        created_at,
        updated_at,
    } = version;
    let (begins, ends) = times(*publication);
    let columns = rusqlite::params![
        tenant.as_str(),
        document.as_str(),
        id.as_str(),
        revision,
        number.as_str(),
        locale.as_str(),
        title.as_str(),
        kind.as_str(),
        hash.as_bytes(),
        begins,
        ends,
        created_at.unix_micros(),
        updated_at.unix_micros(),
        expected,
    ];
    match expected {
        None => one(db.run(INSERT_DRAFT, &columns[..13])?),
        Some(_) => one(db.run(REPLACE_DRAFT, columns)?),
    }
}

fn times(publication: Publication) -> (Option<i64>, Option<i64>) {
    match publication {
        Publication::Draft => (None, None),
        Publication::Published { from, until } => (Some(from.unix_micros()), until.map(Instant::unix_micros)),
    }
}

/// A statement that found nothing to change came too late.
pub(crate) const fn one(rows: usize) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

pub(crate) fn documents(db: &Db<'_>, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
    let label = |text: Option<String>, column| {
        text.map(|text| Label::parse(&text)).transpose().map_err(|_| unreadable(column))
    };
    db.rows(DOCUMENTS, (tenant.as_str(),), |row| {
        Ok(TermsDocument {
            tenant: tenant.clone(),
            id: DocumentId::parse(&row.get::<String>(0)?).map_err(|_| unreadable("ciam_terms.id"))?,
            revision: row.get(1)?,
            external_id: label(row.get(2)?, "ciam_terms.external_id")?,
            name: label(row.get(3)?, "ciam_terms.name")?,
            kind: label(row.get(4)?, "ciam_terms.kind")?,
            description: label(row.get(5)?, "ciam_terms.description")?,
            demand: Demand::parse(&row.get::<String>(6)?).ok_or_else(|| unreadable("ciam_terms.demand"))?,
            created_at: row.instant(7)?,
            updated_at: row.instant(8)?,
        })
    })
}

pub(crate) fn versions(
    db: &Db<'_>,
    tenant: &TenantId,
    filter: &VersionFilter,
) -> Result<Vec<TermsVersion>, StoreError> {
    let read = |row: Fields<'_, '_>| read(row, tenant);
    let [all, of, one] = VERSIONS;
    match filter {
        VersionFilter::All => db.rows(all, (tenant.as_str(),), read),
        VersionFilter::Of(document) => db.rows(of, (tenant.as_str(), document.as_str()), read),
        VersionFilter::One(version) => db.rows(one, (tenant.as_str(), version.as_str()), read),
    }
}

fn read(row: Fields<'_, '_>, tenant: &TenantId) -> Result<TermsVersion, StoreError> {
    let text = |column| row.get::<String>(column);
    let publication = match (row.instant_if_any(8)?, row.instant_if_any(9)?) {
        (None, _) => Publication::Draft,
        (Some(from), until) => Publication::Published { from, until },
    };
    Ok(TermsVersion {
        tenant: tenant.clone(),
        document: DocumentId::parse(&text(0)?).map_err(|_| unreadable("ciam_terms_versions.document"))?,
        id: VersionId::parse(&text(1)?).map_err(|_| unreadable("ciam_terms_versions.id"))?,
        revision: row.get(2)?,
        number: VersionNumber::parse(&text(3)?).map_err(|_| unreadable("ciam_terms_versions.number"))?,
        locale: Locale::parse(&text(4)?).map_err(|_| unreadable("ciam_terms_versions.locale"))?,
        title: Label::parse(&text(5)?).map_err(|_| unreadable("ciam_terms_versions.title"))?,
        kind: ContentKind::parse(&text(6)?).ok_or_else(|| unreadable("ciam_terms_versions.kind"))?,
        hash: row.get(7).map(ContentHash::from_bytes)?,
        publication,
        created_at: row.instant(10)?,
        updated_at: row.instant(11)?,
    })
}

pub(crate) fn text(
    db: &Db<'_>,
    tenant: &TenantId,
    version: &VersionId,
) -> Result<Option<TermsText>, StoreError> {
    db.row(TEXT, (tenant.as_str(), version.as_str()), |row| {
        TermsText::parse(&row.get::<String>(0)?).map_err(|_| unreadable("ciam_terms_texts.text"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        let written = [REPLACE_DOCUMENT, REPLACE_DRAFT, PUBLISH, TEXT, DOCUMENTS];
        for sql in VERSIONS.into_iter().chain(written) {
            assert_searches(sql);
        }
    }
}
