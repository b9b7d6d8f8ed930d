//! Addresses as two columns: kind and text.

use ciam_ports::domain::identifier::{EmailAddress, PhoneNumber};
use ciam_ports::domain::user::Address;

/// The kind, and the text that [`read`] takes: an e-mail address as it was given, a phone number in E.164.
pub(crate) fn columns(address: &Address) -> (&'static str, &str) {
    match address {
        Address::Phone(phone) => ("phone", phone.canonical()),
        Address::Email(email) => ("email", email.original()),
    }
}

pub(crate) fn read(kind: &str, text: &str) -> Option<Address> {
    match kind {
        "phone" => PhoneNumber::parse(text, None).ok().map(Address::Phone),
        "email" => EmailAddress::parse(text).ok().map(Address::Email),
        _ => None,
    }
}
