//! The profile over HTTP: the vendor's sample, and what must not get through.

use ciam::Authority;
use ciam::domain::audit::Outcome;
use ciam::domain::profile::{
    Attribute, AttributeId, AttributeSchema, FieldType, Flag, Flags, MASK, ProfilePatch, PublicId,
    StandardAttribute, TextFormat, UserType, UserTypeCode, value_id,
};
use ciam::domain::{Instant, TenantId};
use ciam_testkit::{Person, block_on};
use serde_json::{Value, json};

use crate::site::{PROFILE, Site, refusal, success};

pub(super) fn id(text: &str) -> AttributeId {
    AttributeId::parse(text).unwrap()
}

pub(super) fn text() -> FieldType {
    FieldType::Text(TextFormat::Free)
}

pub(super) async fn define(site: &Site, change: impl FnOnce(&mut AttributeSchema)) {
    let tenant = TenantId::default();
    let mut schema = site.world.ciam.attribute_schema(&tenant).await.unwrap();
    change(&mut schema);
    site.world.ciam.define_attributes(Authority::Host, &tenant, &schema).await.unwrap();
}

/// The schema of the vendor's sample: one base attribute that is shown, and one user type.
fn sample(schema: &mut AttributeSchema) {
    for base in StandardAttribute::ALL {
        let flags = match base {
            StandardAttribute::FullName => Flags::OPEN.with(Flag::Sensitive),
            _ => Flags::OPEN.without(Flag::Shown),
        };
        let label = base.label();
        schema.define(Attribute::new(AttributeId::Base(*base), label, base.field(), flags).unwrap()).unwrap();
    }
    let code = UserTypeCode::parse("test").unwrap();
    schema.define_type(UserType::new(code, "Test Type 1").unwrap()).unwrap();
    let extension =
        Attribute::new(id("test:qwer"), "Test Extension Property 1", text(), Flags::OPEN).unwrap();
    schema.define(extension.with_remark(Some(String::new())).unwrap()).unwrap();
}

pub(super) async fn put_as_host(site: &Site, person: &Person, values: &[(&str, &str)]) {
    let patch = values.iter().fold(ProfilePatch::new(), |patch, (name, text)| patch.set(id(name), text));
    let (tenant, host) = (TenantId::default(), Authority::Host);
    site.world.ciam.update_profile_of(host, &tenant, &person.id, &patch).await.unwrap();
}

async fn of_type(site: &Site, person: &Person, code: &str) {
    let code = UserTypeCode::parse(code).unwrap();
    let (tenant, host) = (TenantId::default(), Authority::Host);
    site.world.ciam.set_user_type(host, &tenant, &person.id, Some(&code)).await.unwrap();
}

fn public(names: &[&str]) -> String {
    PublicId::of(names).as_str().to_owned()
}

/// The keys of an object and of everything in it, in their order.
fn keys(text: &str) -> Vec<String> {
    let quoted = text.split('"').collect::<Vec<_>>();
    let key = |at: &usize| quoted.get(at + 1).is_some_and(|after| after.starts_with(':'));
    (0..quoted.len()).filter(key).map(|at| quoted[at].to_owned()).collect()
}

