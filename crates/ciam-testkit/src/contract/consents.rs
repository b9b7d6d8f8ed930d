//! The contract of terms and consents: what was published stays, what was agreed to is never rewritten.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::consent::{ConsentAct, ConsentEntry};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::terms::{Publication, TermsDocument, TermsText, TermsVersion};
use ciam_ports::domain::{ConsentId, DocumentId, EventId, TenantId, UserId, VersionId};
use ciam_ports::{
    AuditQuery, AuditTrail, ConsentCommit, ConsentErasure, ConsentStore, Store, StoreError, TermsCommit,
    TermsWrite, VersionFilter,
};
use futures_executor::block_on;

use super::Trial;
use super::consent_rules::{
    a_consent_and_its_record_are_one_write, a_consent_follows_the_line_read,
    a_consent_is_found_as_it_was_appended, a_published_text_stays, consents_are_their_persons_alone,
    erased_consents_are_gone, erased_consents_keep_no_address, nobody_consents_while_they_are_erased,
    only_what_is_in_force_is_agreed_to, terms_are_found_as_they_were_written,
    terms_are_replaced_from_the_revision_read,
};
use super::sample::at;
use super::terms_sample::{document, text, version};

/// An empty store of terms and consents, with the trail that its records go into.
#[derive(Clone)]
pub struct ConsentFixture {
    /// The store.
    pub consents: Arc<dyn ConsentStore>,
    /// The accounts that it knows.
    pub accounts: Arc<dyn Store>,
    /// The trail.
    pub audit: Arc<dyn AuditTrail>,
    /// What must live as long as they do: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of terms and consents.
#[derive(Clone, Copy)]
pub struct ConsentRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a ConsentFixture) -> Trial<'a>,
}

/// Hands every rule of terms and consents to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_consent_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            consents {
                terms_are_found_as_they_were_written terms_are_replaced_from_the_revision_read
                a_published_text_stays a_consent_is_found_as_it_was_appended consents_are_their_persons_alone
                a_consent_follows_the_line_read only_what_is_in_force_is_agreed_to
                nobody_consents_while_they_are_erased
                a_consent_and_its_record_are_one_write erased_consents_keep_no_address erased_consents_are_gone
            }
        }
    };
}

