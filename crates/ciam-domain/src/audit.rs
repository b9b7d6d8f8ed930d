//! The audit trail: one record of every effect and of every refusal.

use std::borrow::Cow;

use crate::source::Source;
use crate::{EventId, FlowKey, Instant, SessionId, TenantId, UserId};

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The person behind the account, or who holds their token.
    Person(UserId),
    /// An administrator of the tenant.
    Administrator(UserId),
    /// The host itself: its command line, its jobs.
    System,
    /// Somebody who is not signed in.
    Anonymous,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What was done or tried.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name in stores and logs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Finds the action of a stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

actions! {
    /// A token was checked.
    CheckToken = "check_token",
    /// A flow was begun.
    CheckOperation = "check_operation",
    /// What an operation needs was asked for.
    ViewRequirements = "view_requirements",
    /// A captcha was asked for.
    DrawCaptcha = "draw_captcha",
    /// A code for the second factor was sent.
    SendFactorCode = "send_factor_code",
    /// A second factor was presented.
    VerifyFactor = "verify_factor",
    /// The password was changed.
    ChangePassword = "change_password",
    /// A code was sent to a new address.
    SendContactCode = "send_contact_code",
    /// The phone number or e-mail address was changed.
    ChangeContact = "change_contact",
    /// A former phone number or e-mail address was restored.
    RevertContact = "revert_contact",
    /// An authenticator app was begun.
    BeginTotp = "begin_totp",
    /// An authenticator app was put in place.
    BindTotp = "bind_totp",
    /// The authenticator app was removed.
    UnbindTotp = "unbind_totp",
    /// New recovery codes were made.
    RenewRecoveryCodes = "renew_recovery_codes",
    /// The account was deleted by its owner.
    DeleteAccount = "delete_account",
    /// A flow was given up.
    CancelFlow = "cancel_flow",
    /// All sessions but one were ended.
    EndOtherSessions = "end_other_sessions",
    /// The login history was asked for.
    ViewLoginHistory = "view_login_history",
    /// A session was opened.
    OpenSession = "open_session",
    /// An account was made.
    CreateUser = "create_user",
    /// An account's status was set.
    SetStatus = "set_status",
    /// Sign in by a password.
    SignIn = "sign_in",
    /// Send a code to somebody who is not signed in.
    SendSignInCode = "send_sign_in_code",
    /// Verify a factor of somebody who is not signed in.
    VerifySignIn = "verify_sign_in",
    /// Get new tokens for a session.
    RefreshSession = "refresh_session",
    /// List the own sessions.
    ListSessions = "list_sessions",
    /// End one session.
    EndSession = "end_session",
    /// End every session.
    EndAllSessions = "end_all_sessions",
    /// Set a new password without being signed in.
    RecoverPassword = "recover_password",
    /// Call back a deletion.
    RestoreAccount = "restore_account",
    /// A deleted account was erased.
    EraseAccount = "erase_account",
    /// List the sources of accounts elsewhere.
    ListSocial = "list_social",
    /// Bind an account elsewhere.
    BindSocial = "bind_social",
    /// Unbind an account elsewhere.
    UnbindSocial = "unbind_social",
    /// Sign in by an account elsewhere.
    SignInSocial = "sign_in_social",
    /// Set a source of accounts elsewhere.
    PutSocialSource = "put_social_source",
    /// Remove a source of accounts elsewhere.
    RemoveSocialSource = "remove_social_source",
    /// Demand a new password of somebody.
    DemandPasswordReset = "demand_password_reset",
    /// Look at somebody's account.
    ViewUser = "view_user",
    /// List accounts.
    ListUsers = "list_users",
    /// Read the audit trail.
    ViewAuditTrail = "view_audit_trail",
    /// Write a document of terms or a draft of it.
    WriteTerms = "write_terms",
    /// Publish a version of terms.
    PublishTerms = "publish_terms",
    /// Withdraw a version of terms.
    WithdrawTerms = "withdraw_terms",
    /// Agree to terms.
    AgreeToTerms = "agree_to_terms",
    /// Recall an agreement.
    RecallConsent = "recall_consent",
    /// List the own consents.
    ListConsents = "list_consents",
    /// Ask which terms have to be agreed to.
    ViewOpenTerms = "view_open_terms",
    /// Read the evidence of somebody's consents.
    ExportConsents = "export_consents",
    /// Read everything that is kept of a person.
    ExportPersonalData = "export_personal_data",
    /// The key of a device was made known.
    RegisterGesture = "register_gesture",
    /// A device was bound, to sign in by gesture.
    BindGesture = "bind_gesture",
    /// A device was forgotten.
    UnbindGesture = "unbind_gesture",
    /// The devices were asked for.
    ListGestures = "list_gestures",
    /// Sign in by a gesture on a device.
    SignInByGesture = "sign_in_by_gesture",
    /// A passkey was begun.
    BeginPasskey = "begin_passkey",
    /// A passkey was put in place.
    BindPasskey = "bind_passkey",
    /// A passkey was removed.
    UnbindPasskey = "unbind_passkey",
    /// The passkeys were asked for.
    ListPasskeys = "list_passkeys",
    /// A challenge for a passkey in a flow was asked for.
    AskForPasskey = "ask_for_passkey",
    /// Sign in by a passkey.
    SignInByPasskey = "sign_in_by_passkey",
    /// Look at a profile.
    ViewProfile = "view_profile",
    /// Update a profile.
    UpdateProfile = "update_profile",
    /// Set the type of a person.
    SetUserType = "set_user_type",
    /// Define attributes and user types.
    DefineAttributes = "define_attributes",
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Done,
    /// A rule refused it; the reason code says which.
    Refused(Cow<'static, str>),
}

/// One line of the audit trail. It names people by id only and holds no secret and no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its id; a notice of the same event carries it too.
    pub id: EventId,
    /// The tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Instant,
    /// Who acted.
    pub actor: Actor,
    /// On which account.
    pub user: UserId,
    /// In which session.
    pub session: Option<SessionId>,
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// In which flow.
    pub flow: Option<FlowKey>,
    /// From where.
    pub source: Option<Source>,
    /// A note of fixed words: an operation, a method, a channel, a status.
    pub detail: Option<Cow<'static, str>>,
}
