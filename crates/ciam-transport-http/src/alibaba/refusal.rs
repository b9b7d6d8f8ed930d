//! What becomes of each refusal: the one table, exhaustive, that `docs/dialects/alibaba.md` shows.

use std::time::Duration;

use axum::http::StatusCode;
use ciam::domain::Refusal;
use ciam::domain::consent::ConsentRefusal;
use ciam::domain::password::PasswordRefusal;
use ciam::domain::refusal::{
    AccessRefusal, CaptchaRefusal, ContactRefusal, CredentialRefusal, FactorRefusal, FlowRefusal,
    GestureRefusal, PasskeyRefusal, ProfileRefusal, RateRefusal, SignInRefusal, SocialRefusal,
};
use ciam::domain::user::Channel;

use super::field::Field;
use super::literal::{chosen, code, documented};

/// Which call was refused, where that changes the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Sending of a second-factor code.
    ObtainFactor,
    /// Verification of a second factor.
    VerifyFactor,
    /// Binding of a gesture.
    BindGesture,
    /// Any other.
    Other,
}

/// A refusal on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) status: StatusCode,
    pub(super) shape: Shape,
    pub(super) retry_after: Option<Duration>,
}

/// The two forms of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `{success, code, message, requestId, data}`.
    Envelope { code: &'static str, message: &'static str },
    /// `{error, error_description}`, with the `error` of the `WWW-Authenticate` header (RFC 6750, 3.1).
    Token { error: &'static str, description: &'static str, challenge: Option<&'static str> },
}

const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

impl Row {
    pub(super) const fn envelope(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::OK, shape: Shape::Envelope { code, message }, retry_after: None }
    }

    pub(super) const fn token(error: &'static str, description: &'static str) -> Self {
        let shape = Shape::Token { error, description, challenge: Some(error) };
        Self { status: StatusCode::UNAUTHORIZED, shape, retry_after: None }
    }

    /// Codes of RFC 6750 alone may stand in the header; the account's are the vendor's.
    const fn account(error: &'static str, description: &'static str) -> Self {
        let shape = Shape::Token { error, description, challenge: Some("invalid_token") };
        Self { status: StatusCode::UNAUTHORIZED, shape, retry_after: None }
    }

    pub(super) const fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) const fn after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub(super) fn names_scope(&self) -> bool {
        matches!(self.shape, Shape::Token { error: INSUFFICIENT_SCOPE, .. })
    }
}

/// The row of a refusal.
pub(super) const fn row(refusal: Refusal, place: Place) -> Row {
    match refusal {
        Refusal::Access(refusal) => access(refusal),
        Refusal::Flow(FlowRefusal::Unknown) => illegal(Field::FlowId),
        Refusal::Factor(refusal) => factor(refusal, place),
        Refusal::Password(refusal) => password(refusal),
        Refusal::Contact(refusal) => contact(refusal),
        Refusal::Rate(refusal) => rate(refusal),
        Refusal::SignIn(SignInRefusal::Failed) => Row::account("login_failed", "Signing in did not succeed"),
        Refusal::SignIn(SignInRefusal::RefreshToken) => {
            Row::account("invalid_grant", "The refresh token is not valid")
        }
        Refusal::Captcha(CaptchaRefusal::Required) => Row::envelope(code::FAILURE, documented::SEND_CAPTCHA),
        Refusal::Captcha(CaptchaRefusal::Wrong) => Row::envelope(code::ILLEGAL, chosen::WRONG_CAPTCHA),
        Refusal::Consent(refusal) => consent(refusal),
        Refusal::Gesture(refusal) => gesture(refusal),
        Refusal::Passkey(refusal) => passkey(refusal),
        Refusal::Profile(refusal) | Refusal::Change(refusal, _) => profile(refusal),
        Refusal::Social(refusal) => social(refusal),
        Refusal::Credential(CredentialRefusal::Last) => Row::envelope(code::DENIED, chosen::LAST_CREDENTIAL),
    }
}

