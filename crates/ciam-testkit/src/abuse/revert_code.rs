//! The code of a replaced address: good for that address, from that account, in its time, and told to nobody.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Operation;
use ciam::domain::source::Source;
use ciam::domain::user::{Address, Channel};
use ciam::ports::{AuditQuery, Clock};
use ciam::{Config, NewContact};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, code, phone, refused, relay_all};
use super::revert::{TICK, WEEK, email, refused_silently, replace, revert, way_back};
use crate::world::{Person, World};

/// A person whose addresses were replaced, with the codes that went to the e-mail address and to the phone.
async fn robbed(world: &World, name: &str, number: u16) -> (Person, Code, Code) {
    let person = world.person(name, number).await;
    let who = world.sign_in(&person).await;
    replace(world, &who, NewContact::Email(&format!("thief.{number}@example.org"))).await;
    replace(world, &who, phone(&format!("139{number:08}"))).await;
    let codes = (way_back(world, &person.email).await, way_back(world, &person.phone).await);
    (person, codes.0, codes.1)
}

/// A code is nothing for another address, account or tenant, in part, too late, or again.
pub async fn a36_a_code_is_good_for_its_address_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, hers, by_phone) = robbed(&world, "alice", 1).await;
    let (bob, his, _) = robbed(&world, "bob", 2).await;
    let part = Code::presented(&hers.expose()[..15]);
    let long = Code::presented(&format!("{}0", hers.expose()));
    for wrong in [&his, &by_phone, &part, &long, &code(""), &code("0000000000000000")] {
        refused(&world, &alice, "contact.not_reverted", revert(&world, &alice.email, wrong)).await;
    }
    refused(&world, &alice, "contact.not_reverted", revert(&world, &alice.phone, &hers)).await;
    refused(&world, &bob, "contact.not_reverted", revert(&world, &bob.email, &hers)).await;
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    let there = world.ciam.revert_contact(&elsewhere, &alice.email, &hers, None).await;
    assert_eq!(there.unwrap_err().reason(), "contact.not_reverted");
    let sloppy = code(&hers.expose().to_lowercase());
    let shouted = email("ALICE@Example.ORG");
    revert(&world, &shouted, &sloppy).await.unwrap();
    refused_silently(&world, &alice.email, &hers).await;
    world.clock.advance(WEEK);
    refused(&world, &bob, "contact.not_reverted", revert(&world, &bob.email, &his)).await;
}

/// Of many who present one code at once one restores; it is one write, one record and one notice for each address.
pub async fn a36_a_code_works_once(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, hers, _) = robbed(&world, "alice", 1).await;
    relay_all(&world).await;
    let (before, already) = (world.user(&alice.id).await, world.mailbox.notices().len());
    let got =
        at_once(vec![hers.expose(); 8], |text| block_on(revert(&world, &alice.email, &code(text))).is_ok());
    assert_eq!(got.into_iter().filter(|got| *got).count(), 1);
    assert_eq!(world.user(&alice.id).await.version, before.version.next());
    relay_all(&world).await;
    assert_eq!(world.mailbox.notices().len(), already + 4, "two restored, two lost");
}

/// Whoever tries cannot tell an address that is held from one that is not: same answer, same counts.
pub async fn a36_a_refusal_does_not_tell_who_held_an_address(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, ..) = robbed(&world, "alice", 1).await;
    let nobody = email("nobody@example.org");
    let mut answers = Vec::new();
    for to in [&alice.email, &nobody] {
        let mut told = Vec::new();
        for n in 0..101 {
            let answer = revert(&world, to, &code(&format!("{n:016}"))).await.unwrap_err();
            told.push(format!("{answer} {answer:?} {}", answer.reason()));
        }
        assert!(told[100].contains("contact.not_reverted"), "whoever tries much holds nobody up");
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);
}

