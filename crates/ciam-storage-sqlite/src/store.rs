//! The store, and the ports that it is.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::flow_store::FlowCommit;
use ciam_ports::{Charge, Charged, Commit, Handle, Loaded, StepQuery, Store, StoreError};

use crate::error::SqliteError;
use crate::options::SqliteOptions;
use crate::pace::Pace;
use crate::reader::Readers;
use crate::shared::Shared;
use crate::statement::Db;
use crate::trips::Trips;
use crate::writer::Writer;
use crate::{
    audit, charge, connection, deletion, flow_store, flows, held, migration, outbox, passkeys, sessions,
    social, step, sweep, tombstones, users,
};

/// A store in one SQLite file, which several processes may have open; also both halves of a
/// [`ciam_ports::SplitStore`].
///
/// Work that was quick of late and waits for nobody is done by whoever asks: the reads of a step, and writes
/// where none is synced. All else goes to a thread of the store, so no executor waits for a disk and none is
/// named. Writes that wait share a commit. Dropping the store finishes what is queued, and blocks meanwhile.
///
/// Up to 64 people stay in memory as they were read, until this store changes them, others take their places, or the
/// next [`Store::sweep`]; a step uses them only where the database has them unchanged.
pub struct SqliteStore {
    readers: Option<Readers>,
    writer: Writer,
    shared: Arc<Shared>,
    pace: Arc<Pace>,
}

impl SqliteStore {
    /// Opens the database in a file, which is made for its owner alone where there is none, and brings its
    /// schema up to date.
    ///
    /// # Errors
    /// Every [`SqliteError`].
    #[expect(clippy::needless_pass_by_value, reason = "options are made for one call")]
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, SqliteError> {
        // An absolute path is never one of the names that SQLite takes for something else.
        let path = std::path::absolute(path).map_err(SqliteError::Create)?;
        let mut connection = connection::writer(&path, &options)?;
        migration::migrate(&mut connection)?;
        let readers = (0..options.readers.max(1)).map(|_| connection::reader(&path, &options));
        let readers = readers.collect::<Result<Vec<_>, _>>()?;
        let shared = Arc::<Shared>::default();
        Ok(Self {
            readers: Some(Readers::start(readers, &shared, options.queue)?),
            writer: Writer::start(connection, Arc::clone(&shared), &options)?,
            shared,
            pace: Arc::default(),
        })
    }

    /// A database in memory, gone with the store; its only connection reads and writes.
    ///
    /// # Errors
    /// [`SqliteError::Open`], [`SqliteError::Migration`] or [`SqliteError::Thread`].
    pub fn in_memory() -> Result<Self, SqliteError> {
        let mut connection = connection::in_memory()?;
        migration::migrate(&mut connection)?;
        let shared = Arc::<Shared>::default();
        let writer = Writer::start(connection, Arc::clone(&shared), &SqliteOptions::default())?;
        Ok(Self { readers: None, writer, shared, pace: Arc::default() })
    }

    /// How often the database was asked since the store was opened.
    #[must_use]
    pub fn trips(&self) -> Trips {
        self.shared.counters.so_far()
    }

    /// Reads the few rows of a step: at once where that is quick, and best where what a write left is in the
    /// cache.
    pub(crate) async fn glance<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.writer.lane().read_at_once(&self.pace, work) {
            Ok(answer) => {
                self.shared.counters.reads.rise();
                answer
            }
            Err(work) => {
                let pace = Arc::clone(&self.pace);
                self.read(move |db| pace.note(|| work(db))).await
            }
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.counters.reads.rise();
        match &self.readers {
            Some(readers) => readers.read(work).await,
            None => self.writer.write(work).await,
        }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.shared.counters.writes.rise();
        self.writer.write(work).await
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("trips", &self.trips()).finish_non_exhaustive()
    }
}

fn answer(db: &Db<'_>) -> Result<(), StoreError> {
    db.row("SELECT 1", (), |row| row.get::<i64>(0)).map(drop)
}

fn commit(db: &Db<'_>, commit: Commit) -> Result<(), StoreError> {
    let Commit {
        tenant,
        subject,
        now,
        user,
        session,
        flow,
        challenge,
        rates,
        cleared,
        audit,
        outbox,
        claims,
        tombstones,
    } = commit;
    users::write(db, &user, now)?;
    tombstones::check(db, &tenant, &claims, now)?;
    tombstones::put(db, &tenant, &tombstones)?;
    flow_store::commit(db, &FlowCommit { tenant, subject, now, session, flow, challenge, rates, cleared })?;
    audit::append(db, &audit)?;
    outbox::append(db, &outbox)
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        let query = query.clone();
        self.glance(move |db| Ok(step::load(db, &query)?.map(|(user, held)| held.beside(user)))).await
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        let charge = charge.clone();
        self.write(move |db| charge::charge(db, &charge)).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.write(move |db| self::commit(db, commit)).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        let (tenant, handle) = (tenant.clone(), handle.clone());
        self.glance(move |db| match &handle {
            Handle::Login(login) => users::named(db, &tenant, login),
            Handle::Held(address) => held::holder(db, &tenant, address),
            Handle::Social(issuer, subject) => social::owner(db, &tenant, (issuer, subject)),
            Handle::Passkey(id) => passkeys::owner(db, &tenant, id),
            Handle::Flow(key) => flows::owner(db, &tenant, key),
        })
        .await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        let (tenant, user) = (tenant.clone(), user.clone());
        self.read(move |db| sessions::all(db, &tenant, &user)).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        let (tenant, user, counts) = (tenant.clone(), user.clone(), counts.to_vec());
        self.write(move |db| deletion::forget(db, (&tenant, &user), &counts)).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        self.shared.known.clear();
        let mut rows = 0;
        loop {
            // A job for each batch, so that other writers get their turn.
            let swept = self.write(move |db| sweep::sweep(db, now)).await?;
            rows += swept.rows;
            if !swept.more {
                return Ok(rows);
            }
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(answer).await?;
        self.write(answer).await
    }
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::{TenantId, UserId};
    use futures_executor::block_on;

    use super::*;
    use crate::pace::{ENOUGH, SLOW};

    #[test]
    fn reads_on_threads_earn_back_the_trust_that_slow_ones_lost() {
        let store = SqliteStore::in_memory().unwrap();
        (0..9).for_each(|_| store.pace.took(2 * SLOW));
        assert!(!store.pace.is_quick());
        let query = StepQuery::of(TenantId::default(), UserId::parse("nobody").unwrap());
        // Twice as many, for one of them may be slow.
        for _ in 0..2 * ENOUGH {
            assert!(block_on(store.load(&query)).unwrap().is_none());
        }
        assert!(store.pace.is_quick());
    }
}
