//! Refusals: what a rule forbids, each with a stable reason code.
//!
//! Exhaustive on purpose: a new refusal must be given a reply in every dialect before it compiles.

use std::time::Duration;

use crate::consent::ConsentRefusal;
use crate::password::PasswordRefusal;
use crate::user::Channel;

/// A rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token, its session or the account may not act.
    #[error(transparent)]
    Access(#[from] AccessRefusal),
    /// The flow does not allow this step.
    #[error(transparent)]
    Flow(#[from] FlowRefusal),
    /// The second factor was not accepted.
    #[error(transparent)]
    Factor(#[from] FactorRefusal),
    /// The new password was not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// The new phone number or e-mail address was not accepted.
    #[error(transparent)]
    Contact(#[from] ContactRefusal),
    /// Too many of them.
    #[error(transparent)]
    Rate(#[from] RateRefusal),
    /// Signing in.
    #[error(transparent)]
    SignIn(#[from] SignInRefusal),
    /// The captcha.
    #[error(transparent)]
    Captcha(#[from] CaptchaRefusal),
    /// Terms and consents.
    #[error(transparent)]
    Consent(#[from] ConsentRefusal),
    /// A device that signs in by gesture.
    #[error(transparent)]
    Gesture(#[from] GestureRefusal),
    /// A passkey.
    #[error(transparent)]
    Passkey(#[from] PasskeyRefusal),
    /// The profile.
    #[error(transparent)]
    Profile(#[from] ProfileRefusal),
    /// One change of an update of a profile: which, counted from zero, and why.
    #[error("{0}")]
    Change(ProfileRefusal, u16),
    /// An account elsewhere.
    #[error(transparent)]
    Social(#[from] SocialRefusal),
    /// A credential that must stay.
    #[error(transparent)]
    Credential(#[from] CredentialRefusal),
}

/// The token, its session or the account may not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    /// The token is no token, is expired, or its session is over.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The token lacks the scope that this call needs.
    #[error("the access token lacks a scope")]
    InsufficientScope,
    /// The token names no session, and a sensitive operation needs one.
    #[error("the access token names no session")]
    NoSession,
    /// The person signed in too long ago for this call (RFC 9470).
    #[error("a more recent sign-in is required")]
    StaleAuthentication,
    /// There is no such account.
    #[error("the account does not exist")]
    UnknownUser,
    /// The account is deleted.
    #[error("the account is deleted")]
    Deleted,
    /// The account is locked.
    #[error("the account is locked")]
    Locked,
    /// The account is frozen.
    #[error("the account is frozen")]
    Frozen,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
}

/// The flow does not allow this step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlowRefusal {
    /// Unknown, foreign, expired, spent, superseded, or at another step: one answer for all of them.
    #[error("the flow does not exist")]
    Unknown,
}

/// The second factor was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorRefusal {
    /// The account has no factor that this operation accepts.
    #[error("the account has no usable second factor")]
    NoFactor,
    /// This factor is not among those that the flow allows.
    #[error("this second factor is not allowed here")]
    Unsupported,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// There is no such factor to confirm or remove.
    #[error("this factor is not enrolled")]
    NotEnrolled,
    /// The code is wrong, absent, expired, superseded or for something else.
    #[error("the code is wrong or expired")]
    WrongCode,
}

/// The new phone number or e-mail address was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactRefusal {
    /// It is no address of its kind.
    #[error("the address is malformed")]
    Malformed(Channel),
    /// It is an address of another kind than the flow changes.
    #[error("the flow changes an address of another kind")]
    WrongChannel,
    /// Its region is not among those served.
    #[error("phone numbers of this region are not served")]
    RegionNotServed,
    /// It belongs to another account; told only to who has just proven control of it.
    #[error("the address belongs to another account")]
    Duplicate(Channel),
    /// The gateway says that nothing can be delivered there.
    #[error("the address is not deliverable")]
    Undeliverable,
    /// A former address was restored lately; until the pause is over all stay as they are.
    #[error("addresses cannot be changed yet")]
    Paused,
    /// The former address was not restored. Why is for the audit trail alone: whoever tries is nobody yet.
    #[error("the address was not restored")]
    NotReverted,
}

/// Too many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateRefusal {
    /// Too many codes were asked for.
    #[error("too many codes were requested")]
    TooManyCodes {
        /// The wait before one more makes sense; `None`: not in this flow.
        retry_after: Option<Duration>,
    },
    /// Too many wrong codes or passwords were tried.
    #[error("too many wrong attempts")]
    TooManyAttempts {
        /// The wait before one more makes sense; `None`: not by waiting.
        retry_after: Option<Duration>,
    },
}

/// Signing in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// It did not succeed. Why is for the audit trail alone: whoever signs in is nobody yet (A20).
    #[error("signing in did not succeed")]
    Failed,
    /// The refresh token is not the current one of a live session.
    #[error("the refresh token is not valid")]
    RefreshToken,
}

/// The captcha is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptchaRefusal {
    /// One must be solved first.
    #[error("a captcha is required")]
    Required,
    /// It is wrong, expired, used already, or made for something else.
    #[error("the captcha is wrong")]
    Wrong,
}

/// A device that signs in by gesture is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GestureRefusal {
    /// The key of the device is none of its algorithm.
    #[error("the key of the device is malformed")]
    MalformedKey,
    /// The person has as many devices as one may have.
    #[error("there are too many devices")]
    TooManyDevices,
    /// The device is bound already.
    #[error("the device is bound already")]
    AlreadyBound,
    /// The person has no such device.
    #[error("the device is unknown")]
    UnknownDevice,
    /// The sign names nobody.
    #[error("the sign names nobody")]
    NoName,
    /// The sign names somebody else, whether or not anybody is called so.
    #[error("the sign names somebody else")]
    WrongName,
    /// The sign is malformed, of another device or key, or answers no live challenge: one answer for all of them.
    #[error("the sign is wrong")]
    WrongSign,
}

/// A passkey is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    /// None was begun in this session, or too long ago.
    #[error("no passkey was begun")]
    NotBegun,
    /// The name of the passkey is none.
    #[error("the name of the passkey is malformed")]
    MalformedName,
    /// The person has as many passkeys as one may have.
    #[error("there are too many passkeys")]
    TooMany,
    /// The authenticator has a passkey for this host already.
    #[error("the passkey is there already")]
    Taken,
    /// The person has no such passkey.
    #[error("the passkey is unknown")]
    Unknown,
    /// The answer of the authenticator was not accepted. Why is for the audit trail alone: one answer for every cause.
    #[error("the passkey was not accepted")]
    Rejected,
}

impl PasskeyRefusal {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::NotBegun, Self::MalformedName, Self::TooMany, Self::Taken, Self::Unknown, Self::Rejected];
}

/// A profile is not read or updated; nothing of an update is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefusal {
    /// The profile is not the person's own, or there is no such person: one answer for both.
    #[error("there is no such profile")]
    UnknownPerson,
    /// No such attribute can be changed.
    #[error("unsupported or unknown attribute")]
    UnknownAttribute,
    /// The person may not change this attribute.
    #[error("the attribute cannot be changed")]
    NotModifiable,
    /// The value is none of the attribute, or the attribute is named twice.
    #[error("the value of an attribute is malformed")]
    Malformed,
    /// The value that is named is not there, or not the person's own.
    #[error("the value of an attribute is not the person's own")]
    ForeignValue,
    /// Another account has this value.
    #[error("another account has this value")]
    Duplicate,
    /// There is no such user type.
    #[error("the user type does not exist")]
    UnknownUserType,
}

/// An account elsewhere is not bound, unbound or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocialRefusal {
    /// The tenant has no such source.
    #[error("the source does not exist")]
    UnknownSource,
    /// The source is switched off, or the host asks no provider of its kind.
    #[error("the source is not offered")]
    NotOffered,
    /// The proof is wrong, used, expired, made for another application, or forged.
    #[error("the proof of the account elsewhere is rejected")]
    Rejected,
    /// The person has bound an account of this source, or this very account by another one.
    #[error("an account elsewhere is bound already")]
    AlreadyBound,
    /// It is bound to another person's account; told only to who has just proven that it is theirs.
    #[error("the account elsewhere is bound to another account")]
    Taken,
    /// The person has bound no account of this source.
    #[error("no account elsewhere is bound")]
    NotBound,
    /// The source has a name, or settings, that none may have.
    #[error("the source is malformed")]
    MalformedSource,
    /// The tenant has as many sources as there may be.
    #[error("the tenant has too many sources")]
    TooManySources,
}

