//! The schema, as numbered files that are applied once each.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::error::SqliteError;

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "store", sql: include_str!("../migrations/0001_store.sql") },
    Migration { version: 2, name: "profile", sql: include_str!("../migrations/0002_profile.sql") },
    Migration { version: 3, name: "consents", sql: include_str!("../migrations/0003_consents.sql") },
    Migration { version: 4, name: "social", sql: include_str!("../migrations/0004_social.sql") },
    Migration { version: 5, name: "gestures", sql: include_str!("../migrations/0005_gestures.sql") },
    Migration { version: 6, name: "factors", sql: include_str!("../migrations/0006_factors.sql") },
    Migration { version: 7, name: "directory", sql: include_str!("../migrations/0007_directory.sql") },
    Migration { version: 8, name: "passkeys", sql: include_str!("../migrations/0008_passkeys.sql") },
    Migration { version: 9, name: "codes", sql: include_str!("../migrations/0009_codes.sql") },
    Migration { version: 10, name: "refusals", sql: include_str!("../migrations/0010_refusals.sql") },
    Migration { version: 11, name: "outbox", sql: include_str!("../migrations/0011_outbox.sql") },
    Migration { version: 12, name: "audit_lists", sql: include_str!("../migrations/0012_audit_lists.sql") },
    Migration { version: 13, name: "signed_out", sql: include_str!("../migrations/0013_signed_out.sql") },
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS ciam_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   BLOB    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";

const APPLIED: &str = "SELECT version, checksum FROM ciam_migrations ORDER BY version";

const RECORD: &str = "INSERT INTO ciam_migrations (version, name, checksum, applied_at)
    VALUES (?1, ?2, ?3, CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER))";

impl Migration {
    fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql).into()
    }

    fn apply(&self, transaction: &Transaction<'_>) -> Result<(), SqliteError> {
        let done = transaction
            .execute_batch(self.sql)
            .and_then(|()| transaction.execute(RECORD, (self.version, self.name, self.checksum())));
        match done {
            Ok(_) => Ok(()),
            Err(error) => Err(SqliteError::Migration { version: self.version, source: error.into() }),
        }
    }
}

/// Brings the schema up to date, in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), SqliteError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(LEDGER)?;
    let applied = applied(&transaction)?;
    for (version, checksum) in &applied {
        let known = MIGRATIONS.iter().find(|migration| migration.version == *version);
        let known = known.ok_or(SqliteError::Newer { version: *version })?;
        if known.checksum().as_slice() != checksum {
            return Err(SqliteError::Altered { version: *version });
        }
    }
    for migration in MIGRATIONS {
        if applied.iter().all(|(version, _)| *version != migration.version) {
            migration.apply(&transaction)?;
        }
    }
    Ok(transaction.commit()?)
}

fn applied(transaction: &Transaction<'_>) -> Result<Vec<(i64, Vec<u8>)>, SqliteError> {
    let mut statement = transaction.prepare(APPLIED)?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
