//! What a page of a long trail costs.

use std::time::Duration;

use ciam_testkit::contract::sample::{self, START};
use rusqlite::{Connection, StatementStatus};

use super::*;
use crate::plan::{assert_builds_nothing, assert_searches};
use crate::shared::Shared;
use crate::{connection, migration};

#[test]
fn every_statement_is_answered_by_an_index() {
    for sql in [LAST, SPAN, LOWER, FIRST_SPAN_SINCE, LAST_SPAN_BEFORE, NOT_INDEXED, INDEXED]
        .into_iter()
        .chain([lists::RECORDS, lists::OF_USER, lists::OF_ACTION])
    {
        assert_searches(sql);
    }
}

#[test]
fn no_statement_of_a_step_builds_a_table() {
    assert_builds_nothing(INSERT);
}

/// So many records, each made of its number; one in 500 is a refusal.
fn filled(count: u64, record: impl Fn(u64) -> (Action, Instant)) -> (Connection, Vec<AuditRecord>) {
    let mut connection = connection::in_memory().unwrap();
    migration::migrate(&mut connection).unwrap();
    let users = [sample::user("anna"), sample::user("aron")];
    let made = |n: u64| {
        let (action, at) = record(n);
        AuditRecord {
            action,
            at,
            outcome: if n % 500 == 7 { Outcome::Refused("flow.unknown".into()) } else { Outcome::Done },
            ..sample::record(&users[usize::from(n.is_multiple_of(3))], &format!("r-{n}"))
        }
    };
    let records: Vec<_> = (0..count).map(made).collect();
    let shared = Shared::default();
    append(&Db::new(&connection, &shared), &records).unwrap();
    (connection, records)
}

fn read_page(connection: &Connection, query: &AuditQuery) -> AuditPage {
    let shared = Shared::default();
    page(&Db::new(connection, &shared), query).unwrap()
}

/// What a page took to read by one of the lists, in steps of the database's machine.
fn steps(connection: &Connection, list: &'static str, query: &AuditQuery) -> i32 {
    let spent = || {
        let steps = [list, INDEXED]
            .map(|sql| connection.prepare_cached(sql).unwrap().get_status(StatementStatus::VmStep));
        steps[0] + steps[1]
    };
    let before = spent();
    assert!(!read_page(connection, query).records.is_empty());
    spent() - before
}

fn after(seconds: u64) -> Instant {
    START.after(Duration::from_secs(seconds))
}

#[test]
fn a_page_of_an_action_or_a_time_costs_the_same_however_long_the_trail_is() {
    let (connection, _) =
        filled(20_000, |n| (if n % 2_000 == 9 { Action::SetStatus } else { Action::CheckToken }, after(n)));
    let newest = AuditQuery::newest(TenantId::default(), 3);
    let rare = AuditQuery { action: Some(Action::SetStatus), ..newest.clone() };
    let refused = AuditQuery { outcome: Some(AuditOutcome::Refused), ..newest.clone() };
    let refused_checks = AuditQuery { action: Some(Action::CheckToken), ..refused.clone() };
    let early = AuditQuery { until: Some(after(10)), ..newest.clone() };
    let between =
        AuditQuery { since: Some(after(9_990)), ..AuditQuery { until: Some(after(10_000)), ..newest } };
    let both = AuditQuery { action: Some(Action::CheckToken), ..between.clone() };
    for (sql, query) in [
        (lists::OF_ACTION, &rare),
        (lists::OF_ACTION, &refused),
        (lists::OF_ACTION, &refused_checks),
        (lists::OF_USER, &early),
        (lists::OF_USER, &between),
        (lists::OF_ACTION, &both),
    ] {
        let spent = steps(&connection, sql, query);
        assert!((1..5_000).contains(&spent), "{spent} for {query:?}");
    }
}

#[test]
fn what_is_found_by_action_and_time_is_what_is_there_wherever_the_clock_went() {
    let (connection, mut records) = filled(1_000, |n| {
        let action = Action::ALL[usize::try_from(n * 31 % 5).unwrap()];
        // Mostly on, at times far back, at times far ahead.
        (
            action,
            after(
                n + if n.is_multiple_of(97) { 900 } else { 0 } + if n.is_multiple_of(89) { 0 } else { 500 },
            ),
        )
    });
    records.reverse();
    for action in [None, Some(Action::ALL[0]), Some(Action::ALL[3])] {
        for since in [None, Some(after(0)), Some(after(700)), Some(after(1_490)), Some(after(9_999))] {
            for until in [None, Some(after(1)), Some(after(640)), Some(after(1_400)), Some(after(9_999))] {
                for user in [None, Some(sample::user("aron").id)] {
                    let query = AuditQuery {
                        user,
                        action,
                        since,
                        until,
                        ..AuditQuery::newest(TenantId::default(), 2_000)
                    };
                    for outcome in [None, Some(AuditOutcome::Refused), Some(AuditOutcome::Done)] {
                        let query = AuditQuery { outcome, ..query.clone() };
                        let expected: Vec<_> = records.iter().filter(|record| query.admits(record)).collect();
                        let found = read_page(&connection, &query).records;
                        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query:?}");
                    }
                }
            }
        }
    }
}
