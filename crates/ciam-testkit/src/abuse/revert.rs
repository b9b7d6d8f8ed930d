//! A replaced address: its holder gets it back, and nobody else gets anything.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::Action;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Operation;
use ciam::domain::identifier::EmailAddress;
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::{Address, Channel, Status};
use ciam::ports::Clock;
use ciam::{Config, Error, NewContact, Principal};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{act, asked, at_once, changes, code, perform, phone, refused, relay_all, secret};
use crate::world::{Person, World};

pub(super) const WEEK: Duration = Duration::from_hours(7 * 24);
pub(super) const TICK: Duration = Duration::from_micros(1);
const THIEF: &str = "thief@example.org";

pub(super) fn email(text: &str) -> Address {
    Address::Email(EmailAddress::parse(text).unwrap())
}

/// Replaces an address in a session, a moment after what was before.
pub(super) async fn replace(world: &World, who: &Principal, contact: NewContact<'_>) {
    world.clock.advance(TICK);
    let channel = if matches!(contact, NewContact::Email(_)) { Channel::Email } else { Channel::Sms };
    let flow = asked(world, who, contact).await;
    act(world, who, changes(channel), &flow).await;
}

/// The revert code that came to an address last.
pub(super) async fn way_back(world: &World, to: &Address) -> Code {
    relay_all(world).await;
    let came = world.mailbox.reverts().into_iter().rev().find(|(at, _)| at == to);
    code(&came.expect("a code came there").1)
}

pub(super) async fn revert(world: &World, to: &Address, code: &Code) -> Result<(), Error> {
    world.ciam.revert_contact(&TenantId::default(), to, code, None).await
}

async fn current(world: &World, person: &Person, channel: Channel) -> Option<Address> {
    world.user(&person.id).await.verified_address(channel)
}

/// A thief with session and password takes both addresses and the password; the owner, with nothing but the old
/// mailbox, has everything back but the password, and the thief nothing.
pub async fn a36_the_holder_of_the_old_address_gets_everything_back(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (own, thief) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let before = world.user(&alice.id).await;
    replace(&world, &thief, NewContact::Email(THIEF)).await;
    replace(&world, &thief, phone("13900000066")).await;
    let flow = world.proven(&thief, Operation::UpdatePassword).await;
    world.ciam.change_password(&thief, &flow, &secret(super::moves::NEW)).await.unwrap();
    assert_eq!(world.ciam.check_token(&own).await.unwrap_err().reason(), "access.invalid_token");
    let right = way_back(&world, &alice.email).await;
    let told: Vec<_> = world.mailbox.reverts().into_iter().map(|(to, _)| to).collect();
    assert_eq!(told, [alice.email.clone(), alice.phone.clone()], "each to its own address and nowhere else");
    world.clock.advance(WEEK - Duration::from_secs(1));
    let already = world.mailbox.notices().len();
    revert(&world, &alice.email, &right).await.unwrap();
    let after = world.user(&alice.id).await;
    assert_eq!(
        (&after.email, &after.phone),
        (&before.email, &before.phone),
        "with the moments of their proofs"
    );
    assert_eq!(after.held, [], "nothing younger is held");
    assert_ne!(after.stamp, before.stamp);
    assert_eq!(world.ciam.check_token(&thief).await.unwrap_err().reason(), "access.invalid_token");
    relay_all(&world).await;
    let told: Vec<_> = world.mailbox.notices().split_off(already);
    assert!(told.iter().all(|notice| notice.kind == NoticeKind::ContactRestored && notice.revert.is_none()));
    let to: Vec<_> = told.into_iter().map(|notice| notice.to).collect();
    let lost = [phone_of("13900000066"), email(THIEF)];
    assert_eq!(to, [&[alice.phone.clone(), alice.email.clone()], &lost[..]].concat());
    let trail = world.audit(&alice.id).await;
    let records: Vec<_> = trail.iter().filter(|record| record.action == Action::RevertContact).collect();
    assert_eq!(records.iter().map(|record| record.detail.as_deref()).collect::<Vec<_>>(), [Some("EMAIL")]);
}

fn phone_of(number: &str) -> Address {
    let phone = ciam::domain::identifier::PhoneNumber::parse(&format!("+86{number}"), None);
    Address::Phone(phone.unwrap())
}

