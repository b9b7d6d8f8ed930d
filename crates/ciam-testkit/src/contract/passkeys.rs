//! Ids of passkeys: one person's at a time, and a way to that person.

use ciam_ports::domain::passkey::CredentialId;
use ciam_ports::domain::user::{Passkey, Passkeys};
use ciam_ports::domain::{TenantId, User};
use ciam_ports::store::UniqueField;
use ciam_ports::{Handle, StoreError};

use super::Fixture;
use super::sample;

/// Somebody who has passkeys of these ids.
async fn holder(on: &Fixture, name: &str, ids: &[&str]) -> User {
    let user = User { passkeys: having(ids), ..sample::user(name) };
    on.write(sample::insert(&user)).await;
    user
}

fn having(ids: &[&str]) -> Passkeys {
    let held: Vec<Passkey> = ids.iter().map(|id| sample::passkey(id)).collect();
    Passkeys { held, ..Passkeys::NONE }
}

fn is_taken(refusal: &StoreError) -> bool {
    matches!(refusal, StoreError::Conflict { field: UniqueField::Passkey })
}

pub(super) async fn a_passkey_is_one_persons(on: &Fixture) {
    let owner = holder(on, "pia", &["key.1", "key.2"]).await;
    let other = on.add("otto").await;
    for ids in [&["free", "key.2"][..], &["key.1"]] {
        let new = User { passkeys: having(ids), ..sample::user("newcomer") };
        assert!(is_taken(&on.refusal(sample::insert(&new)).await), "of a new account");
        let taking = sample::changed(&other, |user| user.passkeys = having(ids));
        assert!(is_taken(&on.refusal(sample::replace(&other, &taking)).await), "of a change");
    }
    assert_eq!(on.user(&other).await, other, "nothing of what was refused stands");
    let longer = sample::changed(&other, |user| user.passkeys = having(&["key.11", "KEY.1"]));
    on.write(sample::replace(&other, &longer)).await;
    let elsewhere = TenantId::parse("elsewhere").expect("an id");
    let there = User { passkeys: owner.passkeys.clone(), ..sample::user_of(&elsewhere, "pia") };
    on.write(sample::insert(&there)).await;
    let counted = sample::changed(&owner, |user| user.passkeys.held[0].sign_count += 1);
    on.write(sample::replace(&owner, &counted)).await;
    given_up(on, counted).await;
    race(on).await;
}

async fn given_up(on: &Fixture, owner: User) {
    let without = sample::changed(&owner, |user| user.passkeys = having(&["key.2"]));
    on.write(sample::replace(&owner, &without)).await;
    let heir = holder(on, "heir", &["key.1"]).await;
    let back = sample::changed(&without, |user| user.passkeys = having(&["key.1"]));
    assert!(is_taken(&on.refusal(sample::replace(&without, &back)).await));
    let erased = sample::changed(&heir, User::erase);
    on.write(sample::replace(&heir, &erased)).await;
    on.write(sample::replace(&without, &back)).await;
    holder(on, "heiress", &["key.2"]).await;
}

async fn race(on: &Fixture) {
    let mut racers = [on.add("first").await, on.add("second").await];
    for round in 0..20 {
        let prize = format!("prize.{round}");
        let next =
            racers.clone().map(|user| sample::changed(&user, |user| user.passkeys = having(&[&prize])));
        let commits = racers.iter().zip(&next).map(|(read, next)| sample::replace(read, next)).collect();
        let ends = on.commit_at_once(commits);
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "one of two gets it");
        for ((racer, next), end) in racers.iter_mut().zip(next).zip(ends) {
            match end {
                Ok(()) => *racer = next,
                Err(refusal) => assert!(is_taken(&refusal), "{refusal:?}"),
            }
        }
    }
}

pub(super) async fn a_passkey_finds_its_person(on: &Fixture) {
    let find = async |tenant: &TenantId, id: &str| {
        let id = CredentialId::new(id.as_bytes()).expect("an id");
        on.store.find(tenant, &Handle::Passkey(id)).await.expect("an answer")
    };
    let (here, elsewhere) = (TenantId::default(), TenantId::parse("elsewhere").expect("an id"));
    assert_eq!(find(&here, "one").await, None, "it is nobody's yet");
    let owner = holder(on, "pina", &["one"]).await;
    assert_eq!(find(&here, "one").await.as_ref(), Some(&owner.id));
    assert_eq!(find(&elsewhere, "one").await, None, "what is of another tenant leads nowhere");
    for id in ["ONE", "on", "one "] {
        assert_eq!(find(&here, id).await, None, "{id:?} is another passkey");
    }
    let more = sample::changed(&owner, |user| user.passkeys = having(&["one", "two"]));
    on.write(sample::replace(&owner, &more)).await;
    for id in ["one", "two"] {
        assert_eq!(find(&here, id).await.as_ref(), Some(&owner.id), "{id}");
    }
    let fewer = sample::changed(&more, |user| user.passkeys = having(&["two"]));
    on.write(sample::replace(&more, &fewer)).await;
    assert_eq!(find(&here, "one").await, None, "what was removed leads nowhere");
    let gone = sample::changed(&fewer, User::erase);
    on.write(sample::replace(&fewer, &gone)).await;
    assert_eq!(find(&here, "two").await, None, "nothing of an erased account is left");
}
