//! The end of an account: who is due, what is forgotten, and which identifiers are kept from others.

use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::identifier::Login;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::tombstone::{Tombstone, TombstoneDigest};
use ciam_ports::domain::user::Status;
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::store::{ChallengeWrite, UniqueField};
use ciam_ports::{Claim, Commit, StepQuery, StoreError};

use super::Fixture;
use super::sample::{self, HOUR, START, TICK, at};

pub(super) fn digest(name: &str) -> TombstoneDigest {
    TombstoneDigest::of(&sample::digest_key(), &TenantId::default(), &Login::Username(sample::username(name)))
}

pub(super) fn claim(field: UniqueField, name: &str) -> Claim {
    Claim { field, digest: digest(name) }
}

/// Keeps the identifier of a name from everybody until then.
pub(super) async fn bury(on: &Fixture, user: &User, name: &str, ends_at: Instant) {
    let tombstones = vec![Tombstone { digest: digest(name), ends_at }];
    on.write(Commit { tombstones, ..sample::commit(user) }).await;
}

pub(super) async fn a_tombstone_keeps_its_identifier(on: &Fixture) {
    let user = on.add("tina").await;
    bury(on, &user, "taken", START.after(HOUR)).await;
    let new = sample::user("newcomer");
    for field in [UniqueField::Username, UniqueField::Phone, UniqueField::Email] {
        let claims = vec![claim(UniqueField::Id, "free"), claim(field, "taken")];
        let taking = Commit { claims: claims.clone(), ..sample::insert(&new) };
        let refusal = on.refusal(taking).await;
        assert!(matches!(refusal, StoreError::Conflict { field: told } if told == field), "{refusal:?}");
        let renamed = sample::changed(&user, |user| sample::rename(user, "tin"));
        let refusal = on.refusal(Commit { claims, ..sample::replace(&user, &renamed) }).await;
        assert!(matches!(refusal, StoreError::Conflict { field: told } if told == field), "{refusal:?}");
    }
    let nobody = on.store.load(&StepQuery::of(new.tenant.clone(), new.id.clone())).await;
    assert_eq!(nobody.expect("a load"), None, "there is no such account");
    assert_eq!(on.user(&user).await, user, "the account stays as it is");
    let elsewhere = sample::user_of(&TenantId::parse("elsewhere").expect("an id"), "newcomer");
    let claims = vec![claim(UniqueField::Username, "taken")];
    on.write(Commit { claims, ..sample::insert(&elsewhere) }).await;
    on.write(Commit { claims: vec![claim(UniqueField::Username, "free")], ..sample::insert(&new) }).await;
}

pub(super) async fn a_tombstone_ends_on_time(on: &Fixture) {
    let user = on.add("tina").await;
    let end = START.after(HOUR);
    // Of two for one identifier the later end stands, whichever came first.
    for ends_at in [START.after(TICK), end, START.after(TICK)] {
        bury(on, &user, "taken", ends_at).await;
    }
    let new = sample::user("newcomer");
    let taking =
        |now| Commit { now, claims: vec![claim(UniqueField::Username, "taken")], ..sample::insert(&new) };
    for kept in [START, START.after(TICK), end.before(TICK)] {
        assert!(matches!(on.refusal(taking(kept)).await, StoreError::Conflict { .. }));
    }
    on.write(taking(end)).await;
}

/// A person with a session, and a flow whose code is out.
async fn signed_in(on: &Fixture, user: &User) -> (Session, Flow) {
    on.write(sample::insert(user)).await;
    let session = on.sign_in(user, &format!("s-{}", user.id)).await;
    let flow = sample::flow(user, &session, Operation::UpdateEmail, START);
    on.open(user, &flow).await;
    let code = Box::new(sample::challenge(&flow, sample::slot(&flow), "123456"));
    let rates = vec![sample::window("own", 9, HOUR), sample::window("shared", 9, HOUR)];
    on.write(Commit { challenge: ChallengeWrite::Put(code), rates, ..sample::commit(user) }).await;
    (session, flow)
}

