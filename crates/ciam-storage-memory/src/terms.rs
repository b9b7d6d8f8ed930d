//! Terms of a tenant.

use std::collections::BTreeMap;

use ciam_ports::domain::terms::{Publication, TermsDocument, TermsText, TermsVersion};
use ciam_ports::domain::{DocumentId, VersionId};
use ciam_ports::{StoreError, TermsWrite, VersionFilter};

#[derive(Default)]
pub(crate) struct Terms {
    documents: BTreeMap<DocumentId, TermsDocument>,
    versions: BTreeMap<(DocumentId, VersionId), TermsVersion>,
    texts: BTreeMap<VersionId, TermsText>,
}

impl Terms {
    pub(crate) fn documents(&self) -> Vec<TermsDocument> {
        self.documents.values().cloned().collect()
    }

    pub(crate) fn versions(&self, filter: &VersionFilter) -> Vec<TermsVersion> {
        let admits = |version: &&TermsVersion| match filter {
            VersionFilter::All => true,
            VersionFilter::Of(document) => version.document == *document,
            VersionFilter::One(id) => version.id == *id,
        };
        self.versions.values().filter(admits).cloned().collect()
    }

    pub(crate) fn version(&self, id: &VersionId) -> Option<&TermsVersion> {
        self.versions.values().find(|version| version.id == *id)
    }

    pub(crate) fn text(&self, version: &VersionId) -> Option<TermsText> {
        self.texts.get(version).cloned()
    }

    pub(crate) fn write(&mut self, write: TermsWrite) -> Result<(), StoreError> {
        match write {
            TermsWrite::Document { expected, document } => {
                let held = self.documents.get(&document.id).map(|document| document.revision);
                if held != expected {
                    return Err(StoreError::Stale);
                }
                self.documents.insert(document.id.clone(), *document);
            }
            TermsWrite::Draft { expected, version, text } => {
                self.check_draft(expected, &version)?;
                self.texts.insert(version.id.clone(), text);
                self.versions.insert((version.document.clone(), version.id.clone()), *version);
            }
            TermsWrite::Publication { expected, version, publication, revision, at } => {
                let held = self.versions.values_mut().find(|held| held.id == version);
                let held = held.filter(|held| held.revision == expected).ok_or(StoreError::Stale)?;
                (held.publication, held.revision, held.updated_at) = (publication, revision, at);
            }
        }
        Ok(())
    }

    fn check_draft(&self, expected: Option<u32>, version: &TermsVersion) -> Result<(), StoreError> {
        let held = self.version(&version.id);
        let is_draft =
            |held: &TermsVersion| held.publication == Publication::Draft && held.document == version.document;
        let is_twin = |held: &TermsVersion| {
            let same = (&held.document, &held.number, &held.locale);
            held.id != version.id && same == (&version.document, &version.number, &version.locale)
        };
        let as_read = held.map(|held| held.revision) == expected && held.is_none_or(is_draft);
        if as_read && !self.versions.values().any(is_twin) { Ok(()) } else { Err(StoreError::Stale) }
    }
}
