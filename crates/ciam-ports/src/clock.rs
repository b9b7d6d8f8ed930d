//! The time, as the host tells it.

use ciam_domain::Instant;

/// Tells the time. Expiry, windows and cooldowns follow this clock alone.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC. MUST be wall time that survives a restart, never process uptime.
    fn now(&self) -> Instant;
}
