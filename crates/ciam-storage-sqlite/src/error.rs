//! What can go wrong, and how SQLite's codes become the port's errors.

use ciam_ports::store::UniqueField;
use ciam_ports::{Source, StoreError};
use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The file cannot be made.
    #[error("the database file cannot be created")]
    Create(#[source] std::io::Error),
    /// The file cannot be opened as a database.
    #[error("the database cannot be opened")]
    Open(#[source] Source),
    /// The file system has no shared memory, as network file systems have none.
    #[error("the file system does not allow write-ahead logging")]
    NoWal,
    /// The database was written by a newer release.
    #[error("the database has migration {version}, which this release does not know")]
    Newer {
        /// The first migration that is unknown.
        version: i64,
    },
    /// A migration that was applied is not the one known under its number.
    #[error("migration {version} of the database is not the known one")]
    Altered {
        /// Its number.
        version: i64,
    },
    /// A migration failed; nothing was changed.
    #[error("migration {version} failed")]
    Migration {
        /// Its number.
        version: i64,
        /// Why.
        #[source]
        source: Source,
    },
    /// A thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Open(error.into())
    }
}

/// Too many jobs wait already; found behind [`StoreError::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("overloaded")]
pub struct Overloaded;

/// The thread that would answer is gone; found behind [`StoreError::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store is closed")]
pub struct Closed;

#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be read")]
struct Unreadable(&'static str);

/// A stored value that the domain refuses, by table and column.
pub(crate) fn unreadable(column: &'static str) -> StoreError {
    StoreError::Corrupt(Box::new(Unreadable(column)))
}

/// What an error of SQLite means to a caller of the port.
pub(crate) fn translated(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(failure, message)
            if matches!(failure.extended_code, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) =>
        {
            conflict(message.as_deref().unwrap_or_default())
        }
        rusqlite::Error::SqliteFailure(failure, _)
            if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
        {
            StoreError::Corrupt(error.into())
        }
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Corrupt(error.into()),
        _ => StoreError::Unavailable(error.into()),
    }
}

/// Two accounts cannot share an identifier; two rows of any other table mean that another write came first.
fn conflict(message: &str) -> StoreError {
    const FIELDS: [(&str, UniqueField); 7] = [
        ("ciam_users.username_canonical", UniqueField::Username),
        ("ciam_users.phone", UniqueField::Phone),
        ("ciam_users.email_canonical", UniqueField::Email),
        ("ciam_users.id", UniqueField::Id),
        ("ciam_attribute_values.canonical", UniqueField::Attribute),
        ("ciam_social.subject", UniqueField::Social),
        ("ciam_passkeys.id", UniqueField::Passkey),
    ];
    let named = FIELDS.into_iter().find(|(column, _)| message.ends_with(column));
    named.map_or(StoreError::Stale, |(_, field)| StoreError::Conflict { field })
}