#[test]
fn the_sample_of_the_vendor_is_told_value_by_value() {
    block_on(async {
        let site = Site::new();
        site.world.clock.set(Instant::from_unix_seconds(1_675_407_254));
        define(&site, sample).await;
        let alice = site.world.person("d123456", 1).await;
        of_type(&site, &alice, "test").await;
        put_as_host(&site, &alice, &[("fullName", "Li"), ("test:qwer", "Test Extension Property 1")]).await;
        let answer = site.get(&site.token(&alice).await, PROFILE).await;
        let type_uuid = public(&["user_type", "default", "test"]);
        let expected = json!({
            "uuid": alice.id.as_str(), "username": "d123456", "password": null,
            "enterpriseUuid": "default", "externalId": null, "phoneNumber": "138****0001",
            "phoneRegion": "86", "email": "d12******@example.org", "enDisplayName": null, "displayName": null,
            "unionId": null, "userTypeUuid": type_uuid, "enabled": true, "locked": false, "gender": null,
            "birthday": null, "country": null, "region": null, "province": null, "city": null, "street": null,
            "address": null, "avatarUuid": null, "fullName": MASK, "updatePasswordTime": "2023-02-03 14:54:14",
            "baseAttrDictionaries": [{
                "enterpriseUuid": "default", "uuid": public(&["attribute", "default", "fullName"]),
                "fieldName": "Full name", "fieldValue": "fullName", "dictionaryObjectName": null,
                "dictionaryObjectId": null, "dataDictionaryType": "USER_BASE",
                "dataDictionaryFieldType": "TEXT", "modifiable": true, "enabled": true, "unique": false,
                "needRelation": false, "needShow": true, "needSensitive": true, "remark": null,
                "dictionaryValue": MASK, "dictionaryValueUuid": null, "selectFieldOptions": [],
                "customAttributes": []
            }],
            "userTypeDictionaries": [{
                "userTypeCode": "test", "userTypeUuid": type_uuid, "userTypeName": "Test Type 1",
                "dictionaries": [{
                    "enterpriseUuid": "default", "uuid": public(&["attribute", "default", "test:qwer"]),
                    "fieldName": "Test Extension Property 1", "fieldValue": "qwer",
                    "dictionaryObjectName": "Test Type 1", "dictionaryObjectId": type_uuid,
                    "dataDictionaryType": "USER_TYPE", "dataDictionaryFieldType": "TEXT", "modifiable": true,
                    "enabled": true, "unique": false, "needRelation": false, "needShow": true,
                    "needSensitive": false, "remark": "", "dictionaryValue": "Test Extension Property 1",
                    "dictionaryValueUuid": value_id(&TenantId::default(), &alice.id, &id("test:qwer")).as_str(),
                    "selectFieldOptions": [], "customAttributes": []
                }]
            }],
            "userSocialList": [], "createTime": 1_675_407_254_000_i64, "picture": null, "description": null
        });
        answer.is(200, &success(&expected));
        let order = "uuid username password enterpriseUuid externalId phoneNumber phoneRegion email enDisplayName \
            displayName unionId userTypeUuid enabled locked gender birthday country region province city street \
            address avatarUuid fullName updatePasswordTime baseAttrDictionaries enterpriseUuid uuid fieldName \
            fieldValue dictionaryObjectName dictionaryObjectId dataDictionaryType dataDictionaryFieldType \
            modifiable enabled unique needRelation needShow needSensitive remark dictionaryValue \
            dictionaryValueUuid selectFieldOptions customAttributes userTypeDictionaries userTypeCode \
            userTypeUuid userTypeName dictionaries";
        let told = keys(answer.text.split("\"data\":").nth(1).unwrap());
        assert_eq!(
            told[..order.split_whitespace().count()].join(" "),
            order.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        assert!(
            told.ends_with(&["userSocialList", "createTime", "picture", "description"].map(str::to_owned))
        );
    });
}

#[test]
fn without_any_definition_every_base_attribute_is_listed() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let data = site.get(&token, PROFILE).await.body["data"].clone();
        let listed = data["baseAttrDictionaries"].as_array().unwrap();
        assert_eq!(listed.len(), StandardAttribute::ALL.len());
        let birthday = listed.iter().find(|entry| entry["fieldValue"] == "birthday").unwrap();
        assert_eq!(birthday["dataDictionaryFieldType"], "DATE");
        assert_eq!(data["userTypeDictionaries"], json!([]));
    });
}

