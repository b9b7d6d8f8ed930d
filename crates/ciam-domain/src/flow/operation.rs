//! Sensitive operations: one file each.

mod bind_gesture;
mod bind_passkey;
mod bind_social;
mod bind_totp;
mod recover_password;
mod renew_password;
mod renew_recovery_codes;
mod restore_account;
mod sign_in;
mod unbind_gesture;
mod unbind_passkey;
mod unbind_social;
mod unbind_totp;
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
    /// Bind an account elsewhere, to sign in by.
    BindSocial,
    /// Unbind an account elsewhere.
    UnbindSocial,
    /// Put an authenticator app in place.
    BindTotp,
    /// Remove the authenticator app.
    UnbindTotp,
    /// Make new recovery codes.
    RenewRecoveryCodes,
    /// Bind a device, to sign in by gesture.
    BindGesture,
    /// Unbind a device.
    UnbindGesture,
    /// Put a passkey in place.
    BindPasskey,
    /// Remove a passkey.
    UnbindPasskey,
    /// Sign in.
    SignIn,
    /// Replace a password that must be changed, on the way in.
    RenewPassword,
    /// Replace a forgotten password.
    RecoverPassword,
    /// Call back a deletion.
    RestoreAccount,
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
    pub(crate) notice: Option<NoticeKind>,
}

impl Operation {
    /// What a signed-in person does to their own account by a flow.
    pub const SELF_SERVICE: [Self; 4] =
        [Self::UpdatePassword, Self::UpdatePhone, Self::UpdateEmail, Self::Unsubscribe];

    /// What a signed-in person does to their own account by one call or by a flow.
    pub const ONE_SHOT: &'static [Self] = &[
        Self::BindSocial,
        Self::UnbindSocial,
        Self::BindTotp,
        Self::UnbindTotp,
        Self::RenewRecoveryCodes,
        Self::BindGesture,
        Self::UnbindGesture,
        Self::BindPasskey,
        Self::UnbindPasskey,
    ];

    /// What a person does who is not signed in.
    pub const SIGNED_OUT: [Self; 4] =
        [Self::SignIn, Self::RenewPassword, Self::RecoverPassword, Self::RestoreAccount];

    /// Whether a signed-in person does it to their own account.
    #[must_use]
    pub fn is_self_service(self) -> bool {
        Self::SELF_SERVICE.contains(&self) || Self::ONE_SHOT.contains(&self)
    }

    /// Whether a sign-in of just now proves the person for it: for what changes ways of signing in or addresses, but
    /// neither the password nor the end of the account.
    #[must_use]
    pub fn takes_fresh_sign_in(self) -> bool {
        Self::ONE_SHOT.contains(&self) || self.changes().is_some()
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::SELF_SERVICE.iter().chain(Self::ONE_SHOT).chain(&Self::SIGNED_OUT).copied()
    }

    pub(crate) const fn spec(self) -> &'static OperationSpec {
        match self {
            Self::UpdatePassword => &update_password::SPEC,
            Self::UpdatePhone => &update_phone::SPEC,
            Self::UpdateEmail => &update_email::SPEC,
            Self::Unsubscribe => &unsubscribe::SPEC,
            Self::BindSocial => &bind_social::SPEC,
            Self::UnbindSocial => &unbind_social::SPEC,
            Self::BindTotp => &bind_totp::SPEC,
            Self::UnbindTotp => &unbind_totp::SPEC,
            Self::RenewRecoveryCodes => &renew_recovery_codes::SPEC,
            Self::BindGesture => &bind_gesture::SPEC,
            Self::UnbindGesture => &unbind_gesture::SPEC,
            Self::BindPasskey => &bind_passkey::SPEC,
            Self::UnbindPasskey => &unbind_passkey::SPEC,
            Self::SignIn => &sign_in::SPEC,
            Self::RenewPassword => &renew_password::SPEC,
            Self::RecoverPassword => &recover_password::SPEC,
            Self::RestoreAccount => &restore_account::SPEC,
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
        Self::all().find(|operation| operation.as_str() == name)
    }

    /// The channel of the address that it changes, where it changes one.
    #[must_use]
    pub const fn changes(self) -> Option<Channel> {
        self.spec().changes
    }

    /// What its completion is announced as.
    #[must_use]
    pub const fn notice(self) -> Option<NoticeKind> {
        self.spec().notice
    }
}
