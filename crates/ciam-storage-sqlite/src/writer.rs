//! The one thread that writes, and how waiting jobs share a commit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use ciam_ports::StoreError;
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::error::{Closed, Overloaded, SqliteError};
use crate::lane::Lane;
use crate::options::SqliteOptions;
use crate::shared::Shared;
use crate::statement::Db;

/// Whether what a job wrote may stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Stands,
    Undone,
}

trait Job: Send {
    fn run(&mut self, db: &Db<'_>) -> Verdict;
    /// Answers the caller, who learns nothing before the group is durable.
    fn answer(self: Box<Self>, lost: Option<&Arc<rusqlite::Error>>);
}

struct Work<T, F> {
    todo: Option<F>,
    result: Result<T, StoreError>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&Db<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, db: &Db<'_>) -> Verdict {
        if let Some(work) = self.todo.take() {
            self.result = work(db);
        }
        if self.result.is_ok() { Verdict::Stands } else { Verdict::Undone }
    }

    fn answer(self: Box<Self>, lost: Option<&Arc<rusqlite::Error>>) {
        let own_failure = matches!(self.result, Err(StoreError::Unavailable(_)) if self.todo.is_none());
        let result = match lost {
            Some(cause) if !own_failure => Err(StoreError::Unavailable(Box::new(Arc::clone(cause)))),
            _ => self.result,
        };
        // A caller that went away learns nothing; what was written stands.
        drop(self.caller.send(result));
    }
}

/// The way to the connection that writes; dropping it waits until all queued jobs are done.
pub(crate) struct Writer {
    lane: Arc<Lane>,
    jobs: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        connection: Connection,
        shared: Arc<Shared>,
        options: &SqliteOptions,
    ) -> Result<Self, SqliteError> {
        let (jobs, queue) = sync_channel(options.queue.max(1));
        let group = options.group.max(1);
        let lane = Arc::new(Lane::new(connection, shared, options));
        let served = Arc::clone(&lane);
        let thread = std::thread::Builder::new()
            .name("ciam-sqlite-writer".to_owned())
            .spawn(move || serve(&served, &queue, group))
            .map_err(SqliteError::Thread)?;
        Ok(Self { lane, jobs: Some(jobs), thread: Some(thread) })
    }

    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// Does `work` in a transaction of its own: what it wrote stands if it gives `Ok`, and goes if not.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let work = match self.lane.write_at_once(work) {
            Ok(answer) => return answer,
            Err(work) => work,
        };
        let (caller, answer) = oneshot::channel();
        let result = Err(StoreError::Unavailable(Box::new(Closed)));
        let job = Box::new(Work { todo: Some(work), result, caller });
        self.lane.join_queue();
        let sent = self.jobs.as_ref().map(|jobs| jobs.try_send(job));
        if let Some(Err(TrySendError::Full(_))) = sent {
            self.lane.leave_queue(1);
            return Err(StoreError::Unavailable(Box::new(Overloaded)));
        }
        // A job that was not sent was dropped, and its answer with it.
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(Closed))))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(lane: &Lane, queue: &Receiver<Box<dyn Job>>, size: usize) {
    while let Ok(first) = queue.recv() {
        let (group, lost) = lane.wait(|db| {
            let mut group = vec![first];
            group.extend(queue.try_iter().take(size - 1));
            let lost = lane.group(db, || run(db, &mut group)).err().map(Arc::new);
            (group, lost)
        });
        lane.leave_queue(group.len());
        for job in group {
            job.answer(lost.as_ref());
        }
        lane.tidy();
    }
}

/// Whether anything stands.
fn run(db: &Db<'_>, group: &mut [Box<dyn Job>]) -> rusqlite::Result<bool> {
    if let [job] = group {
        return Ok(job.run(db) == Verdict::Stands);
    }
    let mut kept = false;
    for job in group {
        kept |= run_beside_others(db, job.as_mut())? == Verdict::Stands;
    }
    Ok(kept)
}

// After an error that ends the whole transaction, such as a full disk, the savepoint is gone: the statement
// that ends it fails, and every job of the group learns that it was lost.
fn run_beside_others(db: &Db<'_>, job: &mut dyn Job) -> rusqlite::Result<Verdict> {
    db.execute("SAVEPOINT job", ())?;
    let verdict = job.run(db);
    if verdict == Verdict::Undone {
        db.execute("ROLLBACK TO job", ())?;
    }
    db.execute("RELEASE job", ())?;
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_executor::block_on;

    use super::*;

    type Answer = Result<(), StoreError>;

    /// Runs jobs as one group on a table of at most a few pages, and counts the rows that are left.
    fn grouped(jobs: &'static [fn(&Db<'_>) -> Answer]) -> (Vec<Answer>, usize) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA max_page_count = 8; CREATE TABLE t (v BLOB)").unwrap();
        let shared = Arc::<Shared>::default();
        let writer = Writer::start(connection, shared, &SqliteOptions::default()).unwrap();
        let (open, gate) = channel();
        let (entered, inside) = channel();
        let wait = writer.write(move |_| {
            entered.send(()).unwrap();
            gate.recv().unwrap();
            Ok(())
        });
        let answers = std::thread::scope(|scope| {
            scope.spawn(move || block_on(wait).unwrap());
            inside.recv().unwrap();
            let mut answers: Vec<_> = jobs.iter().map(|job| Box::pin(writer.write(job))).collect();
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            for answer in &mut answers {
                assert!(answer.as_mut().poll(&mut context).is_pending());
            }
            open.send(()).unwrap();
            answers.into_iter().map(block_on).collect()
        });
        let rows = block_on(writer.write(|db| db.rows("SELECT 1 FROM t", (), |_| Ok(())))).unwrap();
        (answers, rows.len())
    }

    fn small(db: &Db<'_>) -> Answer {
        db.run("INSERT INTO t VALUES (x'00')", ()).map(drop)
    }

    fn too_large(db: &Db<'_>) -> Answer {
        db.run("INSERT INTO t VALUES (zeroblob(1000000))", ()).map(drop)
    }

    fn refused(db: &Db<'_>) -> Answer {
        small(db)?;
        Err(StoreError::Stale)
    }

    fn unavailable(answer: &Answer) -> String {
        let Err(StoreError::Unavailable(source)) = answer else { panic!("{answer:?}") };
        source.to_string()
    }

    #[test]
    fn a_refused_job_leaves_the_others_of_its_group() {
        let (answers, rows) = grouped(&[small, refused, small]);
        assert!(matches!(answers.as_slice(), [Ok(()), Err(StoreError::Stale), Ok(())]), "{answers:?}");
        assert_eq!(rows, 2);
    }

    #[test]
    fn a_group_that_is_lost_acknowledges_nothing() {
        let (answers, rows) = grouped(&[small, refused, too_large, small]);
        let causes: Vec<String> = answers.iter().map(unavailable).collect();
        assert!(causes[2].contains("full"), "{causes:?}");
        assert_eq!(rows, 0);
    }

    #[test]
    fn a_group_of_refused_jobs_leaves_nothing() {
        let (answers, rows) = grouped(&[refused, refused]);
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Stale))), "{answers:?}");
        assert_eq!(rows, 0);
    }
}