const fn gesture(refusal: GestureRefusal) -> Row {
    match refusal {
        GestureRefusal::NoName => Row::envelope(code::BLANK, documented::BLANK_USERNAME),
        GestureRefusal::WrongName => Row::envelope(code::FAILURE, documented::NO_SUCH_USER),
        GestureRefusal::WrongSign => Row::envelope(code::FAILURE, documented::WRONG_GESTURE),
        GestureRefusal::MalformedKey => Row::envelope(code::ILLEGAL, chosen::GESTURE_KEY),
        GestureRefusal::TooManyDevices => Row::envelope(code::DENIED, chosen::TOO_MANY_DEVICES),
        GestureRefusal::AlreadyBound => Row::envelope(code::FAILURE, chosen::DEVICE_BOUND),
        GestureRefusal::UnknownDevice => Row::envelope(code::NOT_FOUND, chosen::UNKNOWN_DEVICE),
    }
}

const fn passkey(refusal: PasskeyRefusal) -> Row {
    match refusal {
        PasskeyRefusal::NotBegun => Row::envelope(code::DENIED, chosen::PASSKEY_NOT_BEGUN),
        PasskeyRefusal::MalformedName => Row::envelope(code::ILLEGAL, chosen::PASSKEY_NAME),
        PasskeyRefusal::TooMany => Row::envelope(code::DENIED, chosen::TOO_MANY_PASSKEYS),
        PasskeyRefusal::Taken => Row::envelope(code::FAILURE, chosen::PASSKEY_TAKEN),
        PasskeyRefusal::Unknown => Row::envelope(code::NOT_FOUND, chosen::UNKNOWN_PASSKEY),
        PasskeyRefusal::Rejected => Row::envelope(code::FAILURE, chosen::PASSKEY_REJECTED),
    }
}

pub(super) const fn blank(field: Field) -> Row {
    Row::envelope(code::BLANK, field.blank())
}

pub(super) const fn illegal(field: Field) -> Row {
    Row::envelope(code::ILLEGAL, field.illegal())
}

/// The words for a second factor that is not offered, in the two spellings of the user APIs, 2.2 and 2.4.
pub(super) const fn unsupported_factor(place: Place) -> Row {
    match place {
        Place::ObtainFactor => Row::envelope(code::ILLEGAL, documented::UNSUPPORT_2FA),
        Place::VerifyFactor | Place::BindGesture | Place::Other => {
            Row::envelope(code::FAILURE, documented::UNSUPPORTED_2FA)
        }
    }
}

pub(super) const fn invalid_token() -> Row {
    Row::token("invalid_token", "Invalid access token")
}

/// Values of `error` are those of the vendor's list, but for the two that only RFC 6750 and RFC 9470 name.
const fn access(refusal: AccessRefusal) -> Row {
    match refusal {
        // A token that names nobody is no token.
        AccessRefusal::InvalidToken | AccessRefusal::UnknownUser => invalid_token(),
        AccessRefusal::InsufficientScope => Row::token(INSUFFICIENT_SCOPE, "The access token lacks a scope")
            .with_status(StatusCode::FORBIDDEN),
        AccessRefusal::NoSession => Row::envelope(code::DENIED, chosen::NO_SESSION),
        AccessRefusal::StaleAuthentication => {
            Row::token("insufficient_user_authentication", "A more recent sign-in is required")
        }
        AccessRefusal::Deleted => Row::account("user_deleted", "The user is deleted"),
        AccessRefusal::Locked => Row::account("unauthorized_user", "The user is locked"),
        AccessRefusal::Frozen => Row::account("unauthorized_user", "The user is frozen"),
        AccessRefusal::Disabled => Row::account("unauthorized_user", "The user is disabled"),
    }
}

const fn factor(refusal: FactorRefusal, place: Place) -> Row {
    match refusal {
        FactorRefusal::NoFactor => Row::envelope(code::DENIED, chosen::NO_FACTOR),
        FactorRefusal::NotEnrolled => Row::envelope(code::DENIED, chosen::NOT_ENROLLED),
        FactorRefusal::Unsupported => unsupported_factor(place),
        FactorRefusal::WrongPassword => Row::envelope(code::FAILURE, documented::WRONG_PASSWORD),
        // The class that a sibling product of the vendor's uses for wrong codes.
        FactorRefusal::WrongCode => Row::envelope(code::ILLEGAL, chosen::WRONG_CODE),
    }
}

