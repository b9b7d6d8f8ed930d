//! Values of attributes: one owner for each that is held alone.

use ciam_ports::domain::profile::{AttributeId, AttributeValue, Holding, ProfileValue};
use ciam_ports::domain::{TenantId, User};
use ciam_ports::store::UniqueField;
use ciam_ports::{Commit, StoreError};

use super::Fixture;
use super::sample;

fn put(user: &mut User, attribute: &str, text: &str, holding: Holding) {
    let id = AttributeId::parse(attribute).expect("an attribute");
    let value = AttributeValue::Text(text.to_owned());
    user.profile.values.insert(id, ProfileValue { value, holding });
}

/// The account after it took a value for itself.
fn taking(user: &User, text: &str) -> User {
    sample::changed(user, |user| put(user, "doctor:badge", text, Holding::Alone))
}

fn taken(refusal: &StoreError) -> bool {
    matches!(refusal, StoreError::Conflict { field: UniqueField::Attribute })
}

pub(super) async fn a_value_held_alone_is_nobody_elses(on: &Fixture) {
    let (owner, other) = (on.add("ursula").await, on.add("oskar").await);
    let grown = taking(&owner, "AB-1");
    on.write(sample::replace(&owner, &grown)).await;
    for spelling in ["AB-1", "ab-1", "ＡＢ-1"] {
        let refusal = on.refusal(sample::replace(&other, &taking(&other, spelling))).await;
        assert!(taken(&refusal), "{spelling} of a change: {refusal:?}");
        let mut new = sample::user("newcomer");
        put(&mut new, "doctor:badge", spelling, Holding::Alone);
        let refusal = on.refusal(sample::insert(&new)).await;
        assert!(taken(&refusal), "{spelling} of a new account: {refusal:?}");
    }
    // The owner keeps it in every later write.
    let renamed = sample::changed(&grown, |user| sample::rename(user, "Ursel"));
    on.write(sample::replace(&grown, &renamed)).await;
    // Neither another attribute nor another tenant nor what may be shared stands in the way.
    let mut free = sample::changed(&other, |user| put(user, "doctor:locker", "AB-1", Holding::Alone));
    put(&mut free, "nurse:badge", "AB-1", Holding::Alone);
    put(&mut free, "doctor:badge", "AB-1", Holding::Shared);
    on.write(sample::replace(&other, &free)).await;
    let elsewhere = TenantId::parse("elsewhere").expect("an id");
    let mut there = sample::user_of(&elsewhere, "ursula");
    put(&mut there, "doctor:badge", "AB-1", Holding::Alone);
    on.write(sample::insert(&there)).await;
    race_for_one_value(on).await;
}

/// Where a name and a value are both taken, the name is told.
pub(super) async fn a_taken_name_is_told_first(on: &Fixture) {
    let (owner, other) = (on.add("ulla").await, on.add("olaf").await);
    let grown = taking(&owner, "AB-1");
    on.write(sample::replace(&owner, &grown)).await;
    let mut both = taking(&other, "AB-1");
    both.username.clone_from(&owner.username);
    let refusal = on.refusal(sample::replace(&other, &both)).await;
    assert!(matches!(refusal, StoreError::Conflict { field: UniqueField::Username }), "{refusal:?}");
}

async fn race_for_one_value(on: &Fixture) {
    let mut racers = [on.add("first").await, on.add("second").await];
    for round in 0..50 {
        let next = racers.clone().map(|user| taking(&user, &format!("prize.{round}")));
        let commits: Vec<Commit> =
            racers.iter().zip(&next).map(|(read, next)| sample::replace(read, next)).collect();
        let ends = on.commit_at_once(commits);
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "one of two gets it");
        for ((racer, next), end) in racers.iter_mut().zip(next).zip(ends) {
            match end {
                Ok(()) => *racer = next,
                Err(refusal) => assert!(taken(&refusal), "{refusal:?}"),
            }
        }
    }
}

pub(super) async fn a_value_given_up_is_free(on: &Fixture) {
    let ways: [fn(&mut User); 4] = [
        |user| put(user, "doctor:badge", "CD-2", Holding::Alone),
        |user| put(user, "doctor:badge", "AB-1", Holding::Shared),
        |user| user.profile.values.clear(),
        User::erase,
    ];
    for (n, give_up) in ways.into_iter().enumerate() {
        let (owner, heir) = (on.add(&format!("owner.{n}")).await, on.add(&format!("heir.{n}")).await);
        let had = taking(&owner, "AB-1");
        on.write(sample::replace(&owner, &had)).await;
        on.write(sample::replace(&had, &sample::changed(&had, give_up))).await;
        let grown = taking(&heir, "AB-1");
        on.write(sample::replace(&heir, &grown)).await;
        on.write(sample::replace(&grown, &sample::changed(&grown, |user| user.profile.values.clear()))).await;
    }
}
