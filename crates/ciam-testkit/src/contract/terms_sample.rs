//! Terms that the contract of terms and consents is tried with.

use ciam_ports::domain::terms::{
    ContentKind, Demand, Label, Locale, Publication, TermsDocument, TermsText, TermsVersion, VersionNumber,
};
use ciam_ports::domain::{DocumentId, TenantId, VersionId};

use super::sample::at;

/// A document of which nothing more is known.
pub(super) fn document(id: &str) -> TermsDocument {
    TermsDocument {
        tenant: TenantId::default(),
        id: DocumentId::parse(id).expect("an id"),
        revision: 1,
        external_id: None,
        name: None,
        kind: None,
        description: None,
        demand: Demand::Required,
        created_at: at(1),
        updated_at: at(2),
    }
}

/// A draft whose number is its id.
pub(super) fn version(document: &str, number: &str) -> TermsVersion {
    let id = VersionId::parse(number).expect("an id");
    TermsVersion {
        tenant: TenantId::default(),
        document: DocumentId::parse(document).expect("an id"),
        revision: 1,
        number: VersionNumber::parse(number).expect("a number"),
        locale: Locale::parse("zh-CN").expect("a language"),
        title: Label::parse("隐私, O'Terms").expect("a title"),
        kind: ContentKind::Html,
        hash: text(&id).hash(),
        id,
        publication: Publication::Draft,
        created_at: at(3),
        updated_at: at(4),
    }
}

/// The text of a version of this id.
pub(super) fn text(version: &VersionId) -> TermsText {
    TermsText::parse(&format!("<p>{version}'s \u{feff}测试\r\n</p> ")).expect("a text")
}
