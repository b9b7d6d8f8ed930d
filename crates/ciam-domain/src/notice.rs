//! Notices: what happened to an account, told to the person behind it.

use crate::user::Address;
use crate::{EventId, Instant, TenantId, UserId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// The password was changed.
    PasswordChanged,
    /// The phone number was changed.
    PhoneChanged,
    /// The e-mail address was changed.
    EmailChanged,
    /// The account was deleted.
    AccountDeleted,
    /// A deletion was called back.
    AccountRestored,
    /// An administrator demands a new password.
    PasswordResetDemanded,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::PasswordChanged,
        Self::PhoneChanged,
        Self::EmailChanged,
        Self::AccountDeleted,
        Self::AccountRestored,
        Self::PasswordResetDemanded,
    ];

    /// The stable name in stores and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PhoneChanged => "phone_changed",
            Self::EmailChanged => "email_changed",
            Self::AccountDeleted => "account_deleted",
            Self::AccountRestored => "account_restored",
            Self::PasswordResetDemanded => "password_reset_demanded",
        }
    }

    /// Finds the kind of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One notice to one address. It holds no secret and no new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The event it tells of: the same for every address and every repeat.
    pub id: EventId,
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// What happened.
    pub kind: NoticeKind,
    /// Where it goes.
    pub to: Address,
    /// When it happened.
    pub at: Instant,
}
