//! How often the database was asked.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the store was opened. Instrumentation: tests hold use cases to their budget with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trips {
    /// Calls that read.
    pub reads: u64,
    /// Calls that wrote.
    pub writes: u64,
    /// SQL statements run, those that begin and end transactions included.
    pub statements: u64,
    /// Transactions that the writer committed.
    pub commits: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) reads: Counter,
    pub(crate) writes: Counter,
    pub(crate) statements: Counter,
    pub(crate) commits: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn so_far(&self) -> Trips {
        Trips {
            reads: self.reads.value(),
            writes: self.writes.value(),
            statements: self.statements.value(),
            commits: self.commits.value(),
        }
    }
}
