//! The rules of terms and consents.

use std::time::Duration;

use ciam_ports::domain::audit::Action;
use ciam_ports::domain::consent::ConsentEntry;
use ciam_ports::domain::source::Source;
use ciam_ports::domain::terms::{
    ContentKind, Demand, Label, Locale, Publication, TermsDocument, TermsText, TermsVersion,
};
use ciam_ports::domain::user::{Status, User};
use ciam_ports::domain::{DocumentId, TenantId, VersionId};
use ciam_ports::{ConsentErasure, StoreError, TermsWrite, VersionFilter};
use futures_executor::block_on;

use super::consents::{ConsentFixture, agreed, published, recalled};
use super::fixture::race;
use super::sample::{self, TICK, at};
use super::terms_sample::{document, text, version};

fn elsewhere() -> TenantId {
    TenantId::parse("elsewhere").expect("an id")
}

pub(super) async fn terms_are_found_as_they_were_written(on: &ConsentFixture) {
    let label = |text: &str| Some(Label::parse(text).expect("a label"));
    let full = TermsDocument {
        external_id: label("a4a94594-528c"),
        name: label("Privacy"),
        kind: label("PRIVACY"),
        description: label("What we know, 我们"),
        demand: Demand::Optional,
        updated_at: at(2).after(TICK),
        ..document("full")
    };
    for document in [full.clone(), document("bare")] {
        on.write(TermsWrite::Document { expected: None, document: Box::new(document) }).await;
    }
    assert_eq!(on.documents().await, [document("bare"), full]);
    let plain = TermsVersion { kind: ContentKind::Text, ..version("full", "v2") };
    let drafts = [version("bare", "v9"), version("full", "v1"), plain];
    for draft in &drafts {
        on.draft(draft).await;
        assert_eq!(on.text(draft.id.as_str()).await, Some(text(&draft.id)));
    }
    let all = |tenant, filter| async move { on.consents.versions(&tenant, &filter).await.expect("a store") };
    assert_eq!(all(TenantId::default(), VersionFilter::All).await, drafts);
    let of = VersionFilter::Of(DocumentId::parse("full").expect("an id"));
    assert_eq!(all(TenantId::default(), of.clone()).await, drafts[1..]);
    assert_eq!(on.one("v1").await.as_ref(), Some(&drafts[1]));
    assert_eq!((on.one("v3").await, on.text("v3").await), (None, None));
    let until = Publication::Published { from: at(5).after(TICK), until: Some(at(9)) };
    on.write(published("v2", until)).await;
    let [_, first, second] = drafts;
    let second = TermsVersion { publication: until, revision: 2, updated_at: at(5), ..second };
    assert_eq!(all(TenantId::default(), of.clone()).await, [first, second]);
    for filter in [VersionFilter::All, of, VersionFilter::One(VersionId::parse("v1").expect("an id"))] {
        assert_eq!(all(elsewhere(), filter).await, [], "another tenant's");
    }
    assert_eq!(on.consents.documents(&elsewhere()).await.expect("a store"), []);
    let v1 = VersionId::parse("v1").expect("an id");
    assert_eq!(on.consents.text(&elsewhere(), &v1).await.expect("a store"), None);
}

async fn is_stale(on: &ConsentFixture, write: TermsWrite, why: &str) {
    let refused = on.try_to_write(TenantId::default(), write).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{why}: {refused:?}");
}

fn draft(expected: Option<u32>, version: TermsVersion) -> TermsWrite {
    let text = text(&version.id);
    TermsWrite::Draft { expected, version: Box::new(version), text }
}

pub(super) async fn terms_are_replaced_from_the_revision_read(on: &ConsentFixture) {
    let named = |expected, revision| {
        let document = TermsDocument { revision, demand: Demand::Optional, ..document("privacy") };
        TermsWrite::Document { expected, document: Box::new(document) }
    };
    is_stale(on, named(Some(1), 2), "a document that is not there").await;
    on.write(named(None, 1)).await;
    is_stale(on, named(None, 1), "a document that is there").await;
    on.write(named(Some(1), 2)).await;
    is_stale(on, named(Some(1), 2), "a document that moved on").await;
    let next = |revision| TermsVersion { revision, ..version("privacy", "v1") };
    is_stale(on, draft(Some(1), next(2)), "a draft that is not there").await;
    on.write(draft(None, next(1))).await;
    is_stale(on, draft(None, next(1)), "a draft that is there").await;
    on.write(draft(Some(1), next(2))).await;
    is_stale(on, draft(Some(1), next(2)), "a draft that moved on").await;
    is_stale(on, published("v1", Publication::Published { from: at(5), until: None }), "it moved on").await;
    is_stale(on, published("v9", Publication::Published { from: at(5), until: None }), "none of it").await;
    let twin = TermsVersion { id: VersionId::parse("twin").expect("an id"), ..next(1) };
    is_stale(on, draft(None, twin.clone()), "a number that is there").await;
    let english = TermsVersion { locale: Locale::parse("en").expect("a language"), ..twin };
    on.write(draft(None, english)).await;
    let writes = (3..9).map(|_| draft(Some(2), next(3))).collect();
    let ends = race(writes, |write| block_on(on.try_to_write(TenantId::default(), write)));
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
}

