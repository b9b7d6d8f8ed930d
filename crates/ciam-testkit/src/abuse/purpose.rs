//! A code is for one purpose, by one channel, in one flow, and only while it is the newest.

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::challenge::{Challenge, Code, Purpose, Slot};
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::RateScope;
use ciam::domain::user::Channel;
use ciam::domain::{FlowId, TenantId};
use ciam::ports::store::ChallengeWrite;
use ciam::ports::{Commit, StepQuery};
use ciam::{Config, Principal};

use super::MakeWorld;
use super::spy::SameDigits;
use super::step::Step;
use super::watch::{Watch, count};
use crate::world::World;

/// The live codes of a flow, as the store has them.
async fn live_codes(world: &World, who: &Principal, flow: &FlowId) -> Vec<Challenge> {
    let query = StepQuery {
        session: who.session().cloned(),
        flow: Some(flow.key()),
        ..StepQuery::of(TenantId::default(), who.user().clone())
    };
    world.backend.store.load(&query).await.expect("a store").expect("an account").challenges
}

/// Every code before the newest is a wrong one and counted; the store has one code at a time.
pub async fn a12_only_the_newest_code(make: MakeWorld<'_>) {
    for sends in 2..=3_u32 {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let watch = Watch { world: &world, people: &[&alice] };
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        for _ in 0..sends {
            world.clock.advance(Duration::from_mins(2));
            world.send_factor(&who, &flow, Method::Sms).await.unwrap();
            assert_eq!(live_codes(&world, &who, &flow).await.len(), 1);
        }
        let codes: Vec<_> = world.mailbox.codes().iter().map(|sent| Code::presented(&sent.digits)).collect();
        let (newest, older) = codes.split_last().unwrap();
        for code in older {
            let call = world.ciam.verify_factor_code(&who, &flow, Method::Sms, code);
            watch.refuses(&who, "factor.wrong_code", call).await;
        }
        assert_eq!(count(&world, &alice, RateScope::CodeHour).await, sends - 1);
        world.ciam.verify_factor_code(&who, &flow, Method::Sms, newest).await.unwrap();
        assert!(live_codes(&world, &who, &flow).await.is_empty());
    }
}

/// A code of the same purpose and channel in another session leaves none in the first.
pub async fn a12_one_code_over_sessions(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (one, two) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let watch = Watch { world: &world, people: &[&alice] };
    let first = world.ciam.check_operation(&one, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&one, &first, Method::Sms).await.unwrap();
    let older = world.code(&alice.phone);
    world.clock.advance(Duration::from_mins(1));
    let second = world.ciam.check_operation(&two, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&two, &second, Method::Sms).await.unwrap();
    assert!(live_codes(&world, &one, &first).await.is_empty());
    assert_eq!(live_codes(&world, &two, &second).await.len(), 1);
    let newest = world.code(&alice.phone);
    for code in [&older, &newest] {
        let call = world.ciam.verify_factor_code(&one, &first, Method::Sms, code);
        watch.refuses(&one, "factor.wrong_code", call).await;
    }
    let call = world.ciam.verify_factor_code(&two, &second, Method::Sms, &older);
    watch.refuses(&two, "factor.wrong_code", call).await;
    world.ciam.verify_factor_code(&two, &second, Method::Sms, &newest).await.unwrap();
}

/// A factor's code is nothing by another channel, to a new address, or in another operation's flow; equal
/// digits of other live codes change nothing.
pub async fn a13_code_of_another_purpose_or_channel(make: MakeWorld<'_>) {
    for same_digits in [false, true] {
        let mut world = make(Config::default());
        if same_digits {
            world.ports.random = Arc::new(SameDigits(world.ports.random.clone()));
            world = world.restarted(Config::default());
        }
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let watch = Watch { world: &world, people: &[&alice] };
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        let code = world.code(&alice.phone);
        let other = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
        world.send_factor(&who, &other, Method::Email).await.unwrap();
        let equal = world.code(&alice.email).expose() == code.expose();
        assert_eq!(equal, same_digits);
        let by_email = world.ciam.verify_factor_code(&who, &flow, Method::Email, &code);
        watch.refuses(&who, "factor.wrong_code", by_email).await;
        let elsewhere = world.ciam.verify_factor_code(&who, &other, Method::Sms, &code);
        watch.refuses(&who, "factor.wrong_code", elsewhere).await;
        let contact = world.proven(&who, Operation::UpdatePhone).await;
        let change = world.ciam.change_contact(&who, &contact, Channel::Sms, &code);
        watch.refuses(&who, "flow.unknown", change).await;
        world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
    }
}

