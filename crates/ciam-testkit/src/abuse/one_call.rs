//! Calls without a flow: what proves the person there, and for how long.

use std::time::Duration;

use ciam::domain::flow::{MethodSet, Operation};
use ciam::domain::{FlowId, Instant};
use ciam::{Config, Error, Principal, Proven};

use super::MakeWorld;
use super::moves::secret;
use super::watch::Watch;
use crate::world::{PASSWORD, Person, World};

async fn bind(world: &World, who: &Principal, proven: Proven<'_>) -> Result<(), Error> {
    let source = world.source("a").await;
    let subject = format!("{}.there", who.user());
    world.ciam.bind_social(who, proven, &source, &world.proof(&subject)).await
}

async fn unbind(world: &World, who: &Principal, proven: Proven<'_>) -> Result<(), Error> {
    let source = world.source("a").await;
    world.ciam.unbind_social(who, proven, &source).await
}

async fn alice(make: MakeWorld<'_>, config: Config) -> (World, Person, Principal) {
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    (world, alice, who)
}

/// A flow of another operation, person or session proves nothing, nor does one without its factor or one that is spent.
pub async fn a02_a_call_without_a_flow_takes_its_own_proof_alone(make: MakeWorld<'_>) {
    let (world, alice, who) = alice(make, Config::default()).await;
    let mallory = world.sign_in(&world.person("mallory", 2).await).await;
    let elsewhere = world.sign_in(&alice).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let others = Operation::SELF_SERVICE.iter().chain(&[Operation::UnbindSocial]);
    let mut wrong = Vec::new();
    for operation in others.copied() {
        wrong.push(world.proven(&who, operation).await);
    }
    wrong.push(world.proven(&mallory, Operation::BindSocial).await);
    wrong.push(world.proven(&elsewhere, Operation::BindSocial).await);
    wrong.push(world.ciam.check_operation(&who, Operation::BindSocial).await.unwrap().flow);
    wrong.push(FlowId::presented("no flow"));
    let asked = world.social.asked();
    for flow in &wrong {
        watch.refuses(&who, "flow.unknown", bind(&world, &who, Proven::Flow(flow))).await;
    }
    assert_eq!(world.social.asked(), asked, "nobody is asked for who proves nothing");
    let flow = world.proven(&who, Operation::BindSocial).await;
    bind(&world, &who, Proven::Flow(&flow)).await.unwrap();
    for flow in [&flow, &world.proven(&who, Operation::BindSocial).await] {
        watch.refuses(&who, "flow.unknown", unbind(&world, &who, Proven::Flow(flow))).await;
    }
    let flow = world.proven(&who, Operation::UnbindSocial).await;
    unbind(&world, &who, Proven::Flow(&flow)).await.unwrap();
    watch.refuses(&who, "flow.unknown", unbind(&world, &who, Proven::Flow(&flow))).await;
}

/// A sign-in proves for five minutes, or as long as the host says; an older session takes a password or a flow.
pub async fn a07_a_sign_in_proves_until_its_time_is_over(make: MakeWorld<'_>) {
    let (world, alice, who) = alice(make, Config::default()).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let start: Instant = ciam::ports::Clock::now(&*world.clock);
    let limit = world.ciam.config().flow.one_shot_freshness.unwrap();
    world.clock.set(start.after(limit));
    let stale = "access.stale_authentication";
    watch.refuses(&who, stale, bind(&world, &who, Proven::FreshSession)).await;
    assert_eq!(world.social.asked(), 0);
    world.clock.set(start.after(limit).before(Duration::from_millis(1)));
    bind(&world, &who, Proven::FreshSession).await.unwrap();
    world.clock.set(start.after(limit));
    watch.refuses(&who, stale, unbind(&world, &who, Proven::FreshSession)).await;
    unbind(&world, &who, Proven::Password(&secret(PASSWORD))).await.unwrap();
    let mut config = Config::default();
    config.flow.one_shot_freshness = None;
    let world = world.restarted(config);
    world.clock.advance(Duration::from_mins(30));
    bind(&world, &who, Proven::FreshSession).await.unwrap();
}

/// A wrong password is counted with those of every flow, and one that the policy leaves out proves nothing.
pub async fn a09_a_password_of_one_call_is_paid_for(make: MakeWorld<'_>) {
    let (world, alice, who) = alice(make, Config::default()).await;
    let wrong = secret("not the password in use");
    for _ in 0..world.ciam.config().attempts.passwords_free {
        let error = bind(&world, &who, Proven::Password(&wrong)).await.unwrap_err();
        assert_eq!(error.reason(), "factor.wrong_password");
    }
    let compared = world.hasher.calls();
    for password in [&wrong, &secret(PASSWORD)] {
        let error = bind(&world, &who, Proven::Password(password)).await.unwrap_err();
        assert_eq!(error.reason(), "rate.too_many_attempts");
    }
    assert_eq!(
        (world.hasher.calls(), world.social.asked()),
        (compared, 0),
        "nothing is compared, nobody asked"
    );
    let mut config = Config::default();
    config.flow.methods = MethodSet::codes();
    let world = world.restarted(config);
    world.clock.advance(Duration::from_hours(2));
    let who = world.sign_in(&alice).await;
    let refused = bind(&world, &who, Proven::Password(&secret(PASSWORD))).await.unwrap_err();
    assert_eq!(refused.reason(), "factor.unsupported");
}
