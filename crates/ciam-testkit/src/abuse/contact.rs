//! Change of phone and e-mail address: what must not be got.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use ciam::domain::challenge::Purpose;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::user::{Address, Channel};
use ciam::domain::{FlowId, TenantId};
use ciam::ports::StepQuery;
use ciam::{Config, Error, NewContact, Principal};
use futures_executor::block_on;

use super::MakeWorld;
use super::broken::BrokenStore;
use super::moves::{
    ask, asked, at_once, changes, code, over, phone, refusals, refused, spelling, write_user,
};
use crate::world::{Person, World};

/// A second factor goes to what the store holds, in every operation; the request cannot say where.
pub async fn a15_a_second_factor_goes_to_the_stored_contact(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for (n, operation) in (1..).zip(Operation::SELF_SERVICE) {
        let alice = world.person(&format!("Alice.Of.{n}"), n).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        for (method, stored) in [(Method::Sms, &alice.phone), (Method::Email, &alice.email)] {
            if operation.changes() == method.channel() {
                refused(&world, &alice, "factor.unsupported", world.send_factor(&who, &flow, method)).await;
                continue;
            }
            let before = world.mailbox.codes().len();
            world.send_factor(&who, &flow, method).await.unwrap();
            let sent = world.mailbox.codes();
            assert_eq!(sent.len(), before + 1, "one message and no copy");
            assert_eq!(spelling(&sent[before].to), spelling(stored));
            assert_eq!(sent[before].purpose, Purpose::SecondFactor(operation));
        }
        refused(&world, &alice, "factor.unsupported", world.send_factor(&who, &flow, Method::Password)).await;
    }
}

/// Only a proven address receives a second factor.
pub async fn a15_an_unproven_contact_receives_no_second_factor(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let user = world.user(&alice.id).await;
    write_user(&world, &user, |user| user.email.as_mut().unwrap().verified_at = None).await;
    let who = world.sign_in(&alice).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    refused(&world, &alice, "factor.unsupported", world.send_factor(&who, &flow, Method::Email)).await;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
}

const MALFORMED_EMAILS: [&str; 18] = [
    "",
    "alice",
    "Mallory <mallory@example.org>",
    "<mallory@example.org>",
    "mallory@example.org (work)",
    "\"mallory\"@example.org",
    "mallory@example.org,alice@example.org",
    "mallory@example.org;alice@example.org",
    "mallory@example.org alice@example.org",
    "mallory@example.org,",
    "[\"mallory@example.org\"]",
    "mallory@example.org\r\nBcc: alice@example.org",
    "mallory@example.org\n",
    "mallory@example.org%0d%0aBcc:alice@example.org",
    " mallory@example.org",
    "mallory@@example.org",
    "mallory@[192.0.2.1]",
    "mal******@example.org",
];

const MALFORMED_PHONES: [&str; 8] = [
    "",
    "+8613900000001,+8613900000002",
    "+8613900000001;13900000002",
    "13900000001 13900000002",
    "+8613900000001\r\nTo: +8613900000002",
    "tel:+8613900000001",
    "[\"13900000001\"]",
    "Mallory +8613900000001",
];

/// What is not exactly one bare address is refused and costs nothing; a good one gets the one message.
pub async fn a15_anything_but_one_bare_address_is_malformed(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, Operation::UpdateEmail).await;
    for text in MALFORMED_EMAILS {
        refused(&world, &alice, "contact.malformed", ask(&world, &who, &flow, NewContact::Email(text))).await;
    }
    ask(&world, &who, &flow, NewContact::Email("Mallory.O@Example.org")).await.unwrap();
    assert_eq!(addressees(&world), ["Mallory.O@Example.org"]);
    let flow = world.proven(&who, Operation::UpdatePhone).await;
    for text in MALFORMED_PHONES {
        refused(&world, &alice, "contact.malformed", ask(&world, &who, &flow, phone(text))).await;
    }
    ask(&world, &who, &flow, phone("139 0000 0001")).await.unwrap();
    assert_eq!(addressees(&world), ["Mallory.O@Example.org", "+8613900000001"]);
    let wrong = ask(&world, &who, &flow, NewContact::Email("mallory@example.org"));
    refused(&world, &alice, "contact.wrong_channel", wrong).await;
}

