//! Flows: how they begin, change and end.

use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::{TenantId, User};
use ciam_ports::store::{ChallengeWrite, FlowWrite};
use ciam_ports::{Commit, Handle, StoreError};

use super::Fixture;
use super::sample::{self, START, at};

async fn found(on: &Fixture, user: &User, flow: &Flow) -> bool {
    on.read(&sample::query(user, flow)).await.flow.is_some()
}

pub(super) async fn a_new_flow_supersedes_its_twin(on: &Fixture) {
    let (user, other) = (on.add("tina").await, on.add("toni").await);
    let (session, elsewhere) = (on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await);
    let theirs = on.sign_in(&other, "s-3").await;
    let twin = sample::flow(&user, &session, Operation::UpdateEmail, START);
    let strangers = [
        sample::flow(&user, &session, Operation::UpdatePhone, START),
        sample::flow(&user, &elsewhere, Operation::UpdateEmail, START),
    ];
    let foreign = sample::flow(&other, &theirs, Operation::UpdateEmail, START);
    on.open(&other, &foreign).await;
    for flow in strangers.iter().chain([&twin]) {
        on.open(&user, flow).await;
    }
    assert_eq!(on.attempts(&sample::charge(&user, &twin)).await, Some(1));

    let next = sample::flow(&user, &session, Operation::UpdateEmail, at(1));
    on.open(&user, &next).await;
    assert!(!found(on, &user, &twin).await, "the older flow for one operation in one session goes");
    assert!(found(on, &user, &next).await);
    for flow in &strangers {
        assert!(found(on, &user, flow).await, "flows for other operations and sessions stay");
    }
    assert!(found(on, &other, &foreign).await, "flows of other people stay");
    assert_eq!(on.attempts(&sample::charge(&user, &next)).await, Some(1), "attempts begin at zero");
}

pub(super) async fn the_oldest_flow_over_the_cap_goes(on: &Fixture) {
    let (user, other) = (on.add("cleo").await, on.add("carl").await);
    let (session, theirs) = (on.sign_in(&user, "s").await, on.sign_in(&other, "s-2").await);
    let foreign = sample::flow(&other, &theirs, Operation::UpdateEmail, START);
    on.open(&other, &foreign).await;
    let mut opened: Vec<Flow> = Vec::new();
    for (seconds, operation) in (1..).zip(Operation::SELF_SERVICE) {
        let flow = sample::flow(&user, &session, operation, at(seconds));
        let open = FlowWrite::Open { flow: Box::new(flow.clone()), cap: 2 };
        on.write(Commit { flow: open, now: at(seconds), ..sample::commit(&user) }).await;
        opened.push(flow);
        for (age, flow) in opened.iter().rev().enumerate() {
            assert_eq!(found(on, &user, flow).await, age < 2, "the two newest stay, the rest goes");
        }
    }
    assert!(found(on, &other, &foreign).await, "flows of other people do not count");
}

pub(super) async fn flow_replace_needs_the_revision_read(on: &Fixture) {
    let user = on.add("rene").await;
    let session = on.sign_in(&user, "s").await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &flow).await;
    let next = sample::proven(&flow, &user);
    let replace = |expected: u32, flow: &Flow| Commit {
        flow: FlowWrite::Replace { expected, flow: Box::new(flow.clone()) },
        ..sample::commit(&user)
    };
    let ends = on.commit_at_once(vec![replace(flow.revision(), &next); 32]);
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "one of 32 replacements succeeds");
    assert!(ends.into_iter().filter_map(Result::err).all(|end| matches!(end, StoreError::Stale)));
    assert_eq!(on.read(&sample::query(&user, &flow)).await.flow.as_ref(), Some(&next));

    assert!(matches!(on.refusal(replace(flow.revision(), &next)).await, StoreError::Stale));
    assert!(matches!(on.refusal(replace(next.revision() + 1, &next)).await, StoreError::Stale));
    let missing = sample::flow(&user, &session, Operation::UpdatePhone, START);
    assert!(matches!(on.refusal(replace(missing.revision(), &missing)).await, StoreError::Stale));
    assert!(!found(on, &user, &missing).await);
}

