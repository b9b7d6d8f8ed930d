//! Consents, value by value.

use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::consent::{ConsentAct, ConsentEntry};
use ciam::domain::terms::{
    ContentKind, Demand, Label, Locale, Publication, TermsDocument, TermsText, TermsVersion, VersionNumber,
};
use ciam::domain::{ConsentId, DocumentId, EventId, Instant, TenantId, UserId, VersionId};
use ciam::ports::{ConsentCommit, TermsCommit, TermsWrite};
use ciam::{Authority, Ciam, Config};
use ciam_testkit::{Person, World, block_on};
use serde_json::{Value, json};

use crate::site::{AGREED, RECALL, Site, backend, refusal, success};

/// When the version of the sample was published.
const PUBLISHED: i64 = 1_656_408_950;

fn record(tenant: &TenantId) -> AuditRecord {
    AuditRecord {
        id: EventId::parse("event").unwrap(),
        tenant: tenant.clone(),
        at: Instant::from_unix_seconds(PUBLISHED),
        actor: Actor::System,
        user: UserId::nobody(),
        session: None,
        action: Action::WriteTerms,
        outcome: Outcome::Done,
        flow: None,
        source: None,
        detail: None,
    }
}

/// The terms of the vendor's sample, under its ids and at its times.
fn sample_terms() -> (TermsDocument, TermsVersion, TermsText) {
    let drafted = Instant::from_unix_seconds(PUBLISHED - 16);
    let text = TermsText::parse("<p>测试，测试-2，测试-2</p>").unwrap();
    let document = TermsDocument {
        tenant: TenantId::default(),
        id: DocumentId::parse("34bdf1c7cc04880730d9d4b0dc38fa467eXWh2wc8m5").unwrap(),
        revision: 1,
        external_id: Some(Label::parse("a4a94594-528c-45e8-bde6-10a3edd4f018").unwrap()),
        name: None,
        kind: None,
        description: None,
        demand: Demand::Required,
        created_at: drafted,
        updated_at: drafted,
    };
    let version = TermsVersion {
        tenant: TenantId::default(),
        id: VersionId::parse("sample").unwrap(),
        document: document.id.clone(),
        revision: 1,
        number: VersionNumber::parse("v1.0").unwrap(),
        locale: Locale::parse("zh-CN").unwrap(),
        title: Label::parse("Test").unwrap(),
        kind: ContentKind::Text,
        hash: text.hash(),
        publication: Publication::Draft,
        created_at: drafted,
        updated_at: drafted,
    };
    (document, version, text)
}

/// Publishes the sample, to which the person has agreed.
async fn keep_sample(site: &Site, user: &UserId) -> TermsVersion {
    let store = &site.world.backend.consents;
    let published = Instant::from_unix_seconds(PUBLISHED);
    let (document, version, text) = sample_terms();
    let publication = Publication::Published { from: published, until: None };
    for write in [
        TermsWrite::Document { expected: None, document: Box::new(document) },
        TermsWrite::Draft { expected: None, version: Box::new(version.clone()), text },
        TermsWrite::Publication {
            expected: 1,
            version: version.id.clone(),
            publication,
            revision: 2,
            at: published,
        },
    ] {
        let tenant = TenantId::default();
        let audit = record(&tenant);
        store.write_terms(TermsCommit { tenant, write, audit }).await.unwrap();
    }
    let entry = ConsentEntry {
        id: ConsentId::parse("4fe63949bc8f45e0b01990420f2b5a1fnA182kHw1eU").unwrap(),
        tenant: TenantId::default(),
        user: user.clone(),
        document: version.document.clone(),
        version: version.id.clone(),
        hash: version.hash,
        act: ConsentAct::Agreed,
        at: published,
        source: None,
        client: None,
    };
    let audit = record(&entry.tenant);
    store.append(ConsentCommit { entry, last: None, audit }).await.unwrap();
    version
}

fn sample() -> Value {
    json!({
        "id": 29,
        "createTime": 1_656_408_934_000_i64,
        "updatedTime": 1_656_408_950_000_i64,
        "uuid": "4fe63949bc8f45e0b01990420f2b5a1fnA182kHw1eU",
        "systemId": "0000000000000000",
        "tenantId": "default",
        "name": null,
        "consentType": null,
        "description": null,
        "versionNumber": "v1.0",
        "versionTitle": "Test",
        "versionContentType": "TEXT",
        "base64EncodeContent": "PHA+5rWL6K+V77yM5rWL6K+VLTLvvIzmtYvor5UtMjwvcD4=",
        "recordVersionStatus": "PUBLISHED",
        "publishDate": 1_656_408_950_000_i64,
        "expiredDate": null,
        "recordUuid": "34bdf1c7cc04880730d9d4b0dc38fa467eXWh2wc8m5",
        "recordExternalId": "a4a94594-528c-45e8-bde6-10a3edd4f018",
        "registeredApplications": null
    })
}

