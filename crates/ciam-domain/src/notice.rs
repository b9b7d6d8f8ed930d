//! Notices: what happened to an account, told to the person behind it.

use crate::challenge::{Code, DigestKey, KeyId};
use crate::revert_code::RevertCode;
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
    /// A former phone number or e-mail address was restored by its holder.
    ContactRestored,
    /// The account was deleted.
    AccountDeleted,
    /// A deletion was called back.
    AccountRestored,
    /// An account elsewhere was bound.
    SocialBound,
    /// An account elsewhere was unbound.
    SocialUnbound,
    /// An authenticator app was added, maybe in place of another one.
    TotpAdded,
    /// The authenticator app was removed.
    TotpRemoved,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A recovery code was used, and few are left.
    RecoveryCodesLow,
    /// A device was bound, to sign in by gesture.
    GestureBound,
    /// A device signs in by gesture no more.
    GestureUnbound,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A passkey signed right and counted back: there may be a copy of its authenticator.
    PasskeyCopied,
    /// An administrator demands a new password.
    PasswordResetDemanded,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::PasswordChanged,
        Self::PhoneChanged,
        Self::EmailChanged,
        Self::ContactRestored,
        Self::AccountDeleted,
        Self::AccountRestored,
        Self::SocialBound,
        Self::SocialUnbound,
        Self::TotpAdded,
        Self::TotpRemoved,
        Self::RecoveryCodesRenewed,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesLow,
        Self::GestureBound,
        Self::GestureUnbound,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyCopied,
        Self::PasswordResetDemanded,
    ];

    /// The stable name in stores and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PhoneChanged => "phone_changed",
            Self::EmailChanged => "email_changed",
            Self::ContactRestored => "contact_restored",
            Self::AccountDeleted => "account_deleted",
            Self::AccountRestored => "account_restored",
            Self::SocialBound => "social_bound",
            Self::SocialUnbound => "social_unbound",
            Self::TotpAdded => "totp_added",
            Self::TotpRemoved => "totp_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesLow => "recovery_codes_low",
            Self::GestureBound => "gesture_bound",
            Self::GestureUnbound => "gesture_unbound",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyCopied => "passkey_copied",
            Self::PasswordResetDemanded => "password_reset_demanded",
        }
    }

    /// Finds the kind of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// What a revert code is derived with, besides what a notice tells; the code itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevertOffer {
    /// The key.
    pub key: KeyId,
    /// The moment from which the code counts no longer.
    pub until: Instant,
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
    /// The way back to the address that the notice goes to, where it was replaced.
    pub revert: Option<RevertOffer>,
}

impl Notice {
    /// The code that gives the address back which the notice goes to, derived with the key that the offer names.
    #[must_use]
    pub fn revert_code(&self, key: &DigestKey) -> Option<Code> {
        self.revert.as_ref().filter(|offer| offer.key == *key.id())?;
        let Self { tenant, user, to: address, at, .. } = self;
        Some(RevertCode { tenant, user, address, since: *at }.write(key))
    }
}
