//! Terms that people of a world may agree to, and what they agreed to.
#![expect(clippy::expect_used, reason = "a world that cannot be set up ends the test")]

use ciam::domain::consent::ConsentEntry;
use ciam::domain::terms::{
    ContentKind, Demand, Label, Locale, Publication, TermsText, TermsVersion, VersionNumber,
};
use ciam::domain::{DocumentId, TenantId, UserId};
use ciam::{Authority, NewDocument, NewVersion, Period};

use crate::world::World;

impl World {
    /// A document that people have to agree to.
    ///
    /// # Panics
    /// When the id is none.
    #[must_use]
    pub fn document(id: &str) -> NewDocument {
        NewDocument {
            tenant: TenantId::default(),
            id: DocumentId::parse(id).expect("an id"),
            external_id: None,
            name: None,
            kind: None,
            description: None,
            demand: Demand::Required,
        }
    }

    /// A version of a document, in Chinese.
    ///
    /// # Panics
    /// When id or number are none.
    #[must_use]
    pub fn version(document: &str, number: &str) -> NewVersion {
        NewVersion {
            tenant: TenantId::default(),
            document: DocumentId::parse(document).expect("an id"),
            number: VersionNumber::parse(number).expect("a number"),
            locale: Locale::parse("zh-CN").expect("a language"),
            title: Label::parse("Test").expect("a title"),
            kind: ContentKind::Text,
            text: TermsText::parse(&format!("{document} {number}: we keep what you tell us"))
                .expect("a text"),
        }
    }

    /// Writes a draft, and its document where there is none.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn draft(&self, new: NewVersion) -> TermsVersion {
        let document = Self::document(new.document.as_str());
        let document = NewDocument { tenant: new.tenant.clone(), ..document };
        let all = self.ciam.all_terms(&new.tenant).await.expect("terms");
        if all.iter().all(|(held, _)| held.id != document.id) {
            self.ciam.write_terms(Authority::Host, document).await.expect("a document");
        }
        self.ciam.draft_terms(Authority::Host, new).await.expect("a draft")
    }

    /// Publishes a version for a time, and its document where there is none. What is published already stays so.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn publish_for(&self, new: NewVersion, period: Period) -> TermsVersion {
        let draft = self.draft(new).await;
        if draft.publication != Publication::Draft {
            return draft;
        }
        let named = (&draft.tenant, &draft.id);
        self.ciam.publish_terms(Authority::Host, named, period).await.expect("a publication")
    }

    /// Publishes a version of a document from now on, and the document where there is none.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn publish(&self, document: &str, number: &str) -> TermsVersion {
        self.publish_for(Self::version(document, number), Period::default()).await
    }

    /// What a person agreed to and recalled, oldest first.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn ledger(&self, user: &UserId) -> Vec<ConsentEntry> {
        self.backend.consents.consents(&TenantId::default(), user).await.expect("a ledger")
    }
}
