//! How many flows a person may have open.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::Duration;

use ciam_ports::domain::flow::{Flow, FlowPolicy, MethodSet, Moment, Opening, Operation};
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::{FlowId, SessionId, User};
use ciam_ports::store::FlowWrite;
use ciam_ports::{Commit, Store};
use ciam_storage_sqlite::SqliteStore;
use ciam_testkit::contract::sample;
use futures_executor::block_on;

/// A flow that begins after `second` seconds and lasts `ttl`.
fn flow(user: &User, operation: Operation, second: u64, ttl: Duration) -> Flow {
    let policy = FlowPolicy { ttl, ..FlowPolicy::default() };
    let key = FlowId::presented(operation.as_str()).key();
    let opening =
        Opening { key, session: SessionId::parse("s").unwrap(), operation, methods: MethodSet::all() };
    let at = Moment { now: sample::at(second), user, amr: &[Amr::Password], policy: &policy };
    Flow::open(opening, &at).unwrap()
}

#[test]
fn an_expired_flow_takes_no_place_of_a_live_one() {
    let store = SqliteStore::in_memory().unwrap();
    let user = sample::user("capped");
    block_on(store.commit(sample::insert(&user))).unwrap();
    let live = flow(&user, Operation::UpdatePassword, 0, sample::HOUR);
    let brief = flow(&user, Operation::UpdatePhone, 1, Duration::from_secs(1));
    let next = flow(&user, Operation::UpdateEmail, 9, sample::HOUR);
    for flow in [&live, &brief, &next] {
        let open = FlowWrite::Open { flow: Box::new(flow.clone()), cap: 2 };
        let commit = Commit { flow: open, now: flow.opened_at(), ..sample::commit(&user) };
        block_on(store.commit(commit)).unwrap();
    }
    let found = |flow| block_on(store.load(&sample::query(&user, flow))).unwrap().unwrap().flow;
    assert_eq!(found(&live), Some(live.clone()));
    assert_eq!(found(&brief), None);
    assert_eq!(found(&next), Some(next.clone()));
}
