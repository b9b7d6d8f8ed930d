//! The audit trail: complete, and newest first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::{AuditOutcome, AuditPage, AuditQuery, Commit};

use super::Fixture;
use super::sample::{self, START, TICK};

pub(super) async fn audit_is_newest_first(on: &Fixture) {
    let (user, other) = (on.add("anna").await, on.add("aron").await);
    let mut written = Vec::new();
    for (n, action) in Action::ALL.iter().enumerate() {
        let about = if n % 3 == 0 { &other } else { &user };
        let pair = [full(about, *action, n), sample::record(about, &format!("plain-{n}"))];
        on.write(Commit { audit: pair.to_vec(), ..sample::commit(about) }).await;
        written.extend(pair);
    }
    written.reverse();
    assert_eq!(read(on, None, 1_000).await, written);
    assert_eq!(read(on, None, 3).await, written[..3]);
    let own = |mut records: Vec<AuditRecord>| {
        records.retain(|record| record.user == user.id);
        records
    };
    assert_eq!(own(read(on, Some(&user.id), 1_000).await), own(written));
}

async fn read(on: &Fixture, user: Option<&UserId>, limit: u16) -> Vec<AuditRecord> {
    page(on, AuditQuery { user: user.cloned(), ..newest(limit) }).await.records
}

fn newest(limit: u16) -> AuditQuery {
    AuditQuery::newest(TenantId::default(), limit)
}

async fn page(on: &Fixture, query: AuditQuery) -> AuditPage {
    on.audit.records(&query).await.expect("audit records")
}

/// Every record of two people, two actions, two outcomes and two moments, oldest first.
async fn mixed(on: &Fixture) -> (UserId, Vec<AuditRecord>) {
    let (user, other) = (on.add("amos").await, on.add("abby").await);
    let mut written = Vec::new();
    for n in 0..32_u8 {
        let has = |bit: u8| n & bit != 0;
        let about = if has(1) { &user } else { &other };
        let record = AuditRecord {
            action: if has(2) { Action::SetStatus } else { Action::CheckToken },
            outcome: if has(4) { Outcome::Done } else { Outcome::Refused("access.locked".into()) },
            at: if has(8) { START.after(TICK) } else { START },
            ..sample::record(about, &format!("mixed-{n}"))
        };
        on.write(Commit { audit: vec![record.clone()], ..sample::commit(about) }).await;
        written.push(record);
    }
    (user.id, written)
}

/// Every way to set the filters.
fn filters(user: &UserId) -> Vec<AuditQuery> {
    let mut all = vec![newest(1_000)];
    let steps: [fn(&mut AuditQuery, &UserId); 7] = [
        |query, user| query.user = Some(user.clone()),
        |query, _| query.action = Some(Action::SetStatus),
        |query, _| query.outcome = Some(AuditOutcome::Done),
        |query, _| query.outcome = Some(AuditOutcome::Refused),
        |query, _| query.since = Some(START.after(TICK)),
        |query, _| query.until = Some(START.after(TICK)),
        |query, _| query.until = Some(START),
    ];
    for step in steps {
        let narrower = all.clone().into_iter().map(|mut query| {
            step(&mut query, user);
            query
        });
        all.extend(narrower.collect::<Vec<_>>());
    }
    all
}

/// In which order they come is another rule's.
fn sorted(mut records: Vec<AuditRecord>) -> Vec<AuditRecord> {
    records.sort_by_key(|record| record.id.clone());
    records
}

pub(super) async fn audit_filters_narrow_together(on: &Fixture) {
    let (user, written) = mixed(on).await;
    for query in filters(&user) {
        let expected = sorted(written.iter().filter(|record| query.admits(record)).cloned().collect());
        let whole = page(on, query.clone()).await;
        assert_eq!((sorted(whole.records), whole.next), (expected.clone(), None), "{query:?}");
        let short = page(on, AuditQuery { limit: 3, ..query.clone() }).await.records;
        assert_eq!(short.len(), expected.len().min(3), "{query:?}");
        assert!(short.iter().all(|record| expected.contains(record)), "{query:?}");
    }
}

pub(super) async fn audit_pages_meet(on: &Fixture) {
    let (user, written) = mixed(on).await;
    let own = AuditQuery { user: Some(user), ..newest(0) };
    for query in [newest(0), own, AuditQuery { action: Some(Action::SetStatus), ..newest(0) }] {
        let expected = sorted(written.iter().filter(|record| query.admits(record)).cloned().collect());
        for limit in [1, 3, 8] {
            let (mut read, mut before) = (Vec::new(), None);
            loop {
                let part = page(on, AuditQuery { before, limit, ..query.clone() }).await;
                read.extend(part.records);
                before = part.next;
                if before.is_none() || read.len() > 1_000 {
                    break;
                }
                later(on, read.len()).await;
            }
            read.retain(|record| query.admits(record) && !record.id.as_str().starts_with("later"));
            assert_eq!(sorted(read), expected, "{limit} at a time of {query:?}");
        }
    }
}

/// Something is committed between two pages.
async fn later(on: &Fixture, n: usize) {
    let about = sample::user("amos");
    let late = AuditRecord { action: Action::SetStatus, ..sample::record(&about, &format!("later-{n}")) };
    on.write(Commit { audit: vec![late], ..sample::commit(&about) }).await;
}

/// A record in which nothing is left out; all tell of almost the same moment.
fn full(user: &User, action: Action, n: usize) -> AuditRecord {
    let session = sample::session(user, "s");
    let actors =
        [Actor::Administrator(sample::user("root").id), Actor::System, Actor::Person(user.id.clone())];
    let from = [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    AuditRecord {
        at: START.after(TICK),
        actor: actors[n % actors.len()].clone(),
        flow: Some(*sample::flow(user, &session, Operation::UpdateEmail, START).key()),
        session: Some(session.id),
        action,
        outcome: Outcome::Refused("factor.wrong_code".into()),
        source: Some(Source::new(from[n % from.len()])),
        detail: Some("UPDATE_EMAIL EMAIL".into()),
        ..sample::record(user, &format!("full-{n}"))
    }
}