pub(super) async fn a_published_text_stays(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    let before = on.one("v1").await.expect("a version");
    let forged = TermsText::parse("You owe us everything.").expect("a text");
    for revision in [1, 2] {
        let version = TermsVersion { hash: forged.hash(), revision: 3, ..version("privacy", "v1") };
        let write =
            TermsWrite::Draft { expected: Some(revision), version: Box::new(version), text: forged.clone() };
        is_stale(on, write, "a published version").await;
    }
    assert_eq!(on.one("v1").await, Some(before.clone()));
    let id = before.id.clone();
    let publication = Publication::Published { from: at(5), until: Some(at(50)) };
    let write = TermsWrite::Publication { expected: 2, version: id, publication, revision: 3, at: at(20) };
    on.write(write).await;
    let after = TermsVersion { publication, revision: 3, updated_at: at(20), ..before };
    assert_eq!(on.one("v1").await, Some(after.clone()));
    assert_eq!(on.text("v1").await.map(|text| text.hash()), Some(after.hash));
}

pub(super) async fn a_consent_is_found_as_it_was_appended(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    on.publish("ads", "v2").await;
    let client = Some("shop".to_owned());
    let full = ConsentEntry { at: at(30).after(TICK), client, ..agreed("vera", "privacy", "v1", 30) };
    let v6 = Source::new("2001:db8::1".parse().expect("an address"));
    let ads = ConsentEntry { source: Some(v6), ..agreed("vera", "ads", "v2", 20) };
    let bare = ConsentEntry { source: None, ..recalled(&full, 25) };
    on.append(&full, None).await;
    on.append(&ads, None).await;
    on.append(&bare, Some(&full)).await;
    assert_eq!(on.all("vera").await, [full, ads, bare], "in the order in which they came");
    assert_eq!(on.all("nobody").await, []);
}

pub(super) async fn consents_are_their_persons_alone(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    let foreign = TermsDocument { tenant: elsewhere(), ..document("privacy") };
    let version = TermsVersion { tenant: elsewhere(), ..version("privacy", "v1") };
    for write in [
        TermsWrite::Document { expected: None, document: Box::new(foreign) },
        draft(None, version),
        published("v1", Publication::Published { from: at(5), until: None }),
    ] {
        on.try_to_write(elsewhere(), write).await.expect("another tenant has ids of its own");
    }
    let own = agreed("olga", "privacy", "v1", 10);
    let namesake = ConsentEntry { tenant: elsewhere(), ..own.clone() };
    let other = agreed("otto", "privacy", "v1", 10);
    for entry in [&own, &namesake, &other] {
        on.append(entry, None).await;
    }
    let olgas = async |tenant: &TenantId| on.of_tenant(tenant, "olga").await;
    assert_eq!(olgas(&own.tenant).await, std::slice::from_ref(&own));
    assert_eq!(olgas(&elsewhere()).await, std::slice::from_ref(&namesake));
    for erasure in [ConsentErasure::KeepsEvidence, ConsentErasure::KeepsNothing] {
        on.erase(&own.tenant, "otto", erasure).await;
        on.erase(&elsewhere(), "olga", erasure).await;
        assert_eq!(olgas(&own.tenant).await, std::slice::from_ref(&own), "somebody else was erased");
    }
}

pub(super) async fn a_consent_follows_the_line_read(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    on.publish("ads", "v2").await;
    let first = agreed("rick", "privacy", "v1", 10);
    on.refuses(&first, Some(&agreed("rick", "privacy", "v1", 9)), "a line that is not there").await;
    on.append(&first, None).await;
    on.append(&agreed("rick", "ads", "v2", 11), None).await;
    let second = agreed("rick", "privacy", "v1", 12);
    on.refuses(&second, None, "there is one before").await;
    on.refuses(&second, Some(&agreed("rick", "ads", "v2", 11)), "one about something else").await;
    on.append(&second, Some(&first)).await;
    on.refuses(&recalled(&first, 13), Some(&first), "another came first").await;
    on.refuses(&first, Some(&second), "an id that is there").await;
    let lines = (20..28).map(|second| agreed("rick", "privacy", "v1", second)).collect();
    let ends = race(lines, |line| block_on(on.try_to_append(&line, Some(&second))));
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
    assert_eq!(on.all("rick").await.len(), 4);
}