#[test]
fn every_field_of_the_table_is_set_kept_and_cleared() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let body = json!({
            "uuid": alice.id.as_str(), "enDisplayName": "Al", "displayName": "小爱", "language": "zh_CN",
            "avatarUuid": "a-1", "fullName": "Alice Liddell", "gender": "Female", "birthday": "2022-01-01",
            "country": "China", "region": "East", "province": "Zhejiang", "city": "Hangzhou",
            "street": "Wensan 1", "address": "Wensan 1, Hangzhou", "dictionaryValues": []
        });
        site.put(&token, PROFILE, &body).await.is_done();
        let shown = site.get(&token, PROFILE).await.body["data"].clone();
        for field in [
            "enDisplayName",
            "displayName",
            "avatarUuid",
            "fullName",
            "gender",
            "birthday",
            "country",
            "region",
            "province",
            "city",
            "street",
            "address",
        ] {
            assert_eq!(shown[field], body[field], "{field}");
        }
        let language = public(&["attribute", "default", "language"]);
        let entry =
            shown["baseAttrDictionaries"].as_array().unwrap().iter().find(|entry| entry["uuid"] == language);
        assert_eq!(entry.unwrap()["dictionaryValue"], "zh-CN");
        let nickname = public(&["attribute", "default", "nickname"]);
        let body = json!({
            "uuid": alice.id.as_str(), "gender": "", "birthday": null, "city": "Ningbo", "province": " ",
            "dictionaryValues": [{"uuid": "", "dictionaryUuid": nickname, "dictionaryValue": "Al"}]
        });
        site.put(&token, PROFILE, &body).await.is_done();
        let shown = site.get(&token, PROFILE).await.body["data"].clone();
        assert_eq!((&shown["gender"], &shown["birthday"]), (&Value::Null, &json!("2022-01-01")));
        assert_eq!((&shown["city"], &shown["province"]), (&json!("Ningbo"), &Value::Null));
        let user = site.world.user(&alice.id).await;
        assert_eq!(user.profile.text(StandardAttribute::Nickname), Some("Al"));
    });
}

#[test]
fn a29_another_persons_uuid_is_refused_like_an_unknown_one() {
    block_on(async {
        let site = Site::new();
        let (alice, bob) = (site.world.person("alice", 1).await, site.world.person("bob", 2).await);
        let token = site.token(&alice).await;
        let before = site.world.user(&bob.id).await;
        for whose in [bob.id.as_str(), "nobody", "not\nan id"] {
            let answer = site.put(&token, PROFILE, &json!({"uuid": whose, "city": "Ningbo"})).await;
            answer.is_refused("Resource.NotFound", "Resource.NotFound.User");
            let newest = site.world.audit(&alice.id).await.remove(0);
            assert_eq!(newest.outcome, Outcome::Refused("profile.unknown_person".into()));
        }
        assert_eq!(site.world.user(&bob.id).await, before);
        for blank in [json!({"city": "Ningbo"}), json!({"uuid": null}), json!({"uuid": " "})] {
            site.put(&token, PROFILE, &blank).await.is_refused("Params.Blank", "Params.Blank.Uuid");
        }
        let root = site.world.administrator(1).await;
        let token = site.token_saying(&token, |claims| {
            claims.subject = root.user().clone();
            claims.session = root.session().cloned();
            claims.scopes.push(ciam::ADMIN_SCOPE.to_owned());
        });
        let body = json!({"uuid": bob.id.as_str(), "city": "Ningbo"});
        site.put(&token.await, PROFILE, &body).await.is_done();
        let newest = site.world.audit(&bob.id).await.remove(0);
        assert_eq!(newest.actor, ciam::domain::audit::Actor::Administrator(root.user().clone()));
    });
}

