//! What a person has proven stays proven: attempts beside the right one neither end the flow nor use it up.

use std::sync::mpsc::channel;
use std::thread;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::user::Channel;
use ciam::{Config, Error, NewContact};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::ask;
use super::watch::race;
use crate::gap::{Gap, gapped};

fn reason<T>(answer: Result<T, Error>) -> &'static str {
    answer.map_or_else(|error| error.reason(), |_| "done")
}

/// After a wrong code, as many right ones as the flow has attempts left, and some more: one counts, the others cost
/// nothing, and the change goes on to its end.
pub async fn a08_right_answers_at_once_leave_the_flow_its_attempts(make: MakeWorld<'_>) {
    for at_once in [true, false] {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
        world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        let (right, wrong) = (world.code(&alice.phone), world.wrong_code(&alice.phone));
        let (world, who, flow, right) = (&world, &who, &flow, &right);
        let verify = async |code| world.ciam.verify_factor_code(who, flow, Method::Sms, code).await;
        assert_eq!(reason(verify(&wrong).await), "factor.wrong_code");
        let answers = if at_once {
            let ciam = &world.ciam;
            race(4, |_| async move { ciam.verify_factor_code(who, flow, Method::Sms, right).await.map(drop) })
        } else {
            let mut answers = Vec::new();
            for _ in 0..8 {
                answers.push(verify(right).await.map(drop));
            }
            answers
        };
        let told: Vec<_> = answers.into_iter().map(reason).collect();
        assert_eq!(told.iter().filter(|told| **told == "done").count(), 1, "{told:?}");
        assert!(told.iter().all(|told| ["done", "flow.unknown"].contains(told)), "{told:?}");
        let new = "new@example.org";
        ask(world, who, flow, NewContact::Email(new)).await.unwrap();
        let to = world.mailbox.last_code(new).unwrap();
        let code = |text: &str| ciam::domain::challenge::Code::presented(text);
        for wrong in ["000000", "000001", "000002"].into_iter().filter(|wrong| *wrong != to).take(2) {
            let change = world.ciam.change_contact(who, flow, Channel::Email, &code(wrong)).await;
            assert_eq!(reason(change), "factor.wrong_code", "an attempt was used up by a right answer");
        }
        world.ciam.change_contact(who, flow, Channel::Email, &code(&to)).await.unwrap();
    }
}

/// A right answer is paid for, then a wrong one that is the last; the right one is written first. What was found wrong, or
/// could not be paid for, before the flow was proven does not end it.
pub async fn a08_a_failure_of_before_ends_no_proven_flow(make: MakeWorld<'_>) {
    for failures in 0..=1 {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        let (right, wrong) = (world.code(&alice.phone), world.wrong_code(&alice.phone));
        for _ in 0..3 + failures {
            let answer = world.ciam.verify_factor_code(&who, &flow, Method::Sms, &wrong).await;
            assert_eq!(reason(answer), "factor.wrong_code");
        }
        let (first, first_gap) = gapped(&world);
        let (last, last_gap) = gapped(&world);
        let ((tell_paid, paid), (tell_go, go), (tell_done, done)) = (channel(), channel(), channel());
        first_gap.at(Gap::AfterCharge, move || {
            tell_paid.send(()).unwrap();
            go.recv().unwrap();
        });
        last_gap.at(Gap::AfterCharge, move || {
            tell_go.send(()).unwrap();
            done.recv().unwrap();
        });
        thread::scope(|scope| {
            let (who, flow) = (&who, &flow);
            let proves = scope.spawn(move || {
                let answer = block_on(first.ciam.verify_factor_code(who, flow, Method::Sms, &right));
                tell_done.send(()).unwrap();
                reason(answer)
            });
            paid.recv().unwrap();
            let fails = scope.spawn(move || {
                reason(block_on(last.ciam.verify_factor_code(who, flow, Method::Sms, &wrong)))
            });
            assert_eq!(fails.join().unwrap(), "flow.unknown");
            assert_eq!(proves.join().unwrap(), "done");
        });
        let new = ciam::domain::secret::SecretText::new("seven herons cross the bay".to_owned());
        world.ciam.change_password(&who, &flow, &new).await.unwrap();
    }
}