/// A credential must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRefusal {
    /// It is the last way in which the person can sign in.
    #[error("it is the last way to sign in")]
    Last,
}

impl Refusal {
    /// The stable reason code, as listed in `docs/reasons.md`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Access(refusal) => refusal.reason(),
            Self::Flow(FlowRefusal::Unknown) => "flow.unknown",
            Self::Factor(FactorRefusal::NoFactor) => "factor.none",
            Self::Factor(FactorRefusal::Unsupported) => "factor.unsupported",
            Self::Factor(FactorRefusal::WrongPassword) => "factor.wrong_password",
            Self::Factor(FactorRefusal::NotEnrolled) => "factor.not_enrolled",
            Self::Factor(FactorRefusal::WrongCode) => "factor.wrong_code",
            Self::Password(refusal) => refusal.reason(),
            Self::Contact(ContactRefusal::Malformed(_)) => "contact.malformed",
            Self::Contact(ContactRefusal::WrongChannel) => "contact.wrong_channel",
            Self::Contact(ContactRefusal::RegionNotServed) => "contact.region_not_served",
            Self::Contact(ContactRefusal::Duplicate(_)) => "contact.duplicate",
            Self::Contact(ContactRefusal::Undeliverable) => "contact.undeliverable",
            Self::Contact(ContactRefusal::Paused) => "contact.paused",
            Self::Contact(ContactRefusal::NotReverted) => "contact.not_reverted",
            Self::Rate(RateRefusal::TooManyCodes { .. }) => "rate.too_many_codes",
            Self::Rate(RateRefusal::TooManyAttempts { .. }) => "rate.too_many_attempts",
            Self::SignIn(SignInRefusal::Failed) => "sign_in.failed",
            Self::SignIn(SignInRefusal::RefreshToken) => "sign_in.refresh_token",
            Self::Captcha(CaptchaRefusal::Required) => "captcha.required",
            Self::Captcha(CaptchaRefusal::Wrong) => "captcha.wrong",
            Self::Consent(refusal) => refusal.reason(),
            Self::Gesture(GestureRefusal::MalformedKey) => "gesture.malformed_key",
            Self::Gesture(GestureRefusal::TooManyDevices) => "gesture.too_many_devices",
            Self::Gesture(GestureRefusal::AlreadyBound) => "gesture.already_bound",
            Self::Gesture(GestureRefusal::UnknownDevice) => "gesture.unknown_device",
            Self::Gesture(GestureRefusal::NoName) => "gesture.no_name",
            Self::Gesture(GestureRefusal::WrongName) => "gesture.wrong_name",
            Self::Gesture(GestureRefusal::WrongSign) => "gesture.wrong_sign",
            Self::Passkey(PasskeyRefusal::NotBegun) => "passkey.not_begun",
            Self::Passkey(PasskeyRefusal::MalformedName) => "passkey.malformed_name",
            Self::Passkey(PasskeyRefusal::TooMany) => "passkey.too_many",
            Self::Passkey(PasskeyRefusal::Taken) => "passkey.taken",
            Self::Passkey(PasskeyRefusal::Unknown) => "passkey.unknown",
            Self::Passkey(PasskeyRefusal::Rejected) => "passkey.rejected",
            Self::Social(SocialRefusal::UnknownSource) => "social.unknown_source",
            Self::Social(SocialRefusal::NotOffered) => "social.not_offered",
            Self::Social(SocialRefusal::Rejected) => "social.rejected",
            Self::Social(SocialRefusal::AlreadyBound) => "social.already_bound",
            Self::Social(SocialRefusal::Taken) => "social.taken",
            Self::Social(SocialRefusal::NotBound) => "social.not_bound",
            Self::Social(SocialRefusal::MalformedSource) => "social.malformed_source",
            Self::Social(SocialRefusal::TooManySources) => "social.too_many_sources",
            Self::Credential(CredentialRefusal::Last) => "credential.last",
            Self::Profile(refusal) | Self::Change(refusal, _) => refusal.reason(),
        }
    }
}

impl ProfileRefusal {
    /// The stable reason code.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UnknownPerson => "profile.unknown_person",
            Self::UnknownAttribute => "profile.unknown_attribute",
            Self::NotModifiable => "profile.not_modifiable",
            Self::Malformed => "profile.malformed",
            Self::ForeignValue => "profile.foreign_value",
            Self::Duplicate => "profile.duplicate",
            Self::UnknownUserType => "profile.unknown_user_type",
        }
    }
}

impl AccessRefusal {
    /// The stable reason code.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::InvalidToken => "access.invalid_token",
            Self::InsufficientScope => "access.insufficient_scope",
            Self::NoSession => "access.no_session",
            Self::StaleAuthentication => "access.stale_authentication",
            Self::UnknownUser => "access.unknown_user",
            Self::Deleted => "access.deleted",
            Self::Locked => "access.locked",
            Self::Frozen => "access.frozen",
            Self::Disabled => "access.disabled",
        }
    }
}
