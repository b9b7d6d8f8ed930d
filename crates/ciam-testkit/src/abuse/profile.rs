//! Profiles: the own one alone, the allowed fields alone, and never a mask in place of a value.

use std::sync::Arc;

use ciam::domain::TenantId;
use ciam::domain::audit::{Action, Actor, Outcome};
use ciam::domain::identifier::Username;
use ciam::domain::profile::{
    Attribute, AttributeId, AttributeName, AttributeSchema, Change, Exposure, FieldType, Flag, Flags, Given,
    MASK, Pattern, ProfileChange, ProfilePatch, StandardAttribute, TextFormat, UserType, UserTypeCode,
    value_id,
};
use ciam::{ADMIN_SCOPE, Authority, Ciam, Config, Error, NewUser, Principal, UNMASKED_SCOPE};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, refused};
use crate::gap::{Gap, GappedStore, gapped};
use crate::world::{Person, SCOPE, World};

fn id(text: &str) -> AttributeId {
    AttributeId::parse(text).unwrap()
}

fn code(text: &str) -> UserTypeCode {
    UserTypeCode::parse(text).unwrap()
}

/// Two user types; the full name is sensitive, and attributes of doctors are whatever one could stumble over.
async fn define(world: &World) -> AttributeSchema {
    let tenant = TenantId::default();
    let mut schema = world.ciam.attribute_schema(&tenant).await.unwrap();
    for name in ["doctor", "patient"] {
        schema.define_type(UserType::new(code(name), name).unwrap()).unwrap();
    }
    let starred = Pattern::parse(r"[0-9*]{3,24}").unwrap();
    let free = || FieldType::Text(TextFormat::Free);
    for (name, field, flags) in [
        ("fullName", free(), Flags::OPEN.with(Flag::Sensitive)),
        ("doctor:badge", free(), Flags::OPEN.with(Flag::Unique)),
        ("doctor:rank", free(), Flags::OPEN.without(Flag::Modifiable)),
        ("doctor:old", free(), Flags::OPEN.without(Flag::Enabled)),
        ("doctor:note", free(), Flags::OPEN.without(Flag::Shown)),
        ("doctor:pin", FieldType::Text(TextFormat::Pattern(starred)), Flags::OPEN.with(Flag::Sensitive)),
        ("patient:ward", free(), Flags::OPEN),
    ] {
        schema.define(Attribute::new(id(name), name, field, flags).unwrap()).unwrap();
    }
    world.ciam.define_attributes(Authority::Host, &tenant, &schema).await.unwrap();
    schema
}

/// A doctor with a name, signed in.
async fn doctor(world: &World, name: &str, number: u16) -> (Person, Principal) {
    let person = world.person(name, number).await;
    let (tenant, host) = (TenantId::default(), Authority::Host);
    world.ciam.set_user_type(host, &tenant, &person.id, Some(&code("doctor"))).await.unwrap();
    let patch = ProfilePatch::new().set(id("fullName"), "Alice Liddell").set(id("doctor:rank"), "chief");
    world.ciam.update_profile_of(host, &tenant, &person.id, &patch).await.unwrap();
    let who = world.sign_in(&person).await;
    (person, who)
}

async fn value(world: &World, person: &Person, name: &str) -> Option<String> {
    let user = world.user(&person.id).await;
    user.profile.values.get(&id(name)).map(|held| held.value.to_string())
}

