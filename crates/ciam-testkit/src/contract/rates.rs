//! Counts: raised with what they count, or refusing it.

use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::rate::{Counter, Rate};
use ciam_ports::domain::{Instant, User};
use ciam_ports::{Charge, Charged, Commit, StepQuery, StoreError};

use super::Fixture;
use super::sample::{self, HOUR, START, TICK};

fn raise(user: &User, rate: Rate, now: Instant) -> Commit {
    Commit { rates: vec![rate], now, ..sample::commit(user) }
}

pub(super) async fn a_limit_refuses_the_commit(on: &Fixture) {
    let user = on.add("lara").await;
    let rate = sample::window("lara", 10, HOUR);
    let ends = on.commit_at_once(vec![raise(&user, rate, START); 32]);
    assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 10, "a window of 10 admits 10 of 32");
    for refusal in ends.into_iter().filter_map(Result::err) {
        assert!(
            matches!(refusal, StoreError::Limited { scope, .. } if scope == rate.key.scope),
            "{refusal:?}"
        );
    }
    assert_eq!(on.counter(&user, rate.key).await.map(|counter| counter.count), Some(10));

    let pause = sample::backoff("lara");
    on.write(raise(&user, pause, START)).await;
    let refusal = on.refusal(raise(&user, pause, START)).await;
    assert!(matches!(refusal, StoreError::Limited { scope, .. } if scope == pause.key.scope), "{refusal:?}");
    on.write(raise(&user, sample::window("another", 10, HOUR), START)).await;
}

pub(super) async fn a_window_ends_on_time(on: &Fixture) {
    let user = on.add("wanda").await;
    let session = on.sign_in(&user, "s").await;
    let (first, end) = (START.after(TICK), START.after(TICK).after(HOUR / 60));
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, first);
    on.open(&user, &flow).await;
    let rate = sample::window("wanda", 2, HOUR / 60);
    let query = StepQuery { rates: vec![rate.key], ..sample::query(&user, &flow) };
    let charge = |now| Charge { query: query.clone(), max_attempts: 9, rates: vec![rate], now };

    for (now, count) in [(first, 1), (first.after(HOUR / 120), 2)] {
        let counter = Counter { count, first_at: first, last_at: now };
        assert_eq!(counted(on, &charge(now)).await, Some((rate.key, counter)));
    }
    let late = on.charged(&charge(end.before(TICK))).await;
    let Charged::Limited { until, .. } = late else { unreachable!("the window was open: {late:?}") };
    assert_eq!(until, Some(end), "the refusal says when the window ends");
    let anew = Counter { count: 1, first_at: end, last_at: end };
    assert_eq!(counted(on, &charge(end)).await, Some((rate.key, anew)), "a new window begins");
}

/// The count that a paid charge shows.
async fn counted(on: &Fixture, charge: &Charge) -> Option<(ciam_ports::domain::rate::RateKey, Counter)> {
    match on.charged(charge).await {
        Charged::Paid { loaded, .. } => loaded.rates.first().copied(),
        _ => None,
    }
}

pub(super) async fn a_cleared_count_begins_anew(on: &Fixture) {
    let user = on.add("cara").await;
    let (rate, kept) = (sample::backoff("cara"), sample::backoff("carl"));
    on.write(raise(&user, rate, START)).await;
    on.write(raise(&user, kept, START)).await;
    let clear = Commit { cleared: vec![rate.key], ..sample::commit(&user) };
    on.write(clear.clone()).await;
    assert_eq!(on.counter(&user, rate.key).await, None);
    on.write(clear).await;
    on.write(raise(&user, rate, START)).await;
    for key in [rate.key, kept.key] {
        assert_eq!(on.counter(&user, key).await.map(|counter| counter.count), Some(1));
    }
}
