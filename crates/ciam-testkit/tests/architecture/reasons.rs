//! The page of reason codes lists what exists.

use std::collections::BTreeSet;
use std::time::Duration;

use ciam::domain::Refusal;
use ciam::domain::consent::ConsentRefusal;
use ciam::domain::password::PasswordRefusal;
use ciam::domain::refusal::{
    AccessRefusal, CaptchaRefusal, ContactRefusal, CredentialRefusal, FactorRefusal, FlowRefusal,
    GestureRefusal, PasskeyRefusal, ProfileRefusal, RateRefusal, SignInRefusal, SocialRefusal,
};
use ciam::domain::user::Channel;

use crate::tree;

/// One example of every variant; a variant that is not listed does not compile.
macro_rules! every {
    ($type:ident: $($variant:ident $(($part:expr))? $({$($field:ident: $value:expr),+})?),+ $(,)?) => {{
        const _: fn($type) = |value| match value {
            $($type::$variant { .. } => (),)+
        };
        vec![$(Refusal::from($type::$variant $(($part))? $({$($field: $value),+})?)),+]
    }};
}

fn every_refusal() -> Vec<Refusal> {
    const WAIT: Option<Duration> = Some(Duration::from_secs(1));
    // An area that is not listed below does not compile here.
    const _: fn(Refusal) = |refusal| match refusal {
        Refusal::Access(_)
        | Refusal::Flow(_)
        | Refusal::Factor(_)
        | Refusal::Password(_)
        | Refusal::Contact(_)
        | Refusal::Rate(_)
        | Refusal::SignIn(_)
        | Refusal::Captcha(_)
        | Refusal::Consent(_)
        | Refusal::Gesture(_)
        | Refusal::Passkey(_)
        | Refusal::Profile(_)
        | Refusal::Change(_, _)
        | Refusal::Social(_)
        | Refusal::Credential(_) => (),
    };
    [
        every!(AccessRefusal: InvalidToken, InsufficientScope, NoSession, StaleAuthentication, UnknownUser, Deleted, Locked, Frozen, Disabled),
        every!(FlowRefusal: Unknown),
        every!(FactorRefusal: NoFactor, Unsupported, WrongPassword, NotEnrolled, WrongCode),
        every!(PasswordRefusal: Blank, TooShort { min: 8 }, TooLong { max: 128 }, Listed, ContextWord, OwnIdentifier, Breached, Same, Recurrent),
        every!(ContactRefusal: Malformed(Channel::Sms), WrongChannel, RegionNotServed, Duplicate(Channel::Sms), Undeliverable, Paused, NotReverted),
        every!(RateRefusal: TooManyCodes { retry_after: WAIT }, TooManyAttempts { retry_after: WAIT }),
        every!(SignInRefusal: Failed, RefreshToken),
        every!(CaptchaRefusal: Required, Wrong),
        every!(ConsentRefusal: UnknownVersion, NotPublished, Expired, UnknownConsent, TooMany, UnknownDocument, Immutable, NoSuchTime, TooManyTerms),
        every!(GestureRefusal: MalformedKey, TooManyDevices, AlreadyBound, UnknownDevice, NoName, WrongName, WrongSign),
        every!(PasskeyRefusal: NotBegun, MalformedName, TooMany, Taken, Unknown, Rejected),
        every!(ProfileRefusal: UnknownPerson, UnknownAttribute, NotModifiable, Malformed, ForeignValue, Duplicate, UnknownUserType),
        every!(SocialRefusal: UnknownSource, NotOffered, Rejected, AlreadyBound, Taken, NotBound, MalformedSource, TooManySources),
        every!(CredentialRefusal: Last),
    ]
    .concat()
}

fn described() -> Vec<Vec<String>> {
    let rows = tree::table_rows(&tree::read("docs/reasons.md"));
    rows.into_iter().skip_while(|row| row[0] != "Code").skip(2).collect()
}

#[test]
fn the_page_lists_every_reason_code_once() {
    let existing: Vec<_> = every_refusal().into_iter().map(Refusal::reason).collect();
    let codes: BTreeSet<_> = existing.iter().copied().collect();
    assert_eq!(codes.len(), existing.len(), "two refusals share a code");
    let rows = described();
    let listed: BTreeSet<_> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(listed.len(), rows.len(), "a code is listed twice");
    assert_eq!(listed, codes);
}

#[test]
fn every_reason_code_is_explained_with_a_status() {
    for row in described() {
        assert_eq!(row.len(), 4, "{}", row[0]);
        assert!(row.iter().all(|cell| !cell.is_empty()), "{}", row[0]);
        let status = row[3].parse::<u16>().unwrap();
        assert!((400..500).contains(&status), "{}", row[0]);
    }
}
