//! A person with every factor.

use ciam_domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam_domain::password::PasswordHash;
use ciam_domain::user::{Contact, PasswordCredential, SecurityStamp};
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
    user
}
