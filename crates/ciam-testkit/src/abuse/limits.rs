//! Limits of sending: codes are asked for no faster whatever the caller varies.

use std::net::IpAddr;
use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::refusal::{RateRefusal, Refusal};
use ciam::domain::source::Source;
use ciam::domain::user::Channel;
use ciam::{Config, Error, NewContact, Principal};

use super::MakeWorld;
use super::moves::{ask, asked, changes, phone, refused};
use crate::world::{Person, World};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const TICK: Duration = Duration::from_micros(1);

/// After each code to an address the pause doubles, to the microsecond, up to its cap; a day without any ends it.
pub async fn a21_the_cooldown_doubles(make: MakeWorld<'_>) {
    let mut config = Config::default();
    (config.send.per_target_hour, config.send.per_target_day) = (100, 100);
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for pause in [1, 2, 4, 8, 15, 15].map(Duration::from_mins) {
        text(&world, &who).await.unwrap();
        too_many(&world, &alice, Some(pause), text(&world, &who)).await;
        world.clock.advance(pause - TICK);
        too_many(&world, &alice, Some(TICK), text(&world, &who)).await;
        world.clock.advance(TICK);
    }
    world.clock.advance(DAY);
    text(&world, &who).await.unwrap();
    too_many(&world, &alice, Some(MINUTE), text(&world, &who)).await;
}

/// A flow sends three codes over all its steps, methods and addresses; waiting does not help, a new flow does.
pub async fn a21_a_flow_sends_three(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    world.clock.advance(MINUTE);
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
    ask(&world, &who, &flow, NewContact::Email("one@example.org")).await.unwrap();
    let next = NewContact::Email("two@example.org");
    too_many(&world, &alice, None, ask(&world, &who, &flow, next)).await;
    world.clock.advance(MINUTE * 4);
    too_many(&world, &alice, None, ask(&world, &who, &flow, next)).await;
    asked(&world, &who, next).await;
    let bob = world.person("bob", 2).await;
    let who = world.sign_in(&bob).await;
    let flow = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
    for method in [Method::Sms, Method::Email] {
        world.send_factor(&who, &flow, method).await.unwrap();
    }
    world.clock.advance(MINUTE);
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    too_many(&world, &bob, None, world.send_factor(&who, &flow, Method::Email)).await;
}

/// An address gets five codes an hour and ten a day from all accounts together, its owner's included.
pub async fn a21_a_target_gets_five_an_hour_and_ten_a_day(make: MakeWorld<'_>) {
    for channel in [Channel::Sms, Channel::Email] {
        let world = make(Config::default());
        let owner = world.person("wanted", 99).await;
        let crowd = crowd(&world, 12).await;
        let method = Method::from(channel);
        for (person, who) in &crowd[..5] {
            wanted(&world, who, channel).await.unwrap();
            world.clock.advance(MINUTE);
            assert_eq!(world.mailbox.codes().pop().unwrap().to, *owner.address(channel), "{person:?}");
        }
        let (next, who) = &crowd[5];
        too_many(&world, next, Some(HOUR - MINUTE * 5), wanted(&world, who, channel)).await;
        let own = world.sign_in(&owner).await;
        let flow = world.ciam.check_operation(&own, Operation::UpdatePassword).await.unwrap().flow;
        too_many(&world, &owner, Some(HOUR - MINUTE * 5), world.send_factor(&own, &flow, method)).await;
        world.clock.advance(HOUR - MINUTE * 5);
        for (_, who) in &crowd[5..10] {
            wanted(&world, who, channel).await.unwrap();
        }
        world.clock.advance(HOUR);
        let (next, who) = &crowd[10];
        too_many(&world, next, Some(DAY - HOUR * 2), wanted(&world, who, channel)).await;
        world.clock.advance(DAY - HOUR * 2 - TICK);
        too_many(&world, next, Some(TICK), wanted(&world, who, channel)).await;
        world.clock.advance(TICK);
        wanted(&world, who, channel).await.unwrap();
    }
}