/// Of two people who both hold a valid code for one address exactly one gets it, in every round.
pub async fn a16_two_users_one_address(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for round in 0..50 {
        let channel = if round % 2 == 0 { Channel::Email } else { Channel::Sms };
        let (email, number) = (format!("wanted.{round}@example.org"), format!("139{round:08}"));
        let contact = || match channel {
            Channel::Email => NewContact::Email(&email),
            Channel::Sms => phone(&number),
        };
        let alice = world.person(&format!("alice.{round}"), 2 * round + 1).await;
        let bob = world.person(&format!("bob.{round}"), 2 * round + 2).await;
        let hers = Claim::of(&world, alice, contact()).await;
        let his = Claim::of(&world, bob, contact()).await;
        let answers = at_once(vec![&hers, &his], |claim| claim.verify(&world, channel));
        let (winner, loser, answer) = match &answers[..] {
            [Ok(()), Err(error)] => (&hers, &his, error),
            [Err(error), Ok(())] => (&his, &hers, error),
            other => return assert_eq!(format!("{other:?}"), "one of two", "in round {round}"),
        };
        assert_eq!(answer.reason(), "contact.duplicate", "in round {round}");
        assert_eq!(winner.address(&world, channel).await, Some(hers.wanted.clone()));
        assert_eq!(loser.address(&world, channel).await.as_ref(), Some(loser.person.address(channel)));
        let repeat = async { loser.verify_here(&world, channel).await };
        refused(&world, &loser.person, "flow.unknown", repeat).await;
        let reasons = refusals(&world, &loser.person).await;
        assert_eq!(reasons, ["flow.unknown", "contact.duplicate"], "each is recorded once");
    }
}

/// Somebody with a valid code for an address.
struct Claim {
    person: Person,
    who: Principal,
    flow: FlowId,
    wanted: Address,
    digits: String,
}

impl Claim {
    async fn of(world: &World, person: Person, contact: NewContact<'_>) -> Self {
        let who = world.sign_in(&person).await;
        let flow = asked(world, &who, contact).await;
        let sent = world.mailbox.codes().pop().unwrap();
        Self { person, who, flow, wanted: sent.to, digits: sent.digits }
    }

    fn verify(&self, world: &World, channel: Channel) -> Result<(), Error> {
        block_on(self.verify_here(world, channel))
    }

    async fn verify_here(&self, world: &World, channel: Channel) -> Result<(), Error> {
        world.ciam.change_contact(&self.who, &self.flow, channel, &code(&self.digits)).await
    }

    async fn address(&self, world: &World, channel: Channel) -> Option<Address> {
        world.user(&self.person.id).await.verified_address(channel)
    }
}

/// Asking for a code tells nothing about who has the address: same answers, same counts, same trail.
pub async fn a19_asking_does_not_tell_who_has_an_address(make: MakeWorld<'_>) {
    for channel in [Channel::Sms, Channel::Email] {
        let (free, taken) =
            (Asked::about(make, channel, false).await, Asked::about(make, channel, true).await);
        assert_eq!(free.answers, taken.answers);
        assert_eq!(free.counts, taken.counts);
        assert_eq!(free.trail, taken.trail);
        assert_eq!(free.purposes, taken.purposes);
        let purpose = Purpose::NewAddress(changes(channel));
        assert_eq!(taken.purposes, BTreeSet::from([purpose]), "the message can say what it is for");
        assert_eq!((free.end.as_str(), taken.end.as_str()), ("ok", "contact.duplicate"));
    }
}

/// What someone who asks about an address can see, and what is counted.
struct Asked {
    answers: Vec<String>,
    counts: Vec<Option<u32>>,
    trail: Vec<String>,
    purposes: BTreeSet<Purpose>,
    end: String,
}

