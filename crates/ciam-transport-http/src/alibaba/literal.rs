//! What this dialect writes in words: one table to correct where a document that could not be had says
//! otherwise.

use ciam::domain::flow::{NextStep, Operation};
use ciam::domain::profile::{AttributeId, FieldType, StandardAttribute};
use ciam::domain::terms::VersionStatus;

/// Classes of results: documented as the values of `code`.
pub(super) mod code {
    pub(in crate::alibaba) const SUCCESS: &str = "Operation.Success";
    /// The success of one call, which is written so.
    pub(in crate::alibaba) const BOUND: &str = "200";
    pub(in crate::alibaba) const FAILURE: &str = "Operation.Failure";
    pub(in crate::alibaba) const DENIED: &str = "Operation.Denied";
    pub(in crate::alibaba) const BLANK: &str = "Params.Blank";
    pub(in crate::alibaba) const ILLEGAL: &str = "Params.Illegal";
    pub(in crate::alibaba) const NOT_FOUND: &str = "Resource.NotFound";
    pub(in crate::alibaba) const MEDIA_TYPE: &str = "Unsupported.Media.Type";
    pub(in crate::alibaba) const SOCIAL: &str = "Social.Login.Error";
    pub(in crate::alibaba) const INTERNAL: &str = "Service.Internal.Error";
}

/// Values of `message` that stand in the vendor's documents.
pub(super) mod documented {
    /// Code sending, with `Params.Illegal`.
    pub(in crate::alibaba) const UNSUPPORT_2FA: &str = "Operation.Failure.Unsupport.2fa.Type";
    /// Verification, with `Operation.Failure`: another spelling, kept.
    pub(in crate::alibaba) const UNSUPPORTED_2FA: &str = "Operation.Failure.Unsupported.2fa.Type";
    /// Verification of the password.
    pub(in crate::alibaba) const WRONG_PASSWORD: &str = "Operation.Failure.User.Password.Error";
    /// Change of password, with `Operation.Failure`.
    pub(in crate::alibaba) const SAME_PASSWORD: &str = "Params.Illegal.User.Password.Same.Old";
    /// Binding of a gesture whose sign names nobody.
    pub(in crate::alibaba) const BLANK_USERNAME: &str = "Params.Blank.User.Username";
    /// Binding of a gesture whose sign names somebody else.
    pub(in crate::alibaba) const NO_SUCH_USER: &str = "Operation.Failure.User.Not.Exist";
    /// Binding of a gesture by a wrong sign; in the vendor's document it alone is written so.
    pub(in crate::alibaba) const WRONG_GESTURE: &str = "OPERATION_FAILURE_GESTURE_SIGN_ERROR";
    /// Binding, where the person has bound an account of the source.
    pub(in crate::alibaba) const SOCIAL_ALREADY_BOUND: &str =
        "Operation.Failure.User.Has.Bind.Other.Authentication";
    /// Binding, where the account elsewhere is bound to somebody else.
    pub(in crate::alibaba) const SOCIAL_TAKEN: &str = "Params.Exist.SocialUser.SocialId";
    /// Unbinding, where nothing is bound.
    pub(in crate::alibaba) const SOCIAL_NOT_BOUND: &str = "Operation.Failure.Social.Not.Bind.Over.Error";
    /// What fails while a gesture is bound, with `Operation.Failure`.
    pub(in crate::alibaba) const BIND_FAILED: &str = "Operation.Failure.Service.Internal.Error";
    /// The captcha that a sibling product of the vendor's demands before it sends more codes.
    pub(in crate::alibaba) const SEND_CAPTCHA: &str = "Operation.Failure.SmsAuth.Overflow.Captcha";
    /// Limits of code sending in a sibling product of the vendor's.
    pub(in crate::alibaba) const SEND_PAUSE: &str = "Operation.Failure.SmsAuth.Overflow.Pause";
}

