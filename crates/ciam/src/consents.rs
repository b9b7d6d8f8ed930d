//! Consents: agreements to terms, recorded in a ledger, listed and recalled.

use ciam_domain::audit::{Action, AuditRecord, Outcome};
use ciam_domain::consent::{ConsentAct, ConsentEntry, ConsentRefusal, Ledger};
use ciam_domain::source::Source;
use ciam_domain::terms::{Demand, Edition, Locale, TermsVersion, VersionStatus};
use ciam_domain::{ConsentId, EventId, Instant, Refusal, TenantId, UserId, VersionId};
use ciam_ports::{ConsentCommit, ConsentErasure, VersionFilter};

use crate::audit::Deed;
use crate::authority::Order;
use crate::terms::{CurrentTerms, lost_terms};
use crate::{Authority, Ciam, Error, Principal, step};

/// Consents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConsentPolicy {
    /// What becomes of the consents of an erased account; by default they stay as evidence, without addresses.
    pub erasure: ConsentErasure,
}

/// An agreement that the host obtained itself, such as at registration.
#[derive(Debug, Clone)]
pub struct AgreementReport {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// What they agreed to.
    pub version: VersionId,
    /// From which network address.
    pub source: Option<Source>,
    /// By which application (`client_id`).
    pub client: Option<String>,
}

/// Where a person stands with a document that they agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnConsent {
    /// The place of the agreement in the person's ledger, from one on; it never changes.
    pub number: usize,
    /// The newest agreement to the document.
    pub agreement: ConsentEntry,
    /// When it was recalled.
    pub recalled_at: Option<Instant>,
    /// What was agreed to.
    pub terms: CurrentTerms,
    /// Where that version stands now.
    pub status: VersionStatus,
}

/// In whose words the trail tells of a line.
#[derive(Clone, Copy)]
enum Scribe<'a> {
    Person(&'a Deed<'a>),
    Host(&'a Order<'a>),
}

impl Scribe<'_> {
    fn now(self) -> Instant {
        match self {
            Self::Person(deed) => deed.now,
            Self::Host(order) => order.now,
        }
    }

    fn record(self, id: EventId) -> AuditRecord {
        match self {
            Self::Person(deed) => deed.record(id, Outcome::Done),
            Self::Host(order) => order.record(id, Outcome::Done),
        }
    }
}

impl Ciam {
    /// Agrees to a version of terms. Who agreed to this very version already, and did not take it back, gets that
    /// agreement again.
    ///
    /// # Errors
    /// [`ConsentRefusal::UnknownVersion`], [`ConsentRefusal::NotPublished`], [`ConsentRefusal::Expired`],
    /// [`ConsentRefusal::TooMany`]; an access refusal; [`crate::Failure::NotOffered`] without a store of consents; a
    /// failure of a store or of chance.
    pub async fn agree_to_terms(&self, who: &Principal, version: &VersionId) -> Result<ConsentEntry, Error> {
        self.consent_store()?;
        let deed = Deed::new(who, Action::AgreeToTerms, self.ports.clock.now());
        let report = AgreementReport {
            tenant: who.tenant().clone(),
            user: who.user().clone(),
            version: version.clone(),
            source: who.source(),
            client: who.client().map(str::to_owned),
        };
        step::persist!(self.try_to_agree(Scribe::Person(&deed), &report))
    }

    /// Records an agreement that the host obtained itself. No administrator may: it is the person's word.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::AccessRefusal::UnknownUser`] or `Deleted`; otherwise as of [`Ciam::agree_to_terms`].
    pub async fn record_agreement(&self, report: AgreementReport) -> Result<ConsentEntry, Error> {
        self.consent_store()?;
        let (tenant, user) = (report.tenant.clone(), report.user.clone());
        let order = self.order(Authority::Host, (&tenant, &user), Action::AgreeToTerms);
        step::persist!(self.try_to_agree(Scribe::Host(&order), &report))
    }

    async fn try_to_agree(
        &self,
        scribe: Scribe<'_>,
        report: &AgreementReport,
    ) -> Result<ConsentEntry, Error> {
        // Whoever came first may have been who erases the account.
        match scribe {
            Scribe::Person(deed) => drop(self.acting(deed).await?),
            Scribe::Host(order) => drop(self.ordered_live(order).await?),
        }
        let AgreementReport { tenant, user, version, source, client } = report;
        let store = self.consent_store()?;
        let found = store.versions(tenant, &VersionFilter::One(version.clone())).await?.pop();
        let admitted = found.ok_or(ConsentRefusal::UnknownVersion).and_then(|version| {
            version.admit(scribe.now())?;
            Ok(version)
        });
        let version = match admitted {
            Ok(version) => version,
            Err(refusal) => return Err(self.turn_down(scribe, refusal).await),
        };
        let ledger = self.ledger(tenant, user).await?;
        if let Some(live) = ledger.live(&version.document).filter(|live| live.version == version.id) {
            return Ok(live.clone());
        }
        if ledger.is_full() {
            return Err(self.turn_down(scribe, ConsentRefusal::TooMany).await);
        }
        let [id, event] = self.draw()?;
        let entry = ConsentEntry {
            id: ConsentId::from_random(id),
            tenant: tenant.clone(),
            user: user.clone(),
            document: version.document,
            version: version.id,
            hash: version.hash,
            act: ConsentAct::Agreed,
            at: scribe.now(),
            source: *source,
            client: client.clone(),
        };
        self.append_consent(scribe, &ledger, &entry, event).await?;
        Ok(entry)
    }

