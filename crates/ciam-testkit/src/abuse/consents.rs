//! Consents: each person's own, never rewritten, and only to what is in force.

use std::time::Duration;

use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::consent::{ConsentAct, ConsentEntry, MOST_ENTRIES};
use ciam::domain::flow::Operation;
use ciam::domain::source::Source;
use ciam::domain::terms::TermsText;
use ciam::domain::user::Status;
use ciam::domain::{ConsentId, TenantId, VersionId};
use ciam::ports::{Clock, ConsentCommit, ConsentErasure};
use ciam::{AgreementReport, Authority, Config, NewVersion, Period, Principal};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, perform, refused};
use super::purge::purge;
use crate::world::{Person, World};

async fn agree(world: &World, who: &Principal, version: &VersionId) -> ConsentEntry {
    world.ciam.agree_to_terms(who, version).await.unwrap()
}

/// The records of what a person agreed to and recalled.
async fn events(world: &World, person: &Person) -> Vec<AuditRecord> {
    let mut trail = world.audit(&person.id).await;
    let of_consents = [Action::AgreeToTerms, Action::RecallConsent];
    trail.retain(|record| record.outcome == Outcome::Done && of_consents.contains(&record.action));
    trail
}

/// Each line has its record, and no record is without one.
async fn lines_have_records(world: &World, person: &Person) -> usize {
    let (lines, events) = (world.ledger(&person.id).await, events(world, person).await);
    let told = |act| if act == ConsentAct::Agreed { Action::AgreeToTerms } else { Action::RecallConsent };
    let lines: Vec<_> = lines.iter().rev().map(|line| (told(line.act), line.at)).collect();
    assert_eq!(lines, events.iter().map(|event| (event.action, event.at)).collect::<Vec<_>>());
    lines.len()
}

/// Whatever bob names of alice's, he is told what he would be told of something that is not there.
pub async fn a35_nobody_recalls_somebody_elses_consent(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let version = world.publish("privacy", "v1").await;
    let alices = agree(&world, &world.sign_in(&alice).await, &version.id).await;
    let who = world.sign_in(&bob).await;
    for name in [alices.id.as_str(), "privacy", "0123456789abcdef", "", "privacy'--", &"x".repeat(9_000)] {
        refused(&world, &bob, "consent.unknown", world.ciam.recall_consent(&who, name)).await;
    }
    assert_eq!(world.ledger(&alice.id).await, [alices]);
    assert_eq!(world.ciam.consents(&who).await.unwrap(), []);
    agree(&world, &who, &version.id).await;
    let listed = world.ciam.consents(&who).await.unwrap();
    assert!(listed.iter().all(|consent| consent.agreement.user == bob.id), "{listed:?}");
    world.ciam.recall_consent(&who, "privacy").await.unwrap();
    assert_eq!((world.ledger(&alice.id).await.len(), world.ledger(&bob.id).await.len()), (1, 2));
}

/// Recalled again, and by many at once, it is one line and one event.
pub async fn a35_a_recall_is_one_event(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for (round, number) in (1..).zip(["v1", "v2", "v3"]) {
        let version = world.publish("privacy", number).await;
        let agreed =
            at_once((0..6).collect(), |_: u8| block_on(world.ciam.agree_to_terms(&who, &version.id)));
        let ids: Vec<_> = agreed.into_iter().map(|entry| entry.unwrap().id).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "one agreement: {ids:?}");
        let name = ids[0].as_str();
        let recalled = at_once((0..6).collect(), |_: u8| block_on(world.ciam.recall_consent(&who, name)));
        assert!(recalled.iter().all(Result::is_ok), "{recalled:?}");
        world.ciam.recall_consent(&who, "privacy").await.unwrap();
        assert_eq!(lines_have_records(&world, &alice).await, 2 * round);
    }
}

/// Drafts, what has not begun, what is over or withdrawn, and another tenant's terms are agreed to by nobody.
pub async fn a35_only_what_is_in_force_is_agreed_to(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let now = world.clock.now();
    let later = |hours| now.after(Duration::from_hours(hours));
    let draft = world.draft(World::version("privacy", "draft")).await.id;
    let new = World::version("privacy", "late");
    let scheduled = world.publish_for(new, Period { from: later(1), until: None }).await.id;
    let new = World::version("privacy", "short");
    let over = world.publish_for(new, Period { from: now, until: Some(later(1)) }).await.id;
    let withdrawn = world.publish("privacy", "gone").await.id;
    let tenant = TenantId::default();
    world.ciam.withdraw_terms(Authority::Host, (&tenant, &withdrawn), now).await.unwrap();
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    let foreign = NewVersion { tenant: elsewhere, ..World::version("privacy", "v1") };
    let foreign = world.publish_for(foreign, Period::default()).await.id;
    let unknown = VersionId::parse("never-written").unwrap();
    for (version, reason) in [
        (&draft, "consent.not_published"),
        (&scheduled, "consent.not_published"),
        (&withdrawn, "consent.expired"),
        (&foreign, "consent.unknown_version"),
        (&unknown, "consent.unknown_version"),
    ] {
        refused(&world, &alice, reason, world.ciam.agree_to_terms(&who, version)).await;
        let (tenant, user) = (TenantId::default(), alice.id.clone());
        let report = AgreementReport { tenant, user, version: version.clone(), source: None, client: None };
        refused(&world, &alice, reason, world.ciam.record_agreement(report)).await;
    }
    let tick = Duration::from_micros(1);
    world.clock.set(later(1).before(tick));
    refused(&world, &alice, "consent.not_published", world.ciam.agree_to_terms(&who, &scheduled)).await;
    let who = world.sign_in(&alice).await;
    world.clock.set(later(1));
    refused(&world, &alice, "consent.expired", world.ciam.agree_to_terms(&who, &over)).await;
    assert_eq!(world.ledger(&alice.id).await, []);
    agree(&world, &who, &scheduled).await;
}

