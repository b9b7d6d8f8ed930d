//! The document of all that is kept of a person: for the person, freshly signed in, and for those in authority.

use std::time::Duration;

use ciam::domain::audit::{Action, Actor, Outcome};
use ciam::domain::flow::{Method, Operation};
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::source::Source;
use ciam::domain::{TenantId, user::Status};
use ciam::{ADMIN_SCOPE, Authority, Config, FRESH_SIGN_IN, Proven};

use super::MakeWorld;
use super::gesture::{bound, phone};
use super::moves::{code, perform, refused};
use super::totp::{begun, eager, enrol, present};
use crate::world::{PASSWORD, SCOPE, World};

/// Nothing that opens anything, and no digest of it, is in the document.
pub async fn a25_an_export_holds_no_secret(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    world.personal.keep(&alice.id, 8);
    perform(&world, &alice, Operation::UpdateEmail).await;
    let version = world.publish("privacy", "v1").await;
    let token = world.token(&alice).await;
    let who = world.ciam.principal(&token, SCOPE).await.unwrap();
    let who = who.with_source(Source::new([192, 0, 2, 7].into()));
    world.ciam.agree_to_terms(&who, &version.id).await.unwrap();
    let flow = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let told = world.ciam.export_own_data(&who).await.unwrap().to_json();
    let user = world.user(&alice.id).await;
    let hash = user.password.as_ref().unwrap().current.as_str().to_owned();
    let stamp = format!("{:?}", user.stamp);
    let code = world.mailbox.last_code(alice.phone.canonical()).unwrap();
    let quoted = format!("\"{code}\"");
    for secret in [PASSWORD, token.expose(), flow.expose(), &hash, &stamp, &quoted] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    for part in
        ["+8613800000001", "new@example.org", "alice@example.org", "192.0.2.7", "privacy", "\"rows\": 8"]
    {
        assert!(told.contains(part), "no {part} in {told}");
    }
}

/// What else proves the person is told of, by kind, date and number: the app, what is left of the recovery codes, each
/// device. Nothing of it proves anybody.
pub async fn a25_an_export_tells_of_factors_and_no_secret(make: MakeWorld<'_>) {
    let world = make(eager());
    let device = phone(&world, GestureAlgorithm::Aes256);
    let alice = bound(&world, "alice", 1, &device).await;
    let who = world.sign_in(&alice).await;
    enrol(&world, &who).await;
    let codes = world.ciam.renew_recovery_codes(&who, Proven::FreshSession).await.unwrap();
    let flow = begun(&world, &who, Operation::UpdateEmail).await;
    let spent = code(codes[0].expose());
    present(&world, (&who, &flow), (Method::RecoveryCode, &spent)).await.unwrap();
    let begun_anew = world.sign_in(&alice).await;
    let told = world.ciam.export_own_data(&begun_anew).await.unwrap();
    let user = world.user(&alice.id).await;
    let credentials = told.get("credentials").unwrap().to_json();
    for part in
        ["\"kind\": \"totp\"", "\"enrolledAt\"", "\"unused\": 9", "\"kind\": \"gesture\"", device.id.as_str()]
    {
        assert!(credentials.contains(part), "no {part} in {credentials}");
    }
    let told = told.to_json();
    let unused = &user.factors.recovery_codes.as_ref().unwrap().unused;
    let kept = unused.iter().map(|digest| format!("{digest:?}"));
    let secrets = codes.iter().map(|code| code.expose().to_owned()).chain(kept);
    for secret in secrets.chain([format!("{:?}", user.factors.totp), format!("{:?}", device.key())]) {
        assert!(!told.contains(&secret), "{secret} in {told}");
    }
    // Of numbers and texts there are few, and each is known.
    let names =
        ["kind", "setAt", "mustChange", "enrolledAt", "madeAt", "unused", "device", "algorithm", "boundAt"];
    let keys = credentials
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": ").map(|key| key.0));
    for key in keys {
        assert!(names.contains(&key), "{key} in {credentials}");
    }
}

/// A token alone is not enough, and an old sign-in neither; what is refused leaves its record and nothing else.
pub async fn a29_an_export_takes_a_fresh_sign_in(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    world.clock.advance(FRESH_SIGN_IN - Duration::from_micros(1));
    world.ciam.export_own_data(&who).await.unwrap();
    world.clock.advance(Duration::from_micros(1));
    refused(&world, &alice, "access.stale_authentication", world.ciam.export_own_data(&who)).await;
    let who = world.sign_in(&alice).await;
    world.ciam.set_status(Authority::Host, &TenantId::default(), &alice.id, Status::Frozen).await.unwrap();
    refused(&world, &alice, "access.frozen", world.ciam.export_own_data(&who)).await;
    let trail = world.audit(&alice.id).await;
    let done = trail.iter().filter(|record| record.outcome == Outcome::Done);
    assert_eq!(done.filter(|record| record.action == Action::ExportPersonalData).count(), 1);
}

/// The document is of one person alone; who asks for somebody else's must be in authority, and is named for it.
pub async fn a29_an_export_is_of_one_person(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let version = world.publish("privacy", "v1").await;
    for person in [&alice, &bob] {
        let who = world.sign_in(person).await;
        world.ciam.agree_to_terms(&who, &version.id).await.unwrap();
    }
    let (tenant, curious) = (TenantId::default(), world.administrator(3).await);
    let exporting = world.ciam.export_personal_data(Authority::Administrator(&curious), &tenant, &alice.id);
    refused(&world, &alice, "access.insufficient_scope", exporting).await;
    let root = world.acting_as(curious.user(), &[SCOPE, ADMIN_SCOPE, "profile:unmasked"]).await;
    let told = world.ciam.export_personal_data(Authority::Administrator(&root), &tenant, &alice.id);
    let told = told.await.unwrap().to_json();
    assert!(told.contains("alice") && !told.contains("bob") && !told.contains(bob.id.as_str()), "{told}");
    let newest = world.audit(&alice.id).await.remove(0);
    assert_eq!(
        (newest.action, newest.actor),
        (Action::ExportPersonalData, Actor::Administrator(root.user().clone()))
    );
    let poser = world.acting_as(&bob.id, &[SCOPE, ADMIN_SCOPE]).await;
    for by in [&poser, &world.sign_in(&bob).await] {
        let by = Authority::Administrator(by);
        let reason = "access.insufficient_scope";
        refused(&world, &alice, reason, world.ciam.export_personal_data(by, &tenant, &alice.id)).await;
        refused(&world, &alice, reason, world.ciam.consent_evidence(by, &tenant, &alice.id)).await;
        refused(&world, &alice, reason, world.ciam.user_consents(by, &tenant, &alice.id)).await;
        let new = ciam::NewDocument { tenant: tenant.clone(), ..World::document("theirs") };
        assert_eq!(world.ciam.write_terms(by, new).await.unwrap_err().reason(), reason);
    }
}
