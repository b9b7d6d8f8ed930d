//! How SQLite means to run a statement.

use rusqlite::{Connection, StatementStatus};

use crate::{connection, migration};

fn migrated() -> Connection {
    let mut connection = connection::in_memory().unwrap();
    migration::migrate(&mut connection).unwrap();
    connection
}

/// One column of what SQLite tells of the steps of a statement.
fn steps(explain: &str, sql: &str, column: usize) -> Vec<String> {
    let connection = migrated();
    let mut statement = connection.prepare(&format!("{explain} {sql}")).unwrap();
    let parameters = rusqlite::params_from_iter(vec![1; statement.parameter_count()]);
    let steps = statement.query_map(parameters, |row| row.get(column)).unwrap();
    steps.collect::<Result<_, _>>().unwrap()
}

/// Fails where a statement reads a whole table, or sorts what an index has in order.
pub(crate) fn assert_searches(sql: &str) {
    let steps = steps("EXPLAIN QUERY PLAN", sql, 3);
    assert!(steps.iter().any(|step| step.contains("ciam_") || step.starts_with("SEARCH")), "{steps:?}");
    for step in &steps {
        let one_row = ["SCAN CONSTANT ROW", "SCAN (subquery-1)"].contains(&step.as_str());
        assert!(one_row || !step.starts_with("SCAN"), "{sql}\n{steps:#?}");
    }
}

/// Fails where SQLite would build a table to run a statement, or plan it anew for each value it is given.
pub(crate) fn assert_builds_nothing(sql: &str) {
    let steps = steps("EXPLAIN", sql, 1);
    for step in ["OpenEphemeral", "OpenAutoindex", "SorterOpen"] {
        assert!(!steps.iter().any(|other| other == step), "{step} in {sql}");
    }
    let connection = migrated();
    let mut statement = connection.prepare(sql).unwrap();
    for value in ["1", "2"] {
        let parameters = rusqlite::params_from_iter(vec![value; statement.parameter_count()]);
        // Whether the value fits is nothing to the plan.
        drop(statement.query(parameters).and_then(|mut rows| rows.next().map(drop)));
    }
    assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "planned anew: {sql}");
}
