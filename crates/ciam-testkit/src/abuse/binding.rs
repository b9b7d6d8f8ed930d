//! A flow is one person's, in one session, for one operation.

use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::TenantId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::RateScope;
use ciam::domain::session::Amr;
use ciam::domain::user::{Channel, Status};
use ciam::{Config, Principal, TokenRequest};

use super::MakeWorld;
use super::step::{Step, complete};
use super::watch::{Watch, count};
use crate::world::{Person, SCOPE, World};

/// Another person who knows the id of a flow learns at every step what an unknown id teaches, spends nothing
/// of its owner's, and keeps its owner from nothing.
pub async fn a01_foreign_flow(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (hers, his) = (world.sign_in(&alice).await, world.sign_in(&bob).await);
    let watch = Watch { world: &world, people: &[&alice, &bob] };
    let proven = world.proven(&hers, Operation::UpdatePassword).await;
    let pending = world.ciam.check_operation(&hers, Operation::UpdateEmail).await.unwrap().flow;
    world.send_factor(&hers, &pending, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    for step in Step::ALL {
        let nowhere = FlowId::presented("1_Y_03");
        let unknown = watch.refuses(&his, "flow.unknown", step.take(&world, &his, &nowhere, &code)).await;
        for flow in [&proven, &pending] {
            let foreign = watch.refuses(&his, "flow.unknown", step.take(&world, &his, flow, &code)).await;
            assert_eq!(format!("{foreign} {foreign:?}"), format!("{unknown} {unknown:?}"), "{step:?}");
        }
    }
    assert_eq!(count(&world, &alice, RateScope::CodeHour).await, 0);
    world.ciam.verify_factor_code(&hers, &pending, Method::Sms, &code).await.unwrap();
    complete(&world, &hers, &proven, Operation::UpdatePassword).await;
}

/// Somebody whose own account may not act cannot end another person's flow by presenting it.
pub async fn a01_foreign_flow_outlives_a_frozen_stranger(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (hers, his) = (world.sign_in(&alice).await, world.sign_in(&bob).await);
    let watch = Watch { world: &world, people: &[&alice, &bob] };
    let flow = world.proven(&hers, Operation::UpdatePassword).await;
    world
        .ciam
        .set_status(ciam::Authority::Host, &TenantId::default(), &bob.id, Status::Frozen)
        .await
        .unwrap();
    for step in Step::ALL {
        let code = Code::presented("123456");
        watch.refuses(&his, "access.frozen", step.take(&world, &his, &flow, &code)).await;
    }
    complete(&world, &hers, &flow, Operation::UpdatePassword).await;
}

/// A proven flow opens its own operation and no other, whatever was sent in it.
pub async fn a02_wrong_operation_matrix(make: MakeWorld<'_>) {
    for made in Operation::SELF_SERVICE {
        // Tries at a wrong door are paid for as well; here they must not be what refuses.
        let mut config = Config::default();
        config.flow.attempts = 10;
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.proven(&who, made).await;
        refuses_all_but(&world, &alice, (&who, &flow, made)).await;
        if let Some(channel) = made.changes() {
            let nothing = Code::presented("");
            Step::SendContactCode(channel).take(&world, &who, &flow, &nothing).await.unwrap();
            refuses_all_but(&world, &alice, (&who, &flow, made)).await;
            world.clock.advance(Duration::from_mins(1));
        }
        complete(&world, &who, &flow, made).await;
    }
}

async fn refuses_all_but(world: &World, alice: &Person, (who, flow, made): (&Principal, &FlowId, Operation)) {
    let watch = Watch { world, people: &[alice] };
    let newest = world.mailbox.codes().last().map(|sent| sent.digits.clone()).unwrap_or_default();
    for used in Step::GUARDED.into_iter().filter(|step| step.operation() != Some(made)) {
        let other_kind = made.changes().is_some() && matches!(used, Step::SendContactCode(_));
        let reason = if other_kind { "contact.wrong_channel" } else { "flow.unknown" };
        watch.refuses(who, reason, used.take(world, who, flow, &Code::presented(&newest))).await;
    }
}

/// A stolen flow id is nothing in another session of the same person, and costs the flow nothing there.
pub async fn a06_another_session_of_the_same_person(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (who, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let watch = Watch { world: &world, people: &[&alice] };
    let proven = world.proven(&who, Operation::UpdatePassword).await;
    let pending = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    world.send_factor(&who, &pending, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    for step in Step::ALL {
        for flow in [&proven, &pending] {
            watch.refuses(&other, "flow.unknown", step.take(&world, &other, flow, &code)).await;
        }
    }
    assert_eq!(count(&world, &alice, RateScope::CodeHour).await, 0);
    world.ciam.verify_factor_code(&who, &pending, Method::Sms, &code).await.unwrap();
    complete(&world, &who, &proven, Operation::UpdatePassword).await;
}

/// A session that was ended cannot end a flow of the one that goes on.
pub async fn a06_another_session_that_is_over(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (who, ended) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let watch = Watch { world: &world, people: &[&alice] };
    world.ciam.end_other_sessions(&who).await.unwrap();
    let flow = world.proven(&who, Operation::UpdatePassword).await;
    for step in Step::ALL {
        let nothing = Code::presented("");
        watch.refuses(&ended, "access.invalid_token", step.take(&world, &ended, &flow, &nothing)).await;
    }
    complete(&world, &who, &flow, Operation::UpdatePassword).await;
}

/// A token that was refreshed belongs to the session of the one before it.
pub async fn a06_refreshed_token_of_the_same_session(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for operation in [Operation::UpdateEmail, Operation::UpdatePassword, Operation::Unsubscribe] {
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        let refreshed = refresh(&world, &alice, &who).await;
        assert_eq!(refreshed.session(), who.session());
        let password = super::moves::secret(match operation {
            Operation::Unsubscribe => super::step::NEW_PASSWORD,
            _ => crate::world::PASSWORD,
        });
        world.ciam.verify_factor_password(&refreshed, &flow, &password).await.unwrap();
        complete(&world, &refresh(&world, &alice, &who).await, &flow, operation).await;
    }
}

async fn refresh(world: &World, person: &Person, who: &Principal) -> Principal {
    let request = TokenRequest {
        tenant: TenantId::default(),
        user: person.id.clone(),
        session: who.session().cloned(),
        amr: vec![Amr::Password],
        scopes: vec![SCOPE.to_owned()],
        client: None,
        ttl: Duration::from_mins(15),
    };
    let token = world.ciam.issue_token(request).await.unwrap().token;
    world.ciam.principal(&token, SCOPE).await.unwrap()
}

/// A second operation check kills the older flow of the same session and operation, its codes with it, and
/// no other flow.
pub async fn a06_second_check_supersedes_the_first(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (who, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let watch = Watch { world: &world, people: &[&alice] };
    let elsewhere = world.proven(&other, Operation::UpdateEmail).await;
    let kept = world.proven(&who, Operation::UpdatePassword).await;
    let pending = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    world.send_factor(&who, &pending, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    let proven = world.proven(&who, Operation::UpdateEmail).await;
    let newest = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    for step in Step::ALL {
        for dead in [&pending, &proven] {
            watch.refuses(&who, "flow.unknown", step.take(&world, &who, dead, &code)).await;
        }
    }
    let verify = world.ciam.verify_factor_code(&who, &newest, Method::Sms, &code);
    watch.refuses(&who, "factor.wrong_code", verify).await;
    let nothing = Code::presented("");
    Step::VerifyPassword.take(&world, &who, &newest, &nothing).await.unwrap();
    for (session, flow) in [(&who, &newest), (&other, &elsewhere)] {
        Step::SendContactCode(Channel::Email).take(&world, session, flow, &nothing).await.unwrap();
        world.clock.advance(Duration::from_mins(1));
    }
    complete(&world, &who, &kept, Operation::UpdatePassword).await;
}