macro_rules! table {
    (() consents { $($rule:ident)* }) => {
        /// Every rule of terms and consents.
        pub const CONSENT_RULES: &[ConsentRule] =
            &[$(ConsentRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_consent_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_consents(name: &str, on: &ConsentFixture) {
    let rule = CONSENT_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// What was acknowledged is there after the store of a directory was closed and opened again.
pub fn consents_outlive_the_process(open: impl Fn(&Path) -> ConsentFixture) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let on = open(directory.path());
    block_on(on.publish("privacy", "v1"));
    let entry = agreed("dora", "privacy", "v1", 10);
    block_on(on.append(&entry, None));
    drop(on);
    let on = open(directory.path());
    assert_eq!(block_on(on.all("dora")), [entry]);
    assert_eq!(block_on(on.one("v1")).map(|version| version.id), VersionId::parse("v1").ok());
    assert_eq!(block_on(on.records()).len(), 4, "a document, a draft, a publication, an agreement");
}

/// One test for each rule of terms and consents; `make` is called for a fresh
/// [`ConsentFixture`](crate::contract::ConsentFixture) each time.
#[macro_export]
macro_rules! consent_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_consent_rule! {
            [$crate::contract_tests] (($crate::contract::check_consents) [$(#[$attr])*] $make)
        }
    };
}

impl ConsentFixture {
    /// A fixture of an adapter that is store and trail at once.
    #[must_use]
    pub fn of<S: Store + ConsentStore + AuditTrail>(adapter: Arc<S>) -> Self {
        Self { consents: adapter.clone(), accounts: adapter.clone(), audit: adapter, keep: Arc::new(()) }
    }

    pub(super) async fn try_to_write(&self, tenant: TenantId, write: TermsWrite) -> Result<(), StoreError> {
        let audit = AuditRecord { tenant: tenant.clone(), ..record("terms", Action::WriteTerms) };
        self.consents.write_terms(TermsCommit { tenant, write, audit }).await
    }

    pub(super) async fn write(&self, write: TermsWrite) {
        self.try_to_write(TenantId::default(), write).await.expect("a write that nothing speaks against");
    }

    pub(super) async fn draft(&self, version: &TermsVersion) {
        let write =
            TermsWrite::Draft { expected: None, version: Box::new(version.clone()), text: text(&version.id) };
        self.write(write).await;
    }

    /// A document with a version that is in force from second 5 on.
    pub(super) async fn publish(&self, id: &str, number: &str) {
        let document = TermsWrite::Document { expected: None, document: Box::new(document(id)) };
        self.write(document).await;
        self.draft(&version(id, number)).await;
        self.write(published(number, Publication::Published { from: at(5), until: None })).await;
    }

    pub(super) async fn one(&self, id: &str) -> Option<TermsVersion> {
        let filter = VersionFilter::One(VersionId::parse(id).expect("an id"));
        self.consents.versions(&TenantId::default(), &filter).await.expect("a store").pop()
    }

    pub(super) async fn documents(&self) -> Vec<TermsDocument> {
        self.consents.documents(&TenantId::default()).await.expect("a store")
    }

    pub(super) async fn text(&self, id: &str) -> Option<TermsText> {
        let id = VersionId::parse(id).expect("an id");
        self.consents.text(&TenantId::default(), &id).await.expect("a store")
    }

    pub(super) async fn try_to_append(
        &self,
        entry: &ConsentEntry,
        last: Option<&ConsentEntry>,
    ) -> Result<(), StoreError> {
        let record = record(entry.user.as_str(), Action::AgreeToTerms);
        let audit = AuditRecord { tenant: entry.tenant.clone(), ..record };
        let last = last.map(|last| last.id.clone());
        self.consents.append(ConsentCommit { entry: entry.clone(), last, audit }).await
    }

    pub(super) async fn append(&self, entry: &ConsentEntry, last: Option<&ConsentEntry>) {
        self.try_to_append(entry, last).await.expect("a line that nothing speaks against");
    }

    /// Appends what must be refused.
    pub(super) async fn refuses(&self, entry: &ConsentEntry, last: Option<&ConsentEntry>, why: &str) {
        let refused = self.try_to_append(entry, last).await;
        assert!(matches!(refused, Err(StoreError::Stale)), "{why}: {refused:?}");
    }

    pub(super) async fn all(&self, user: &str) -> Vec<ConsentEntry> {
        self.of_tenant(&TenantId::default(), user).await
    }

    pub(super) async fn of_tenant(&self, tenant: &TenantId, user: &str) -> Vec<ConsentEntry> {
        let user = UserId::parse(user).expect("an id");
        self.consents.consents(tenant, &user).await.expect("a store")
    }

    pub(super) async fn erase(&self, tenant: &TenantId, user: &str, erasure: ConsentErasure) -> u64 {
        let user = UserId::parse(user).expect("an id");
        self.consents.erase(tenant, &user, erasure).await.expect("a store")
    }

    pub(super) async fn records(&self) -> Vec<AuditRecord> {
        let query = AuditQuery::newest(TenantId::default(), 1_000);
        self.audit.records(&query).await.expect("a trail").records
    }
}

pub(crate) fn record(user: &str, action: Action) -> AuditRecord {
    AuditRecord {
        id: EventId::parse("event").expect("an id"),
        tenant: TenantId::default(),
        at: at(1),
        actor: Actor::System,
        user: UserId::parse(user).expect("an id"),
        session: None,
        action,
        outcome: Outcome::Done,
        flow: None,
        source: None,
        detail: None,
    }
}

/// The publication of a draft of revision 1.
pub(super) fn published(id: &str, publication: Publication) -> TermsWrite {
    let version = VersionId::parse(id).expect("an id");
    TermsWrite::Publication { expected: 1, version, publication, revision: 2, at: at(5) }
}

/// Somebody's agreement to a version, `second` seconds after the beginning.
pub(super) fn agreed(user: &str, document: &str, version: &str, second: u64) -> ConsentEntry {
    let version = VersionId::parse(version).expect("an id");
    ConsentEntry {
        id: ConsentId::parse(&format!("{user}-{document}-{second}")).expect("an id"),
        tenant: TenantId::default(),
        user: UserId::parse(user).expect("an id"),
        document: DocumentId::parse(document).expect("an id"),
        hash: text(&version).hash(),
        version,
        act: ConsentAct::Agreed,
        at: at(second),
        source: Some(Source::new([192, 0, 2, 1].into())),
        client: None,
    }
}

pub(super) fn recalled(entry: &ConsentEntry, second: u64) -> ConsentEntry {
    let id = ConsentId::parse(&format!("{}-r{second}", entry.id)).expect("an id");
    ConsentEntry { id, act: ConsentAct::Recalled, at: at(second), ..entry.clone() }
}
