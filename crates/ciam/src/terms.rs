//! Terms: written as drafts, published once, withdrawn.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::consent::ConsentRefusal;
use ciam_domain::terms::{
    ContentKind, Demand, Edition, Label, Locale, Publication, TermsDocument, TermsText, TermsVersion,
    VersionNumber,
};
use ciam_domain::{DocumentId, EventId, Instant, TenantId, VersionId};
use ciam_ports::{ConsentStore, StoreError, TermsCommit, TermsWrite, VersionFilter};

use crate::authority::Order;
use crate::{Authority, Ciam, Error, Failure, step};

/// How many documents a tenant may have, and how many versions a document.
pub const MOST_TERMS: usize = 500;

/// A document of terms, as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id, as the host chooses it.
    pub id: DocumentId,
    /// What the host calls it elsewhere.
    pub external_id: Option<Label>,
    /// Its name.
    pub name: Option<Label>,
    /// What kind of consent it asks for, in the host's words.
    pub kind: Option<Label>,
    /// What it is about.
    pub description: Option<Label>,
    /// Whether people have to agree to it.
    pub demand: Demand,
}

/// A version of a document in one language, as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// The tenant.
    pub tenant: TenantId,
    /// The document.
    pub document: DocumentId,
    /// Its number.
    pub number: VersionNumber,
    /// Its language.
    pub locale: Locale,
    /// Its title.
    pub title: Label,
    /// How the text is written.
    pub kind: ContentKind,
    /// The text.
    pub text: TermsText,
}

/// When a version is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From when on; a moment that is past means now.
    pub from: Instant,
    /// The moment from which nobody may agree to it any more.
    pub until: Option<Instant>,
}

impl Default for Period {
    /// From now on, until it is withdrawn.
    fn default() -> Self {
        Self { from: Instant::EPOCH, until: None }
    }
}

/// Terms that are in force, as a reader gets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTerms {
    /// The document.
    pub document: TermsDocument,
    /// Its current version, in the language that is nearest to the reader's.
    pub version: TermsVersion,
    /// What it says.
    pub text: TermsText,
}

impl Ciam {
    /// Writes a document of terms, or changes what it is called and whether it is demanded; its versions stay as they
    /// are. What is so already is not written again.
    ///
    /// # Errors
    /// [`ConsentRefusal::TooManyTerms`]; what keeps an administrator from acting; [`Failure::NotOffered`] without a
    /// store of consents; a failure of a store or of chance.
    pub async fn write_terms(&self, by: Authority<'_>, new: NewDocument) -> Result<TermsDocument, Error> {
        let (tenant, about) = (new.tenant.clone(), by.own_account());
        let order = self.order(by, (&tenant, &about), Action::WriteTerms);
        self.authorise(&order).await?;
        step::persist!(self.try_to_write(&order, &new))
    }

    async fn try_to_write(&self, order: &Order<'_>, new: &NewDocument) -> Result<TermsDocument, Error> {
        let documents = self.consent_store()?.documents(order.tenant).await?;
        let held = documents.iter().find(|held| held.id == new.id);
        if held.is_none() && documents.len() >= MOST_TERMS {
            return Err(self.overrule(order, ConsentRefusal::TooManyTerms).await);
        }
        let NewDocument { tenant, id, external_id, name, kind, description, demand } = new.clone();
        let document = TermsDocument {
            tenant,
            id,
            revision: held.map_or(1, |held| held.revision.saturating_add(1)),
            external_id,
            name,
            kind,
            description,
            demand,
            created_at: held.map_or(order.now, |held| held.created_at),
            updated_at: order.now,
        };
        if let Some(held) = held {
            let (revision, updated_at) = (held.revision, held.updated_at);
            if *held == (TermsDocument { revision, updated_at, ..document.clone() }) {
                return Ok(held.clone());
            }
        }
        let expected = held.map(|held| held.revision);
        let write = TermsWrite::Document { expected, document: Box::new(document.clone()) };
        self.commit_terms(order, write).await?;
        Ok(document)
    }