const fn password(refusal: PasswordRefusal) -> Row {
    match refusal {
        PasswordRefusal::Blank => blank(Field::NewPassword),
        PasswordRefusal::TooShort { min: _ } => Row::envelope(code::ILLEGAL, chosen::PASSWORD_TOO_SHORT),
        PasswordRefusal::TooLong { max: _ } => Row::envelope(code::ILLEGAL, chosen::PASSWORD_TOO_LONG),
        PasswordRefusal::Listed => Row::envelope(code::ILLEGAL, chosen::PASSWORD_LISTED),
        PasswordRefusal::ContextWord => Row::envelope(code::ILLEGAL, chosen::PASSWORD_CONTEXT),
        PasswordRefusal::OwnIdentifier => Row::envelope(code::ILLEGAL, chosen::PASSWORD_OWN),
        PasswordRefusal::Breached => Row::envelope(code::ILLEGAL, chosen::PASSWORD_BREACHED),
        // A message of the class Params under the code of another: as in the user APIs, 2.5.
        PasswordRefusal::Same => Row::envelope(code::FAILURE, documented::SAME_PASSWORD),
        PasswordRefusal::Recurrent => Row::envelope(code::FAILURE, chosen::RECURRENT_PASSWORD),
    }
}

const fn contact(refusal: ContactRefusal) -> Row {
    match refusal {
        ContactRefusal::Malformed(Channel::Sms) => illegal(Field::PhoneNumber),
        ContactRefusal::Malformed(Channel::Email) => illegal(Field::Email),
        ContactRefusal::WrongChannel => illegal(Field::Type),
        ContactRefusal::RegionNotServed => illegal(Field::PhoneRegion),
        // After the pattern of `Params.Exist.SocialUser.SocialId` (user APIs, 2.9).
        ContactRefusal::Duplicate(Channel::Sms) => Row::envelope(code::FAILURE, chosen::PHONE_TAKEN),
        ContactRefusal::Duplicate(Channel::Email) => Row::envelope(code::FAILURE, chosen::EMAIL_TAKEN),
        ContactRefusal::Undeliverable => Row::envelope(code::FAILURE, chosen::UNDELIVERABLE),
        ContactRefusal::Paused => Row::envelope(code::DENIED, chosen::CONTACT_PAUSED),
        // No call of this dialect answers it; a host's own may.
        ContactRefusal::NotReverted => Row::envelope(code::FAILURE, chosen::NOT_REVERTED),
    }
}

const fn profile(refusal: ProfileRefusal) -> Row {
    match refusal {
        ProfileRefusal::UnknownPerson => Row::envelope(code::NOT_FOUND, chosen::UNKNOWN_PERSON),
        ProfileRefusal::UnknownAttribute => Row::envelope(code::ILLEGAL, chosen::UNKNOWN_ATTRIBUTE),
        ProfileRefusal::NotModifiable => Row::envelope(code::DENIED, chosen::NOT_MODIFIABLE),
        ProfileRefusal::Malformed => Row::envelope(code::ILLEGAL, chosen::WRONG_VALUE),
        ProfileRefusal::ForeignValue => Row::envelope(code::ILLEGAL, chosen::FOREIGN_VALUE),
        // After the pattern of `Params.Exist.SocialUser.SocialId` (user APIs, 2.9).
        ProfileRefusal::Duplicate => Row::envelope(code::FAILURE, chosen::VALUE_TAKEN),
        // No call of this dialect answers it; a host's own may.
        ProfileRefusal::UnknownUserType => Row::envelope(code::NOT_FOUND, chosen::UNKNOWN_USER_TYPE),
    }
}