pub(super) async fn a_forgotten_person_leaves_nothing_open(on: &Fixture) {
    let (fritz, paula) = (sample::user("fritz"), sample::user("paula"));
    let (_, flow) = signed_in(on, &fritz).await;
    on.sign_in(&fritz, "second").await;
    let (session, kept) = signed_in(on, &paula).await;
    let counts = ["own", "shared"].map(|name| sample::window(name, 9, HOUR).key);
    let forget = async || on.store.forget(&fritz.tenant, &fritz.id, &counts[..1]).await.expect("an answer");
    let sessions =
        async |user: &User| on.store.sessions(&user.tenant, &user.id).await.expect("sessions").len();
    assert_eq!(forget().await, 5, "two sessions, a flow, a code and a count");
    assert_eq!(forget().await, 0, "there is nothing more");
    let seen = StepQuery { rates: counts.to_vec(), ..sample::query(&fritz, &flow) };
    let loaded = on.read(&seen).await;
    assert_eq!((loaded.session, loaded.flow, loaded.challenges), (None, None, Vec::new()));
    let left: Vec<_> = loaded.rates.iter().map(|(key, _)| *key).collect();
    assert_eq!(left, counts[1..], "a count that is not named stays");
    assert_eq!((sessions(&fritz).await, on.user(&fritz).await), (0, fritz.clone()), "the account stays");
    let loaded = on.read(&sample::query(&paula, &kept)).await;
    assert_eq!(
        (loaded.session.as_deref(), loaded.flow, loaded.challenges.len()),
        (Some(&session), Some(kept), 1)
    );
    let there = sample::user_of(&TenantId::parse("elsewhere").expect("an id"), "fritz");
    signed_in(on, &there).await;
    assert_eq!((forget().await, sessions(&there).await), (0, 1), "another tenant has people of its own");
}

async fn set(on: &Fixture, user: &User, status: Status) -> User {
    let next = sample::changed(user, |user| user.status = status);
    on.write(sample::replace(user, &next)).await;
    next
}

async fn due(on: &Fixture, now: Instant, limit: u16) -> Vec<(TenantId, UserId)> {
    on.deletions.due(now, limit).await.expect("a queue")
}

pub(super) async fn a_deletion_is_due_on_time(on: &Fixture) {
    for (name, status) in [
        ("normal", Status::Normal),
        ("locked", Status::Locked { until: Some(at(1)) }),
        ("frozen", Status::Frozen),
        ("erased", Status::Erased),
        ("later", Status::PendingDeletion { erase_at: START.after(HOUR) }),
    ] {
        set(on, &on.add(name).await, status).await;
    }
    let pending = set(on, &on.add("pending").await, Status::PendingDeletion { erase_at: at(10) }).await;
    let there = sample::user_of(&TenantId::parse("elsewhere").expect("an id"), "purging");
    on.write(sample::insert(&there)).await;
    let purging = set(on, &there, Status::Purging { tried_at: at(5) }).await;
    let named = |user: &User| (user.tenant.clone(), user.id.clone());
    assert_eq!(due(on, at(5).before(TICK), 9).await, []);
    assert_eq!(due(on, at(10).before(TICK), 9).await, [named(&purging)]);
    assert_eq!(due(on, at(10), 9).await, [named(&purging), named(&pending)]);
    assert_eq!(due(on, at(10), 1).await, [named(&purging)], "those that are due longest first");
    let tried = set(on, &purging, Status::Purging { tried_at: at(11) }).await;
    assert_eq!(due(on, at(11), 9).await, [named(&pending), named(&tried)], "what was tried goes to the end");
    set(on, &pending, Status::Normal).await;
    set(on, &tried, Status::Erased).await;
    assert_eq!(due(on, at(99), 9).await, [], "what is over is due no more");
}