    /// Writes a version as a draft, or rewrites the draft of its number and language. One that says the same already,
    /// published or not, is left as it is.
    ///
    /// # Errors
    /// [`ConsentRefusal::UnknownDocument`]; [`ConsentRefusal::Immutable`] where the number is published in this
    /// language with another title or text; otherwise as of [`Ciam::write_terms`].
    pub async fn draft_terms(&self, by: Authority<'_>, new: NewVersion) -> Result<TermsVersion, Error> {
        let (tenant, about) = (new.tenant.clone(), by.own_account());
        let order = self.order(by, (&tenant, &about), Action::WriteTerms);
        self.authorise(&order).await?;
        step::persist!(self.try_to_draft(&order, &new))
    }

    async fn try_to_draft(&self, order: &Order<'_>, new: &NewVersion) -> Result<TermsVersion, Error> {
        let store = self.consent_store()?;
        if store.documents(order.tenant).await?.iter().all(|held| held.id != new.document) {
            return Err(self.overrule(order, ConsentRefusal::UnknownDocument).await);
        }
        let versions = store.versions(order.tenant, &VersionFilter::Of(new.document.clone())).await?;
        let held = versions.iter().find(|held| held.number == new.number && held.locale == new.locale);
        let hash = new.text.hash();
        match held {
            Some(held) if held.title == new.title && held.kind == new.kind && held.hash == hash => {
                return Ok(held.clone());
            }
            Some(held) if held.publication != Publication::Draft => {
                return Err(self.overrule(order, ConsentRefusal::Immutable).await);
            }
            None if versions.len() >= MOST_TERMS => {
                return Err(self.overrule(order, ConsentRefusal::TooManyTerms).await);
            }
            _ => {}
        }
        let version = TermsVersion {
            tenant: new.tenant.clone(),
            id: match held {
                Some(held) => held.id.clone(),
                None => VersionId::from_random(self.random_bits()?),
            },
            document: new.document.clone(),
            revision: held.map_or(1, |held| held.revision.saturating_add(1)),
            number: new.number.clone(),
            locale: new.locale.clone(),
            title: new.title.clone(),
            kind: new.kind,
            hash,
            publication: Publication::Draft,
            created_at: held.map_or(order.now, |held| held.created_at),
            updated_at: order.now,
        };
        let (expected, text) = (held.map(|held| held.revision), new.text.clone());
        self.commit_terms(order, TermsWrite::Draft { expected, version: Box::new(version.clone()), text })
            .await?;
        Ok(version)
    }

    /// Publishes a draft. From here on it says what it says: an edit is a version of its own.
    ///
    /// # Errors
    /// [`ConsentRefusal::UnknownVersion`], [`ConsentRefusal::Immutable`] where it is published already,
    /// [`ConsentRefusal::NoSuchTime`]; otherwise as of [`Ciam::write_terms`].
    pub async fn publish_terms(
        &self,
        by: Authority<'_>,
        (tenant, version): (&TenantId, &VersionId),
        period: Period,
    ) -> Result<TermsVersion, Error> {
        let about = by.own_account();
        let order = self.order(by, (tenant, &about), Action::PublishTerms);
        self.authorise(&order).await?;
        step::persist!(self.try_to_move(&order, version, |held| {
            held.publish(period.from, period.until, order.now).map(|()| true)
        }))
    }

    /// Ends the time of a published version at a moment, or now where that is past. What was agreed to stays on
    /// record; one that ends earlier is left as it is.
    ///
    /// # Errors
    /// [`ConsentRefusal::UnknownVersion`], [`ConsentRefusal::NotPublished`] for a draft; otherwise as of
    /// [`Ciam::write_terms`].
    pub async fn withdraw_terms(
        &self,
        by: Authority<'_>,
        (tenant, version): (&TenantId, &VersionId),
        at: Instant,
    ) -> Result<TermsVersion, Error> {
        let about = by.own_account();
        let order = self.order(by, (tenant, &about), Action::WithdrawTerms);
        self.authorise(&order).await?;
        step::persist!(self.try_to_move(&order, version, |held| held.withdraw(at, order.now)))
    }

