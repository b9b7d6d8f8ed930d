//! Wrong codes are counted, and nothing but time or a right one takes the count away.

use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::RateScope;
use ciam::domain::user::Channel;
use ciam::{Config, Error, Principal};

use super::MakeWorld;
use super::step::{NEW_EMAIL, Step, complete};
use super::watch::{Watch, count};
use crate::world::{Person, World};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A person at a second factor.
struct Guess<'a> {
    world: &'a World,
    alice: &'a Person,
    who: &'a Principal,
}

impl Guess<'_> {
    async fn flow(&self, operation: Operation, method: Method) -> FlowId {
        let flow = self.world.ciam.check_operation(self.who, operation).await.unwrap().flow;
        self.world.send_factor(self.who, &flow, method).await.unwrap();
        flow
    }

    fn address(&self, method: Method) -> &ciam::domain::user::Address {
        self.alice.address(method.channel().expect("a method with codes"))
    }

    async fn wrong(&self, flow: &FlowId, method: Method, times: u32) {
        for _ in 0..times {
            let before = self.count().await;
            let code = self.world.wrong_code(self.address(method));
            let call = self.world.ciam.verify_factor_code(self.who, flow, method, &code);
            self.watch().refuses(self.who, "factor.wrong_code", call).await;
            assert_eq!(self.count().await, before + 1);
        }
    }

    async fn right(&self, flow: &FlowId, method: Method) -> Result<(), Error> {
        let code = self.world.code(self.address(method));
        self.world.ciam.verify_factor_code(self.who, flow, method, &code).await.map(drop)
    }

    async fn right_is_refused(&self, flow: &FlowId, method: Method, reason: &str) {
        let before = self.count().await;
        self.watch().refuses(self.who, reason, self.right(flow, method)).await;
        assert_eq!(self.count().await, before);
    }

    async fn count(&self) -> u32 {
        count(self.world, self.alice, RateScope::CodeDay).await
    }

    fn watch(&self) -> Watch<'_> {
        Watch { world: self.world, people: std::slice::from_ref(&self.alice) }
    }
}

/// Five wrong codes finish the flow: neither the right code nor the right password counts in it any more.
pub async fn a08_budget_of_a_factor_code(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.wrong(&flow, Method::Sms, 5).await;
    world.clock.advance(MINUTE);
    let resend = world.send_factor(&who, &flow, Method::Sms);
    guess.watch().refuses(&who, "flow.unknown", resend).await;
    guess.right_is_refused(&flow, Method::Sms, "flow.unknown").await;
    let nothing = Code::presented("");
    for step in Step::ALL {
        guess.watch().refuses(&who, "flow.unknown", step.take(&world, &who, &flow, &nothing)).await;
    }
    assert_eq!(guess.count().await, 5);
}

/// Wrong codes of both steps of a contact change come out of one budget, and the right code does not change
/// the address once it is used up.
pub async fn a08_budget_of_an_address_code(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdateEmail, Method::Sms).await;
    guess.wrong(&flow, Method::Sms, 2).await;
    let nothing = Code::presented("");
    Step::VerifyPassword.take(&world, &who, &flow, &nothing).await.unwrap();
    Step::SendContactCode(Channel::Email).take(&world, &who, &flow, &nothing).await.unwrap();
    let right = Code::presented(&world.mailbox.last_code(NEW_EMAIL).unwrap());
    let wrong = Code::presented("wrong");
    guess.watch().refuses(&who, "factor.wrong_code", change(&world, &who, &flow, &wrong)).await;
    for _ in 0..2 {
        change(&world, &who, &flow, &wrong).await.unwrap_err();
    }
    guess.watch().refuses(&who, "flow.unknown", change(&world, &who, &flow, &right)).await;
}

async fn change(world: &World, who: &Principal, flow: &FlowId, code: &Code) -> Result<(), Error> {
    world.ciam.change_contact(who, flow, Channel::Email, code).await
}

/// A right code is right once, in its flow and in every later one.
pub async fn a08_right_code_works_once(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.right(&flow, Method::Sms).await.unwrap();
    guess.watch().refuses(&who, "flow.unknown", guess.right(&flow, Method::Sms)).await;
    let later = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    guess.watch().refuses(&who, "factor.wrong_code", guess.right(&later, Method::Sms)).await;
}

/// A new code gives no attempt back.
pub async fn a09_resend_keeps_the_count(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.wrong(&flow, Method::Sms, 4).await;
    world.clock.advance(MINUTE);
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    guess.wrong(&flow, Method::Sms, 1).await;
    guess.right_is_refused(&flow, Method::Sms, "flow.unknown").await;
    assert_eq!(guess.count().await, 5);
}

