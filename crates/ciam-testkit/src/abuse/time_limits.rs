//! Everything ends on time, and nobody sweeps.

use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Operation;
use ciam::domain::rate::RateScope;
use ciam::domain::user::Channel;
use ciam::{Config, Error, Principal};

use super::MakeWorld;
use super::step::{NEW_EMAIL, Step, finals};
use super::watch::{Watch, count};
use crate::world::{Person, World};

const MINUTE: Duration = Duration::from_mins(1);
const FLOW: Duration = Duration::from_mins(10);
const FRESH: Duration = Duration::from_mins(5);
const CODE: Duration = Duration::from_mins(5);

/// The last moment before a limit, and the limit.
fn around(limit: Duration) -> [(Duration, bool); 2] {
    [(limit - Duration::from_millis(1), true), (limit, false)]
}

struct Scene {
    world: World,
    alice: Person,
    who: Principal,
    flow: FlowId,
}

impl Scene {
    async fn begin(make: MakeWorld<'_>, config: Config, operation: Operation) -> Self {
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        Self { world, alice, who, flow }
    }

    fn wait(&self, span: Duration) {
        self.world.clock.advance(span);
    }

    async fn prove(&self) {
        self.step(Step::VerifyPassword).await.unwrap();
    }

    async fn step(&self, step: Step) -> Result<(), Error> {
        let newest = self.world.mailbox.codes().last().map(|sent| sent.digits.clone()).unwrap_or_default();
        step.take(&self.world, &self.who, &self.flow, &Code::presented(&newest)).await
    }

    /// A step that works, or is refused for a reason.
    async fn expect(&self, step: Step, works: bool, reason: &str) {
        if works {
            self.step(step).await.unwrap();
        } else {
            let watch = Watch { world: &self.world, people: &[&self.alice] };
            watch.refuses(&self.who, reason, self.step(step)).await;
        }
    }
}

/// A flow can be used up to its last millisecond, at every step, and not at its end.
pub async fn a07_flow_ends_on_time(make: MakeWorld<'_>) {
    for (age, works) in around(FLOW) {
        for step in [Step::SendFactorCode, Step::VerifyPassword, Step::Cancel] {
            let scene = Scene::begin(make, Config::default(), Operation::UpdatePassword).await;
            scene.wait(age);
            scene.expect(step, works, "flow.unknown").await;
        }
    }
}

/// Neither a second code nor a proven factor lengthens a flow.
pub async fn a07_nothing_lengthens_a_flow(make: MakeWorld<'_>) {
    for (age, works) in around(FLOW) {
        let scene = Scene::begin(make, Config::default(), Operation::UpdatePassword).await;
        scene.step(Step::SendFactorCode).await.unwrap();
        scene.wait(MINUTE * 9);
        scene.step(Step::SendFactorCode).await.unwrap();
        scene.wait(age.saturating_sub(MINUTE * 9));
        scene.expect(Step::VerifyCode, works, "flow.unknown").await;
        for operation in Operation::SELF_SERVICE {
            let scene = Scene::begin(make, Config::default(), operation).await;
            scene.wait(MINUTE * 8);
            scene.prove().await;
            let (last, before) = finals(operation).split_last().unwrap();
            for step in before {
                scene.step(*step).await.unwrap();
            }
            scene.wait(age.saturating_sub(MINUTE * 8));
            scene.expect(*last, works, "flow.unknown").await;
        }
    }
}

/// A proven factor counts for five minutes at every step that it opens, and what is sent meanwhile does not
/// keep it fresh.
pub async fn a07_proof_ends_on_time(make: MakeWorld<'_>) {
    for (age, works) in around(FRESH) {
        for operation in Operation::SELF_SERVICE {
            for taken in 0..finals(operation).len() {
                let scene = Scene::begin(make, Config::default(), operation).await;
                scene.prove().await;
                scene.wait(MINUTE * 4);
                for step in &finals(operation)[..taken] {
                    scene.step(*step).await.unwrap();
                }
                scene.wait(age.saturating_sub(MINUTE * 4));
                scene.expect(finals(operation)[taken], works, "flow.unknown").await;
            }
        }
    }
}

/// A second factor's code counts for five minutes; one that comes later is a wrong one, and counted.
pub async fn a07_factor_code_ends_on_time(make: MakeWorld<'_>) {
    for (age, works) in around(CODE) {
        let scene = Scene::begin(make, Config::default(), Operation::UpdatePassword).await;
        scene.wait(MINUTE);
        scene.step(Step::SendFactorCode).await.unwrap();
        scene.wait(age);
        scene.expect(Step::VerifyCode, works, "factor.wrong_code").await;
        assert_eq!(count(&scene.world, &scene.alice, RateScope::CodeHour).await, u32::from(!works));
    }
}

/// A new address's code counts for five minutes, even where the proof counts longer.
pub async fn a07_address_code_ends_on_time(make: MakeWorld<'_>) {
    for (age, works) in around(CODE) {
        let mut config = Config::default();
        config.flow.freshness = FLOW;
        let scene = Scene::begin(make, config, Operation::UpdateEmail).await;
        scene.prove().await;
        scene.wait(MINUTE);
        scene.step(Step::SendContactCode(Channel::Email)).await.unwrap();
        scene.wait(age);
        scene.expect(Step::ChangeContact(Channel::Email), works, "factor.wrong_code").await;
        let email = scene.world.user(&scene.alice.id).await.email.unwrap().address;
        assert_eq!(email.canonical() == NEW_EMAIL, works);
    }
}