/// Values of `message` in the vendor's manner, for what its documents name no value for.
pub(super) mod chosen {
    pub(in crate::alibaba) const BODY: &str = "Params.Illegal.Body";
    pub(in crate::alibaba) const BODY_TOO_LARGE: &str = "Params.Illegal.Body.Too.Large";
    pub(in crate::alibaba) const METHOD: &str = "Operation.Denied.Method";
    pub(in crate::alibaba) const NO_SESSION: &str = "Operation.Denied.Token.No.Session";
    pub(in crate::alibaba) const NO_FACTOR: &str = "Operation.Denied.User.No.2fa.Type";
    pub(in crate::alibaba) const NOT_ENROLLED: &str = "Operation.Denied.User.2fa.Not.Enrolled";
    pub(in crate::alibaba) const WRONG_CODE: &str = "Params.Illegal.Code";
    pub(in crate::alibaba) const WRONG_CAPTCHA: &str = "Params.Illegal.CaptchaText";
    pub(in crate::alibaba) const VERIFY_PAUSE: &str = "Operation.Failure.Verify.Overflow.Pause";
    pub(in crate::alibaba) const RECURRENT_PASSWORD: &str = "Params.Illegal.User.Password.Recurrent";
    pub(in crate::alibaba) const PASSWORD_TOO_SHORT: &str = "Params.Illegal.User.Password.Too.Short";
    pub(in crate::alibaba) const PASSWORD_TOO_LONG: &str = "Params.Illegal.User.Password.Too.Long";
    pub(in crate::alibaba) const PASSWORD_LISTED: &str = "Params.Illegal.User.Password.Too.Common";
    pub(in crate::alibaba) const PASSWORD_CONTEXT: &str = "Params.Illegal.User.Password.Context.Word";
    pub(in crate::alibaba) const PASSWORD_OWN: &str = "Params.Illegal.User.Password.Own.Identifier";
    pub(in crate::alibaba) const PASSWORD_BREACHED: &str = "Params.Illegal.User.Password.Breached";
    pub(in crate::alibaba) const PHONE_TAKEN: &str = "Params.Exist.User.Phone.Number";
    pub(in crate::alibaba) const EMAIL_TAKEN: &str = "Params.Exist.User.Email";
    pub(in crate::alibaba) const CONTACT_PAUSED: &str = "Operation.Denied.User.Contact.Paused";
    pub(in crate::alibaba) const NOT_REVERTED: &str = "Operation.Failure.User.Contact.Not.Reverted";
    pub(in crate::alibaba) const GESTURE_KEY: &str = "Params.Illegal.Gesture.Key";
    pub(in crate::alibaba) const TOO_MANY_DEVICES: &str = "Operation.Denied.Gesture.Too.Many.Devices";
    pub(in crate::alibaba) const DEVICE_BOUND: &str = "Params.Exist.Gesture.Device";
    pub(in crate::alibaba) const UNKNOWN_DEVICE: &str = "Resource.NotFound.Gesture.Device";
    pub(in crate::alibaba) const PASSKEY_NOT_BEGUN: &str = "Operation.Denied.Passkey.Not.Begun";
    pub(in crate::alibaba) const PASSKEY_NAME: &str = "Params.Illegal.Passkey.Name";
    pub(in crate::alibaba) const TOO_MANY_PASSKEYS: &str = "Operation.Denied.Passkey.Too.Many";
    pub(in crate::alibaba) const PASSKEY_TAKEN: &str = "Params.Exist.Passkey";
    pub(in crate::alibaba) const UNKNOWN_PASSKEY: &str = "Resource.NotFound.Passkey";
    pub(in crate::alibaba) const PASSKEY_REJECTED: &str = "Operation.Failure.Passkey.Rejected";
    pub(in crate::alibaba) const SOCIAL_NOT_OFFERED: &str = "Operation.Denied.Social.Not.Offered";
    pub(in crate::alibaba) const SOCIAL_SOURCE: &str = "Params.Illegal.Social.Source";
    pub(in crate::alibaba) const SOCIAL_SOURCES: &str = "Operation.Denied.Social.Too.Many.Sources";
    pub(in crate::alibaba) const SOCIAL_REJECTED: &str = "Operation.Failure.Social.Code.Rejected";
    pub(in crate::alibaba) const LAST_CREDENTIAL: &str = "Operation.Denied.User.Last.Credential";
    pub(in crate::alibaba) const UNDELIVERABLE: &str = "Operation.Failure.Address.Undeliverable";
    pub(in crate::alibaba) const TERMS_NOT_PUBLISHED: &str = "Operation.Denied.Agree.Record.Not.Published";
    pub(in crate::alibaba) const TERMS_PUBLISHED: &str = "Operation.Denied.Agree.Record.Published";
    pub(in crate::alibaba) const TERMS_EXPIRED: &str = "Operation.Denied.Agree.Record.Expired";
    pub(in crate::alibaba) const TERMS_TOO_MANY: &str = "Operation.Denied.Agree.Record.Too.Many";
    pub(in crate::alibaba) const TERMS_END: &str = "Params.Illegal.Expired.Date";
    pub(in crate::alibaba) const UNKNOWN_PERSON: &str = "Resource.NotFound.User";
    pub(in crate::alibaba) const UNKNOWN_ATTRIBUTE: &str = "Params.Illegal.User.Attribute.Unknown";
    pub(in crate::alibaba) const NOT_MODIFIABLE: &str = "Operation.Denied.User.Attribute.Not.Modifiable";
    pub(in crate::alibaba) const WRONG_VALUE: &str = "Params.Illegal.User.Attribute.Value";
    pub(in crate::alibaba) const FOREIGN_VALUE: &str = "Params.Illegal.Dictionary.Value.Uuid";
    pub(in crate::alibaba) const VALUE_TAKEN: &str = "Params.Exist.User.Attribute.Value";
    pub(in crate::alibaba) const UNKNOWN_USER_TYPE: &str = "Resource.NotFound.User.Type";
}

