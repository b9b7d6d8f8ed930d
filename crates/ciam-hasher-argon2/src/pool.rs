//! A fixed number of threads that take work from one bounded queue.

use std::num::NonZeroU16;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How much is hashed at once, and how much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Threads, each with its own memory; by default one for each processor, at most 4.
    pub threads: NonZeroU16,
    /// How many callers may wait while every thread is busy; by default 32.
    pub waiting: NonZeroU16,
    /// When one who is sent away should come back; by default 1 second.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, |count| count.get().min(4));
        Self {
            threads: u16::try_from(processors).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN),
            waiting: NonZeroU16::MIN.saturating_add(31),
            retry_after: Duration::from_secs(1),
        }
    }
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    Full,
    Ended,
}

/// Threads that end when the pool is dropped and its queue is empty.
pub(crate) struct Pool<J> {
    queue: Sender<(J, Place)>,
    taken: Arc<AtomicUsize>,
    places: usize,
}

impl<J: Send + 'static> Pool<J> {
    /// Starts the threads, each with a worker of its own.
    pub(crate) fn start<W>(limits: Limits, worker: impl Fn() -> W) -> std::io::Result<Self>
    where
        W: FnMut(J) + Send + 'static,
    {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..limits.threads.get() {
            let (jobs, mut work) = (Arc::clone(&jobs), worker());
            let run = move || {
                while let Some((job, _place)) = next(&jobs) {
                    work(job);
                }
            };
            thread::Builder::new().name("ciam-argon2".to_owned()).spawn(run)?;
        }
        let places = usize::from(limits.threads.get()) + usize::from(limits.waiting.get());
        Ok(Self { queue, taken: Arc::default(), places })
    }

    /// Queues a job, or says at once that it cannot.
    pub(crate) fn offer(&self, job: J) -> Result<(), NotTaken> {
        let place = Place::take(&self.taken, self.places).ok_or(NotTaken::Full)?;
        self.queue.send((job, place)).map_err(|_| NotTaken::Ended)
    }
}

/// The right to wait or run; given back by dropping it.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, places: usize) -> Option<Self> {
        let more = |count| (count < places).then_some(count + 1);
        taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn next<J>(jobs: &Mutex<Receiver<J>>) -> Option<J> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    fn limits(threads: u16, waiting: u16) -> Limits {
        let count = |n| NonZeroU16::new(n).expect("not zero");
        Limits { threads: count(threads), waiting: count(waiting), ..Limits::default() }
    }

    /// A job that says when it runs and then waits to be let go.
    struct Held {
        running: Sender<()>,
        go: Receiver<()>,
    }

    fn held() -> (Held, Receiver<()>, Sender<()>) {
        let ((running, started), (go, wait)) = (channel(), channel());
        (Held { running, go: wait }, started, go)
    }

    fn hold(job: &Held) {
        job.running.send(()).expect("the test listens");
        job.go.recv_timeout(WAIT).expect("the test lets go");
    }

    #[test]
    fn of_a_hundred_jobs_at_once_only_as_many_run_as_there_are_threads() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (done, ended) = channel();
        let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
        let pool = Pool::start(limits(3, 100), move || {
            let (now, peak, done) = (Arc::clone(&now), Arc::clone(&peak), done.clone());
            move |()| {
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(2));
                now.fetch_sub(1, Ordering::SeqCst);
                done.send(()).expect("the test listens");
            }
        })
        .expect("threads");
        for _ in 0..100 {
            pool.offer(()).expect("room");
        }
        for _ in 0..100 {
            ended.recv_timeout(WAIT).expect("every job is done");
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn past_the_queue_the_pool_is_full_until_a_job_ends() {
        let pool = Pool::start(limits(1, 2), || |job: Held| hold(&job)).expect("threads");
        let jobs: Vec<_> = (0..3).map(|_| held()).collect();
        let mut controls = Vec::new();
        for (job, started, go) in jobs {
            pool.offer(job).expect("room");
            controls.push((started, go));
        }
        controls[0].0.recv_timeout(WAIT).expect("the first runs");
        assert_eq!(pool.offer(held().0), Err(NotTaken::Full));
        controls[0].1.send(()).expect("the first waits");
        controls[1].0.recv_timeout(WAIT).expect("the second runs");
        let (last, _started, _go) = held();
        assert_eq!(pool.offer(last), Ok(()));
    }

    #[test]
    fn the_threads_end_with_the_pool() {
        let (alive, ended) = channel::<()>();
        let pool = Pool::start(limits(2, 1), move || {
            let alive = alive.clone();
            move |()| drop(alive.clone())
        })
        .expect("threads");
        drop(pool);
        let last_word = ended.recv_timeout(WAIT);
        assert_eq!(last_word, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
    }
}
