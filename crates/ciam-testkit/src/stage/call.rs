//! What a call on the stage is: of which action, whose, and in which flow.

use ciam::domain::audit::Action;

use super::Call;

/// The calls behind an action; a new action does not compile before it says which they are.
#[expect(clippy::too_many_lines, reason = "one line for each action")]
const fn calls(action: Action) -> &'static [Call] {
    match action {
        Action::CheckToken => &[Call::CheckToken],
        Action::CheckOperation => &[Call::CheckOperation],
        Action::ViewRequirements => &[Call::ViewRequirements],
        Action::SendFactorCode => &[Call::SendFactorCode],
        Action::VerifyFactor => &[Call::VerifyFactorCode, Call::VerifyFactorPassword],
        Action::ChangePassword => &[Call::ChangePassword],
        Action::SendContactCode => &[Call::SendContactCode],
        Action::ChangeContact => &[Call::ChangeContact],
        Action::RevertContact => &[Call::RevertContact],
        Action::DeleteAccount => &[Call::DeleteAccount],
        Action::CancelFlow => &[Call::CancelFlow],
        Action::EndOtherSessions => &[Call::EndOtherSessions],
        Action::ViewLoginHistory => &[Call::ViewLoginHistory],
        Action::OpenSession => &[Call::OpenSession],
        Action::CreateUser => &[Call::CreateUser],
        Action::SetStatus => &[Call::SetStatus],
        Action::ListSessions => &[Call::OwnSessions, Call::UserSessions],
        Action::EndSession => &[Call::EndSession, Call::EndUserSession],
        Action::EndAllSessions => &[Call::EndAllSessions, Call::EndUserSessions],
        Action::DemandPasswordReset => &[Call::DemandReset],
        Action::ViewUser => &[Call::ViewUser, Call::FindUser],
        Action::ListUsers => &[Call::ListUsers],
        Action::ViewAuditTrail => &[Call::ViewAuditTrail],
        Action::ViewProfile => &[Call::ViewProfile, Call::ViewProfileOf],
        Action::UpdateProfile => &[Call::UpdateProfile, Call::UpdateProfileOf],
        Action::SetUserType => &[Call::SetUserType],
        Action::DefineAttributes => &[Call::DefineAttributes],
        // Nobody on the stage is signed out, deleted, or asked for a captcha: `abuse` and `fault` have modules for each.
        Action::DrawCaptcha
        | Action::SignIn
        | Action::SendSignInCode
        | Action::VerifySignIn
        | Action::RefreshSession
        | Action::RecoverPassword
        | Action::SignInSocial
        | Action::EraseAccount
        // Nor has anybody terms there: `fault/consents.rs` has a stage of its own.
        | Action::WriteTerms
        | Action::PublishTerms
        | Action::WithdrawTerms
        | Action::AgreeToTerms
        | Action::RecallConsent
        | Action::ListConsents
        | Action::ViewOpenTerms
        | Action::ExportConsents
        | Action::ExportPersonalData
        // Nor are the sources a person's: `fault/sources.rs`.
        | Action::PutSocialSource
        | Action::RemoveSocialSource
        | Action::BeginPasskey
        | Action::BindPasskey
        | Action::UnbindPasskey
        | Action::ListPasskeys
        | Action::AskForPasskey
        | Action::SignInByPasskey
        | Action::BeginTotp
        | Action::BindTotp
        | Action::UnbindTotp
        | Action::RenewRecoveryCodes
        // Nor a device: `fault/gesture.rs` has one.
        | Action::RegisterGesture
        | Action::BindGesture
        | Action::UnbindGesture
        | Action::ListGestures
        | Action::SignInByGesture => &[],
        Action::RestoreAccount => &[Call::RestoreUser],
        Action::ListSocial | Action::BindSocial | Action::UnbindSocial => of_accounts_elsewhere(action),
    }
}

const fn of_accounts_elsewhere(action: Action) -> &'static [Call] {
    match action {
        Action::ListSocial => &[Call::ListSocial],
        Action::BindSocial => &[Call::BindSocial],
        Action::UnbindSocial => &[Call::UnbindSocial],
        _ => &[],
    }
}

impl Call {
    /// The calls that a person makes in a session; the others are the host's own, or whoever has a revert code's.
    pub(crate) fn of_people() -> impl Iterator<Item = Self> {
        Action::ALL.iter().flat_map(|action| calls(*action)).copied().filter(|call| !call.is_apart())
    }

    const fn is_apart(self) -> bool {
        matches!(
            self,
            Self::RevertContact
                | Self::OpenSession
                | Self::CreateUser
                | Self::SetStatus
                | Self::DemandReset
                | Self::EndUserSessions
                | Self::EndUserSession
                | Self::RestoreUser
                | Self::ViewUser
                | Self::FindUser
                | Self::ListUsers
                | Self::UserSessions
                | Self::ViewProfileOf
                | Self::UpdateProfileOf
                | Self::SetUserType
                | Self::DefineAttributes
                | Self::ViewAuditTrail
        )
    }

    /// Which of the flows on the stage it takes.
    pub(crate) const fn flow(self) -> Option<usize> {
        match self {
            Self::SendFactorCode | Self::VerifyFactorCode | Self::VerifyFactorPassword | Self::CancelFlow => {
                Some(0)
            }
            Self::ChangePassword => Some(1),
            Self::SendContactCode => Some(2),
            Self::ChangeContact => Some(3),
            Self::DeleteAccount => Some(4),
            Self::VerifyToken
            | Self::CheckToken
            | Self::CheckOperation
            | Self::ViewRequirements
            | Self::EndOtherSessions
            | Self::OwnSessions
            | Self::EndSession
            | Self::EndAllSessions
            | Self::RevertContact
            | Self::OpenSession
            | Self::CreateUser
            | Self::SetStatus
            | Self::Sweep
            | Self::ViewLoginHistory
            | Self::RecordLogin
            | Self::EraseLoginHistory
            | Self::DemandReset
            | Self::EndUserSessions
            | Self::EndUserSession
            | Self::RestoreUser
            | Self::ViewUser
            | Self::FindUser
            | Self::ListUsers
            | Self::UserSessions
            | Self::ViewProfile
            | Self::ViewProfileOf
            | Self::UpdateProfile
            | Self::UpdateProfileOf
            | Self::SetUserType
            | Self::ReadSchema
            | Self::DefineAttributes
            | Self::ViewAuditTrail
            | Self::ListSocial
            | Self::BindSocial
            | Self::UnbindSocial => None,
        }
    }
}