/// `systemId`, as the sample has it.
pub(super) const SYSTEM_ID: &str = "0000000000000000";

/// `recordVersionStatus`: `PUBLISHED` is documented, the others follow its pattern. Nobody has agreed to a draft.
pub(super) const fn record_status(status: VersionStatus) -> &'static str {
    match status {
        VersionStatus::Draft => "DRAFT",
        VersionStatus::Scheduled => "SCHEDULED",
        VersionStatus::Published => "PUBLISHED",
        VersionStatus::Expired => "EXPIRED",
    }
}

/// `flowType`: the first two are documented, the others follow their pattern.
pub(super) const fn flow_type(next: NextStep) -> &'static str {
    match next {
        NextStep::SecondFactor(_) => "NEED_TWO_FACTOR",
        NextStep::Act(Operation::UpdatePassword) => "USER_UPDATE_PWD",
        NextStep::Act(Operation::UpdatePhone) => "USER_UPDATE_PHONE",
        NextStep::Act(Operation::UpdateEmail) => "USER_UPDATE_EMAIL",
        NextStep::Act(Operation::Unsubscribe) => "USER_UNSUBSCRIBE",
        NextStep::Act(Operation::BindSocial) => "USER_BIND_SOCIAL",
        NextStep::Act(Operation::UnbindSocial) => "USER_UNBIND_SOCIAL",
        NextStep::Act(Operation::BindTotp) => "USER_BIND_TOTP",
        NextStep::Act(Operation::UnbindTotp) => "USER_UNBIND_TOTP",
        NextStep::Act(Operation::RenewRecoveryCodes) => "USER_RENEW_RECOVERY_CODES",
        NextStep::Act(Operation::BindGesture) => "USER_BIND_GESTURE",
        NextStep::Act(Operation::UnbindGesture) => "USER_UNBIND_GESTURE",
        NextStep::Act(Operation::BindPasskey) => "USER_BIND_PASSKEY",
        NextStep::Act(Operation::UnbindPasskey) => "USER_UNBIND_PASSKEY",
        NextStep::Act(Operation::SignIn) => "USER_SIGN_IN",
        NextStep::Act(Operation::RenewPassword) => "USER_RENEW_PWD",
        NextStep::Act(Operation::RecoverPassword) => "USER_FORGET_PWD",
        NextStep::Act(Operation::RestoreAccount) => "USER_RESTORE",
    }
}

/// The message of a field that has no value of it, after the vendor's `Params.Illegal.User.Email`; the fields are those
/// of the table of `PUT /user/info`.
pub(super) const fn wrong_field(field: StandardAttribute) -> Option<&'static str> {
    Some(match field {
        StandardAttribute::EnDisplayName => "Params.Illegal.User.En.Display.Name",
        StandardAttribute::DisplayName => "Params.Illegal.User.Display.Name",
        StandardAttribute::Language => "Params.Illegal.User.Language",
        StandardAttribute::AvatarUuid => "Params.Illegal.User.Avatar.Uuid",
        StandardAttribute::FullName => "Params.Illegal.User.Full.Name",
        StandardAttribute::Gender => "Params.Illegal.User.Gender",
        StandardAttribute::Birthday => "Params.Illegal.User.Birthday",
        StandardAttribute::Country => "Params.Illegal.User.Country",
        StandardAttribute::Region => "Params.Illegal.User.Region",
        StandardAttribute::Province => "Params.Illegal.User.Province",
        StandardAttribute::City => "Params.Illegal.User.City",
        StandardAttribute::Street => "Params.Illegal.User.Street",
        StandardAttribute::Address => "Params.Illegal.User.Address",
        _ => return None,
    })
}

/// `dataDictionaryType`, as the samples have it.
pub(super) const fn dictionary_type(id: &AttributeId) -> &'static str {
    match id {
        AttributeId::Base(_) => "USER_BASE",
        AttributeId::Extension { .. } => "USER_TYPE",
    }
}

/// `dataDictionaryFieldType`: the first two are documented, the others are chosen after the fields that go with them.
pub(super) const fn field_type(field: &FieldType) -> &'static str {
    match field {
        FieldType::Text(_) => "TEXT",
        FieldType::Date => "DATE",
        FieldType::Number => "NUMBER",
        FieldType::Boolean => "BOOLEAN",
        FieldType::SingleChoice(_) => "SELECT",
        FieldType::MultipleChoice(_) => "CHECKBOX",
    }
}
