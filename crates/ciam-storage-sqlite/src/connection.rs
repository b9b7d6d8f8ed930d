//! Connections and how they are set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::SqliteError;
use crate::options::{Durability, SqliteOptions};

const STATEMENTS: usize = 64;

/// The connection that writes; the file is made, for its owner alone, where there is none.
pub(crate) fn writer(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    create(path)?;
    let connection = open(path, options)?;
    enter_wal(&connection)?;
    connection.execute_batch(match options.durability {
        Durability::Full => "PRAGMA synchronous = FULL",
        Durability::Normal => "PRAGMA synchronous = NORMAL",
    })?;
    Ok(connection)
}

/// A connection that can only read.
pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    let connection = open(path, options)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

/// The only connection of a database without a file.
pub(crate) fn in_memory() -> Result<Connection, SqliteError> {
    let connection = Connection::open_in_memory()?;
    set_up(&connection)?;
    Ok(connection)
}

fn open(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    set_up(&connection)?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> Result<(), SqliteError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = FAST;",
    )?;
    Ok(())
}

// Never opens a file that exists: closing it would drop the locks that this process holds on it.
fn create(path: &Path) -> Result<(), SqliteError> {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(SqliteError::Create(error)),
        _ => Ok(()),
    }
}

// Two processes that make one database at once do not wait for each other here, so waiting is done by hand.
fn enter_wal(connection: &Connection) -> Result<(), SqliteError> {
    let mut tries = 0;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(SqliteError::NoWal),
            Err(error) if tries < 50 && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
