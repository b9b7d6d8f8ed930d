//! The threads that read, each with a connection of its own.

use std::sync::Arc;
use std::thread::JoinHandle;

use ciam_ports::StoreError;
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::error::{Closed, Overloaded, SqliteError};
use crate::queue::Queue;
use crate::shared::Shared;
use crate::statement::Db;

type Job = Box<dyn FnOnce(&Db<'_>) + Send>;

/// The way to the reader threads; dropping it waits until all queued jobs are done.
pub(crate) struct Readers {
    jobs: Arc<Queue<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(
        connections: Vec<Connection>,
        shared: &Arc<Shared>,
        capacity: usize,
    ) -> Result<Self, SqliteError> {
        let jobs = Arc::new(Queue::new(capacity));
        let mut readers = Self { jobs, threads: Vec::with_capacity(connections.len()) };
        for connection in connections {
            let (queue, shared) = (Arc::clone(&readers.jobs), Arc::clone(shared));
            let thread = std::thread::Builder::new()
                .name("ciam-sqlite-reader".to_owned())
                .spawn(move || serve(&Db::new(&connection, &shared), &queue))
                .map_err(SqliteError::Thread)?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            // Nobody waits any more for what a dropped future asked.
            if !caller.is_canceled() {
                drop(caller.send(work(db)));
            }
        });
        if self.jobs.offer(job).is_err() {
            return Err(StoreError::Unavailable(Box::new(Overloaded)));
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(Closed))))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.jobs.close();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

fn serve(db: &Db<'_>, queue: &Queue<Job>) {
    while let Some(job) = queue.next() {
        job(db);
    }
}
