//! The last step: when it may be tried, and how often a new password may be refused.

use ciam_domain::flow::{Event, FlowPolicy, Moment, Operation};

use crate::sample::{NOW, alice};
use crate::table::{moment, opened, proven};

#[test]
fn an_action_may_be_tried_with_its_own_fresh_proof_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    for operation in Operation::SELF_SERVICE {
        for other in Operation::SELF_SERVICE {
            let allowed = operation == other && operation.changes().is_none();
            assert_eq!(
                proven(operation, &at).may_act(other, &at).is_ok(),
                allowed,
                "{operation:?} {other:?}"
            );
            assert!(opened(operation, &at).may_act(other, &at).is_err(), "{operation:?} {other:?}");
        }
    }
    let late = Moment { now: NOW.after(policy.freshness), ..at };
    let flow = proven(Operation::UpdatePassword, &at);
    assert!(flow.may_act(Operation::UpdatePassword, &at).is_ok());
    assert!(flow.may_act(Operation::UpdatePassword, &late).is_err());
}

#[test]
fn a_flow_takes_so_many_refused_passwords_and_then_acts_no_more() {
    let (user, policy) = (alice(), FlowPolicy { password_tries: 3, ..FlowPolicy::default() });
    let at = moment(&user, &policy);
    let mut flow = proven(Operation::UpdatePassword, &at);
    for tries in 1..=3 {
        assert!(flow.may_act(Operation::UpdatePassword, &at).is_ok(), "before refusal {tries}");
        let next = flow.clone().apply(Event::RefusePassword, &at).next.unwrap();
        assert_eq!(next.revision(), flow.revision() + 1, "refusal {tries} is counted");
        flow = next;
    }
    assert!(flow.may_act(Operation::UpdatePassword, &at).is_err());
    assert!(flow.clone().apply(Event::Act(Operation::UpdatePassword), &at).reply.is_err());
    assert_eq!(flow.clone().apply(Event::RefusePassword, &at).next, Some(flow), "nothing is left to count");
}
