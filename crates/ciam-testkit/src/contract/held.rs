//! Held addresses: nobody else's for their time, free afterwards, found by who comes back to them.

use std::time::Duration;

use ciam_ports::domain::challenge::KeyId;
use ciam_ports::domain::user::{Address, HeldContact};
use ciam_ports::domain::{Instant, TenantId, User};
use ciam_ports::store::UniqueField;
use ciam_ports::{Commit, Handle, StoreError};

use super::Fixture;
use super::sample::{self, HOUR, START, TICK};

/// The addresses of a name, with the field that each would be in.
fn addresses(name: &str) -> [(UniqueField, Address); 2] {
    [
        (UniqueField::Phone, Address::Phone(sample::phone(name))),
        (UniqueField::Email, Address::Email(sample::email(name))),
    ]
}

/// A hold of an hour that begins at a moment.
pub(super) fn hold(address: Address, since: Instant) -> HeldContact {
    HeldContact { address, verified_at: START, since, until: since.after(HOUR), key: KeyId::new("k1") }
}

/// Somebody for whom an address is held from [`START`] on.
async fn holder(on: &Fixture, name: &str, address: Address) -> User {
    let read = on.add(name).await;
    let next = sample::changed(&read, |user| user.held = vec![hold(address, START)]);
    on.write(sample::replace(&read, &next)).await;
    next
}

fn at(commit: Commit, now: Instant) -> Commit {
    Commit { now, ..commit }
}

fn conflicts_in(refusal: &StoreError, expected: UniqueField) -> bool {
    matches!(refusal, StoreError::Conflict { field } if *field == expected)
}

/// Gives an account an address as its own.
fn take(user: &User, address: &Address) -> User {
    sample::changed(user, |user| user.change_contact(address.clone(), START))
}

pub(super) async fn a_held_address_is_nobody_elses(on: &Fixture) {
    let end = START.after(HOUR);
    for (n, (field, address)) in addresses("hilda").into_iter().enumerate() {
        let owner = holder(on, &format!("owner.{n}"), address.clone()).await;
        let other = on.add(&format!("other.{n}")).await;
        let mut new = sample::user(&format!("newcomer.{n}"));
        new.change_contact(address.clone(), START);
        for now in [START, end.before(TICK)] {
            let refusal = on.refusal(at(sample::insert(&new), now)).await;
            assert!(conflicts_in(&refusal, field), "{field:?} of a new account: {refusal:?}");
            let next = take(&other, &address);
            let refusal = on.refusal(at(sample::replace(&other, &next), now)).await;
            assert!(conflicts_in(&refusal, field), "{field:?} of a change: {refusal:?}");
        }
        let elsewhere = TenantId::parse("elsewhere").expect("an id");
        let mut there = sample::user_of(&elsewhere, &format!("there.{n}"));
        there.change_contact(address.clone(), START);
        on.write(sample::insert(&there)).await;
        on.write(sample::replace(&owner, &take(&owner, &address))).await;
        let twin = User { held: vec![hold(address.clone(), START)], ..sample::user(&format!("twin.{n}")) };
        on.write(sample::insert(&twin)).await;
    }
}

pub(super) async fn a_hold_ends_on_time(on: &Fixture) {
    let end = START.after(HOUR);
    for (n, (_, address)) in addresses("hugo").into_iter().enumerate() {
        let owner = holder(on, &format!("owner.{n}"), address.clone()).await;
        let heir = on.add(&format!("heir.{n}")).await;
        let grown = take(&heir, &address);
        on.write(at(sample::replace(&heir, &grown), end)).await;
        // Where the clock runs back, who has the address keeps it, and both accounts may still be written.
        let renamed = sample::changed(&owner, |user| sample::rename(user, "renamed"));
        let earlier = end.before(Duration::from_secs(1));
        on.write(at(sample::replace(&owner, &renamed), earlier)).await;
        let renamed = sample::changed(&grown, |user| sample::rename(user, "renamed"));
        on.write(at(sample::replace(&grown, &renamed), earlier)).await;
        let other = if matches!(address, Address::Phone(_)) {
            Address::Email(sample::email(&format!("other.{n}")))
        } else {
            Address::Phone(sample::phone(&format!("other.{n}")))
        };
        on.write(at(sample::replace(&renamed, &take(&renamed, &other)), earlier)).await;
    }
    for (n, (_, address)) in addresses("hanna").into_iter().enumerate() {
        let owner = holder(on, &format!("giver.{n}"), address.clone()).await;
        let given_up = if n == 0 {
            sample::changed(&owner, |user| user.held.clear())
        } else {
            sample::changed(&owner, User::erase)
        };
        on.write(sample::replace(&owner, &given_up)).await;
        let mut new = sample::user(&format!("newcomer.{n}"));
        new.change_contact(address, START);
        on.write(sample::insert(&new)).await;
    }
}

pub(super) async fn a_held_address_finds_its_account(on: &Fixture) {
    let tenant = TenantId::default();
    let find = async |tenant: &TenantId, address: &Address| {
        on.store.find(tenant, &Handle::Held(address.clone())).await.expect("an answer")
    };
    for (n, (_, address)) in addresses("hedda").into_iter().enumerate() {
        assert_eq!(find(&tenant, &address).await, None, "it is held for nobody yet");
        let owner = holder(on, &format!("owner.{n}"), address.clone()).await;
        assert_eq!(find(&tenant, &address).await.as_ref(), Some(&owner.id));
        let elsewhere = TenantId::parse("elsewhere").expect("an id");
        assert_eq!(find(&elsewhere, &address).await, None, "holds of another tenant lead nowhere");
        let login = Handle::Login(address.clone().into());
        assert_eq!(
            on.store.find(&tenant, &login).await.expect("an answer"),
            None,
            "it is no name to sign in by"
        );

        let renamed = sample::changed(&owner, |user| sample::rename(user, "renamed"));
        on.write(sample::replace(&owner, &renamed)).await;
        assert_eq!(find(&tenant, &address).await.as_ref(), Some(&owner.id), "another write changes nothing");
        let later = User {
            held: vec![hold(address.clone(), START.after(HOUR))],
            ..sample::user(&format!("later.{n}"))
        };
        on.write(sample::insert(&later)).await;
        assert_eq!(find(&tenant, &address).await.as_ref(), Some(&later.id), "of two the later one");
        let gone = sample::changed(&later, |user| user.held.clear());
        on.write(sample::replace(&later, &gone)).await;
        assert_eq!(find(&tenant, &address).await.as_ref(), Some(&owner.id));
        let gone = sample::changed(&renamed, User::erase);
        on.write(sample::replace(&renamed, &gone)).await;
        assert_eq!(find(&tenant, &address).await, None, "nothing of an erased account is left");
    }
}
