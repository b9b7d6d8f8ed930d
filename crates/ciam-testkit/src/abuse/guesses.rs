//! Guesses that come all at once share one budget.

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::RateScope;
use ciam::{Config, Error};

use super::MakeWorld;
use super::spy::CountedKeys;
use super::watch::{Watch, count, race};
use crate::world::World;

const GUESSES: usize = 200;

/// A world that counts comparisons of codes.
fn spied(make: MakeWorld<'_>) -> (World, Arc<CountedKeys>) {
    let mut world = make(Config::default());
    let keys = CountedKeys::over(world.ports.keys.clone());
    world.ports.keys = keys.clone();
    (world.restarted(Config::default()), keys)
}

/// As many codes in a row, from one that is `before` places ahead of the right one.
fn codes_around(right: &Code, before: usize, many: usize) -> Vec<String> {
    let right: usize = right.expose().parse().expect("digits");
    (0..many).map(|place| format!("{:06}", (1_000_000 + right - before + place) % 1_000_000)).collect()
}

fn refused_by_rule(answers: &[Result<(), Error>]) -> bool {
    let reasons = ["factor.wrong_code", "flow.unknown", "rate.too_many_attempts"];
    answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| reasons.contains(&error.reason()))
}

/// Of two hundred different codes at once, the right one among them, five are compared, and one at most is
/// accepted.
pub async fn a11_parallel_guesses_with_the_right_code(make: MakeWorld<'_>) {
    for before in [0, 100, 199] {
        let (world, keys) = spied(make);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        let codes = codes_around(&world.code(&alice.phone), before, GUESSES);
        let (ciam, who, flow, codes) = (&world.ciam, &who, &flow, &codes);
        let answers = race(GUESSES, |turn| async move {
            let code = Code::presented(&codes[turn]);
            ciam.verify_factor_code(who, flow, Method::Sms, &code).await.map(drop)
        });
        assert!(refused_by_rule(&answers), "{answers:?}");
        assert!(keys.comparisons() <= 5, "{} codes were compared", keys.comparisons());
        assert!(answers.iter().filter(|answer| answer.is_ok()).count() <= 1, "{answers:?}");
        assert!(count(&world, &alice, RateScope::CodeHour).await <= 5);
    }
}

/// Of two hundred wrong codes at once, exactly five are compared and exactly five are counted.
pub async fn a11_parallel_guesses_are_all_counted(make: MakeWorld<'_>) {
    let (world, keys) = spied(make);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let right = world.code(&alice.phone);
    let codes = codes_around(&right, GUESSES, GUESSES);
    let (ciam, codes) = (&world.ciam, &codes);
    let (owner, open) = (&who, &flow);
    let answers = race(GUESSES, |turn| async move {
        let code = Code::presented(&codes[turn]);
        ciam.verify_factor_code(owner, open, Method::Sms, &code).await.map(drop)
    });
    assert!(answers.iter().all(Result::is_err) && refused_by_rule(&answers), "{answers:?}");
    assert_eq!((keys.comparisons(), count(&world, &alice, RateScope::CodeHour).await), (5, 5));
    let watch = Watch { world: &world, people: &[&alice] };
    watch.refuses(&who, "flow.unknown", ciam.verify_factor_code(&who, &flow, Method::Sms, &right)).await;
}

/// Guesses at once in several flows share the account's budget: exactly ten are compared and counted.
pub async fn a11_parallel_guesses_over_flows(make: MakeWorld<'_>) {
    let (world, keys) = spied(make);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let mut flows: Vec<(FlowId, Method)> = Vec::new();
    for (operation, method) in Operation::SELF_SERVICE.into_iter().zip([Method::Sms, Method::Email].repeat(2))
    {
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        world.send_factor(&who, &flow, method).await.unwrap();
        world.clock.advance(Duration::from_mins(1));
        flows.push((flow, method));
    }
    let (ciam, who, flows) = (&world.ciam, &who, &flows);
    let answers = race(GUESSES, |turn| async move {
        let (flow, method) = &flows[turn % flows.len()];
        ciam.verify_factor_code(who, flow, *method, &Code::presented("wrong")).await.map(drop)
    });
    assert!(answers.iter().all(Result::is_err) && refused_by_rule(&answers), "{answers:?}");
    assert_eq!((keys.comparisons(), count(&world, &alice, RateScope::CodeHour).await), (10, 10));
}
