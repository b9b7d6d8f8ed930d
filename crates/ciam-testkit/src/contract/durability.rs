//! What was acknowledged is there after the store was closed and opened again.

use std::path::Path;

use ciam_ports::domain::User;
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::user::Address;
use ciam_ports::store::{ChallengeWrite, FlowWrite, UniqueField};
use ciam_ports::{Charge, Commit, DueNotice, Handle, Settlement, StepQuery, StoreError};

use super::deletion::{bury, claim};
use super::sample::{self, HOUR, START};
use super::{Fixture, Reopening, held};

/// A signed-in person with an open flow.
async fn flow_of(on: &Fixture, name: &str) -> (User, Flow) {
    let user = on.add(name).await;
    let session = on.sign_in(&user, "s").await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &flow).await;
    (user, flow)
}

pub(super) async fn users_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let user = on.add("dora").await;
    let next =
        sample::changed(&user, |user| user.change_contact(Address::Email(sample::email("new")), START));
    let held = vec![held::hold(Address::Email(sample::email("old")), START)];
    let social = vec![sample::link("a", "dora.there")];
    let (factors, passkeys) = (sample::factors("s"), sample::passkeys("s"));
    let next = User { gestures: sample::gestures(), held, social, factors, passkeys, ..next };
    on.write(sample::replace(&user, &next)).await;
    drop(on);
    let on = open(directory);
    assert_eq!(on.user(&user).await, next);
    let mut other = sample::user("other");
    other.change_contact(Address::Email(sample::email("new")), START);
    assert!(matches!(on.refusal(sample::insert(&other)).await, StoreError::Conflict { .. }));
    other.change_contact(Address::Email(sample::email("old")), START);
    assert!(matches!(on.refusal(sample::insert(&other)).await, StoreError::Conflict { .. }), "it is held");
    let found = on.store.find(&user.tenant, &Handle::Held(Address::Email(sample::email("old")))).await;
    assert_eq!(found.expect("an answer"), Some(user.id));
}

pub(super) async fn sessions_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let user = on.add("dora").await;
    let session = on.sign_in(&user, "s").await;
    drop(on);
    let on = open(directory);
    let query = StepQuery {
        session: Some(session.id.clone()),
        ..StepQuery::of(user.tenant.clone(), user.id.clone())
    };
    assert_eq!(on.read(&query).await.session, Some(session.into()));
}

pub(super) async fn flows_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let (user, flow) = flow_of(&on, "dora").await;
    let next = sample::proven(&flow, &user);
    let replace = FlowWrite::Replace { expected: flow.revision(), flow: Box::new(next.clone()) };
    on.write(Commit { flow: replace, ..sample::commit(&user) }).await;
    drop(on);
    let on = open(directory);
    assert_eq!(on.read(&sample::query(&user, &flow)).await.flow, Some(next));
}

pub(super) async fn paid_attempts_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let (user, flow) = flow_of(&on, "dora").await;
    let charge = sample::charge(&user, &flow);
    assert_eq!(on.attempts(&charge).await, Some(1));
    assert_eq!(on.attempts(&charge).await, Some(2));
    drop(on);
    let on = open(directory);
    assert_eq!(on.attempts(&charge).await, Some(3));
}

pub(super) async fn codes_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let (user, flow) = flow_of(&on, "dora").await;
    let code = sample::challenge(&flow, sample::slot(&flow), "123456");
    let put = ChallengeWrite::Put(Box::new(code.clone()));
    on.write(Commit { challenge: put, ..sample::commit(&user) }).await;
    drop(on);
    let on = open(directory);
    assert_eq!(on.read(&sample::query(&user, &flow)).await.challenges, [code]);
}

pub(super) async fn counts_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let (user, flow) = flow_of(&on, "dora").await;
    let (sent, tried) = (sample::window("sent", 9, HOUR), sample::backoff("tried"));
    on.write(Commit { rates: vec![sent], ..sample::commit(&user) }).await;
    let charge = Charge { rates: vec![tried], ..sample::charge(&user, &flow) };
    assert_eq!(on.attempts(&charge).await, Some(1));
    drop(on);
    let on = open(directory);
    for rate in [sent, tried] {
        let first = rate.rule.admit(None, START).expect("the first");
        assert_eq!(on.counter(&user, rate.key).await, Some(first));
    }
}

pub(super) async fn notices_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let user = on.add("dora").await;
    let [done, lent, waiting] = ["done", "lent", "waiting"].map(|id| sample::notice(&user, id));
    on.write(Commit { outbox: vec![done, lent.clone(), waiting.clone()], ..sample::commit(&user) }).await;
    let taken = on.outbox.take(START, HOUR, 2).await.expect("the outbox");
    on.outbox.settle(taken[0].entry, Settlement::Done).await.expect("a settlement");
    drop(on);
    let on = open(directory);
    let due = |taken: Vec<DueNotice>| taken.into_iter().map(|due| due.notice).collect::<Vec<_>>();
    let remaining = due(on.outbox.take(START, HOUR, 9).await.expect("the outbox"));
    assert_eq!(remaining, std::slice::from_ref(&waiting), "a lease outlives the process too");
    assert_eq!(due(on.outbox.take(START.after(HOUR), HOUR, 9).await.expect("the outbox")), [lent, waiting]);
}

pub(super) async fn the_audit_trail_outlives_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let user = on.add("dora").await;
    let [first, second, third] = ["e-1", "e-2", "e-3"].map(|id| sample::record(&user, id));
    on.write(Commit { audit: vec![first.clone(), second.clone()], ..sample::commit(&user) }).await;
    drop(on);
    let on = open(directory);
    on.write(Commit { audit: vec![third.clone()], ..sample::commit(&user) }).await;
    assert_eq!(on.records(&user).await, [third, second, first]);
}

pub(super) async fn tombstones_outlive_the_process(open: &Reopening<'_>, directory: &Path) {
    let on = open(directory);
    let user = on.add("dora").await;
    bury(&on, &user, "taken", START.after(HOUR)).await;
    drop(on);
    let on = open(directory);
    let claims = vec![claim(UniqueField::Username, "taken")];
    let taking = Commit { claims, ..sample::insert(&sample::user("newcomer")) };
    assert!(matches!(on.refusal(taking).await, StoreError::Conflict { field: UniqueField::Username }));
}
