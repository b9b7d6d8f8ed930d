//! A bounded queue that several threads pull from; each job wakes one of them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The queue has no room.
#[derive(Debug)]
pub(crate) struct Full;

pub(crate) struct Queue<J> {
    waiting: Mutex<Waiting<J>>,
    arrival: Condvar,
    capacity: usize,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    open: bool,
}

impl<J> Queue<J> {
    /// A queue of so many jobs at most, and of one at least.
    pub(crate) fn new(capacity: usize) -> Self {
        let waiting = Mutex::new(Waiting { jobs: VecDeque::new(), open: true });
        Self { waiting, arrival: Condvar::new(), capacity: capacity.max(1) }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job in, or says at once that there is no room.
    pub(crate) fn offer(&self, job: J) -> Result<(), Full> {
        let mut waiting = self.waiting();
        if waiting.jobs.len() >= self.capacity {
            return Err(Full);
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.arrival.notify_one();
        Ok(())
    }

    /// Waits for the next job; `None` once the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<J> {
        let idle = |waiting: &mut Waiting<J>| waiting.open && waiting.jobs.is_empty();
        let waiting = self.arrival.wait_while(self.waiting(), idle);
        waiting.unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    /// Lets the threads go when they have done what is queued.
    pub(crate) fn close(&self) {
        self.waiting().open = false;
        self.arrival.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_takes_no_more_until_a_job_is_taken() {
        let queue = Queue::new(2);
        assert!(queue.offer(1).is_ok() && queue.offer(2).is_ok() && queue.offer(3).is_err());
        assert_eq!(queue.next(), Some(1));
        assert!(queue.offer(4).is_ok());
    }

    #[test]
    fn a_closed_queue_gives_what_is_left() {
        let queue = Queue::new(2);
        queue.offer(1).unwrap();
        queue.close();
        assert_eq!((queue.next(), queue.next()), (Some(1), None));
    }

    #[test]
    fn every_job_reaches_one_of_the_threads() {
        let queue = Queue::new(1_000);
        let taken = std::thread::scope(|scope| {
            let pull = || std::iter::from_fn(|| queue.next()).count();
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(pull)).collect();
            (0..300).for_each(|job| queue.offer(job).unwrap());
            queue.close();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(taken, 300);
    }
}