/// Somebody else's profile is as unknown as nobody's; an administrator may, and is recorded.
pub async fn a29_somebody_elses_profile_is_unknown(make: MakeWorld<'_>) {
    let world = make(Config::default());
    define(&world).await;
    let ((alice, who), (bob, _)) = (doctor(&world, "alice", 1).await, doctor(&world, "bob", 2).await);
    let patch = ProfilePatch::new().set(id("nickname"), "Mallory");
    let before = world.user(&bob.id).await;
    let mut answers = Vec::new();
    for whose in [bob.id.as_str(), "nobody-at-all", "", "no id at all\n", &"x".repeat(99)] {
        let answer = world.ciam.update_profile(&who, whose, &patch).await;
        answers.push(format!("{answer:?}"));
        let newest = world.audit(&alice.id).await.remove(0);
        assert_eq!(newest.outcome, Outcome::Refused("profile.unknown_person".into()), "{whose}");
        assert_eq!(newest.action, Action::UpdateProfile);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for all: {answers:?}");
    assert_eq!(world.user(&bob.id).await, before);

    // The word of a token is not enough, nor is the flag of the account.
    let scope_alone = world.acting_as(&alice.id, &[SCOPE, ADMIN_SCOPE]).await;
    let refusal = world.ciam.update_profile(&scope_alone, bob.id.as_str(), &patch).await.unwrap_err();
    assert_eq!(refusal.reason(), "access.insufficient_scope");
    let root = world.administrator(1).await;
    let flag_alone = world.acting_as(root.user(), &[SCOPE]).await;
    let refusal = world.ciam.update_profile(&flag_alone, bob.id.as_str(), &patch).await.unwrap_err();
    assert_eq!(refusal.reason(), "profile.unknown_person");
    assert_eq!(world.user(&bob.id).await, before);

    world.ciam.update_profile(&root, bob.id.as_str(), &patch).await.unwrap();
    assert_eq!(value(&world, &bob, "nickname").await.as_deref(), Some("Mallory"));
    let newest = world.audit(&bob.id).await.remove(0);
    assert_eq!(newest.actor, Actor::Administrator(root.user().clone()));
    assert_eq!((newest.action, newest.outcome), (Action::UpdateProfile, Outcome::Done));
}

/// An update ends no session, and the acting one needs none of the gestures of a sensitive change.
pub async fn a29_an_update_keeps_what_is_open(make: MakeWorld<'_>) {
    let world = make(Config::default());
    define(&world).await;
    let (alice, who) = doctor(&world, "alice", 1).await;
    let elsewhere = world.sign_in(&alice).await;
    let before = world.user(&alice.id).await;
    let patch = ProfilePatch::new().set(id("nickname"), "Al");
    world.ciam.update_profile(&who, alice.id.as_str(), &patch).await.unwrap();
    world.ciam.check_token(&elsewhere).await.unwrap();
    let after = world.user(&alice.id).await;
    assert_eq!((after.stamp, after.version), (before.stamp, before.version.next()));
    // The same once more changes nothing and is recorded all the same.
    let records = world.audit(&alice.id).await.len();
    world.ciam.update_profile(&who, alice.id.as_str(), &patch).await.unwrap();
    assert_eq!(world.user(&alice.id).await, after);
    assert_eq!(world.audit(&alice.id).await.len(), records + 1);
}

/// Lets so many updates come and go, each before the call writes what it read.
fn interrupt(store: &Arc<GappedStore>, (ciam, who): (Arc<Ciam>, Principal), times: u8) {
    let again = store.clone();
    store.at(Gap::BeforeCommit, move || {
        let rival = nickname(&format!("rival {times}"));
        block_on(ciam.update_profile(&who, who.user().as_str(), &rival)).unwrap();
        if times > 1 {
            interrupt(&again, (ciam, who), times - 1);
        }
    });
}

fn nickname(text: &str) -> ProfilePatch {
    ProfilePatch::new().set(AttributeId::Base(StandardAttribute::Nickname), text)
}

/// Seven updates that come between each read and write of the eighth do not refuse it; where more do, nothing is written,
/// and the answer says that the same call may succeed later.
pub async fn a29_of_eight_updates_at_once_all_are_done(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for (rivals, done) in [(7, true), (8, false)] {
        let (host, store) = gapped(&world);
        let own = format!("own {rivals}");
        interrupt(&store, (world.ciam.clone(), who.clone()), rivals);
        let answer = host.ciam.update_profile(&who, who.user().as_str(), &nickname(&own)).await;
        let user = world.user(&alice.id).await;
        let stands = user.profile.text(StandardAttribute::Nickname);
        assert_eq!(stands, Some(if done { own.as_str() } else { "rival 1" }), "{rivals}");
        match answer {
            Ok(()) => assert!(done),
            Err(Error::Failed(failure)) => assert!(!done && failure.is_retryable()),
            Err(refused) => unreachable!("{rivals}: {refused}"),
        }
    }
}

/// One field that may not be changed refuses the whole request, and says which rule.
pub async fn a30_one_forbidden_field_refuses_all(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let schema = define(&world).await;
    let ((alice, who), (bob, _)) = (doctor(&world, "alice", 1).await, doctor(&world, "bob", 2).await);
    let set = |name: AttributeName, value, text: &str| {
        let mut patch = ProfilePatch::new().set(id("nickname"), "Al");
        patch.push(ProfileChange { name, value, change: Change::Set(Given::Text(text.to_owned())) });
        patch.set(id("city"), "Hangzhou")
    };
    let tenant = TenantId::default();
    let own = |name: &str| AttributeName::Id(id(name));
    let bobs = Some(value_id(&tenant, &bob.id, &id("fullName")));
    for (patch, reason) in [
        (set(AttributeName::Unknown, None, "x"), "profile.unknown_attribute"),
        (set(own("doctor:none"), None, "x"), "profile.unknown_attribute"),
        (set(own("doctor:old"), None, "x"), "profile.unknown_attribute"),
        (set(own("doctor:note"), None, "x"), "profile.unknown_attribute"),
        (set(own("patient:ward"), None, "x"), "profile.unknown_attribute"),
        (set(own("doctor:rank"), None, "x"), "profile.not_modifiable"),
        (set(own("fullName"), bobs, "x"), "profile.foreign_value"),
        (set(own("birthday"), None, "tomorrow"), "profile.malformed"),
        (set(own("birthday"), None, "2999-01-01"), "profile.malformed"),
        (set(own("zoneinfo"), None, "Beijing"), "profile.malformed"),
        (set(own("nickname"), None, "twice"), "profile.malformed"),
        (set(own("fullName"), None, "a\u{202e}b"), "profile.malformed"),
    ] {
        let before = world.user(&alice.id).await;
        refused(&world, &alice, reason, world.ciam.update_profile(&who, alice.id.as_str(), &patch)).await;
        assert_eq!(world.user(&alice.id).await, before, "{reason}: something was written");
    }
    // What is disabled is beyond administrators too; the host imports whatever it has.
    let root = world.administrator(1).await;
    let old = ProfilePatch::new().set(id("doctor:old"), "x");
    let refusal = world.ciam.update_profile(&root, alice.id.as_str(), &old).await.unwrap_err();
    assert_eq!(refusal.reason(), "profile.unknown_attribute");
    world.ciam.update_profile_of(Authority::Host, &tenant, &alice.id, &old).await.unwrap();
    let shown = world.ciam.profile(&who, Exposure::Plain).await.unwrap();
    assert!(
        shown.attributes.iter().all(|view| view.attribute.id() != &id("doctor:old")),
        "and nobody sees it"
    );
    assert!(schema.definitions().count() > 6);
}

/// Two accounts race for one unique value: one has it, the other is told and keeps what it had.
pub async fn a30_two_people_race_for_a_unique_value(make: MakeWorld<'_>) {
    let world = make(Config::default());
    define(&world).await;
    let people = [doctor(&world, "alice", 1).await, doctor(&world, "bob", 2).await];
    for round in 0..20 {
        let prize = format!("AB-{round}");
        let patch = ProfilePatch::new().set(id("doctor:badge"), &prize);
        let ends = at_once(people.to_vec(), |(person, who)| {
            block_on(world.ciam.update_profile(&who, person.id.as_str(), &patch)).map_err(|end| end.reason())
        });
        let lost: Vec<_> = ends.iter().filter_map(|end| end.err()).collect();
        assert_eq!(lost, ["profile.duplicate"], "one of two");
        let mut owners = 0;
        for (person, _) in &people {
            owners += usize::from(value(&world, person, "doctor:badge").await == Some(prize.clone()));
        }
        assert_eq!(owners, 1);
    }
    let (alice, who) = &people[0];
    let clear = ProfilePatch::new().with(id("doctor:badge"), Change::Clear);
    world.ciam.update_profile(who, alice.id.as_str(), &clear).await.unwrap();
    world.ciam.update_profile(&people[1].1, people[1].0.id.as_str(), &clear).await.unwrap();
    let again = ProfilePatch::new().set(id("doctor:badge"), "ａｂ-0");
    world.ciam.update_profile(&people[1].1, people[1].0.id.as_str(), &again).await.unwrap();
    let taken = ProfilePatch::new().set(id("doctor:badge"), "AB-0").set(id("nickname"), "Al");
    let refusal = world.ciam.update_profile(who, alice.id.as_str(), &taken).await.unwrap_err();
    assert_eq!(refusal.reason(), "profile.duplicate", "spellings of one value are one");
    assert_eq!(value(&world, alice, "nickname").await, None, "nothing of the update was written");
}

/// What was masked and comes back masked leaves the value; no mask is ever stored.
pub async fn a31_a_mask_that_comes_back_leaves_the_value(make: MakeWorld<'_>) {
    let world = make(Config::default());
    define(&world).await;
    let (alice, who) = doctor(&world, "alice", 1).await;
    let shown = world.ciam.profile(&who, Exposure::Masked).await.unwrap();
    assert_eq!(shown.text(StandardAttribute::FullName).as_deref(), Some(MASK));
    assert!(shown.phone.is_some_and(|phone| phone.contains("****")));
    let whole = shown.attributes.iter().filter_map(|view| Some((view.attribute.id(), view.value.text()?)));
    let echo = whole.filter(|(id, _)| id.key() != "rank");
    let echo = echo.fold(ProfilePatch::new(), |patch, (id, text)| patch.set(id.clone(), &text));
    world.ciam.update_profile(&who, alice.id.as_str(), &echo).await.unwrap();
    assert_eq!(value(&world, &alice, "fullName").await.as_deref(), Some("Alice Liddell"));

    for (name, text, kept) in [
        ("fullName", "Al**********", None),
        ("fullName", "***", None),
        ("fullName", "Al***ce", None),
        ("nickname", "张*", None),
        ("nickname", MASK, None),
        ("nickname", "151****2326", None),
        ("doctor:pin", "12****34", Some("12****34")),
        ("doctor:pin", MASK, Some("12****34")),
        ("fullName", "A * in a name", Some("A * in a name")),
    ] {
        let patch = ProfilePatch::new().set(id(name), text);
        let answer = world.ciam.update_profile(&who, alice.id.as_str(), &patch).await;
        assert_eq!(answer.is_ok(), kept.is_some(), "{name} {text}: {answer:?}");
        if kept.is_some() {
            assert_eq!(value(&world, &alice, name).await.as_deref(), kept);
        }
    }
    let user = world.user(&alice.id).await;
    assert!(user.profile.values.values().all(|held| held.value.to_string() != MASK));
}

/// An account is made with no mask and no ill-formed text, nor with what is somebody else's alone: there is none then.
pub async fn a31_a_new_account_has_no_mask(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (host, root) = (Authority::Host, world.administrator(1).await);
    define(&world).await;
    let mut schema = world.ciam.attribute_schema(&TenantId::default()).await.unwrap();
    let alone = Flags::OPEN.with(Flag::Unique);
    let nickname = Attribute::new(id("nickname"), "nickname", FieldType::Text(TextFormat::Free), alone);
    schema.define(nickname.unwrap()).unwrap();
    world.ciam.define_attributes(host, &TenantId::default(), &schema).await.unwrap();
    let newcomer = |nickname: &str, full_name: &str| NewUser {
        username: Some(Username::parse("newcomer").unwrap()),
        nickname: Some(nickname.to_owned()),
        full_name: Some(full_name.to_owned()),
        ..NewUser::default()
    };
    let first = NewUser { nickname: Some("Taken".to_owned()), ..NewUser::default() };
    world.ciam.create_user(host, first).await.unwrap();
    for (nickname, full_name, reason) in [
        ("Al", MASK, "profile.malformed"),
        ("Al", "Al******", "profile.malformed"),
        (MASK, "Alice", "profile.malformed"),
        ("a\u{202e}b", "Alice", "profile.malformed"),
        ("", "Alice", "profile.malformed"),
        ("TAKEN", "Alice", "profile.duplicate"),
    ] {
        for by in [host, Authority::Administrator(&root)] {
            let refusal = world.ciam.create_user(by, newcomer(nickname, full_name)).await.unwrap_err();
            assert_eq!(refusal.reason(), reason, "{nickname} {full_name}");
        }
        let newest = world.audit(root.user()).await.remove(0);
        assert_eq!((newest.action, newest.outcome), (Action::CreateUser, Outcome::Refused(reason.into())));
    }
    let known = world.ciam.create_user(host, newcomer(" Al ", "Alice")).await.unwrap();
    assert_eq!(
        known.profile.text(StandardAttribute::Nickname),
        Some("Al"),
        "the name was nobody's until now"
    );
}

/// An administrator sees what the person sees, unless the token has a scope of its own for more; it is recorded.
pub async fn a31_only_a_scope_of_its_own_unmasks(make: MakeWorld<'_>) {
    let world = make(Config::default());
    define(&world).await;
    let (alice, who) = doctor(&world, "alice", 1).await;
    let root = world.administrator(1).await;
    let tenant = TenantId::default();
    let full_name = async |by: Authority<'_>| {
        let view = world.ciam.profile_of(by, &tenant, &alice.id).await.unwrap();
        (view.text(StandardAttribute::FullName).unwrap(), view.phone.unwrap())
    };
    let masked = (MASK.to_owned(), "138****0001".to_owned());
    let plain = ("Alice Liddell".to_owned(), "+8613800000001".to_owned());
    assert_eq!(full_name(Authority::Administrator(&root)).await, masked);
    let wide = world.acting_as(root.user(), &[SCOPE, ADMIN_SCOPE, UNMASKED_SCOPE]).await;
    assert_eq!(full_name(Authority::Administrator(&wide)).await, plain);
    assert_eq!(full_name(Authority::Host).await, plain);
    let noted =
        world.audit(&alice.id).await.into_iter().filter(|record| record.action == Action::ViewProfile);
    let noted: Vec<_> = noted.map(|record| (record.actor, record.detail.is_some())).collect();
    let administrator = Actor::Administrator(root.user().clone());
    assert_eq!(noted, [(Actor::System, true), (administrator.clone(), true), (administrator, false)]);
    // A person with the scope alone is no administrator.
    let alone = world.acting_as(who.user(), &[SCOPE, UNMASKED_SCOPE]).await;
    let refusal = world.ciam.profile_of(Authority::Administrator(&alone), &tenant, &alice.id).await;
    assert_eq!(refusal.unwrap_err().reason(), "access.insufficient_scope");
}
