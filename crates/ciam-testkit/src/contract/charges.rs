//! Charges: an attempt is paid once, before anything is compared.

use ciam_ports::domain::User;
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::store::FlowWrite;
use ciam_ports::{Charge, Charged, Commit, StepQuery};
use futures_executor::block_on;

use super::Fixture;
use super::fixture::race;
use super::sample::{self, HOUR, START};

async fn flow_of(on: &Fixture, name: &str) -> (User, Flow) {
    let user = on.add(name).await;
    let session = on.sign_in(&user, &format!("s-{name}")).await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &flow).await;
    (user, flow)
}

pub(super) async fn a_charge_is_never_lost(on: &Fixture) {
    let (user, flow) = flow_of(on, "lena").await;
    let rate = sample::window("lena", 1_000, HOUR);
    let charge = Charge { max_attempts: 150, rates: vec![rate], ..sample::charge(&user, &flow) };
    let shares: Vec<usize> = (0..32).map(|racer| if racer < 8 { 7 } else { 6 }).collect();
    assert_eq!(shares.iter().sum::<usize>(), 200);
    let pay = |share| block_on(paid(on, &charge, share));
    let mut paid: Vec<u8> = race(shares, pay).into_iter().flatten().collect();
    paid.sort_unstable();
    assert_eq!(
        paid,
        (1..=150).collect::<Vec<u8>>(),
        "of 200 charges at once 150 are paid, each counted once"
    );
    let counter = on.counter(&user, rate.key).await.expect("a count");
    assert_eq!(counter.count, 150, "the limit counts what is paid");
}

async fn paid(on: &Fixture, charge: &Charge, share: usize) -> Vec<u8> {
    let mut paid = Vec::new();
    for _ in 0..share {
        paid.extend(on.attempts(charge).await);
    }
    paid
}

pub(super) async fn an_attempt_given_back_is_there_again(on: &Fixture) {
    let (user, flow) = flow_of(on, "gabi").await;
    let session = on.sign_in(&user, "s-other").await;
    let other = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &other).await;
    let back = Commit { flow: FlowWrite::GiveBack(*flow.key()), ..sample::commit(&user) };
    on.write(back.clone()).await;
    let charge = sample::charge(&user, &flow);
    for paid in [1, 2] {
        assert_eq!(on.attempts(&charge).await, Some(paid), "what was not paid is not given back");
    }
    on.write(back).await;
    assert_eq!(on.attempts(&charge).await, Some(2));
    assert_eq!(on.attempts(&sample::charge(&user, &other)).await, Some(1));
    let nowhere = sample::flow(&user, &session, Operation::UpdatePhone, START);
    on.write(Commit { flow: FlowWrite::GiveBack(*nowhere.key()), ..sample::commit(&user) }).await;
    assert_eq!(on.attempts(&charge).await, Some(3));
}

pub(super) async fn a_charge_keeps_the_revision(on: &Fixture) {
    let (user, flow) = flow_of(on, "kira").await;
    let charge = sample::charge(&user, &flow);
    let Charged::Paid { loaded, attempts } = on.charged(&charge).await else {
        unreachable!("the first attempt is free to be paid")
    };
    assert_eq!((loaded.flow.as_ref(), attempts), (Some(&flow), 1), "the flow is as it was read before");
    assert_eq!(*loaded.user, user);
    let next = sample::proven(&flow, &user);
    let replace = FlowWrite::Replace { expected: flow.revision(), flow: Box::new(next.clone()) };
    on.write(Commit { flow: replace, ..sample::commit(&user) }).await;
    assert_eq!(on.attempts(&charge).await, Some(2), "a replacement gives no attempt back");
    let loaded = on.read(&sample::query(&user, &flow)).await;
    assert_eq!(loaded.flow, Some(next), "a charge gives no older flow back");
}

pub(super) async fn a_dead_flow_pays_nothing(on: &Fixture) {
    let (user, flow) = flow_of(on, "mara").await;
    let rate = sample::window("mara", 9, HOUR);
    let charge = Charge { rates: vec![rate], ..sample::charge(&user, &flow) };
    let restamped = sample::changed(&user, |user| user.stamp = sample::stamp("mara anew"));
    on.write(sample::replace(&user, &restamped)).await;
    let end = on.charged(&charge).await;
    assert!(matches!(end, Charged::NoFlow { .. }), "a flow of an older stamp is dead: {end:?}");
    assert_eq!(on.counter(&user, rate.key).await, None, "a dead flow uses up nothing of its owner's");
}

pub(super) async fn a_refused_charge_charges_nothing(on: &Fixture) {
    let (user, flow) = flow_of(on, "nora").await;
    let (free, spent) = (sample::window("free", 9, HOUR), sample::window("spent", 1, HOUR));
    on.write(Commit { rates: vec![spent], ..sample::commit(&user) }).await;
    let charge = Charge { rates: vec![free], ..sample::charge(&user, &flow) };

    let limited = Charge { rates: vec![free, spent], ..charge.clone() };
    let end = on.charged(&limited).await;
    assert!(matches!(end, Charged::Limited { scope, .. } if scope == spent.key.scope), "{end:?}");
    assert_eq!(on.counter(&user, free.key).await, None, "no count rises where one of them refuses");
    assert_eq!(on.attempts(&charge).await, Some(1), "no attempt is paid where a count refuses");

    for unknown in strays(&charge, &flow) {
        let end = on.charged(&unknown).await;
        assert!(matches!(end, Charged::NoFlow { .. }), "{end:?}");
    }
    let last = Charge { max_attempts: 1, ..charge.clone() };
    assert!(
        matches!(on.charged(&last).await, Charged::Exhausted { .. }),
        "a flow has no attempt past its last"
    );
    assert_eq!(on.counter(&user, free.key).await.map(|counter| counter.count), Some(1));
    assert_eq!(on.attempts(&charge).await, Some(2), "none of the refused ones was paid");
    let nobody = Charge { query: sample::query(&sample::user("nobody"), &flow), ..charge };
    assert_eq!(on.store.charge(&nobody).await.expect("a charge"), None);
}

/// Charges on a flow that is not there for who presents it.
fn strays(charge: &Charge, flow: &Flow) -> [Charge; 4] {
    let elsewhere = sample::session(&sample::user("nora"), "s-elsewhere").id;
    let with = |query: StepQuery| Charge { query, ..charge.clone() };
    let other = sample::flow(
        &sample::user("nora"),
        &sample::session(&sample::user("nora"), "s"),
        Operation::UpdatePhone,
        START,
    );
    [
        with(StepQuery { session: Some(elsewhere), ..charge.query.clone() }),
        with(StepQuery { session: None, ..charge.query.clone() }),
        with(StepQuery { flow: Some(*other.key()), ..charge.query.clone() }),
        Charge { now: flow.expires_at(), ..charge.clone() },
    ]
}
