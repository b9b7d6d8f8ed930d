//! How SQLite means to run a statement.

use rusqlite::StatementStatus;

use crate::{connection, migration};

/// Fails where a statement reads a whole table, or sorts what an index has in order.
pub(crate) fn assert_searches(sql: &str) {
    let mut connection = connection::in_memory().unwrap();
    migration::migrate(&mut connection).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let parameters = statement.parameter_count();
    let steps = statement
        .query_map(rusqlite::params_from_iter(vec![1; parameters]), |row| row.get::<_, String>(3))
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    assert!(steps.iter().any(|step| step.contains("ciam_") || step.starts_with("SEARCH")), "{steps:?}");
    for step in &steps {
        let one_row = ["SCAN CONSTANT ROW", "SCAN (subquery-1)"].contains(&step.as_str());
        assert!(one_row || !step.starts_with("SCAN"), "{sql}\n{steps:#?}");
    }
}

/// Fails where SQLite would build a table to run a statement, or plan it anew for each value it is given.
pub(crate) fn assert_builds_nothing(sql: &str) {
    let mut connection = connection::in_memory().unwrap();
    migration::migrate(&mut connection).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
    let parameters = statement.parameter_count();
    let steps = statement
        .query_map(rusqlite::params_from_iter(vec![1; parameters]), |row| row.get::<_, String>(1))
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    for step in ["OpenEphemeral", "OpenAutoindex", "SorterOpen"] {
        assert!(!steps.iter().any(|other| other == step), "{step} in {sql}");
    }
    let mut statement = connection.prepare(sql).unwrap();
    for value in ["1", "2"] {
        // Whether the value fits is nothing to the plan.
        drop(
            statement
                .query(rusqlite::params_from_iter(vec![value; parameters]))
                .and_then(|mut rows| rows.next().map(drop)),
        );
    }
    assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "planned anew: {sql}");
}
