//! Sensitive operations: one file each.

mod unsubscribe;
mod update_email;
mod update_password;
mod update_phone;

use crate::notice::NoticeKind;
use crate::user::Channel;

/// A sensitive operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Change the password.
    UpdatePassword,
    /// Change the phone number.
    UpdatePhone,
    /// Change the e-mail address.
    UpdateEmail,
    /// Delete the account.
    Unsubscribe,
}

/// What an operation is made of.
pub(crate) struct OperationSpec {
    /// The stable name in stores, logs and on the wire.
    pub(crate) name: &'static str,
    /// The stable name of its second-factor codes.
    pub(crate) factor_purpose: &'static str,
    /// The stable name of its new-address codes.
    pub(crate) address_purpose: &'static str,
    /// The channel of the address that it changes.
    pub(crate) changes: Option<Channel>,
    /// Whether a host may switch its second factor off.
    pub(crate) factor_is_optional: bool,
    /// What its completion is announced as.
    pub(crate) notice: NoticeKind,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 4] =
        [Self::UpdatePassword, Self::UpdatePhone, Self::UpdateEmail, Self::Unsubscribe];

    pub(crate) const fn spec(self) -> &'static OperationSpec {
        match self {
            Self::UpdatePassword => &update_password::SPEC,
            Self::UpdatePhone => &update_phone::SPEC,
            Self::UpdateEmail => &update_email::SPEC,
            Self::Unsubscribe => &unsubscribe::SPEC,
        }
    }

    /// The stable name: `UPDATE_PASSWORD`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// Finds the operation of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == name)
    }

    /// The channel of the address that it changes, where it changes one.
    #[must_use]
    pub const fn changes(self) -> Option<Channel> {
        self.spec().changes
    }

    /// What its completion is announced as.
    #[must_use]
    pub const fn notice(self) -> NoticeKind {
        self.spec().notice
    }
}