pub(super) async fn only_what_is_in_force_is_agreed_to(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    on.publish("ads", "v2").await;
    on.draft(&version("ads", "draft")).await;
    on.refuses(&agreed("lena", "ads", "draft", 10), None, "a draft").await;
    on.refuses(&agreed("lena", "ads", "v1", 10), None, "a version of another document").await;
    on.refuses(&agreed("lena", "ads", "v9", 10), None, "a version that is not there").await;
    on.refuses(&agreed("lena", "ads", "v2", 4), None, "before its time").await;
    let other = text(&VersionId::parse("v1").expect("an id")).hash();
    let forged = ConsentEntry { hash: other, ..agreed("lena", "ads", "v2", 10) };
    on.refuses(&forged, None, "the digest of another text").await;
    let foreign = ConsentEntry { tenant: elsewhere(), ..agreed("lena", "ads", "v2", 10) };
    on.refuses(&foreign, None, "another tenant's version").await;
    let first = agreed("lena", "ads", "v2", 5);
    on.append(&first, None).await;
    let publication = Publication::Published { from: at(5), until: Some(at(20)) };
    let version = VersionId::parse("v2").expect("an id");
    on.write(TermsWrite::Publication { expected: 2, version, publication, revision: 3, at: at(6) }).await;
    let late = agreed("lena", "ads", "v2", 20);
    on.refuses(&late, Some(&first), "when its time is over").await;
    let tick = Duration::from_micros(1);
    let last = ConsentEntry { at: at(20).before(tick), ..late };
    on.append(&last, Some(&first)).await;
    on.append(&recalled(&last, 30), Some(&last)).await;
}

pub(super) async fn nobody_consents_while_they_are_erased(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    for (name, status, gone) in [
        ("nora", Status::Normal, false),
        ("vera", Status::PendingDeletion { erase_at: at(99) }, false),
        ("pura", Status::Purging { tried_at: at(9) }, true),
        ("erna", Status::Erased, true),
    ] {
        let first = agreed(name, "privacy", "v1", 10);
        on.append(&first, None).await;
        let user = User { status, ..sample::user(name) };
        on.accounts.commit(sample::insert(&user)).await.expect("an account");
        let (again, recall) = (agreed(name, "privacy", "v1", 11), recalled(&first, 12));
        for line in [&again, &recall] {
            if gone {
                on.refuses(line, Some(&first), name).await;
            }
        }
        if !gone {
            on.append(&recall, Some(&first)).await;
        }
        assert_eq!(on.all(name).await.len(), if gone { 1 } else { 2 }, "{name}");
    }
}

pub(super) async fn a_consent_and_its_record_are_one_write(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    assert_eq!(on.records().await.len(), 3, "terms are recorded");
    let first = agreed("mona", "privacy", "v1", 10);
    on.append(&first, None).await;
    let newest = on.records().await.remove(0);
    assert_eq!((newest.user, newest.action), (first.user.clone(), Action::AgreeToTerms));
    on.refuses(&agreed("mona", "privacy", "v9", 11), Some(&first), "no such version").await;
    let unknown = published("v9", Publication::Published { from: at(5), until: None });
    is_stale(on, unknown, "a version that is not there").await;
    assert_eq!(on.records().await.len(), 4, "what was refused left no record");
    assert_eq!(on.all("mona").await, [first]);
}

pub(super) async fn erased_consents_keep_no_address(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    let first = agreed("ezra", "privacy", "v1", 10);
    let recall = recalled(&first, 11);
    on.append(&first, None).await;
    on.append(&recall, Some(&first)).await;
    let erase = || on.erase(&first.tenant, "ezra", ConsentErasure::KeepsEvidence);
    assert_eq!(erase().await, 2);
    let without = |entry: &ConsentEntry| ConsentEntry { source: None, ..entry.clone() };
    assert_eq!(on.all("ezra").await, [without(&first), without(&recall)]);
    assert_eq!(erase().await, 0, "nothing is left to remove");
    let again = agreed("ezra", "privacy", "v1", 12);
    on.append(&again, Some(&recall)).await;
}

pub(super) async fn erased_consents_are_gone(on: &ConsentFixture) {
    on.publish("privacy", "v1").await;
    let first = agreed("enid", "privacy", "v1", 10);
    on.append(&first, None).await;
    on.append(&recalled(&first, 11), Some(&first)).await;
    assert_eq!(on.erase(&first.tenant, "enid", ConsentErasure::KeepsNothing).await, 2);
    assert_eq!(on.all("enid").await, []);
    assert_eq!(on.erase(&first.tenant, "enid", ConsentErasure::KeepsNothing).await, 0);
}
