//! The schema is applied once, and only a known one is used.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::PathBuf;

use ciam_ports::domain::audit::Action;
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{AuditOutcome, AuditQuery, AuditTrail};
use ciam_storage_sqlite::{SqliteError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("ciam.db")
}

fn open(folder: &TempDir) -> Result<SqliteStore, SqliteError> {
    SqliteStore::open(file(folder), SqliteOptions::default())
}

fn made() -> (TempDir, Connection) {
    let folder = TempDir::new().unwrap();
    drop(open(&folder).unwrap());
    let connection = Connection::open(file(&folder)).unwrap();
    (folder, connection)
}

fn ledger(connection: &Connection) -> Vec<(i64, String, i64)> {
    let mut statement =
        connection.prepare("SELECT version, name, applied_at FROM ciam_migrations ORDER BY version").unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn opening_again_applies_nothing_again() {
    let (folder, connection) = made();
    let before = ledger(&connection);
    assert!(before.len() > 1);
    assert!(before.is_sorted_by_key(|(version, ..)| *version));
    assert_eq!((before[0].0, before[0].1.as_str()), (1, "store"));
    assert!(before.iter().any(|(version, name, _)| (*version, name.as_str()) == (5, "gestures")));
    assert!(before.is_sorted_by_key(|migration| migration.0));
    drop(open(&folder).unwrap());
    assert_eq!(ledger(&connection), before);
}

#[test]
fn a_changed_migration_is_refused() {
    let (folder, connection) = made();
    connection.execute("UPDATE ciam_migrations SET checksum = x'00'", ()).unwrap();
    assert!(matches!(open(&folder), Err(SqliteError::Altered { version: 1 })));
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    let (folder, connection) = made();
    connection.execute("INSERT INTO ciam_migrations VALUES (9999, 'later', x'00', 0)", ()).unwrap();
    assert!(matches!(open(&folder), Err(SqliteError::Newer { version: 9999 })));
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let connection = Connection::open(file(&folder)).unwrap();
    connection.execute_batch("CREATE TABLE ciam_rates (host INTEGER)").unwrap();
    assert!(matches!(open(&folder), Err(SqliteError::Migration { version: 1, .. })));
    let tables = "SELECT group_concat(name) FROM sqlite_schema";
    let left: String = connection.query_row(tables, (), |row| row.get(0)).unwrap();
    assert_eq!(left, "ciam_rates");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    std::fs::write(file(&folder), "no database at all, but long enough to look at".repeat(99)).unwrap();
    assert!(matches!(open(&folder), Err(SqliteError::Open(_))));
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let _store = open(&folder).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_trail_of_an_older_release_is_found_by_action_and_time() {
    let (folder, connection) = made();
    connection
        .execute_batch(
            "DROP TABLE ciam_audit_actions;
            DROP TABLE ciam_audit_spans;
            DROP INDEX ciam_users_status;
            DELETE FROM ciam_migrations WHERE version IN (7, 10, 12);
            DROP TABLE ciam_audit_index;
            CREATE TABLE ciam_audit_index (tenant TEXT NOT NULL, user TEXT NOT NULL, seq INTEGER NOT NULL,
                PRIMARY KEY (tenant, user, seq)) STRICT, WITHOUT ROWID;
            WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300)
            INSERT INTO ciam_audit (tenant, id, at, actor_kind, user, action, refusal)
                SELECT 'default', 'r-' || n, CASE WHEN n = 200 THEN 5 ELSE n * 10 END, 'system', 'u',
                    CASE WHEN n % 50 = 0 THEN 'set_status' ELSE 'open_session' END,
                    CASE WHEN n % 90 = 0 THEN 'access.frozen' END
                FROM n;
            INSERT INTO ciam_audit_index (tenant, user, seq)
                SELECT tenant, user, seq FROM ciam_audit WHERE seq <= 256
                UNION ALL SELECT tenant, '', seq FROM ciam_audit WHERE seq <= 256;",
        )
        .unwrap();
    let store = open(&folder).unwrap();
    let found = |query: AuditQuery| -> Vec<String> {
        let page = futures_executor::block_on(store.records(&query)).unwrap();
        page.records.iter().map(|record| record.id.as_str().to_owned()).collect()
    };
    let newest = AuditQuery::newest(TenantId::default(), 500);
    let set = AuditQuery { action: Some(Action::SetStatus), ..newest.clone() };
    assert_eq!(found(set), ["r-300", "r-250", "r-200", "r-150", "r-100", "r-50"]);
    let early = AuditQuery { until: Some(Instant::from_unix_micros(30)), ..newest.clone() };
    assert_eq!(found(early), ["r-200", "r-2", "r-1"]);
    let refused = AuditQuery { outcome: Some(AuditOutcome::Refused), ..newest.clone() };
    assert_eq!(found(refused), ["r-270", "r-180", "r-90"]);
    let late = AuditQuery { since: Some(Instant::from_unix_micros(2_480)), ..newest };
    assert_eq!(found(late).len(), 53);
}