/// Guesses are counted for their source, before they are compared, and hold up nobody else; the hour ends by itself.
pub async fn a36_guesses_are_counted_before_they_are_compared(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, hers, _) = robbed(&world, "alice", 1).await;
    let source = Source::new("192.0.2.7".parse().unwrap());
    let from = |to: Address, code: Code| {
        let world = &world;
        async move { world.ciam.revert_contact(&TenantId::default(), &to, &code, Some(source)).await }
    };
    for n in 0..20 {
        let answer = from(email(&format!("any.{n}@example.org")), code("wrong")).await.unwrap_err();
        assert_eq!(answer.reason(), "contact.not_reverted");
    }
    let answer = from(alice.email.clone(), Code::presented(hers.expose())).await.unwrap_err();
    assert_eq!(answer.reason(), "rate.too_many_attempts", "the right code is not compared");
    world.clock.advance(Duration::from_hours(1) - TICK);
    let answer = from(alice.email.clone(), Code::presented(hers.expose())).await.unwrap_err();
    assert_eq!(answer.reason(), "rate.too_many_attempts");
    for n in 0..200 {
        let elsewhere = Source::new([198, 51, 100, n].into());
        let (tenant, wrong) = (TenantId::default(), code("wrong"));
        let tried = world.ciam.revert_contact(&tenant, &alice.email, &wrong, Some(elsewhere));
        assert_eq!(tried.await.unwrap_err().reason(), "contact.not_reverted");
    }
    world.clock.advance(TICK);
    from(alice.email.clone(), hers).await.unwrap();
}

/// A code outlives a new key, and dies with its own.
pub async fn a36_a_code_dies_with_its_key(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, hers, _) = robbed(&world, "alice", 1).await;
    let (bob, his, _) = robbed(&world, "bob", 2).await;
    world.keys.rotate();
    revert(&world, &alice.email, &hers).await.unwrap();
    world.keys.retire();
    refused(&world, &bob, "contact.not_reverted", revert(&world, &bob.email, &his)).await;
    let carol = world.person("carol", 3).await;
    let who = world.sign_in(&carol).await;
    replace(&world, &who, NewContact::Email("thief.3@example.org")).await;
    world.keys.set_broken(true);
    assert_eq!(
        world.ciam.relay_once().await.unwrap().postponed,
        1,
        "it waits for its key; the other goes out"
    );
    world.keys.set_broken(false);
    world.keys.rotate();
    world.keys.retire();
    world.clock.advance(Duration::from_mins(2));
    relay_all(&world).await;
    assert!(world.mailbox.reverts().iter().all(|(to, _)| *to != carol.email));
    assert!(
        world.mailbox.notices().iter().any(|notice| notice.to == carol.email),
        "without a code it is a notice"
    );
}

/// The code stands nowhere: not with the account, not in the outbox, not in the trail, nor does an address in these.
pub async fn a36_a_code_is_stored_nowhere(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    replace(&world, &who, NewContact::Email("thief@example.org")).await;
    let due = world.backend.outbox.take(world.clock.now(), Duration::from_secs(1), 32).await.unwrap();
    assert!(due.iter().any(|due| due.notice.revert.is_some()));
    world.clock.advance(Duration::from_secs(1));
    let right = way_back(&world, &alice.email).await;
    let mut said = vec![format!("{due:?} {:?} {right:?}", world.user(&alice.id).await)];
    for tried in [code("wrong"), Code::presented(right.expose()), Code::presented(right.expose())] {
        said.push(format!("{:?}", revert(&world, &alice.email, &tried).await));
    }
    said.push(format!("{:?}", revert(&world, &email("nobody@example.org"), &right).await));
    let query = AuditQuery::newest(TenantId::default(), 100);
    said.push(format!("{:?}", world.backend.audit.records(&query).await.unwrap()));
    for secret in [right.expose(), "alice@example.org", "thief@example.org", "nobody@example.org"] {
        assert!(said.iter().all(|said| !said.contains(secret)), "{secret} in {said:?}");
    }
}

/// After a revert no address is changed until the pause is over; everything else is as ever.
pub async fn a36_addresses_rest_after_a_revert(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, hers, _) = robbed(&world, "alice", 1).await;
    revert(&world, &alice.email, &hers).await.unwrap();
    let end = world.clock.now().after(WEEK);
    world.clock.set(end.before(TICK));
    let who = world.sign_in(&alice).await;
    for operation in [Operation::UpdateEmail, Operation::UpdatePhone] {
        refused(&world, &alice, "contact.paused", world.ciam.check_operation(&who, operation)).await;
        assert_eq!(world.ciam.requirements(&who, operation).await.unwrap().pause, TICK);
    }
    assert_eq!(world.ciam.requirements(&who, Operation::Unsubscribe).await.unwrap().pause, Duration::ZERO);
    world.proven(&who, Operation::UpdatePassword).await;
    world.clock.set(end);
    assert_eq!(world.ciam.requirements(&who, Operation::UpdateEmail).await.unwrap().pause, Duration::ZERO);
    replace(&world, &who, NewContact::Email("new@example.org")).await;
    let now = world.user(&alice.id).await.verified_address(Channel::Email);
    assert_eq!(now, Some(email("new@example.org")));
}