    /// Takes an agreement back, by its own id or that of its document; all that the person agreed to of the document
    /// ends with it. It is as easy as agreeing (GDPR, 7(3)): no factor is asked for. Once more changes nothing.
    ///
    /// # Errors
    /// [`ConsentRefusal::UnknownConsent`] for what is not there and for what is somebody else's; an access refusal;
    /// [`crate::Failure::NotOffered`] without a store of consents; a failure of a store or of chance.
    pub async fn recall_consent(&self, who: &Principal, name: &str) -> Result<(), Error> {
        self.consent_store()?;
        let deed = Deed::new(who, Action::RecallConsent, self.ports.clock.now());
        step::persist!(self.try_to_recall(&deed, name))
    }

    async fn try_to_recall(&self, deed: &Deed<'_>, name: &str) -> Result<(), Error> {
        self.acting(deed).await?;
        let ledger = self.ledger(deed.who.tenant(), deed.who.user()).await?;
        if ledger.named(name).is_none() {
            return Err(self.refuse(deed, ConsentRefusal::UnknownConsent).await);
        }
        let Some(live) = ledger.recallable(name) else { return Ok(()) };
        let [id, event] = self.draw()?;
        let entry = ConsentEntry {
            id: ConsentId::from_random(id),
            act: ConsentAct::Recalled,
            at: deed.now,
            source: deed.who.source(),
            client: deed.who.client().map(str::to_owned),
            ..live.clone()
        };
        self.append_consent(Scribe::Person(deed), &ledger, &entry, event).await
    }

    /// Where the person stands with each document that they ever agreed to, newest agreement first.
    ///
    /// # Errors
    /// An access refusal; [`crate::Failure::NotOffered`] without a store of consents; a failure of a store.
    pub async fn consents(&self, who: &Principal) -> Result<Vec<OwnConsent>, Error> {
        self.consent_store()?;
        let deed = Deed::new(who, Action::ListConsents, self.ports.clock.now());
        self.acting(&deed).await?;
        self.standings(who.tenant(), who.user(), deed.now).await
    }

    /// As [`Ciam::consents`], for the host and administrators.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`]; [`crate::Failure::NotOffered`] without a store of consents.
    pub async fn user_consents(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Vec<OwnConsent>, Error> {
        self.consent_store()?;
        let order = self.order(by, (tenant, user), Action::ListConsents);
        self.ordered(&order).await?;
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        self.standings(tenant, user, order.now).await
    }

    async fn standings(
        &self,
        tenant: &TenantId,
        user: &UserId,
        now: Instant,
    ) -> Result<Vec<OwnConsent>, Error> {
        let ledger = self.ledger(tenant, user).await?;
        let terms = self.all_terms(tenant).await?;
        let mut own = Vec::new();
        for standing in ledger.standings() {
            let agreement = standing.agreement;
            let held = terms.iter().find(|(document, _)| document.id == agreement.document);
            let is_it = |version: &&TermsVersion| version.id == agreement.version;
            let found = held.and_then(|(document, versions)| Some((document, versions.iter().find(is_it)?)));
            let (document, version) = found.ok_or_else(lost_terms)?;
            own.push(OwnConsent {
                number: standing.number,
                agreement: agreement.clone(),
                recalled_at: standing.recalled_at,
                status: version.status(now),
                terms: self.read_terms(document.clone(), version.clone()).await?,
            });
        }
        Ok(own)
    }

    /// The terms that the person has to agree to: the current version of each required document to whose number they
    /// have no live agreement, in the language that is nearest to theirs.
    ///
    /// # Errors
    /// An access refusal; [`crate::Failure::NotOffered`] without a store of consents; a failure of a store.
    pub async fn open_terms(
        &self,
        who: &Principal,
        locale: Option<&Locale>,
    ) -> Result<Vec<CurrentTerms>, Error> {
        self.consent_store()?;
        let deed = Deed::new(who, Action::ViewOpenTerms, self.ports.clock.now());
        self.acting(&deed).await?;
        let ledger = self.ledger(who.tenant(), who.user()).await?;
        let mut open = Vec::new();
        for (document, versions) in self.all_terms(who.tenant()).await? {
            let Some(edition) = Edition::current(&versions, deed.now) else { continue };
            let live = ledger.live(&document.id).map(|live| &live.version);
            let agreed = versions.iter().find(|version| Some(&version.id) == live);
            let is_open = agreed.map(|version| &version.number) != edition.number();
            if let (Demand::Required, true, Some(version)) =
                (document.demand, is_open, edition.for_reader(locale))
            {
                open.push(self.read_terms(document, version.clone()).await?);
            }
        }
        Ok(open)
    }

    pub(crate) async fn ledger(&self, tenant: &TenantId, user: &UserId) -> Result<Ledger, Error> {
        Ok(Ledger::new(self.consent_store()?.consents(tenant, user).await?))
    }

    async fn append_consent(
        &self,
        scribe: Scribe<'_>,
        ledger: &Ledger,
        entry: &ConsentEntry,
        event: [u8; 16],
    ) -> Result<(), Error> {
        let last = ledger.last(&entry.document).map(|last| last.id.clone());
        let audit = scribe.record(EventId::from_random(event));
        Ok(self.consent_store()?.append(ConsentCommit { entry: entry.clone(), last, audit }).await?)
    }

    async fn turn_down(&self, scribe: Scribe<'_>, refusal: impl Into<Refusal>) -> Error {
        match scribe {
            Scribe::Person(deed) => self.refuse(deed, refusal).await,
            Scribe::Host(order) => self.overrule(order, refusal).await,
        }
    }
}