/// Nobody else gets an address that is held, to the last moment; then it is free, and its code is worth nothing.
pub async fn a36_a_held_address_is_nobody_elses_until_its_time_is_over(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let who = world.sign_in(&alice).await;
    replace(&world, &who, NewContact::Email("moved@example.org")).await;
    let right = way_back(&world, &alice.email).await;
    let end = world.clock.now().after(WEEK);
    let minutes = Duration::from_mins(2);
    for (asks, now) in [(world.clock.now(), world.clock.now()), (end.before(minutes), end.before(TICK))] {
        world.clock.set(asks);
        let his = world.sign_in(&bob).await;
        let flow = asked(&world, &his, NewContact::Email("Alice@example.org")).await;
        world.clock.set(now);
        let call = world.ciam.change_contact(&his, &flow, Channel::Email, &world.code(&alice.email)).await;
        assert_eq!(call.unwrap_err().reason(), "contact.duplicate");
    }
    let new = ciam::NewUser {
        email: world.user(&bob.id).await.email.map(|_| EmailAddress::parse("alice@example.org").unwrap()),
        ..Default::default()
    };
    assert_eq!(world.ciam.create_user(ciam::Authority::Host, new).await.unwrap_err().reason(), "failure");
    world.clock.set(end);
    refused(&world, &alice, "contact.not_reverted", revert(&world, &alice.email, &right)).await;
    let his = world.sign_in(&bob).await;
    let flow = asked(&world, &his, NewContact::Email("alice@example.org")).await;
    act(&world, &his, Operation::UpdateEmail, &flow).await;
    assert_eq!(current(&world, &bob, Channel::Email).await, Some(alice.email.clone()));
    // A clock that runs back takes it from nobody.
    world.clock.set(end.before(TICK));
    refused(&world, &alice, "contact.not_reverted", revert(&world, &alice.email, &right)).await;
    assert_eq!(current(&world, &bob, Channel::Email).await, Some(alice.email));
}

/// Of two accounts that prove one held address at once none gets it, and one when its time is over.
pub async fn a36_two_accounts_race_for_a_held_address(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for round in 0..10 {
        let owner = world.person(&format!("owner.{round}"), 100 + round).await;
        let rivals = [
            world.person(&format!("first.{round}"), 200 + round).await,
            world.person(&format!("second.{round}"), 300 + round).await,
        ];
        let who = world.sign_in(&owner).await;
        replace(&world, &who, NewContact::Email(&format!("moved.{round}@example.org"))).await;
        let end = world.clock.now().after(WEEK);
        let early = end.before(Duration::from_mins(2));
        for (asks, now, winners) in [(early, end.before(TICK), 0), (end, end, 1)] {
            world.clock.set(asks);
            let mut claims = Vec::new();
            for rival in &rivals {
                let his = world.sign_in(rival).await;
                let flow = asked(&world, &his, NewContact::Email(owner.email.canonical())).await;
                claims.push((his, flow, world.code(&owner.email)));
            }
            world.clock.set(now);
            let got = at_once(claims, |(his, flow, code)| {
                block_on(world.ciam.change_contact(&his, &flow, Channel::Email, &code)).is_ok()
            });
            assert_eq!(got.into_iter().filter(|got| *got).count(), winners, "in round {round}");
        }
    }
}

/// A to B to C by a thief who reads B: whoever moves first, and however often, A comes back and stays.
pub async fn a36_the_older_address_wins(make: MakeWorld<'_>) {
    for thief_is_first in [false, true] {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let thief = world.sign_in(&alice).await;
        let (b, c) = (email("b@example.org"), email("c@example.org"));
        replace(&world, &thief, NewContact::Email(b.canonical())).await;
        let hers = way_back(&world, &alice.email).await;
        replace(&world, &thief, NewContact::Email(c.canonical())).await;
        let his = way_back(&world, &b).await;
        if thief_is_first {
            revert(&world, &b, &his).await.unwrap();
            assert_eq!(current(&world, &alice, Channel::Email).await, Some(b.clone()));
            refused_silently(&world, &b, &his).await;
        }
        revert(&world, &alice.email, &hers).await.unwrap();
        for (to, code) in [(&b, &his), (&c, &his), (&alice.email, &hers), (&alice.email, &his)] {
            refused_silently(&world, to, code).await;
        }
        assert_eq!(current(&world, &alice, Channel::Email).await, Some(alice.email.clone()));
        // The thief still has the password, and nothing to do with it here.
        let again = world.sign_in(&alice).await;
        for operation in [Operation::UpdateEmail, Operation::UpdatePhone] {
            let call = world.ciam.check_operation(&again, operation);
            refused(&world, &alice, "contact.paused", call).await;
        }
    }
}

/// Who goes back by the ordinary way ends the hold; the address of the thief is neither held nor given back.
pub async fn a36_going_back_ends_the_hold(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let before = world.user(&alice.id).await.email;
    replace(&world, &who, NewContact::Email(THIEF)).await;
    let hers = way_back(&world, &alice.email).await;
    replace(&world, &who, NewContact::Email(alice.email.canonical())).await;
    relay_all(&world).await;
    assert_eq!(world.mailbox.reverts().len(), 1, "no way back for what came later");
    let user = world.user(&alice.id).await;
    assert_eq!((user.email, user.held), (before, Vec::new()), "as if nothing had been");
    refused_silently(&world, &alice.email, &hers).await;
    let mallory = world.person("mallory", 2).await;
    let his = world.sign_in(&mallory).await;
    replace(&world, &his, NewContact::Email(THIEF)).await;
}

