//! Notices: lent to one, back when nobody settled them, gone when somebody did.

use std::collections::BTreeSet;

use ciam_ports::domain::Instant;
use ciam_ports::domain::challenge::KeyId;
use ciam_ports::domain::notice::{Notice, NoticeKind, RevertOffer};
use ciam_ports::domain::user::Address;
use ciam_ports::{Commit, DueNotice, Settlement};
use futures_executor::block_on;

use super::Fixture;
use super::fixture::race;
use super::sample::{self, HOUR, START, TICK};

/// Puts as many notices into the outbox, one commit each.
async fn fill(on: &Fixture, count: usize) -> Vec<Notice> {
    let user = on.add("nele").await;
    let mut notices = Vec::new();
    for n in 0..count {
        let mut notice = sample::notice(&user, &format!("e-{n}"));
        notice.kind = NoticeKind::ALL[n % NoticeKind::ALL.len()];
        if n % 2 == 1 {
            notice.to = Address::Phone(sample::phone("nele"));
            notice.revert = Some(RevertOffer { key: KeyId::new("k1"), until: START.after(HOUR * 7) });
        }
        on.write(Commit { outbox: vec![notice.clone()], ..sample::commit(&user) }).await;
        notices.push(notice);
    }
    notices
}

async fn take(on: &Fixture, now: Instant, limit: u16) -> Vec<DueNotice> {
    on.outbox.take(now, HOUR, limit).await.expect("the outbox")
}

fn notices(taken: Vec<DueNotice>) -> Vec<Notice> {
    taken.into_iter().map(|due| due.notice).collect()
}

pub(super) async fn a_due_notice_is_lent_to_one(on: &Fixture) {
    let waiting = fill(on, 42).await;
    let first = take(on, START, 2).await;
    assert!(first.iter().all(|due| due.tries == 0));
    assert_eq!(notices(first), waiting[..2], "the oldest come first, as many as asked for, as committed");
    let racers = vec![2; 32];
    let taken = race(racers, |limit| block_on(take(on, START, limit)));
    let taken: Vec<DueNotice> = taken.into_iter().flatten().collect();
    let apart: BTreeSet<u64> = taken.iter().map(|due| due.entry).collect();
    assert_eq!((taken.len(), apart.len()), (40, 40), "each notice is lent once");
    let end = START.after(HOUR);
    assert_eq!(
        take(on, end.before(TICK), 99).await,
        [],
        "a lent notice is nobody else's before the lease ends"
    );
}

pub(super) async fn an_unsettled_notice_comes_back(on: &Fixture) {
    let waiting = fill(on, 2).await;
    let first = take(on, START, 9).await;
    let again = take(on, START.after(HOUR), 9).await;
    let place = |taken: &[DueNotice]| taken.iter().map(|due| due.entry).collect::<BTreeSet<_>>();
    assert_eq!(place(&first), place(&again), "a notice keeps its place");
    assert!(again.iter().all(|due| due.tries == 1), "how often it was taken before is told");
    assert_eq!(notices(again), waiting);
}

pub(super) async fn a_settled_notice_is_gone(on: &Fixture) {
    let waiting = fill(on, 2).await;
    let taken = take(on, START, 1).await;
    for due in &taken {
        on.outbox.settle(due.entry, Settlement::Done).await.expect("a settlement");
        on.outbox.settle(due.entry, Settlement::Done).await.expect("a settlement that came before");
    }
    let left = take(on, START.after(48 * HOUR), 9).await;
    assert_eq!(notices(left), waiting[1..], "one that is settled never comes again");
}

pub(super) async fn a_notice_waits_for_its_time(on: &Fixture) {
    let waiting = fill(on, 1).await;
    for (now, due_at) in [(START, START.after(4 * HOUR)), (START.after(4 * HOUR), START.after(9 * HOUR))] {
        for due in take(on, now, 9).await {
            on.outbox.settle(due.entry, Settlement::Again(due_at)).await.expect("a settlement");
        }
        assert_eq!(take(on, due_at.before(TICK), 9).await, [], "it is not due before its time");
    }
    assert_eq!(
        notices(take(on, START.after(9 * HOUR), 9).await),
        waiting,
        "it is due when its time has come"
    );
}