/// What the ledger says was agreed to is what was published, and that never changes.
pub async fn a35_the_recorded_digest_is_of_the_published_text(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let version = world.publish("privacy", "v1").await;
    let who = world.sign_in(&alice).await.with_source(Source::new([192, 0, 2, 7].into()));
    let line = agree(&world, &who, &version.id).await;
    let published = World::version("privacy", "v1");
    assert_eq!(line.hash, published.text.hash());
    assert_eq!(line.source, Some(Source::new([192, 0, 2, 7].into())));
    let forged = NewVersion { text: TermsText::parse("you owe us all").unwrap(), ..published.clone() };
    let forging = world.ciam.draft_terms(Authority::Host, forged).await;
    assert_eq!(forging.unwrap_err().reason(), "consent.immutable");
    let again = world.ciam.publish_terms(Authority::Host, (&version.tenant, &version.id), Period::default());
    assert_eq!(again.await.unwrap_err().reason(), "consent.immutable");
    assert_eq!(world.ciam.draft_terms(Authority::Host, published.clone()).await.unwrap(), version);
    let evidence =
        world.ciam.consent_evidence(Authority::Host, &TenantId::default(), &alice.id).await.unwrap();
    let told = evidence.to_json();
    assert!(told.contains(published.text.as_str()) && told.contains(&line.hash.to_string()), "{told}");
    let listed = world.ciam.consents(&who).await.unwrap().remove(0);
    assert_eq!((listed.terms.text, listed.number), (published.text, 1));
}

/// No line changes or goes, whatever becomes of the account.
pub async fn a35_the_history_survives_edits_of_the_account(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let version = world.publish("privacy", "v1").await;
    agree(&world, &world.sign_in(&alice).await, &version.id).await;
    let mut known = world.ledger(&alice.id).await;
    for operation in [Operation::UpdateEmail, Operation::UpdatePassword] {
        perform(&world, &alice, operation).await;
        assert_eq!(world.ledger(&alice.id).await, known, "{operation:?}");
        if operation == Operation::UpdateEmail {
            let who = world.sign_in(&alice).await;
            world.ciam.recall_consent(&who, "privacy").await.unwrap();
            agree(&world, &who, &version.id).await;
            let now = world.ledger(&alice.id).await;
            assert_eq!(now[..1], known);
            known = now;
        }
    }
    assert_eq!(lines_have_records(&world, &alice).await, 3);
}

/// What was recalled is asked for again, and counts again by a new agreement alone.
pub async fn a35_a_recalled_consent_is_current_by_a_new_record_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let first = world.publish("privacy", "v1").await;
    let who = world.sign_in(&alice).await;
    let open = async || {
        let open = world.ciam.open_terms(&who, None).await.unwrap();
        open.into_iter().map(|terms| terms.version.id).collect::<Vec<_>>()
    };
    assert_eq!(open().await, std::slice::from_ref(&first.id));
    let old = agree(&world, &who, &first.id).await;
    assert_eq!(open().await, []);
    world.ciam.recall_consent(&who, old.id.as_str()).await.unwrap();
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(open().await, std::slice::from_ref(&first.id), "time brings nothing back");
    agree(&world, &who, &first.id).await;
    world.ciam.recall_consent(&who, old.id.as_str()).await.unwrap();
    assert_eq!(open().await, [], "a recall that comes again ends no new agreement");
    world.clock.advance(Duration::from_secs(1));
    let second = world.publish("privacy", "v2").await;
    assert_eq!(open().await, std::slice::from_ref(&second.id), "the old version is no answer to the new one");
    agree(&world, &who, &second.id).await;
    let translated = NewVersion {
        locale: ciam::domain::terms::Locale::parse("en").unwrap(),
        ..World::version("privacy", "v2")
    };
    world.publish_for(translated, Period::default()).await;
    assert_eq!(open().await, [], "a translation is the same version");
}

