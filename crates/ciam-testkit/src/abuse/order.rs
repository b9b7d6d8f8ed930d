//! No step is skipped.

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::RateScope;
use ciam::domain::user::Address;
use ciam::{Config, Principal};

use super::MakeWorld;
use super::moves::secret;
use super::step::{Step, complete, finals};
use super::watch::{Watch, count};
use crate::world::{Person, World};

/// Nothing opens the last step of an operation but a proven factor: not the check alone, not a code on its
/// way, not a wrong answer, not an absent one; and every wrong or absent answer is counted.
pub async fn a03_step_skipped(make: MakeWorld<'_>) {
    for operation in Operation::SELF_SERVICE {
        // Each knock at the last step of a contact change is paid for; here it must not be what refuses.
        let mut config = Config::default();
        config.flow.attempts = 10;
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        let skip = Skip { world: &world, alice: &alice, who: &who, flow: &flow, operation };
        skip.finals_are_refused().await;
        let (method, to) = skip.factor();
        world.send_factor(&who, &flow, method).await.unwrap();
        skip.finals_are_refused().await;
        skip.fails(world.wrong_code(to).expose(), "not my password").await;
        skip.finals_are_refused().await;
        skip.fails("", "").await;
        skip.finals_are_refused().await;
        let code = world.code(to);
        world.ciam.verify_factor_code(&who, &flow, method, &code).await.unwrap();
        world.clock.advance(std::time::Duration::from_mins(1));
        complete(&world, &who, &flow, operation).await;
    }
}

struct Skip<'a> {
    world: &'a World,
    alice: &'a Person,
    who: &'a Principal,
    flow: &'a FlowId,
    operation: Operation,
}

impl<'a> Skip<'a> {
    /// A code to an address that the operation does not change.
    fn factor(&self) -> (Method, &'a Address) {
        match self.operation {
            Operation::UpdatePhone => (Method::Email, &self.alice.email),
            _ => (Method::Sms, &self.alice.phone),
        }
    }

    async fn finals_are_refused(&self) {
        let watch = Watch { world: self.world, people: &[self.alice] };
        let newest = self.world.mailbox.codes().last().map(|sent| sent.digits.clone()).unwrap_or_default();
        for step in finals(self.operation) {
            let code = Code::presented(&newest);
            let call = step.take(self.world, self.who, self.flow, &code);
            watch.refuses(self.who, "flow.unknown", call).await;
        }
    }

    async fn fails(&self, code: &str, password: &str) {
        let (world, watch) = (self.world, Watch { world: self.world, people: &[self.alice] });
        let codes = count(world, self.alice, RateScope::CodeHour).await;
        let code = Code::presented(code);
        let (method, _) = self.factor();
        let call = world.ciam.verify_factor_code(self.who, self.flow, method, &code);
        watch.refuses(self.who, "factor.wrong_code", call).await;
        assert_eq!(count(world, self.alice, RateScope::CodeHour).await, codes + 1);
        let passwords = count(world, self.alice, RateScope::Password).await;
        let password = secret(password);
        let call = world.ciam.verify_factor_password(self.who, self.flow, &password);
        watch.refuses(self.who, "factor.wrong_password", call).await;
        assert_eq!(count(world, self.alice, RateScope::Password).await, passwords + 1);
    }
}

/// A method that carries no code, and one that the person does not have, prove nothing.
pub async fn a03_step_taken_by_a_method_that_is_not_offered(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.methods = [Method::Sms].into_iter().collect();
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    for method in [Method::Email, Method::Password] {
        let call = world.send_factor(&who, &flow, method);
        watch.refuses(&who, "factor.unsupported", call).await;
        let nothing = Code::presented("");
        let call = world.ciam.verify_factor_code(&who, &flow, method, &nothing);
        watch.refuses(&who, "factor.unsupported", call).await;
    }
    let password = secret(crate::world::PASSWORD);
    let call = world.ciam.verify_factor_password(&who, &flow, &password);
    watch.refuses(&who, "factor.unsupported", call).await;
    let nothing = Code::presented("");
    let call = Step::ChangePassword.take(&world, &who, &flow, &nothing);
    watch.refuses(&who, "flow.unknown", call).await;
}
