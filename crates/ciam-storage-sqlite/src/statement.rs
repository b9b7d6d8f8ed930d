//! Statements: the one way to the database. SQL is `&'static str`, so no value can become part of it.

use std::ops::ControlFlow;

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row};

use crate::error::translated;
use crate::shared::Shared;

/// A connection whose statements are cached and counted.
#[derive(Clone, Copy)]
pub(crate) struct Db<'c> {
    connection: &'c Connection,
    shared: &'c Shared,
}

impl<'c> Db<'c> {
    pub(crate) const fn new(connection: &'c Connection, shared: &'c Shared) -> Self {
        Self { connection, shared }
    }

    pub(crate) const fn shared(&self) -> &'c Shared {
        self.shared
    }

    pub(crate) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Runs a statement that gives no rows, and tells how many rows it changed.
    pub(crate) fn execute(&self, sql: &'static str, params: impl Params) -> rusqlite::Result<usize> {
        self.shared.counters.statements.rise();
        self.connection.prepare_cached(sql)?.execute(params)
    }

    /// Runs a statement that is too rare to keep.
    pub(crate) fn execute_batch(&self, sql: &'static str) -> rusqlite::Result<()> {
        self.connection.execute_batch(sql)
    }

    /// Rolls back whatever transaction is open when the guard goes.
    pub(crate) const fn undo_if_left_open(&self) -> Undo<'c> {
        Undo(*self)
    }

    /// As [`Db::execute`], with the error as the port has it.
    pub(crate) fn run(&self, sql: &'static str, params: impl Params) -> Result<usize, StoreError> {
        self.execute(sql, params).map_err(translated)
    }

    /// The number of the row that was inserted last.
    pub(crate) fn last_row(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// Shows every row to `read`.
    pub(crate) fn each(
        &self,
        sql: &'static str,
        params: impl Params,
        mut read: impl FnMut(Fields<'_, '_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.until(sql, params, |row| read(row).map(ControlFlow::Continue))
    }

    /// Shows rows to `read` until it has enough.
    pub(crate) fn until(
        &self,
        sql: &'static str,
        params: impl Params,
        mut read: impl FnMut(Fields<'_, '_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.shared.counters.statements.rise();
        let mut statement = self.connection.prepare_cached(sql).map_err(translated)?;
        let mut rows = statement.query(params).map_err(translated)?;
        while let Some(row) = rows.next().map_err(translated)? {
            if read(Fields(row))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Reads every row.
    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        mut read: impl FnMut(Fields<'_, '_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(sql, params, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Reads the one row that there may be.
    pub(crate) fn row<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnMut(Fields<'_, '_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, params, read)?.pop())
    }

    /// Lets several statements see one state of the database.
    pub(crate) fn view<T>(&self, read: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.in_transaction() {
            return read(self);
        }
        self.run("BEGIN", ())?;
        let seen = read(self);
        self.run("COMMIT", ())?;
        seen
    }
}

/// Leaves no transaction open.
pub(crate) struct Undo<'c>(Db<'c>);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if self.0.in_transaction() {
            // A rollback that fails leaves nothing committed either.
            drop(self.0.execute("ROLLBACK", ()));
        }
    }
}

/// The columns of a row.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'r, 's>(&'r Row<'s>);

impl Fields<'_, '_> {
    pub(crate) fn get<T: FromSql>(self, column: usize) -> Result<T, StoreError> {
        self.0.get(column).map_err(translated)
    }

    /// A text where it stands, to be read without a copy.
    pub(crate) fn text_if_any(&self, column: usize) -> Result<Option<&str>, StoreError> {
        let value = self.0.get_ref(column).map_err(translated)?;
        value.as_str_or_null().map_err(|error| translated(error.into()))
    }

    /// Bytes where they stand.
    pub(crate) fn bytes_if_any(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        let value = self.0.get_ref(column).map_err(translated)?;
        value.as_blob_or_null().map_err(|error| translated(error.into()))
    }

    pub(crate) fn instant(self, column: usize) -> Result<Instant, StoreError> {
        self.get(column).map(Instant::from_unix_micros)
    }

    pub(crate) fn instant_if_any(self, column: usize) -> Result<Option<Instant>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Instant::from_unix_micros))
    }
}
