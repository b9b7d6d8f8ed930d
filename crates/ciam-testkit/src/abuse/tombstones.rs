//! Identifiers of erased accounts, which nobody takes over too soon.

use std::time::Duration;

use ciam::domain::flow::Operation;
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber, Username};
use ciam::domain::user::Channel;
use ciam::domain::{Instant, TenantId};
use ciam::ports::Clock;
use ciam::ports::store::{StoreError, UniqueField};
use ciam::{Config, Error, Failure, NewContact, NewUser};

use super::MakeWorld;
use super::moves::{asked, perform, phone, refused};
use super::purge::purge;
use crate::world::{Person, World};

const TICK: Duration = Duration::from_micros(1);

/// Alice, erased, and when her identifiers are free again.
async fn erased(world: &World) -> (Person, Instant) {
    let alice = world.person("alice", 1).await;
    perform(world, &alice, Operation::Unsubscribe).await;
    let policy = world.ciam.config().deletion;
    world.clock.advance(policy.grace);
    purge(world).await;
    (alice, world.clock.now().after(policy.tombstone))
}

fn named(name: &str) -> NewUser {
    NewUser { username: Some(Username::parse(name).unwrap()), ..NewUser::default() }
}

fn called(number: &str) -> NewUser {
    let number = PhoneNumber::parse(number, Some(CountryCode::CHINA)).unwrap();
    NewUser { phone: Some(number), ..NewUser::default() }
}

fn reached(address: &str) -> NewUser {
    NewUser { email: Some(EmailAddress::parse(address).unwrap()), ..NewUser::default() }
}

/// What an account is refused for.
async fn conflict(world: &World, new: NewUser) -> Option<UniqueField> {
    match world.ciam.create_user(ciam::Authority::Host, new).await {
        Ok(_) => None,
        Err(Error::Failed(Failure::Store(StoreError::Conflict { field }))) => Some(field),
        Err(other) => unreachable!("{other:?}"),
    }
}

async fn everything_is_kept(world: &World) {
    use UniqueField::{Email, Phone, Username};
    for name in ["alice", "ALICE", "aLiCe"] {
        assert_eq!(conflict(world, named(name)).await, Some(Username), "{name}");
    }
    for number in ["13800000001", "+86 138 0000 0001", "0086-138-0000-0001"] {
        assert_eq!(conflict(world, called(number)).await, Some(Phone), "{number}");
    }
    for address in ["alice@example.org", "Alice@EXAMPLE.org"] {
        assert_eq!(conflict(world, reached(address)).await, Some(Email), "{address}");
    }
}

/// Nobody takes name, phone or address of an erased account, in whatever spelling, until their time is over.
pub async fn a16_identifiers_of_an_erased_account_are_kept_for_a_time(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (_, free_at) = erased(&world).await;
    everything_is_kept(&world).await;
    world.clock.set(free_at.before(TICK));
    world.ciam.sweep().await.unwrap();
    everything_is_kept(&world).await;
    world.clock.set(free_at);
    for new in [named("alice"), called("13800000001"), reached("alice@example.org")] {
        assert_eq!(conflict(&world, new).await, None);
    }
    assert!(world.ciam.sweep().await.unwrap() >= 3, "what is over is swept");
}

/// A change of contact takes no such address either; that it is kept is told after the right code alone.
pub async fn a16_a_change_takes_no_identifier_of_an_erased_account(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (_, free_at) = erased(&world).await;
    let mallory = world.person("mallory", 66).await;
    let who = world.sign_in(&mallory).await;
    for (contact, channel) in
        [(NewContact::Email("ALICE@example.org"), Channel::Email), (phone("138 0000 0001"), Channel::Sms)]
    {
        let flow = asked(&world, &who, contact).await;
        let sent = world.mailbox.codes().pop().unwrap();
        let code = super::moves::code(&sent.digits);
        let change = world.ciam.change_contact(&who, &flow, channel, &code);
        refused(&world, &mallory, "contact.duplicate", change).await;
        world.clock.advance(Duration::from_mins(20));
    }
    world.clock.set(free_at);
    let who = world.sign_in(&mallory).await;
    let flow = asked(&world, &who, NewContact::Email("alice@example.org")).await;
    let code = super::moves::code(&world.mailbox.codes().pop().unwrap().digits);
    world.ciam.change_contact(&who, &flow, Channel::Email, &code).await.unwrap();
}

/// Another tenant has identifiers of its own.
pub async fn a16_a_tombstone_binds_its_tenant_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    erased(&world).await;
    let tenant = TenantId::parse("elsewhere").unwrap();
    for new in [named("alice"), called("13800000001"), reached("alice@example.org")] {
        assert_eq!(conflict(&world, NewUser { tenant: tenant.clone(), ..new }).await, None);
    }
}

/// Keys that are replaced do not free anything.
pub async fn a16_tombstones_outlive_a_rotation_of_keys(make: MakeWorld<'_>) {
    let world = make(Config::default());
    erased(&world).await;
    for _ in 0..2 {
        world.keys.rotate();
        everything_is_kept(&world).await;
    }
}

/// Where the vault of the keys fails, nobody takes anything.
pub async fn a16_a_broken_vault_frees_nothing(make: MakeWorld<'_>) {
    let world = make(Config::default());
    erased(&world).await;
    world.keys.set_broken(true);
    let error = world.ciam.create_user(ciam::Authority::Host, named("alice")).await.unwrap_err();
    assert!(matches!(error, Error::Failed(Failure::Keys(_))), "{error:?}");
    world.keys.set_broken(false);
    everything_is_kept(&world).await;
}

/// A host that keeps none frees the identifiers with the erasure, and not before.
pub async fn a16_without_tombstones_identifiers_are_free_at_once(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.deletion.tombstone = Duration::ZERO;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    perform(&world, &alice, Operation::Unsubscribe).await;
    everything_is_kept(&world).await;
    world.clock.advance(world.ciam.config().deletion.grace);
    everything_is_kept(&world).await;
    purge(&world).await;
    for new in [named("alice"), called("13800000001"), reached("alice@example.org")] {
        assert_eq!(conflict(&world, new).await, None);
    }
}
