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
        /// When the account may be erased, and its owner can no longer call it back.
        erase_at: Instant,
    },
    /// Being erased: some of what is personal may be gone already, and nothing brings the account back.
    Purging {
        /// When it was last tried.
        tried_at: Instant,
    },
    /// Erased: nothing personal is left.
    Erased,
}

/// A status without what it says besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusKind {
    /// In use.
    Normal,
    /// Refused until a time, or until an administrator unlocks it.
    Locked,
    /// Refused until an administrator ends it.
    Frozen,
    /// Switched off by an administrator.
    Disabled,
    /// Deleted by its owner.
    PendingDeletion,
    /// Being erased.
    Purging,
    /// Erased.
    Erased,
}

impl StatusKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Normal,
        Self::Locked,
        Self::Frozen,
        Self::Disabled,
        Self::PendingDeletion,
        Self::Purging,
        Self::Erased,
    ];

    /// The stable name in stores and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Locked => "locked",
            Self::Frozen => "frozen",
            Self::Disabled => "disabled",
            Self::PendingDeletion => "pending_deletion",
            Self::Purging => "purging",
            Self::Erased => "erased",
        }
    }

    /// Finds the kind of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Status {
    /// Which of them it is.
    #[must_use]
    pub const fn kind(self) -> StatusKind {
        match self {
            Self::Normal => StatusKind::Normal,
            Self::Locked { .. } => StatusKind::Locked,
            Self::Frozen => StatusKind::Frozen,
            Self::Disabled => StatusKind::Disabled,
            Self::PendingDeletion { .. } => StatusKind::PendingDeletion,
            Self::Purging { .. } => StatusKind::Purging,
            Self::Erased => StatusKind::Erased,
        }
    }

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
            Self::PendingDeletion { .. } | Self::Purging { .. } | Self::Erased => Err(AccessRefusal::Deleted),
        }
    }

    /// Whether the account was deleted, however far its erasure is.
    #[must_use]
    pub const fn is_deleted(self) -> bool {
        matches!(self, Self::PendingDeletion { .. } | Self::Purging { .. } | Self::Erased)
    }

    /// From when the account is to be erased; `None` where it is not, or was.
    #[must_use]
    pub const fn due_at(self) -> Option<Instant> {
        match self {
            Self::PendingDeletion { erase_at } => Some(erase_at),
            Self::Purging { tried_at } => Some(tried_at),
            Self::Normal | Self::Locked { .. } | Self::Frozen | Self::Disabled | Self::Erased => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const AT: Instant = Instant::from_unix_seconds(1_800_000_000);

    #[test]
    fn a_deleted_account_can_be_called_back_until_its_grace_is_over_and_not_later() {
        let pending = Status::PendingDeletion { erase_at: AT };
        assert!(pending.can_be_restored(AT.before(Duration::from_micros(1))));
        assert!(!pending.can_be_restored(AT));
        for status in [Status::Purging { tried_at: AT }, Status::Erased, Status::Normal] {
            assert!(!status.can_be_restored(Instant::EPOCH), "{status:?}");
        }
    }

    #[test]
    fn what_is_pending_or_under_way_is_due_and_nothing_else() {
        assert_eq!(Status::PendingDeletion { erase_at: AT }.due_at(), Some(AT));
        assert_eq!(Status::Purging { tried_at: AT }.due_at(), Some(AT));
        for status in [Status::Normal, Status::Locked { until: Some(AT) }, Status::Frozen, Status::Erased] {
            assert_eq!(status.due_at(), None, "{status:?}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in StatusKind::ALL {
            assert_eq!(StatusKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(StatusKind::parse("gone"), None);
    }

    #[test]
    fn nothing_admits_a_deleted_account() {
        let deleted =
            [Status::PendingDeletion { erase_at: AT }, Status::Purging { tried_at: AT }, Status::Erased];
        for status in deleted {
            assert!(status.is_deleted());
            assert_eq!(status.admit(Instant::MAX), Err(AccessRefusal::Deleted));
        }
    }
}