impl Asked {
    async fn about(make: MakeWorld<'_>, channel: Channel, taken: bool) -> Self {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        if taken {
            world.person("wanted", 99).await;
        }
        let contact = match channel {
            Channel::Sms => phone("13800000099"),
            Channel::Email => NewContact::Email("wanted@example.org"),
        };
        let to = if channel == Channel::Sms { "+8613800000099" } else { "wanted@example.org" };
        let who = world.sign_in(&alice).await;
        let mut answers = Vec::new();
        let mut flow = world.proven(&who, changes(channel)).await;
        for wait in [0, 1, 59, 120, 10_000, 1] {
            world.clock.advance(Duration::from_secs(wait));
            if wait == 10_000 {
                flow = world.proven(&who, changes(channel)).await;
            }
            answers.push(format!("{:?}", ask(&world, &who, &flow, contact).await));
        }
        let purposes = world.mailbox.codes().into_iter().filter(|sent| sent.to.canonical() == to);
        let purposes = purposes.map(|sent| sent.purpose).collect();
        let wrong = world.ciam.change_contact(&who, &flow, channel, &code("nonsense")).await;
        answers.push(format!("{wrong:?}"));
        let right = code(&world.mailbox.last_code(to).unwrap());
        let counts = counts(&world, &alice, to).await;
        let end = world.ciam.change_contact(&who, &flow, channel, &right).await;
        let end = end.err().map_or_else(|| "ok".to_owned(), |error| error.reason().to_owned());
        let mut trail: Vec<_> =
            world.audit(&alice.id).await.into_iter().map(|row| format!("{:?}", row.outcome)).collect();
        trail.remove(0);
        Self { answers, counts, trail, purposes, end }
    }
}

/// What is counted of codes to an address.
async fn counts(world: &World, person: &Person, to: &str) -> Vec<Option<u32>> {
    let user = person.id.as_str();
    let keys = [
        RateKey::new(RateScope::ResendCooldown, &[user, to]),
        RateKey::new(RateScope::TargetHour, &[to]),
        RateKey::new(RateScope::TargetDay, &[to]),
        RateKey::new(RateScope::AccountSmsDay, &[user]),
        RateKey::new(RateScope::AccountEmailDay, &[user]),
    ];
    let query = StepQuery { rates: keys.to_vec(), ..StepQuery::of(TenantId::default(), person.id.clone()) };
    let found = world.backend.store.load(&query).await.unwrap().unwrap().rates;
    assert!(found.len() >= 4, "the codes were counted");
    keys.iter().map(|key| found.iter().find(|(at, _)| at == key).map(|(_, count)| count.count)).collect()
}

/// The words of a store never reach who asks: neither of a conflict nor of a failure.
pub async fn a19_texts_of_the_store_are_never_told(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let who = world.sign_in(&alice).await;
    let flow = asked(&world, &who, NewContact::Email("bob@example.org")).await;
    let code = world.code(&bob.email);
    let taken = world.ciam.change_contact(&who, &flow, Channel::Email, &code).await.unwrap_err();
    assert_eq!(taken.to_string(), "the address belongs to another account");
    assert!(taken.source().is_none());
    let new = ciam::NewUser {
        email: world.user(&bob.id).await.email.map(|contact| contact.address),
        ..Default::default()
    };
    let conflict = world.ciam.create_user(ciam::Authority::Host, new).await.unwrap_err();
    assert_eq!(conflict.to_string(), "the store failed");
    let broken = over(&world, |ports| ports.store = Arc::new(BrokenStore));
    let failures = [
        broken.check_token(&who).await.unwrap_err(),
        broken.change_contact(&who, &flow, Channel::Email, &code).await.unwrap_err(),
        broken.create_user(ciam::Authority::Host, ciam::NewUser::default()).await.unwrap_err(),
    ];
    assert!(failures.iter().all(|failure| failure.reason() == "failure"));
    for text in failures.iter().chain([&taken, &conflict]).map(ToString::to_string) {
        for word in ["UNIQUE", "unique", "constraint", "index", "email", "people", "bob", "@"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

fn addressees(world: &World) -> Vec<String> {
    world.mailbox.codes().iter().map(|sent| spelling(&sent.to).to_owned()).collect()
}