/// One account sends ten texts and twenty e-mails a day, to however many addresses, in however many sessions.
pub async fn a21_an_account_sends_ten_texts_and_twenty_mails_a_day(make: MakeWorld<'_>) {
    for (channel, max) in [(Channel::Sms, 10), (Channel::Email, 20)] {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        for n in 0..max {
            fresh(&world, &who, channel, n).await.unwrap();
        }
        world.clock.advance(HOUR);
        too_many(&world, &alice, Some(DAY - HOUR), Box::pin(fresh(&world, &who, channel, 90))).await;
        let elsewhere = world.sign_in(&alice).await;
        too_many(&world, &alice, Some(DAY - HOUR), Box::pin(fresh(&world, &elsewhere, channel, 91))).await;
        let other = if channel == Channel::Sms { Channel::Email } else { Channel::Sms };
        fresh(&world, &who, other, 92).await.unwrap();
        world.clock.advance(DAY - HOUR - TICK);
        too_many(&world, &alice, Some(TICK), Box::pin(fresh(&world, &who, channel, 93))).await;
        world.clock.advance(TICK);
        fresh(&world, &who, channel, 94).await.unwrap();
    }
}

/// What a broken gateway did not deliver counts all the same: for the cooldown, the flow and the target.
pub async fn a21_a_failed_gateway_call_still_counts(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let crowd = crowd(&world, 4).await;
    world.mailbox.set_broken(true);
    let (alice, who) = &crowd[0];
    let flow = world.proven(who, Operation::UpdateEmail).await;
    let to = NewContact::Email("wanted@example.org");
    for pause in [1, 2] {
        assert!(matches!(ask(&world, who, &flow, to).await, Err(Error::Failed(_))));
        too_many(&world, alice, Some(MINUTE * pause), ask(&world, who, &flow, to)).await;
        world.clock.advance(MINUTE * pause);
    }
    assert!(matches!(ask(&world, who, &flow, to).await, Err(Error::Failed(_))));
    too_many(&world, alice, None, ask(&world, who, &flow, to)).await;
    for (_, who) in &crowd[1..3] {
        assert!(matches!(wanted(&world, who, Channel::Email).await, Err(Error::Failed(_))));
    }
    world.mailbox.set_broken(false);
    let (bob, who) = &crowd[3];
    too_many(&world, bob, Some(HOUR - MINUTE * 3), wanted(&world, who, Channel::Email)).await;
    assert_eq!(world.mailbox.codes(), []);
}

/// Neither another source, session or flow nor another spelling of the address shortens the wait.
pub async fn a21_nothing_the_caller_varies_helps(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    asked(&world, &who, phone("13900000001")).await;
    asked(&world, &who, NewContact::Email("wanted@bücher.example")).await;
    let elsewhere = world.sign_in(&alice).await;
    let sources = ["192.0.2.1", "198.51.100.7", "2001:db8::1", "2001:db8:0:1::1", "::ffff:203.0.113.9"];
    for (n, source) in sources.into_iter().enumerate() {
        let caller = if n % 2 == 0 { &who } else { &elsewhere }.clone().with_source(from(source));
        for spelling in ["13900000001", "+86 139-0000-0001", "008613900000001", "１３９00000001"] {
            let flow = world.proven(&caller, Operation::UpdatePhone).await;
            too_many(&world, &alice, Some(MINUTE), ask(&world, &caller, &flow, phone(spelling))).await;
        }
        for spelling in ["Wanted@bücher.example", "WANTED@BÜCHER.EXAMPLE", "wanted@xn--bcher-kva.example"] {
            let flow = world.proven(&caller, Operation::UpdateEmail).await;
            let to = NewContact::Email(spelling);
            too_many(&world, &alice, Some(MINUTE), ask(&world, &caller, &flow, to)).await;
        }
    }
}

