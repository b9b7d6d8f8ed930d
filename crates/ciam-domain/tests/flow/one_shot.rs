//! Flows of one call: what a sign-in of just now, or the password, proves without a flow that was asked for before.

use std::time::Duration;

use ciam_domain::challenge::CodeMatch;
use ciam_domain::flow::{
    Event, Flow, FlowPolicy, Method, MethodSet, Moment, NextStep, Opening, Operation, Reply, TwoFactor,
};
use ciam_domain::{FlowId, Instant, Refusal, SessionId};

use crate::sample::{NOW, alice};
use crate::table::moment;

fn opening(operation: Operation) -> Opening {
    let session = SessionId::parse("s1").unwrap();
    Opening { key: FlowId::from_random([9; 16]).key(), session, operation, methods: MethodSet::EMPTY }
}

fn fresh(operation: Operation, signed_in: Option<Instant>, at: &Moment<'_>) -> Result<Flow, &'static str> {
    Flow::one_shot(opening(operation), signed_in, at).map_err(Refusal::reason)
}

fn all() -> impl Iterator<Item = Operation> {
    Operation::SELF_SERVICE.iter().chain(Operation::ONE_SHOT).chain(&Operation::SIGNED_OUT).copied()
}

#[test]
fn a_sign_in_of_just_now_proves_bindings_and_addresses_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    for operation in all() {
        let takes = Operation::ONE_SHOT.contains(&operation) || operation.changes().is_some();
        let stale = Err("access.stale_authentication");
        assert_eq!(
            fresh(operation, Some(NOW), &at).map(drop),
            if takes { Ok(()) } else { stale },
            "{operation:?}"
        );
    }
}

#[test]
fn a_sign_in_is_fresh_until_its_time_is_over() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let span = policy.one_shot_freshness.unwrap();
    let tick = Duration::from_millis(1);
    for operation in Operation::ONE_SHOT.iter().copied() {
        let begun = |signed_in| fresh(operation, signed_in, &moment(&user, &policy)).is_ok();
        assert!(begun(Some(NOW)) && begun(Some(NOW.before(span).after(tick))));
        assert!(!begun(Some(NOW.before(span))) && !begun(None), "{operation:?}");
        assert!(!begun(Some(NOW.after(tick))), "a sign-in to come");
        let flow = fresh(operation, Some(NOW), &moment(&user, &policy)).unwrap();
        let late = Moment { now: NOW.after(span), ..moment(&user, &policy) };
        assert!(flow.may_act(operation, &moment(&user, &policy)).is_ok());
        assert!(flow.may_act(operation, &late).is_err());
        assert!(flow.apply(Event::Act(operation), &late).reply.is_err(), "asked again at the action");
    }
}

#[test]
fn without_a_limit_any_sign_in_counts() {
    let (user, policy) = (alice(), FlowPolicy { one_shot_freshness: None, ..FlowPolicy::default() });
    for signed_in in [None, Some(Instant::EPOCH), Some(NOW)] {
        assert!(fresh(Operation::BindSocial, signed_in, &moment(&user, &policy)).is_ok());
        assert!(fresh(Operation::Unsubscribe, signed_in, &moment(&user, &policy)).is_err());
    }
}

#[test]
fn a_flow_of_one_call_acts_for_its_operation_and_is_over() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    for operation in Operation::ONE_SHOT.iter().copied() {
        let flow = fresh(operation, Some(NOW), &at).unwrap();
        assert_eq!(Flow::from_snapshot(&flow.snapshot()).unwrap(), flow);
        for other in all().filter(|other| *other != operation) {
            assert!(flow.clone().apply(Event::Act(other), &at).reply.is_err(), "{other:?}");
        }
        let step = flow.apply(Event::Act(operation), &at);
        assert_eq!((step.next, step.reply), (None, Ok(Reply::Performed(operation))));
    }
}

#[test]
fn the_password_is_demanded_where_it_is_what_a_call_holds() {
    let user = alice();
    for two_factor in [TwoFactor::Off, TwoFactor::WhenAvailable] {
        let policy = FlowPolicy { two_factor, ..FlowPolicy::default() };
        let at = moment(&user, &policy);
        for operation in Operation::SELF_SERVICE.iter().chain(Operation::ONE_SHOT).copied() {
            let flow = Flow::open_for_password(opening(operation), &at).unwrap();
            let password = MethodSet::from_iter([Method::Password]);
            assert_eq!(flow.next_step(), NextStep::SecondFactor(password), "{two_factor:?} {operation:?}");
            assert!(flow.clone().apply(Event::Act(operation), &at).reply.is_err());
            let right = Event::PresentFactorPassword { outcome: CodeMatch::Matched, attempts: 1 };
            assert_eq!(flow.apply(right, &at).reply, Ok(Reply::Proven(NextStep::Act(operation))));
        }
    }
}

#[test]
fn a_password_that_the_policy_does_not_take_opens_nothing() {
    let mut user = alice();
    let codes = FlowPolicy { methods: MethodSet::codes(), ..FlowPolicy::default() };
    let refused = |user: &ciam_domain::User, policy: &FlowPolicy| {
        Flow::open_for_password(opening(Operation::BindSocial), &moment(user, policy))
            .map_err(Refusal::reason)
    };
    assert_eq!(refused(&user, &codes), Err("factor.unsupported"));
    user.password = None;
    assert_eq!(refused(&user, &FlowPolicy::default()), Err("factor.unsupported"));
}