/// Ten wrong codes in an hour, over any flows, operations and channels, close codes until the hour ends;
/// passwords go on working, and neither their success nor another person's opens codes again.
pub async fn a09_accounts_count_over_flows(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (who, his) = (world.sign_in(&alice).await, world.sign_in(&bob).await);
    let guess = Guess { world: &world, alice: &alice, who: &who };
    use_up(&guess).await;
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.right_is_refused(&flow, Method::Sms, "rate.too_many_attempts").await;
    Step::VerifyPassword.take(&world, &who, &flow, &Code::presented("")).await.unwrap();
    assert_eq!(guess.count().await, 10);
    let other = Guess { world: &world, alice: &bob, who: &his };
    let own = other.flow(Operation::UpdatePassword, Method::Sms).await;
    other.wrong(&own, Method::Sms, 2).await;
    other.right(&own, Method::Sms).await.unwrap();
    assert_eq!((other.count().await, guess.count().await), (0, 10));
    // The first wrong code came six minutes ago.
    world.clock.advance(HOUR - MINUTE * 6 - MINUTE);
    let late = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    world.clock.advance(MINUTE - Duration::from_millis(1));
    guess.right_is_refused(&late, Method::Sms, "rate.too_many_attempts").await;
    world.clock.advance(Duration::from_millis(1));
    guess.right(&late, Method::Sms).await.unwrap();
}

/// Ten wrong codes within six minutes: by SMS, by e-mail and to a new address, in three flows.
async fn use_up(guess: &Guess<'_>) {
    let (world, who, nothing) = (guess.world, guess.who, Code::presented(""));
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.wrong(&flow, Method::Sms, 5).await;
    world.clock.advance(MINUTE * 6);
    let flow = guess.flow(Operation::UpdatePhone, Method::Email).await;
    guess.wrong(&flow, Method::Email, 3).await;
    let flow = world.proven(who, Operation::UpdateEmail).await;
    Step::SendContactCode(Channel::Email).take(world, who, &flow, &nothing).await.unwrap();
    for _ in 0..2 {
        guess.watch().refuses(who, "factor.wrong_code", change(world, who, &flow, &nothing)).await;
    }
    assert_eq!(guess.count().await, 10);
    let right = Code::presented(&world.mailbox.last_code(NEW_EMAIL).unwrap());
    guess.watch().refuses(who, "rate.too_many_attempts", change(world, who, &flow, &right)).await;
}

/// Twenty wrong codes in a day close codes for the day, however they are spread over its hours.
pub async fn a09_accounts_count_over_a_day(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    for turn in 0..4 {
        let who = world.sign_in(&alice).await;
        let guess = Guess { world: &world, alice: &alice, who: &who };
        let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
        guess.wrong(&flow, Method::Sms, 5).await;
        assert_eq!(count(&world, &alice, RateScope::CodeDay).await, 5 * (turn + 1));
        world.clock.advance(HOUR);
    }
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    guess.right_is_refused(&flow, Method::Sms, "rate.too_many_attempts").await;
    world.clock.advance(HOUR * 20);
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    complete_with_code(&guess, &flow).await;
}

async fn complete_with_code(guess: &Guess<'_>, flow: &FlowId) {
    guess.right(flow, Method::Sms).await.unwrap();
    complete(guess.world, guess.who, flow, Operation::UpdatePassword).await;
}

/// A host that restarts after every wrong code forgets none of them.
pub async fn a10_count_survives_restarts(make: MakeWorld<'_>) {
    let mut world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    for _ in 0..5 {
        world = world.restarted(Config::default());
        Guess { world: &world, alice: &alice, who: &who }.wrong(&flow, Method::Sms, 1).await;
    }
    let world = world.restarted(Config::default());
    let guess = Guess { world: &world, alice: &alice, who: &who };
    assert_eq!(guess.count().await, 5);
    guess.right_is_refused(&flow, Method::Sms, "flow.unknown").await;
}

/// An attempt whose step fails for other reasons is spent: the count does not go back with the step.
pub async fn a10_count_survives_failed_steps(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let guess = Guess { world: &world, alice: &alice, who: &who };
    let flow = guess.flow(Operation::UpdatePassword, Method::Sms).await;
    let wrong = world.wrong_code(&alice.phone);
    for turn in 1..=5 {
        world.random.set_broken(turn % 2 == 0);
        world.keys.set_broken(turn % 2 == 1);
        let call = world.ciam.verify_factor_code(&who, &flow, Method::Sms, &wrong).await;
        assert!(matches!(call, Err(Error::Failed(_))), "{call:?}");
        assert_eq!(guess.count().await, turn);
    }
    world.random.set_broken(false);
    world.keys.set_broken(false);
    guess.right_is_refused(&flow, Method::Sms, "flow.unknown").await;
}