#[test]
fn a30_fields_of_the_account_and_unknown_ones_write_nothing() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let before = site.world.user(&alice.id).await;
        let shown = site.get(&token, PROFILE).await.body["data"].clone();
        for name in [
            "enabled",
            "locked",
            "email",
            "emailVerified",
            "phoneNumber",
            "phoneRegion",
            "password",
            "username",
            "enterpriseUuid",
            "roles",
            "admin",
            "createTime",
            "userTypeUuid",
            "externalId",
            "nickname",
            "baseAttrDictionaries",
            "__proto__",
            "",
        ] {
            for value in [json!("x"), json!(true), json!(7), Value::Null] {
                // What is shown so changes nothing, and has a test of its own.
                if shown.get(name).is_some_and(|known| value.is_null() || *known == value) {
                    continue;
                }
                let mut body = json!({"uuid": alice.id.as_str(), "city": "Ningbo"});
                body[name] = value;
                let answer = site.put(&token, PROFILE, &body).await;
                answer.is_refused("Params.Illegal", "Params.Illegal.User.Attribute.Unknown");
                assert_eq!(site.world.user(&alice.id).await, before, "{name}");
            }
            let newest = site.world.audit(&alice.id).await.remove(0);
            assert_eq!(newest.outcome, Outcome::Refused("profile.unknown_attribute".into()));
        }
        let twice = format!(r#"{{"uuid":"{}","city":"a","city":"b"}}"#, alice.id);
        let malformed = refusal("Params.Illegal", "Params.Illegal.Body");
        site.put_raw(&token, PROFILE, &twice).await.is(400, &malformed);
    });
}

#[test]
fn a30_what_is_no_value_writes_nothing_and_is_named_by_its_field() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let token = site.token(&alice).await;
        let before = site.world.user(&alice.id).await;
        for (name, value, message) in [
            ("birthday", json!("01.01.2022"), "Birthday"),
            ("birthday", json!("2999-01-01"), "Birthday"),
            ("birthday", json!("0001-01-01"), "Birthday"),
            ("birthday", json!(20_220_101), "Birthday"),
            ("gender", json!(["x"]), "Gender"),
            ("city", json!({"a": 1}), "City"),
            ("city", json!(5), "City"),
            ("city", json!(true), "City"),
            ("fullName", json!("Al***ce"), "Full.Name"),
            ("enDisplayName", json!("A\u{0}"), "En.Display.Name"),
            ("language", json!("a language"), "Language"),
            ("street", json!("a\nb"), "Street"),
        ] {
            let mut body = json!({"uuid": alice.id.as_str(), "country": "China"});
            body[name] = value;
            let message = format!("Params.Illegal.User.{message}");
            site.put(&token, PROFILE, &body).await.is_refused("Params.Illegal", &message);
            assert_eq!(site.world.user(&alice.id).await, before, "{name}");
        }
    });
}

