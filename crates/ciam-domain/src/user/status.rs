//! Whether an account may act.

use crate::Instant;
use crate::refusal::AccessRefusal;

/// Whether and why an account may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Normal,
    /// Refused until a time, or until an administrator unlocks it where there is none.
    Locked {
        /// When the lock ends by itself.
        until: Option<Instant>,
    },
    /// Refused until an administrator ends it; unlike a locked one it may not recover its password.
    Frozen,
    /// Switched off by an administrator.
    Disabled,
    /// Deleted by its owner; identifiers stay reserved until the account is erased.
    PendingDeletion {
        /// When the account may be erased.
        erase_at: Instant,
    },
    /// Erased: nothing personal is left.
    Erased,
}

impl Status {
    /// Whether a deletion can still be called back: once its grace is over it cannot, erased yet or not.
    #[must_use]
    pub fn can_be_restored(self, now: Instant) -> bool {
        matches!(self, Self::PendingDeletion { erase_at } if now < erase_at)
    }

    /// Whether an account of this status may act at `now`.
    ///
    /// # Errors
    /// The [`AccessRefusal`] that names the status.
    pub fn admit(self, now: Instant) -> Result<(), AccessRefusal> {
        match self {
            Self::Normal => Ok(()),
            Self::Locked { until: Some(until) } if until <= now => Ok(()),
            Self::Locked { .. } => Err(AccessRefusal::Locked),
            Self::Frozen => Err(AccessRefusal::Frozen),
            Self::Disabled => Err(AccessRefusal::Disabled),
            Self::PendingDeletion { .. } | Self::Erased => Err(AccessRefusal::Deleted),
        }
    }
}