/// Of an agreement and the end of its version, at once, the store decides; what it took has its line and record.
pub async fn a35_an_agreement_races_the_end_of_its_version(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut racers = Vec::new();
    for number in 1..=5 {
        let person = world.person(&format!("racer.{number}"), number).await;
        let who = world.sign_in(&person).await;
        racers.push(Some((person, who)));
    }
    racers.insert(2, None);
    let version = world.publish("privacy", "v1").await;
    let (named, now) = ((&version.tenant, &version.id), world.clock.now());
    let ends = at_once(racers, |racer| match racer {
        None => {
            block_on(world.ciam.withdraw_terms(Authority::Host, named, now)).unwrap();
            None
        }
        Some((person, who)) => {
            let end = block_on(world.ciam.agree_to_terms(&who, &version.id));
            Some((person, who, end))
        }
    });
    for (person, who, end) in ends.into_iter().flatten() {
        let lines = lines_have_records(&world, &person).await;
        match end {
            Ok(entry) => assert_eq!(world.ledger(&person.id).await, [entry]),
            Err(error) => assert_eq!((error.reason(), lines), ("consent.expired", 0)),
        }
        let listed = world.ciam.consents(&who).await.unwrap();
        assert_eq!(listed.len(), lines);
    }
    let late = world.person("late", 9).await;
    let who = world.sign_in(&late).await;
    refused(&world, &late, "consent.expired", world.ciam.agree_to_terms(&who, &version.id)).await;
}

/// Whoever may not act agrees to nothing, recalls nothing and sees nothing.
pub async fn a35_who_may_not_act_has_no_say(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (first, second) = (world.publish("privacy", "v1").await, world.publish("ads", "v1").await);
    let ended = world.sign_in(&alice).await;
    agree(&world, &ended, &first.id).await;
    let tenant = TenantId::default();
    for (status, reason) in [(Status::Normal, "access.invalid_token"), (Status::Frozen, "access.frozen")] {
        world.ciam.set_status(Authority::Host, &tenant, &alice.id, status).await.unwrap();
        refused(&world, &alice, reason, world.ciam.agree_to_terms(&ended, &second.id)).await;
        refused(&world, &alice, reason, world.ciam.recall_consent(&ended, "privacy")).await;
        refused(&world, &alice, reason, world.ciam.consents(&ended)).await;
        refused(&world, &alice, reason, world.ciam.open_terms(&ended, None)).await;
    }
    assert_eq!(lines_have_records(&world, &alice).await, 1);
}

/// A ledger has an end, and what can be recalled never has.
pub async fn a35_a_full_ledger_takes_recalls_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (first, second) = (world.publish("privacy", "v1").await, world.publish("ads", "v1").await);
    let who = world.sign_in(&alice).await;
    let mut line = agree(&world, &who, &first.id).await;
    let audit = events(&world, &alice).await.remove(0);
    for number in 1..MOST_ENTRIES {
        let last = Some(line.id.clone());
        line.id = ConsentId::parse(&format!("line-{number}")).unwrap();
        let commit = ConsentCommit { entry: line.clone(), last, audit: audit.clone() };
        world.backend.consents.append(commit).await.unwrap();
    }
    refused(&world, &alice, "consent.too_many", world.ciam.agree_to_terms(&who, &second.id)).await;
    world.ciam.recall_consent(&who, "privacy").await.unwrap();
    assert_eq!(world.ledger(&alice.id).await.len(), MOST_ENTRIES + 1);
}

/// An erased account keeps the evidence of its consents without an address, or nothing, as the host has it.
pub async fn a35_an_erasure_leaves_evidence_that_names_nobody(make: MakeWorld<'_>) {
    for erasure in [ConsentErasure::KeepsEvidence, ConsentErasure::KeepsNothing] {
        let mut config = Config::default();
        config.consent.erasure = erasure;
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let version = world.publish("privacy", "v1").await;
        let who = world.sign_in(&alice).await.with_source(Source::new([192, 0, 2, 7].into()));
        let line = agree(&world, &who, &version.id).await;
        perform(&world, &alice, Operation::Unsubscribe).await;
        world.clock.advance(world.ciam.config().deletion.grace);
        purge(&world).await;
        let left = world.ledger(&alice.id).await;
        let kept = ConsentEntry { source: None, ..line };
        assert_eq!(left, if erasure == ConsentErasure::KeepsEvidence { vec![kept] } else { Vec::new() });
        let evidence =
            world.ciam.consent_evidence(Authority::Host, &TenantId::default(), &alice.id).await.unwrap();
        let told = evidence.to_json();
        assert!(!told.contains("192.0.2.7") && !told.contains("alice"), "{told}");
    }
}

/// What the host recorded for a person is told as the host's, and no administrator agrees for anybody.
pub async fn a35_the_trail_tells_who_recorded_an_agreement(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let version = world.publish("privacy", "v1").await;
    let (tenant, user) = (TenantId::default(), alice.id.clone());
    let report = AgreementReport { tenant, user, version: version.id.clone(), source: None, client: None };
    let line = world.ciam.record_agreement(report.clone()).await.unwrap();
    assert_eq!(world.ciam.record_agreement(report).await.unwrap(), line, "once more changes nothing");
    let who = world.sign_in(&alice).await;
    world.ciam.recall_consent(&who, line.id.as_str()).await.unwrap();
    let actors: Vec<_> = events(&world, &alice).await.into_iter().map(|event| event.actor).collect();
    assert_eq!(actors, [Actor::Person(alice.id.clone()), Actor::System]);
}