#[test]
fn a30_values_are_changed_by_their_own_names_alone() {
    block_on(async {
        let site = Site::new();
        define(&site, |schema| {
            for code in ["doctor", "patient"] {
                let code = UserTypeCode::parse(code).unwrap();
                schema.define_type(UserType::new(code, "x").unwrap()).unwrap();
            }
            for (name, flags) in [
                ("doctor:badge", Flags::OPEN.with(Flag::Unique)),
                ("doctor:rank", Flags::OPEN.without(Flag::Modifiable)),
                ("doctor:old", Flags::OPEN.without(Flag::Enabled)),
                ("patient:ward", Flags::OPEN),
            ] {
                schema.define(Attribute::new(id(name), "x", text(), flags).unwrap()).unwrap();
            }
        })
        .await;
        let (alice, bob) = (site.world.person("alice", 1).await, site.world.person("bob", 2).await);
        for person in [&alice, &bob] {
            of_type(&site, person, "doctor").await;
            put_as_host(&site, person, &[("doctor:rank", "chief")]).await;
        }
        put_as_host(&site, &bob, &[("doctor:badge", "AB-1")]).await;
        let token = site.token(&alice).await;
        let tenant = TenantId::default();
        let value_of =
            |person: &Person| value_id(&tenant, &person.id, &id("doctor:badge")).as_str().to_owned();
        let put = async |attribute: &str, value: Option<String>, text: &str| {
            let entry = json!({
                "uuid": value, "dictionaryUuid": public(&["attribute", "default", attribute]),
                "dictionaryValue": text
            });
            let body = json!({"uuid": alice.id.as_str(), "city": "Ningbo", "dictionaryValues": [entry]});
            site.put(&token, PROFILE, &body).await
        };
        let before = site.world.user(&alice.id).await;
        let unknown = ("Params.Illegal", "Params.Illegal.User.Attribute.Unknown");
        for attribute in ["doctor:old", "patient:ward", "doctor:none"] {
            put(attribute, None, "x").await.is_refused(unknown.0, unknown.1);
        }
        let denied = put("doctor:rank", None, "x").await;
        denied.is_refused("Operation.Denied", "Operation.Denied.User.Attribute.Not.Modifiable");
        let foreign = put("doctor:badge", Some(value_of(&bob)), "x").await;
        foreign.is_refused("Params.Illegal", "Params.Illegal.Dictionary.Value.Uuid");
        let duplicate = put("doctor:badge", None, "ab-1").await;
        duplicate.is_refused("Operation.Failure", "Params.Exist.User.Attribute.Value");
        assert_eq!(site.world.user(&alice.id).await, before);
        put("doctor:badge", None, "CD-2").await.is_done();
        put("doctor:badge", Some(value_of(&alice)), "EF-3").await.is_done();
        let missing = json!({"uuid": alice.id.as_str(), "dictionaryValues": [{"dictionaryValue": "x"}]});
        site.put(&token, PROFILE, &missing).await.is_refused(unknown.0, unknown.1);
        let badge = public(&["attribute", "default", "doctor:badge"]);
        let entry = json!({"dictionaryUuid": badge, "dictionaryValue": "GH-4", "sensitive": false});
        let more = json!({"uuid": alice.id.as_str(), "dictionaryValues": [entry]});
        site.put(&token, PROFILE, &more).await.is_refused(unknown.0, unknown.1);
        let nothing = json!({"uuid": alice.id.as_str(), "phoneNumber": null, "username": null, "city": null});
        let before = site.world.user(&alice.id).await;
        site.put(&token, PROFILE, &nothing).await.is_done();
        assert_eq!(site.world.user(&alice.id).await, before, "null keeps, also what no update changes");
    });
}

#[test]
fn a31_what_was_shown_masked_may_be_sent_back() {
    block_on(async {
        let site = Site::new();
        define(&site, |schema| {
            let flags = Flags::OPEN.with(Flag::Sensitive);
            schema.define(Attribute::new(id("fullName"), "Full name", text(), flags).unwrap()).unwrap();
            let birthday = Attribute::new(id("birthday"), "Birthday", FieldType::Date, flags).unwrap();
            schema.define(birthday).unwrap();
        })
        .await;
        let alice = site.world.person("alice", 1).await;
        put_as_host(&site, &alice, &[("fullName", "Alice Liddell"), ("birthday", "2022-01-01")]).await;
        let token = site.token(&alice).await;
        let answer = site.get(&token, PROFILE).await;
        assert!(!answer.text.contains("Liddell") && !answer.text.contains("2022-01-01"), "{}", answer.text);
        let shown = &answer.body["data"];
        let echo = json!({
            "uuid": shown["uuid"], "fullName": shown["fullName"], "birthday": shown["birthday"],
            "gender": shown["gender"], "city": "Ningbo"
        });
        assert_eq!(echo["birthday"], MASK);
        site.put(&token, PROFILE, &echo).await.is_done();
        let user = site.world.user(&alice.id).await;
        assert_eq!(user.profile.text(StandardAttribute::FullName), Some("Alice Liddell"));
        assert_eq!(user.profile.text(StandardAttribute::City), Some("Ningbo"));
        let other = json!({"uuid": shown["uuid"], "fullName": "Ali**********"});
        let answer = site.put(&token, PROFILE, &other).await;
        answer.is_refused("Params.Illegal", "Params.Illegal.User.Full.Name");
    });
}
