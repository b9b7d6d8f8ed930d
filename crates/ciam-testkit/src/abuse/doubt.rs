//! Factors in doubt: the address that is changed, and one that was put in place lately.

use ciam::Config;
use ciam::domain::flow::{Method, NextStep, Operation};
use ciam::domain::user::Channel;
use ciam::ports::Clock;
use ciam::{NewContact, Principal};

use super::MakeWorld;
use super::moves::{code, phone, refused, secret};
use super::revert::{TICK, WEEK, replace};
use crate::world::{PASSWORD, World};

/// What an operation check offers; what the page before it shows is the same.
pub(super) async fn offered(world: &World, who: &Principal, operation: Operation) -> Vec<Method> {
    let shown = world.ciam.requirements(who, operation).await.unwrap().methods;
    let checked = world.ciam.check_operation(who, operation).await.unwrap();
    let NextStep::SecondFactor(methods) = checked.next else { return Vec::new() };
    let offered: Vec<_> = methods.iter().collect();
    assert_eq!(shown.into_iter().map(|offer| offer.method).collect::<Vec<_>>(), offered);
    offered
}

/// What people of a world have.
const EVERY: [Method; 3] = [Method::Sms, Method::Email, Method::Password];

/// Neither a code to the address that is changed nor asking for one gets a flow further.
pub async fn a37_the_address_that_is_changed_proves_nothing(make: MakeWorld<'_>) {
    use Method::{Email, Password, Sms};
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for (operation, methods, own) in
        [(Operation::UpdateEmail, [Sms, Password], Email), (Operation::UpdatePhone, [Email, Password], Sms)]
    {
        assert_eq!(offered(&world, &who, operation).await, methods);
        let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
        refused(&world, &alice, "factor.unsupported", world.send_factor(&who, &flow, own)).await;
        let nothing = code("000000");
        let call = world.ciam.verify_factor_code(&who, &flow, own, &nothing);
        refused(&world, &alice, "factor.unsupported", call).await;
    }
    assert_eq!(offered(&world, &who, Operation::Unsubscribe).await, EVERY);
}

/// An address that was put in place proves nothing for a week, in no operation; those of the sign-up do at once.
pub async fn a37_a_new_address_proves_nothing_for_a_week(make: MakeWorld<'_>) {
    use Method::{Email, Password, Sms};
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    replace(&world, &who, NewContact::Email("new@example.org")).await;
    let end = world.clock.now().after(WEEK);
    for now in [world.clock.now(), end.before(TICK)] {
        world.clock.set(now);
        let who = world.sign_in(&alice).await;
        assert_eq!(offered(&world, &who, Operation::Unsubscribe).await, [Sms, Password]);
        assert_eq!(offered(&world, &who, Operation::UpdatePassword).await, [Sms, Password]);
        assert_eq!(offered(&world, &who, Operation::UpdatePhone).await, [Password]);
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        refused(&world, &alice, "factor.unsupported", world.send_factor(&who, &flow, Email)).await;
    }
    world.clock.set(end);
    let who = world.sign_in(&alice).await;
    assert_eq!(offered(&world, &who, Operation::Unsubscribe).await, EVERY);
    assert_eq!(offered(&world, &who, Operation::UpdatePhone).await, [Email, Password]);
}

/// Where nothing else remains, a factor in doubt is one; what comes to be known meanwhile counts at the end.
pub async fn a37_who_has_nothing_else_is_not_locked_out(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.methods = [Method::Email].into_iter().collect();
    let world = make(config.clone());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    assert_eq!(offered(&world, &who, Operation::UpdateEmail).await, [Method::Email]);
    let flow = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Email).await.unwrap();
    let right = world.code(&alice.email);
    world.ciam.verify_factor_code(&who, &flow, Method::Email, &right).await.unwrap();
    // With another method in use the proof by the address itself is no longer enough.
    config.flow.methods = [Method::Email, Method::Password].into_iter().collect();
    let world = world.restarted(config);
    let to = NewContact::Email("new@example.org");
    refused(&world, &alice, "flow.unknown", super::moves::ask(&world, &who, &flow, to)).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
    world.ciam.verify_factor_password(&who, &flow, &secret(PASSWORD)).await.unwrap();
    super::moves::ask(&world, &who, &flow, to).await.unwrap();
}

/// A host may take new addresses at once; the one that is changed proves nothing all the same.
pub async fn a37_a_host_may_trust_new_addresses(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.recent_factor = std::time::Duration::ZERO;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    replace(&world, &who, phone("13900000001")).await;
    assert_eq!(offered(&world, &who, Operation::Unsubscribe).await, EVERY);
    assert_eq!(offered(&world, &who, Operation::UpdatePhone).await, [Method::Email, Method::Password]);
    assert_eq!(world.user(&alice.id).await.verified_addresses()[0].channel(), Channel::Sms);
}