    /// Lets a version decide what becomes of it; `false` is nothing.
    async fn try_to_move(
        &self,
        order: &Order<'_>,
        version: &VersionId,
        change: impl Fn(&mut TermsVersion) -> Result<bool, ConsentRefusal> + Send,
    ) -> Result<TermsVersion, Error> {
        let filter = VersionFilter::One(version.clone());
        let Some(mut held) = self.consent_store()?.versions(order.tenant, &filter).await?.pop() else {
            return Err(self.overrule(order, ConsentRefusal::UnknownVersion).await);
        };
        let expected = held.revision;
        match change(&mut held) {
            Ok(true) => {}
            Ok(false) => return Ok(held),
            Err(refusal) => return Err(self.overrule(order, refusal).await),
        }
        let TermsVersion { id, publication, revision, updated_at: at, .. } = held.clone();
        let write = TermsWrite::Publication { expected, version: id, publication, revision, at };
        self.commit_terms(order, write).await?;
        Ok(held)
    }

    /// Every document with its versions, drafts too: for the host alone.
    ///
    /// # Errors
    /// [`Failure::NotOffered`] without a store of consents, or a failure of it.
    pub async fn all_terms(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<(TermsDocument, Vec<TermsVersion>)>, Error> {
        let store = self.consent_store()?;
        let documents = store.documents(tenant).await?;
        let versions = store.versions(tenant, &VersionFilter::All).await?;
        let of = |document: &TermsDocument| {
            versions.iter().filter(|version| version.document == document.id).cloned().collect()
        };
        Ok(documents.into_iter().map(|document| (document.clone(), of(&document))).collect())
    }

    /// The terms that are in force now, one version of each document, for whoever reads them before they agree. They
    /// are for everybody: nobody is asked who they are.
    ///
    /// # Errors
    /// [`Failure::NotOffered`] without a store of consents, or a failure of it.
    pub async fn current_terms(
        &self,
        tenant: &TenantId,
        locale: Option<&Locale>,
    ) -> Result<Vec<CurrentTerms>, Error> {
        let now = self.ports.clock.now();
        let mut current = Vec::new();
        for (document, versions) in self.all_terms(tenant).await? {
            let edition = Edition::current(&versions, now);
            if let Some(version) = edition.and_then(|edition| edition.for_reader(locale)) {
                current.push(self.read_terms(document, version.clone()).await?);
            }
        }
        Ok(current)
    }

    /// A version with its text, which is the one that its digest is of.
    pub(crate) async fn read_terms(
        &self,
        document: TermsDocument,
        version: TermsVersion,
    ) -> Result<CurrentTerms, Error> {
        let text = self.consent_store()?.text(&version.tenant, &version.id).await?;
        match text {
            Some(text) if text.hash() == version.hash => Ok(CurrentTerms { document, version, text }),
            _ => Err(lost_terms()),
        }
    }

    async fn commit_terms(&self, order: &Order<'_>, write: TermsWrite) -> Result<(), Error> {
        let audit = order.record(EventId::from_random(self.random_bits()?), Outcome::Done);
        let tenant = order.tenant.clone();
        Ok(self.consent_store()?.write_terms(TermsCommit { tenant, write, audit }).await?)
    }

    pub(crate) fn consent_store(&self) -> Result<&dyn ConsentStore, Failure> {
        self.consents.as_deref().ok_or(Failure::NotOffered)
    }
}

/// Versions and texts are never removed: a store without them has lost them.
pub(crate) fn lost_terms() -> Error {
    StoreError::Corrupt("terms that were agreed to are gone or changed".into()).into()
}