async fn agreed(site: &Site, person: &Person) -> String {
    let version = site.world.publish("privacy", "v1").await;
    let who = site.world.sign_in(person).await;
    site.world.ciam.agree_to_terms(&who, &version.id).await.unwrap().id.as_str().to_owned()
}

#[test]
fn the_sample_of_the_vendor_is_told_value_by_value() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        for _ in 0..14 {
            agreed(&site, &alice).await;
            site.post(&token, RECALL, &json!({"uuid": "privacy"})).await.is_done();
        }
        site.get(&token, AGREED).await.is(200, &success(&json!([])));
        keep_sample(&site, &alice.id).await;
        site.get(&token, AGREED).await.is(200, &success(&json!([sample()])));
    });
}

#[test]
fn a_version_that_is_over_says_so_and_stays_listed() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let version = keep_sample(&site, &alice.id).await;
        let (tenant, now) = (TenantId::default(), ciam::ports::Clock::now(&*site.world.clock));
        site.world.ciam.withdraw_terms(Authority::Host, (&tenant, &version.id), now).await.unwrap();
        let listed = site.get(&token, AGREED).await.body["data"][0].clone();
        assert_eq!(listed["recordVersionStatus"], "EXPIRED");
        assert_eq!(listed["expiredDate"], now.unix_millis());
        assert_eq!(listed["publishDate"], sample()["publishDate"]);
    });
}

#[test]
fn a_recall_takes_the_id_of_the_record_or_of_its_document() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        for _ in 0..2 {
            let uuid = agreed(&site, &alice).await;
            for name in [uuid.as_str(), uuid.as_str(), "privacy"] {
                site.post(&token, RECALL, &json!({"uuid": name})).await.is_done();
                site.get(&token, AGREED).await.is(200, &success(&json!([])));
            }
            agreed(&site, &alice).await;
            site.post(&token, RECALL, &json!({"uuid": "privacy"})).await.is_done();
        }
        assert_eq!(site.world.ledger(&alice.id).await.len(), 8);
    });
}

#[test]
fn what_is_somebody_elses_is_not_there() {
    block_on(async {
        let site = Site::new();
        let (alice, bob) = (site.world.person("alice", 1).await, site.world.person("bob", 2).await);
        let (alices, bobs) = (site.token(&alice).await, site.token(&bob).await);
        let uuid = agreed(&site, &alice).await;
        for name in [uuid.as_str(), "123456", "privacy", &"x".repeat(5_000)] {
            let answer = site.post(&bobs, RECALL, &json!({"uuid": name})).await;
            answer.is_refused("Resource.NotFound", "Resource.NotFound");
        }
        site.get(&bobs, AGREED).await.is(200, &success(&json!([])));
        assert_eq!(site.get(&alices, AGREED).await.body["data"][0]["uuid"], uuid.as_str());
        assert_eq!(site.world.ledger(&alice.id).await.len(), 1);
    });
}

#[test]
fn a_recall_is_understood_or_refused_and_names_nobody() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let uuid = agreed(&site, &alice).await;
        for blank in [json!({}), json!({"uuid": null}), json!({"uuid": " "})] {
            let answer = site.post(&token, RECALL, &blank).await;
            answer.is_refused("Params.Blank", "Params.Blank.Uuid");
        }
        let body = refusal("Params.Illegal", "Params.Illegal.Body");
        for (field, value) in [("userId", json!("x")), ("recordUuid", json!("privacy"))] {
            site.post(&token, RECALL, &json!({"uuid": uuid, field: value})).await.is(400, &body);
        }
        site.post(&token, RECALL, &json!({"uuid": [uuid]})).await.is(400, &body);
        let twice = format!("{{\"uuid\": \"{uuid}\", \"uuid\": \"other\"}}");
        site.raw(&token, RECALL, &twice).await.is(400, &body);
        assert_eq!(site.world.ledger(&alice.id).await.len(), 1);
    });
}

#[test]
fn a_host_without_consents_says_that_it_failed() {
    block_on(async {
        let world = World::with(backend(), Config::default());
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let site = Site::over(world, ciam.into(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let failure = refusal("Service.Internal.Error", "Service.Internal.Error");
        site.get(&token, AGREED).await.is(500, &failure);
        site.post(&token, RECALL, &json!({"uuid": "x"})).await.is(500, &failure);
    });
}
