//! What a person signs in by.

use super::{EmailAddress, PhoneNumber, Username};
use crate::user::{Address, Channel};

/// A name that leads to one account of a tenant at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Login {
    /// A user name.
    Username(Username),
    /// A phone number.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

impl Login {
    /// The form that is compared and counted.
    #[must_use]
    pub fn canonical(&self) -> &str {
        match self {
            Self::Username(username) => username.canonical(),
            Self::Phone(phone) => phone.canonical(),
            Self::Email(email) => email.canonical(),
        }
    }

    /// The channel that reaches the person under this name.
    #[must_use]
    pub const fn channel(&self) -> Option<Channel> {
        match self {
            Self::Username(_) => None,
            Self::Phone(_) => Some(Channel::Sms),
            Self::Email(_) => Some(Channel::Email),
        }
    }

    /// The address, where this is one.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        match self {
            Self::Username(_) => None,
            Self::Phone(phone) => Some(Address::Phone(phone.clone())),
            Self::Email(email) => Some(Address::Email(email.clone())),
        }
    }
}

impl From<Address> for Login {
    fn from(address: Address) -> Self {
        match address {
            Address::Phone(phone) => Self::Phone(phone),
            Address::Email(email) => Self::Email(email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_channel_and_user_names_none() {
        let phone = Address::Phone(PhoneNumber::parse("+8613800000001", None).unwrap());
        let email = Address::Email(EmailAddress::parse("alice@example.org").unwrap());
        for address in [phone, email] {
            let login = Login::from(address.clone());
            assert_eq!(login.channel(), Some(address.channel()));
            assert_eq!(login.address(), Some(address));
        }
        let login = Login::Username(Username::parse("alice").unwrap());
        assert_eq!((login.channel(), login.address()), (None, None));
    }
}