const fn social(refusal: SocialRefusal) -> Row {
    match refusal {
        SocialRefusal::UnknownSource => illegal(Field::EnterpriseAuthId),
        SocialRefusal::NotOffered => Row::envelope(code::DENIED, chosen::SOCIAL_NOT_OFFERED),
        SocialRefusal::Rejected => Row::envelope(code::SOCIAL, chosen::SOCIAL_REJECTED),
        SocialRefusal::AlreadyBound => Row::envelope(code::FAILURE, documented::SOCIAL_ALREADY_BOUND),
        SocialRefusal::Taken => Row::envelope(code::FAILURE, documented::SOCIAL_TAKEN),
        SocialRefusal::NotBound => Row::envelope(code::FAILURE, documented::SOCIAL_NOT_BOUND),
        // No call of this dialect answers the others; a host's own may.
        SocialRefusal::MalformedSource => Row::envelope(code::ILLEGAL, chosen::SOCIAL_SOURCE),
        SocialRefusal::TooManySources => Row::envelope(code::DENIED, chosen::SOCIAL_SOURCES),
    }
}

const fn rate(refusal: RateRefusal) -> Row {
    let (message, retry_after) = match refusal {
        RateRefusal::TooManyCodes { retry_after } => (documented::SEND_PAUSE, retry_after),
        RateRefusal::TooManyAttempts { retry_after } => (chosen::VERIFY_PAUSE, retry_after),
    };
    Row::envelope(code::FAILURE, message).with_status(StatusCode::TOO_MANY_REQUESTS).after(retry_after)
}

