//! A person with every factor.

use std::time::Duration;

use ciam_domain::challenge::KeyId;
use ciam_domain::encrypted::EncryptedSecret;
use ciam_domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam_domain::passkey::{Backup, CredentialId, PasskeyKey, PasskeyName};
use ciam_domain::password::PasswordHash;
use ciam_domain::recovery_code::{RecoveryCodes, RecoveryDigest};
use ciam_domain::totp::TotpStep;
use ciam_domain::user::{Contact, Factors, Passkey, PasswordCredential, SecurityStamp, TotpCredential};
use ciam_domain::{Instant, TenantId, User, UserId};

pub(crate) const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

pub(crate) fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number, Some(CountryCode::CHINA)).unwrap()
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn alice() -> User {
    let id = UserId::parse("alice").unwrap();
    let mut user = User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW);
    user.phone = Some(Contact::verified(phone("13800000001"), NOW));
    user.email = Some(Contact::verified(email("alice@example.org"), NOW));
    user.password = Some(PasswordCredential::first(PasswordHash::parse("$fake$x").unwrap(), NOW));
    let long_ago = NOW.before(Duration::from_hours(30 * 24));
    let stored = [&[1, 1, b'k'][..], &[0; 48]].concat();
    user.factors = Factors {
        totp: Some(TotpCredential {
            secret: EncryptedSecret::from_bytes(&stored).unwrap(),
            enrolled_at: long_ago,
            last_step: TotpStep::at(long_ago),
        }),
        pending_totp: None,
        recovery_codes: Some(RecoveryCodes {
            key: KeyId::new("k"),
            made_at: long_ago,
            unused: vec![RecoveryDigest::from_bytes([1; 32])],
        }),
    };
    user.passkeys.held.push(Passkey {
        id: CredentialId::new(&[1]).unwrap(),
        key: PasskeyKey::new(&[1]).unwrap(),
        sign_count: 0,
        name: PasskeyName::parse("a passkey").unwrap(),
        created_at: long_ago,
        used_at: None,
        backup: Backup::DeviceBound,
        transports: Vec::new(),
    });
    user
}
