//! The contract of terms and consents notices each fault of a store.
#![expect(clippy::unwrap_used, reason = "a poisoned lock ends the test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::consent::{ConsentAct, ConsentEntry};
use ciam_ports::domain::terms::{Publication, TermsDocument, TermsText, TermsVersion};
use ciam_ports::domain::user::Status;
use ciam_ports::domain::{TenantId, UserId, VersionId};
use ciam_ports::{
    AuditPage, AuditQuery, AuditTrail, ConsentCommit, ConsentErasure, ConsentStore, StepQuery, Store,
    StoreError, TermsCommit, TermsWrite, VersionFilter,
};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{CONSENT_RULES, ConsentFixture, check_consents, rules_named_in};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    DropsExternalIds,
    MixesDocuments,
    OverwritesDocuments,
    OverwritesPublished,
    DropsClients,
    SortsByMoment,
    ErasesNamesakes,
    FollowsAnything,
    AgreesToAnything,
    AgreesTooLate,
    AgreesForTheErased,
    RecordsRefusals,
    RecordsNoTerms,
    KeepsSources,
    KeepsRecalls,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 15] = [
    (Fault::DropsExternalIds, "terms_are_found_as_they_were_written"),
    (Fault::MixesDocuments, "terms_are_found_as_they_were_written"),
    (Fault::OverwritesDocuments, "terms_are_replaced_from_the_revision_read"),
    (Fault::OverwritesPublished, "a_published_text_stays"),
    (Fault::DropsClients, "a_consent_is_found_as_it_was_appended"),
    (Fault::SortsByMoment, "a_consent_is_found_as_it_was_appended"),
    (Fault::ErasesNamesakes, "consents_are_their_persons_alone"),
    (Fault::FollowsAnything, "a_consent_follows_the_line_read"),
    (Fault::AgreesToAnything, "only_what_is_in_force_is_agreed_to"),
    (Fault::AgreesTooLate, "only_what_is_in_force_is_agreed_to"),
    (Fault::AgreesForTheErased, "nobody_consents_while_they_are_erased"),
    (Fault::RecordsRefusals, "a_consent_and_its_record_are_one_write"),
    (Fault::RecordsNoTerms, "a_consent_and_its_record_are_one_write"),
    (Fault::KeepsSources, "erased_consents_keep_no_address"),
    (Fault::KeepsRecalls, "erased_consents_are_gone"),
];

#[derive(Default)]
struct Rows {
    documents: Vec<TermsDocument>,
    versions: Vec<(TermsVersion, TermsText)>,
    entries: Vec<ConsentEntry>,
    trail: Vec<AuditRecord>,
}

struct Broken {
    fault: Fault,
    rows: Mutex<Rows>,
    accounts: Arc<MemoryStore>,
}

impl Rows {
    fn put_document(&mut self, fault: Fault, expected: Option<u32>, mut document: TermsDocument) -> bool {
        if fault == Fault::DropsExternalIds {
            document.external_id = None;
        }
        let same = |held: &TermsDocument| (&held.tenant, &held.id) == (&document.tenant, &document.id);
        let held = self.documents.iter().position(same);
        let revision = held.map(|place| self.documents[place].revision);
        if revision != expected && (fault != Fault::OverwritesDocuments || held.is_none()) {
            return false;
        }
        self.documents.retain(|held| !same(held));
        self.documents.push(document);
        self.documents.sort_by(|one, other| one.id.cmp(&other.id));
        true
    }

    fn put_draft(&mut self, fault: Fault, expected: Option<u32>, draft: (TermsVersion, TermsText)) -> bool {
        let version = &draft.0;
        let same = |held: &TermsVersion| (&held.tenant, &held.id) == (&version.tenant, &version.id);
        let key = |held: &TermsVersion| {
            (held.tenant.clone(), held.document.clone(), held.number.clone(), held.locale.clone())
        };
        let held = self.versions.iter().find(|(held, _)| same(held)).map(|(held, _)| held);
        let is_draft = held.is_none_or(|held| held.publication == Publication::Draft);
        let twin = self.versions.iter().any(|(held, _)| !same(held) && key(held) == key(version));
        let fits = held.map(|held| held.revision) == expected;
        if !fits || twin || !is_draft && fault != Fault::OverwritesPublished {
            return false;
        }
        self.versions.retain(|(held, _)| !same(held));
        self.versions.push(draft);
        self.versions.sort_by_key(|(held, _)| (held.document.clone(), held.id.clone()));
        true
    }

    fn write(&mut self, fault: Fault, tenant: &TenantId, write: TermsWrite) -> bool {
        match write {
            TermsWrite::Document { expected, document } => self.put_document(fault, expected, *document),
            TermsWrite::Draft { expected, version, text } => {
                self.put_draft(fault, expected, (*version, text))
            }
            TermsWrite::Publication { expected, version, publication, revision, at } => {
                let mut held = self.versions.iter_mut().map(|(held, _)| held);
                let held = held.find(|held| held.tenant == *tenant && held.id == version);
                let Some(held) = held.filter(|held| held.revision == expected) else { return false };
                (held.publication, held.revision, held.updated_at) = (publication, revision, at);
                true
            }
        }
    }