/// Refused, and recorded with nobody: the address is held for none.
pub(super) async fn refused_silently(world: &World, to: &Address, code: &Code) {
    assert_eq!(revert(world, to, code).await.unwrap_err().reason(), "contact.not_reverted");
}

/// A locked, frozen or disabled account gets its address back and stays what it is; a deleted one does not.
pub async fn a36_a_lock_keeps_nobody_from_their_address(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let now = world.clock.now();
    let erase_at = now.after(WEEK);
    let rows = [
        (Status::Locked { until: None }, true),
        (Status::Locked { until: Some(now.after(WEEK)) }, true),
        (Status::Frozen, true),
        (Status::Disabled, true),
        (Status::PendingDeletion { erase_at }, false),
    ];
    for (n, (status, reverts)) in (1..).zip(rows) {
        let alice = world.person(&format!("alice.{n}"), n).await;
        let who = world.sign_in(&alice).await;
        replace(&world, &who, NewContact::Email(&format!("thief.{n}@example.org"))).await;
        let right = way_back(&world, &alice.email).await;
        world.ciam.set_status(ciam::Authority::Host, &TenantId::default(), &alice.id, status).await.unwrap();
        if reverts {
            revert(&world, &alice.email, &right).await.unwrap();
            assert_eq!(world.user(&alice.id).await.status, status);
            assert_eq!(current(&world, &alice, Channel::Email).await, Some(alice.email.clone()));
        } else {
            refused(&world, &alice, "contact.not_reverted", revert(&world, &alice.email, &right)).await;
        }
    }
}

/// Nothing of an erased account is held.
pub async fn a36_an_erased_account_holds_nothing(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.deletion.grace = Duration::ZERO;
    let world = make(config);
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let who = world.sign_in(&alice).await;
    replace(&world, &who, NewContact::Email(THIEF)).await;
    let right = way_back(&world, &alice.email).await;
    perform(&world, &alice, Operation::Unsubscribe).await;
    refused_silently(&world, &alice.email, &right).await;
    let his = world.sign_in(&bob).await;
    replace(&world, &his, NewContact::Email("alice@example.org")).await;
}

/// Where a host holds nothing, an address is free at once and no code goes out.
pub async fn a36_a_host_may_hold_nothing(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.contact.hold = Duration::ZERO;
    config.contact.pause = Duration::ZERO;
    let world = make(config);
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let who = world.sign_in(&alice).await;
    replace(&world, &who, NewContact::Email(THIEF)).await;
    relay_all(&world).await;
    assert_eq!(world.mailbox.reverts(), []);
    let his = world.sign_in(&bob).await;
    replace(&world, &his, NewContact::Email("alice@example.org")).await;
}

/// A phone that was changed before the restored e-mail address stays, for who changed it is not told from the owner; its
/// predecessor has a code of its own, which works during the pause.
pub async fn a36_an_address_changed_before_has_a_code_of_its_own(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let before = world.user(&alice.id).await;
    let thief = world.sign_in(&alice).await;
    replace(&world, &thief, phone("13900000066")).await;
    let by_phone = way_back(&world, &alice.phone).await;
    replace(&world, &thief, NewContact::Email(THIEF)).await;
    let by_mail = way_back(&world, &alice.email).await;
    revert(&world, &alice.email, &by_mail).await.unwrap();
    let user = world.user(&alice.id).await;
    assert_eq!((&user.email, user.held.len()), (&before.email, 1));
    assert_eq!(current(&world, &alice, Channel::Sms).await, Some(phone_of("13900000066")));
    // The thief changes nothing more, and the owner has the phone back too, days later and within the pause.
    let again = world.sign_in(&alice).await;
    for operation in [Operation::UpdateEmail, Operation::UpdatePhone] {
        refused(&world, &alice, "contact.paused", world.ciam.check_operation(&again, operation)).await;
    }
    world.clock.advance(WEEK - Duration::from_secs(1));
    revert(&world, &alice.phone, &by_phone).await.unwrap();
    let after = world.user(&alice.id).await;
    assert_eq!((&after.phone, &after.email, after.held.len()), (&before.phone, &before.email, 0));
    // The older one alone would have brought both back.
    let bob = world.person("bob", 2).await;
    let before = world.user(&bob.id).await;
    let thief = world.sign_in(&bob).await;
    replace(&world, &thief, phone("13900000077")).await;
    let by_phone = way_back(&world, &bob.phone).await;
    replace(&world, &thief, NewContact::Email("thief.two@example.org")).await;
    revert(&world, &bob.phone, &by_phone).await.unwrap();
    let after = world.user(&bob.id).await;
    assert_eq!((&after.phone, &after.email, after.held.len()), (&before.phone, &before.email, 0));
}