/// A factor's code does not confirm a new address to which another code is on its way, nor the other way
/// round.
pub async fn a13_factor_and_address_codes_are_apart(make: MakeWorld<'_>) {
    // Where there is nothing but the phone, it proves its own change.
    let mut config = Config::default();
    config.flow.methods = [Method::Sms].into_iter().collect();
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let (who, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let watch = Watch { world: &world, people: &[&alice] };
    let flow = world.ciam.check_operation(&who, Operation::UpdatePhone).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    world.ciam.verify_factor_code(&who, &flow, Method::Sms, &world.code(&alice.phone)).await.unwrap();
    world.clock.advance(std::time::Duration::from_mins(1));
    let pending = world.ciam.check_operation(&other, Operation::UpdatePhone).await.unwrap().flow;
    world.send_factor(&other, &pending, Method::Sms).await.unwrap();
    let factor = world.code(&alice.phone);
    let nothing = Code::presented("");
    Step::SendContactCode(Channel::Sms).take(&world, &who, &flow, &nothing).await.unwrap();
    let address = Code::presented(&world.mailbox.codes().last().unwrap().digits);
    let change = world.ciam.change_contact(&who, &flow, Channel::Sms, &factor);
    watch.refuses(&who, "factor.wrong_code", change).await;
    let verify = world.ciam.verify_factor_code(&other, &pending, Method::Sms, &address);
    watch.refuses(&other, "factor.wrong_code", verify).await;
    world.ciam.verify_factor_code(&other, &pending, Method::Sms, &factor).await.unwrap();
    world.ciam.change_contact(&who, &flow, Channel::Sms, &address).await.unwrap();
}

/// A record of a code that somebody moves by hand, to another channel, address, flow or person, matches
/// nothing there; put back as it was, it does.
pub async fn a13_moved_record(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (who, second) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let his = world.sign_in(&bob).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    let record = live_codes(&world, &who, &flow).await.remove(0);
    let by_email = Slot { channel: Channel::Email, ..record.slot };
    let purpose = Purpose::SecondFactor(Operation::Unsubscribe);
    let twin = world.ciam.check_operation(&second, Operation::UpdatePassword).await.unwrap().flow;
    let other = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
    let foreign = world.ciam.check_operation(&his, Operation::UpdatePassword).await.unwrap().flow;
    let moves = [
        (&who, &flow, Challenge { slot: by_email, ..record.clone() }),
        (&who, &flow, Challenge { target: bob.phone.clone(), ..record.clone() }),
        (&second, &twin, Challenge { flow: twin.key(), ..record.clone() }),
        (
            &who,
            &other,
            Challenge { flow: other.key(), slot: Slot { purpose, ..record.slot }, ..record.clone() },
        ),
        (&his, &foreign, Challenge { flow: foreign.key(), user: bob.id.clone(), ..record.clone() }),
    ];
    let watch = Watch { world: &world, people: &[&alice, &bob] };
    for (session, place, moved) in moves {
        let method = Method::from(moved.slot.channel);
        put(&world, session, moved).await;
        assert!(!live_codes(&world, session, place).await.is_empty());
        let call = world.ciam.verify_factor_code(session, place, method, &code);
        watch.refuses(session, "factor.wrong_code", call).await;
    }
    put(&world, &who, record).await;
    world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
}

async fn put(world: &World, who: &Principal, record: Challenge) {
    let commit = Commit {
        challenge: ChallengeWrite::Put(Box::new(record)),
        ..Commit::of(TenantId::default(), who.user().clone(), world.ports.clock.now())
    };
    world.backend.store.commit(commit).await.expect("a store");
}
