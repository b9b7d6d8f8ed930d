//! The audit trail: complete, and newest first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{TenantId, User, UserId};
use ciam_ports::{AuditQuery, Commit};

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
    let own: Vec<AuditRecord> = written.iter().filter(|record| record.user == user.id).cloned().collect();
    assert_eq!(read(on, Some(&user.id), 1_000).await, own);
    assert_eq!(read(on, Some(&user.id), 2).await, own[..2]);
}

async fn read(on: &Fixture, user: Option<&UserId>, limit: u16) -> Vec<AuditRecord> {
    let query = AuditQuery { tenant: TenantId::default(), user: user.cloned(), limit };
    on.audit.records(&query).await.expect("audit records")
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