/// One source asks for twenty codes an hour; the whole of an IPv6 /64 is one source, and so is a mapped address.
pub async fn a21_a_source_asks_for_twenty_an_hour(make: MakeWorld<'_>) {
    let six = |n: u16| format!("2001:db8:0:1:{n:x}:ffff:{n:x}:1");
    let four =
        |n: u16| if n.is_multiple_of(2) { "192.0.2.1".to_owned() } else { "::ffff:c000:201".to_owned() };
    let rows: [(&dyn Fn(u16) -> String, &str); 2] = [(&six, "2001:db8:0:2::1"), (&four, "192.0.2.2")];
    for (own, other) in rows {
        let mut config = Config::default();
        config.send.emails_per_account_day = 100;
        let world = make(config);
        let crowd = crowd(&world, 2).await;
        for n in 0..20 {
            let who = crowd[usize::from(n % 2)].1.clone().with_source(from(&own(n)));
            fresh(&world, &who, Channel::Email, n).await.unwrap();
        }
        for (n, (person, who)) in (20..).zip(&crowd) {
            let near = who.clone().with_source(from(&own(n)));
            too_many(&world, person, Some(HOUR), Box::pin(fresh(&world, &near, Channel::Email, n))).await;
        }
        let far = crowd[0].1.clone().with_source(from(other));
        fresh(&world, &far, Channel::Email, 30).await.unwrap();
    }
}

/// Every answer up to and past the limits is the same for an address that somebody has and for one nobody has.
pub async fn a21_known_and_unknown_targets_are_limited_alike(make: MakeWorld<'_>) {
    for channel in [Channel::Sms, Channel::Email] {
        let (known, unknown) = (storm(make, channel, true).await, storm(make, channel, false).await);
        assert_eq!(known, unknown);
        let sent = known.iter().filter(|answer| *answer == "Ok(())").count();
        assert_eq!(sent, 10, "the storm goes past both limits");
    }
}

async fn storm(make: MakeWorld<'_>, channel: Channel, known: bool) -> Vec<String> {
    let world = make(Config::default());
    let crowd = crowd(&world, 7).await;
    let (name, number) = if known { ("wanted", 99) } else { ("somebody", 98) };
    world.person(name, number).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        for (_, who) in &crowd {
            answers.push(format!("{:?}", wanted(&world, who, channel).await));
            world.clock.advance(MINUTE);
        }
        world.clock.advance(HOUR);
    }
    answers
}

/// Refused by a limit, with exactly this wait.
async fn too_many(
    world: &World,
    person: &Person,
    wait: Option<Duration>,
    call: impl Future<Output = Result<(), Error>>,
) {
    let error = refused(world, person, "rate.too_many_codes", call).await;
    let Error::Refused(Refusal::Rate(RateRefusal::TooManyCodes { retry_after })) = error else {
        return assert_eq!(format!("{error:?}"), "too many codes");
    };
    assert_eq!(retry_after, wait);
}

/// A code to the person's own phone, in a flow of its own.
async fn text(world: &World, who: &Principal) -> Result<(), Error> {
    let flow = world.ciam.check_operation(who, Operation::UpdatePassword).await?.flow;
    world.send_factor(who, &flow, Method::Sms).await
}

/// A code to the address that everybody wants, in a flow of its own.
async fn wanted(world: &World, who: &Principal, channel: Channel) -> Result<(), Error> {
    let flow = Box::pin(world.proven(who, changes(channel))).await;
    let to = match channel {
        Channel::Sms => phone("13800000099"),
        Channel::Email => NewContact::Email("wanted@example.org"),
    };
    Box::pin(ask(world, who, &flow, to)).await
}

/// A code to an address of its own, in a flow of its own.
async fn fresh(world: &World, who: &Principal, channel: Channel, n: u16) -> Result<(), Error> {
    let flow = Box::pin(world.proven(who, changes(channel))).await;
    let (number, email) = (format!("1370000{n:04}"), format!("fresh.{n}@example.org"));
    match channel {
        Channel::Sms => Box::pin(ask(world, who, &flow, phone(&number))).await,
        Channel::Email => Box::pin(ask(world, who, &flow, NewContact::Email(&email))).await,
    }
}

async fn crowd(world: &World, size: u16) -> Vec<(Person, Principal)> {
    let mut crowd = Vec::new();
    for n in 1..=size {
        let person = world.person(&format!("person.{n}"), n).await;
        let who = world.sign_in(&person).await;
        crowd.push((person, who));
    }
    crowd
}

fn from(address: &str) -> Source {
    Source::new(address.parse::<IpAddr>().unwrap())
}