/// What has no such name and what is somebody else's is answered alike.
const fn consent(refusal: ConsentRefusal) -> Row {
    match refusal {
        ConsentRefusal::UnknownConsent | ConsentRefusal::UnknownVersion | ConsentRefusal::UnknownDocument => {
            Row::envelope(code::NOT_FOUND, code::NOT_FOUND)
        }
        // No call of this dialect answers the others; a host's own may.
        ConsentRefusal::NotPublished => Row::envelope(code::DENIED, chosen::TERMS_NOT_PUBLISHED),
        ConsentRefusal::Expired => Row::envelope(code::DENIED, chosen::TERMS_EXPIRED),
        ConsentRefusal::TooMany | ConsentRefusal::TooManyTerms => {
            Row::envelope(code::DENIED, chosen::TERMS_TOO_MANY)
        }
        ConsentRefusal::Immutable => Row::envelope(code::DENIED, chosen::TERMS_PUBLISHED),
        ConsentRefusal::NoSuchTime => Row::envelope(code::ILLEGAL, chosen::TERMS_END),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    const WAIT: Option<Duration> = Some(Duration::from_secs(1));

    const PROFILE: [ProfileRefusal; 7] = [
        ProfileRefusal::UnknownPerson,
        ProfileRefusal::UnknownAttribute,
        ProfileRefusal::NotModifiable,
        ProfileRefusal::Malformed,
        ProfileRefusal::ForeignValue,
        ProfileRefusal::Duplicate,
        ProfileRefusal::UnknownUserType,
    ];

    /// Every refusal that there is; the page of reason codes says whether one is missing.
    fn every_refusal() -> Vec<Refusal> {
        use AccessRefusal::{
            Deleted, Disabled, Frozen, InsufficientScope, InvalidToken, Locked, NoSession,
            StaleAuthentication, UnknownUser,
        };
        use ConsentRefusal::{
            Expired, Immutable, NoSuchTime, NotPublished, TooMany, TooManyTerms, UnknownConsent,
            UnknownDocument, UnknownVersion,
        };
        use ContactRefusal::{
            Duplicate, Malformed, NotReverted, Paused, RegionNotServed, Undeliverable, WrongChannel,
        };
        use FactorRefusal::{NoFactor, NotEnrolled, Unsupported, WrongCode, WrongPassword};
        use GestureRefusal::{
            AlreadyBound, MalformedKey, NoName, TooManyDevices, UnknownDevice, WrongName, WrongSign,
        };
        use PasswordRefusal::{
            Blank, Breached, ContextWord, Listed, OwnIdentifier, Recurrent, Same, TooLong, TooShort,
        };
        use SocialRefusal::{
            MalformedSource, NotBound, NotOffered, Rejected, Taken, TooManySources, UnknownSource,
        };
        let access = [InvalidToken, InsufficientScope, NoSession, StaleAuthentication, UnknownUser];
        let status = [Deleted, Locked, Frozen, Disabled];
        let length = [TooShort { min: 8 }, TooLong { max: 128 }];
        let password = [Blank, Listed, ContextWord, OwnIdentifier, Breached, Same, Recurrent];
        let kinds = [Channel::Sms, Channel::Email];
        let contact = [WrongChannel, RegionNotServed, Undeliverable, Paused, NotReverted];
        let unknown = [UnknownVersion, UnknownConsent, UnknownDocument];
        let terms = [NotPublished, Expired, TooMany, Immutable, NoSuchTime, TooManyTerms];
        let rate = [
            RateRefusal::TooManyCodes { retry_after: WAIT },
            RateRefusal::TooManyAttempts { retry_after: WAIT },
        ];
        access
            .into_iter()
            .chain(status)
            .map(Refusal::from)
            .chain([FlowRefusal::Unknown.into()])
            .chain([NoFactor, NotEnrolled, Unsupported, WrongPassword, WrongCode].map(Refusal::from))
            .chain(length.into_iter().chain(password).map(Refusal::from))
            .chain(kinds.map(|kind| Malformed(kind).into()))
            .chain(kinds.map(|kind| Duplicate(kind).into()))
            .chain(contact.map(Refusal::from))
            .chain(rate.map(Refusal::from))
            .chain([SignInRefusal::Failed, SignInRefusal::RefreshToken].map(Refusal::from))
            .chain([CaptchaRefusal::Required, CaptchaRefusal::Wrong].map(Refusal::from))
            .chain(unknown.into_iter().chain(terms).map(Refusal::from))
            .chain([MalformedKey, TooManyDevices, AlreadyBound, UnknownDevice].map(Refusal::from))
            .chain(PROFILE.map(Refusal::from))
            .chain(PasskeyRefusal::ALL.map(Refusal::from))
            .chain(PROFILE.map(|refusal| Refusal::Change(refusal, 0)))
            .chain([UnknownSource, NotOffered, Rejected, Taken, NotBound].map(Refusal::from))
            .chain([MalformedSource, TooManySources].map(Refusal::from))
            .chain([SocialRefusal::AlreadyBound.into(), CredentialRefusal::Last.into()])
            .chain([NoName, WrongName, WrongSign].map(Refusal::from))
            .collect()
    }

    /// Reason, status, code, message: as the page writes them.
    type Line = [String; 4];

    fn line(refusal: Refusal, place: Place) -> Line {
        let row = row(refusal, place);
        let (code, message) = match row.shape {
            Shape::Envelope { code, message } => (code, message),
            Shape::Token { error, description, .. } => (error, description),
        };
        let wait = if row.retry_after.is_some() { " R" } else { "" };
        let status = format!("{}{wait}", row.status.as_u16());
        [refusal.reason().to_owned(), status, code.to_owned(), message.to_owned()]
    }

    fn read(page: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read_to_string(root.join(page)).unwrap()
    }

    fn described() -> BTreeSet<Line> {
        let page = read("docs/dialects/alibaba.md");
        let table = page.split("## Refusals").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        rows.map(|row| {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            [1, 3, 4, 5].map(|cell| cells[cell].clone())
        })
        .collect()
    }

    #[test]
    fn every_reason_code_has_a_row() {
        let page = read("docs/reasons.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let rows: BTreeSet<_> = rows.collect();
        assert_eq!(every_refusal().into_iter().map(Refusal::reason).collect::<BTreeSet<_>>(), rows);
    }

    #[test]
    fn the_page_shows_every_row_and_no_other() {
        let places = [Place::ObtainFactor, Place::VerifyFactor, Place::Other];
        let rows: BTreeSet<_> = every_refusal()
            .into_iter()
            .flat_map(|refusal| places.map(|place| line(refusal, place)))
            .collect();
        assert_eq!(described(), rows);
    }

    #[test]
    fn only_registered_codes_stand_in_the_header() {
        for refusal in every_refusal() {
            if let Shape::Token { challenge, .. } = row(refusal, Place::Other).shape {
                let registered = ["invalid_token", "insufficient_scope", "insufficient_user_authentication"];
                assert!(registered.contains(&challenge.unwrap()), "{refusal:?}");
            }
        }
    }
}
