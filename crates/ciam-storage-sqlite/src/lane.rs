//! A connection that its thread and, where that is quick, its callers take turns with.

use std::cell::Cell;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use ciam_ports::StoreError;
use rusqlite::{Connection, ErrorCode};

use crate::error::translated;
use crate::options::{Durability, SqliteOptions};
use crate::pace::Pace;
use crate::shared::Shared;
use crate::statement::Db;

/// From so many pages in the log on they are copied to the database: that syncs twice, so it shall be worth it.
const FULL_LOG: i32 = 8192;

thread_local! {
    // A hook is a plain function, called by the thread that commits.
    static LOG: Cell<i32> = const { Cell::new(0) };
}

/// The connection that writes.
pub(crate) struct Lane {
    connection: Mutex<Connection>,
    shared: Arc<Shared>,
    pace: Pace,
    /// Jobs that the thread has not answered yet.
    queued: AtomicUsize,
    /// Pages in the log as of the last commit.
    log: AtomicI32,
    syncs: bool,
    patience: Duration,
}

impl Lane {
    pub(crate) fn new(connection: Connection, shared: Arc<Shared>, options: &SqliteOptions) -> Self {
        connection.wal_hook(Some(|_, pages| {
            LOG.set(pages);
            Ok(())
        }));
        Self {
            connection: Mutex::new(connection),
            shared,
            pace: Pace::default(),
            queued: AtomicUsize::new(0),
            log: AtomicI32::new(0),
            syncs: options.durability == Durability::Full,
            patience: options.busy_timeout,
        }
    }

    pub(crate) fn join_queue(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave_queue(&self, jobs: usize) {
        self.queued.fetch_sub(jobs, Ordering::Relaxed);
    }

    /// Waits for the connection.
    pub(crate) fn wait<T>(&self, work: impl FnOnce(&Db<'_>) -> T) -> T {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&Db::new(&connection, &self.shared))
    }

    /// The connection, if it is free and nobody waits for it.
    fn free(&self) -> Option<MutexGuard<'_, Connection>> {
        if self.queued.load(Ordering::Relaxed) > 0 {
            return None;
        }
        match self.connection.try_lock() {
            Ok(connection) => Some(connection),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Reads at once where the connection is free, or gives the work back.
    pub(crate) fn read_at_once<T, W: FnOnce(&Db<'_>) -> T>(&self, pace: &Pace, work: W) -> Result<T, W> {
        if !pace.is_quick() {
            return Err(work);
        }
        let Some(connection) = self.free() else { return Err(work) };
        Ok(pace.note(|| work(&Db::new(&connection, &self.shared))))
    }

    /// Writes at once where no disk and nobody is waited for, or gives the work back.
    pub(crate) fn write_at_once<T, W>(&self, work: W) -> Result<Result<T, StoreError>, W>
    where
        W: FnOnce(&Db<'_>) -> Result<T, StoreError>,
    {
        // The commit that begins the log anew syncs its header.
        if self.syncs || self.log.load(Ordering::Relaxed) >= FULL_LOG || !self.pace.is_quick() {
            return Err(work);
        }
        let Some(connection) = self.free() else { return Err(work) };
        let db = Db::new(&connection, &self.shared);
        match self.begin_at_once(&connection, &db) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(work),
            Err(error) => Ok(Err(translated(error))),
            Ok(()) => Ok(self.pace.note(|| self.alone(&db, work))),
        }
    }

    fn begin_at_once(&self, connection: &Connection, db: &Db<'_>) -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::ZERO)?;
        let begun = db.execute("BEGIN IMMEDIATE", ());
        connection.busy_timeout(self.patience)?;
        begun.map(drop)
    }

    fn alone<T>(
        &self,
        db: &Db<'_>,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _end = db.undo_if_left_open();
        let done = work(db)?;
        self.commit(db).map_err(translated)?;
        Ok(done)
    }

    /// Does what a group does in one transaction, which stands if `run` says so.
    pub(crate) fn group(
        &self,
        db: &Db<'_>,
        run: impl FnOnce() -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<()> {
        self.pace.note(|| {
            db.execute("BEGIN IMMEDIATE", ())?;
            let _end = db.undo_if_left_open();
            if run()? { self.commit(db) } else { Ok(()) }
        })
    }

    fn commit(&self, db: &Db<'_>) -> rusqlite::Result<()> {
        db.execute("COMMIT", ())?;
        self.log.store(LOG.get(), Ordering::Relaxed);
        db.shared().counters.commits.rise();
        Ok(())
    }

    /// Copies the log to the database once it is long; whoever still reads an older state puts that off.
    pub(crate) fn tidy(&self) {
        if self.log.load(Ordering::Relaxed) >= FULL_LOG {
            self.wait(|db| drop(db.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")));
        }
    }
}