    fn admits(&self, fault: Fault, entry: &ConsentEntry) -> bool {
        let fits = |held: &TermsVersion| {
            (&held.tenant, &held.document, &held.id, held.hash)
                == (&entry.tenant, &entry.document, &entry.version, entry.hash)
        };
        let found = self.versions.iter().map(|(held, _)| held).find(|held| fits(held));
        match fault {
            Fault::AgreesToAnything => self.versions.iter().any(|(held, _)| held.id == entry.version),
            Fault::AgreesTooLate => found.is_some_and(
                |held| matches!(held.publication, Publication::Published { from, .. } if from <= entry.at),
            ),
            _ => found.is_some_and(|held| held.admit(entry.at).is_ok()),
        }
    }

    fn append(&mut self, fault: Fault, commit: &ConsentCommit) -> bool {
        let ConsentCommit { entry, last, .. } = commit;
        let place = |held: &ConsentEntry| (held.tenant.clone(), held.user.clone(), held.document.clone());
        let newest = self.entries.iter().rev().find(|held| place(held) == place(entry));
        let follows = newest.map(|held| &held.id) == last.as_ref() || fault == Fault::FollowsAnything;
        let new = self.entries.iter().all(|held| (&held.tenant, &held.id) != (&entry.tenant, &entry.id));
        let admitted = entry.act == ConsentAct::Recalled || self.admits(fault, entry);
        if !follows || !new || !admitted {
            return false;
        }
        let client = entry.client.clone().filter(|_| fault != Fault::DropsClients);
        self.entries.push(ConsentEntry { client, ..entry.clone() });
        if fault == Fault::SortsByMoment {
            self.entries.sort_by_key(|held| held.at);
        }
        true
    }
}

impl Broken {
    /// Keeps the record where the work was done, and says so.
    fn recorded(&self, audit: AuditRecord, work: impl FnOnce(&mut Rows) -> bool) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let done = work(&mut rows);
        if done || self.fault == Fault::RecordsRefusals {
            rows.trail.push(audit);
        }
        if done { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl ConsentStore for Broken {
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError> {
        let TermsCommit { tenant, write, audit } = commit;
        self.recorded(audit, |rows| rows.write(self.fault, &tenant, write))?;
        if self.fault == Fault::RecordsNoTerms {
            self.rows.lock().unwrap().trail.pop();
        }
        Ok(())
    }

    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
        let mut documents = self.rows.lock().unwrap().documents.clone();
        documents.retain(|held| held.tenant == *tenant || self.fault == Fault::MixesDocuments);
        Ok(documents)
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let own = rows.versions.iter().map(|(version, _)| version).filter(|held| held.tenant == *tenant);
        let asked = |held: &&TermsVersion| match filter {
            VersionFilter::All => true,
            VersionFilter::Of(document) => held.document == *document,
            VersionFilter::One(id) => held.id == *id,
        };
        Ok(own.filter(asked).cloned().collect())
    }

    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mut own = rows.versions.iter().filter(|(held, _)| held.tenant == *tenant);
        Ok(own.find(|(held, _)| held.id == *version).map(|(_, text)| text.clone()))
    }

    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError> {
        let query = StepQuery::of(commit.entry.tenant.clone(), commit.entry.user.clone());
        let status = self.accounts.load(&query).await?.map(|loaded| loaded.user.status);
        let gone = matches!(status, Some(Status::Purging { .. } | Status::Erased));
        if gone && self.fault != Fault::AgreesForTheErased {
            return Err(StoreError::Stale);
        }
        self.recorded(commit.audit.clone(), |rows| rows.append(self.fault, &commit))
    }

    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
        let mut entries = self.rows.lock().unwrap().entries.clone();
        entries.retain(|held| held.tenant == *tenant && held.user == *user);
        Ok(entries)
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let own = |held: &ConsentEntry| {
            held.user == *user && (held.tenant == *tenant || self.fault == Fault::ErasesNamesakes)
        };
        let mut lines = 0;
        if erasure == ConsentErasure::KeepsEvidence {
            for entry in rows.entries.iter_mut().filter(|held| own(held)) {
                lines += u64::from(entry.source.is_some());
                entry.source = entry.source.filter(|_| self.fault == Fault::KeepsSources);
            }
        } else {
            let kept =
                |held: &ConsentEntry| self.fault == Fault::KeepsRecalls && held.act == ConsentAct::Recalled;
            let had = rows.entries.len();
            rows.entries.retain(|held| !own(held) || kept(held));
            lines = u64::try_from(had - rows.entries.len()).unwrap();
        }
        Ok(lines)
    }
}

#[async_trait]
impl AuditTrail for Broken {
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let mut records = self.rows.lock().unwrap().trail.clone();
        records.retain(|record| record.tenant == query.tenant && query.admits(record));
        records.reverse();
        Ok(AuditPage { records, next: None })
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let fixture = || {
        let accounts = Arc::new(MemoryStore::new());
        let broken = Arc::new(Broken { fault, rows: Mutex::default(), accounts: accounts.clone() });
        ConsentFixture { consents: broken.clone(), accounts, audit: broken, keep: Arc::new(()) }
    };
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check_consents(name, &fixture()))).is_err();
    CONSENT_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in CONSENT_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_store_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}

#[test]
fn the_rules_are_those_that_the_port_names() {
    let named = rules_named_in(include_str!("../../ciam-ports/src/consent.rs"));
    assert_eq!(named, CONSENT_RULES.iter().map(|rule| rule.name).collect());
}
