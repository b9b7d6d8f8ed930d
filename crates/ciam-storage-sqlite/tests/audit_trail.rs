//! Records that the index has, and those that it has not yet, make one trail.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use ciam_ports::domain::EventId;
use ciam_ports::{AuditQuery, AuditTrail, Commit, Store};
use ciam_storage_sqlite::SqliteStore;
use ciam_testkit::contract::sample;
use futures_executor::block_on;

#[test]
fn a_long_trail_is_read_from_its_newest_record() {
    let store = SqliteStore::in_memory().unwrap();
    let users = [sample::user("one"), sample::user("other")];
    for user in &users {
        block_on(store.commit(sample::insert(user))).unwrap();
    }
    let mut ids: Vec<Vec<EventId>> = vec![Vec::new(); 3];
    for n in 0..300 {
        let (whose, user) = (n % 2, &users[n % 2]);
        let record = sample::record(user, &format!("e-{n}"));
        ids[whose].insert(0, record.id.clone());
        ids[2].insert(0, record.id.clone());
        block_on(store.commit(Commit { audit: vec![record], ..sample::commit(user) })).unwrap();
        if ![1, 126, 127, 128, 129, 255, 256, 299].contains(&n) {
            continue;
        }
        for (whose, user) in [(0, Some(&users[0])), (1, Some(&users[1])), (2, None)] {
            for limit in [1_u16, 40, 129, 1_000] {
                let (tenant, user) = (users[0].tenant.clone(), user.map(|user| user.id.clone()));
                let read = block_on(store.records(&AuditQuery { user, ..AuditQuery::newest(tenant, limit) }))
                    .unwrap();
                let read: Vec<EventId> = read.records.into_iter().map(|record| record.id).collect();
                let expected: Vec<EventId> = ids[whose].iter().take(limit.into()).cloned().collect();
                assert_eq!(read, expected, "{whose} of {n}, at most {limit}");
            }
            let name = user.map(|user| user.id.clone());
            let query = AuditQuery { user: name, ..AuditQuery::newest(users[0].tenant.clone(), 40) };
            assert_eq!(paged(&store, query), ids[whose], "{whose} of {n}, in pages");
        }
    }
}

fn paged(store: &SqliteStore, mut query: AuditQuery) -> Vec<EventId> {
    let mut read = Vec::new();
    loop {
        let page = block_on(store.records(&query)).unwrap();
        read.extend(page.records.into_iter().map(|record| record.id));
        query.before = page.next;
        if page.next.is_none() {
            return read;
        }
    }
}
