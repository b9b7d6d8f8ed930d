//! How a database is used.

use std::time::Duration;

/// What survives a loss of power; a crash of the process loses nothing acknowledged either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Everything acknowledged: each group of commits is synced (`synchronous = FULL`).
    #[default]
    Full,
    /// Everything up to the last checkpoint; what came later may be lost as a whole (`synchronous = NORMAL`).
    Normal,
}

/// How a database is used; the default is safe.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// What survives a loss of power.
    pub durability: Durability,
    /// Threads that read, each with its own connection; at least one is started.
    pub readers: u8,
    /// How long to wait for another process that writes.
    pub busy_timeout: Duration,
    /// Jobs that may wait for the writer, and for the readers, before callers are refused.
    pub queue: usize,
    /// Jobs that share one commit at most.
    pub group: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            readers: 2,
            busy_timeout: Duration::from_secs(5),
            queue: 1024,
            group: 64,
        }
    }
}