pub(super) async fn a_flow_that_moved_on_is_not_finished(on: &Fixture) {
    let user = on.add("fina").await;
    let session = on.sign_in(&user, "s").await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &flow).await;
    send_code(on, &user, &flow).await;
    let next = sample::proven(&flow, &user);
    let replace = FlowWrite::Replace { expected: flow.revision(), flow: Box::new(next.clone()) };
    on.write(Commit { flow: replace, ..sample::commit(&user) }).await;
    let finish = |expected: u32| Commit {
        flow: FlowWrite::Finish { expected, key: *flow.key() },
        ..sample::commit(&user)
    };
    assert!(matches!(on.refusal(finish(flow.revision())).await, StoreError::Stale));
    assert_eq!(on.read(&sample::query(&user, &flow)).await.flow.as_ref(), Some(&next));
    for _ in 0..2 {
        on.write(finish(next.revision())).await;
        let loaded = on.read(&sample::query(&user, &flow)).await;
        assert_eq!((loaded.flow, loaded.challenges), (None, Vec::new()));
    }
}

pub(super) async fn a_removed_flow_takes_its_codes_along(on: &Fixture) {
    let user = on.add("remy").await;
    let session = on.sign_in(&user, "s").await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    let kept = sample::flow(&user, &session, Operation::UpdatePhone, START);
    for flow in [&flow, &kept] {
        on.open(&user, flow).await;
        send_code(on, &user, flow).await;
    }
    let remove = Commit { flow: FlowWrite::Remove(*flow.key()), ..sample::commit(&user) };
    on.write(remove.clone()).await;
    let loaded = on.read(&sample::query(&user, &flow)).await;
    assert_eq!((loaded.flow, loaded.challenges), (None, Vec::new()));
    assert_eq!(on.read(&sample::query(&user, &kept)).await.challenges.len(), 1);
    on.write(remove).await;

    on.open(&user, &flow).await;
    let loaded = on.read(&sample::query(&user, &flow)).await;
    assert_eq!(loaded.challenges, Vec::new(), "no code waits for a flow that takes the key again");
    send_code(on, &user, &flow).await;
    on.open(&user, &sample::flow(&user, &session, Operation::UpdateEmail, at(1))).await;
    on.open(&user, &flow).await;
    let loaded = on.read(&sample::query(&user, &flow)).await;
    assert_eq!(loaded.challenges, Vec::new(), "codes of a superseded flow go with it");
}

async fn send_code(on: &Fixture, user: &User, flow: &Flow) {
    let code = sample::challenge(flow, sample::slot(flow), "123456");
    on.write(Commit { challenge: ChallengeWrite::Put(Box::new(code)), ..sample::commit(user) }).await;
}

pub(super) async fn a_signed_out_flow_finds_its_person(on: &Fixture) {
    let user = on.add("sina").await;
    let find = async |tenant: &TenantId, flow: &Flow| {
        on.store.find(tenant, &Handle::Flow(*flow.key())).await.expect("an answer")
    };
    for (seconds, operation) in (1..).zip(Operation::SIGNED_OUT) {
        let session = sample::session(&user, operation.as_str());
        let flow = sample::flow(&user, &session, operation, at(seconds));
        assert_eq!(find(&user.tenant, &flow).await, None);
        on.open(&user, &flow).await;
        assert_eq!(find(&user.tenant, &flow).await, Some(user.id.clone()));
        assert_eq!(find(&TenantId::parse("elsewhere").expect("an id"), &flow).await, None);
        on.write(Commit { flow: FlowWrite::Remove(*flow.key()), ..sample::commit(&user) }).await;
        assert_eq!(find(&user.tenant, &flow).await, None, "a flow that is gone");
    }
    for (seconds, operation) in (1..).zip(Operation::SELF_SERVICE) {
        let flow = sample::flow(&user, &sample::session(&user, "s"), operation, at(seconds));
        on.open(&user, &flow).await;
        assert_eq!(find(&user.tenant, &flow).await, None, "what takes a token is not found without");
    }
}
