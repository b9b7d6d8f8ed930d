//! Addresses of people, and the channels that reach them.

use crate::Instant;
use crate::identifier::{EmailAddress, PhoneNumber};

/// Where codes and notices can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A text message to a phone.
    Sms,
    /// An e-mail.
    Email,
}

impl Channel {
    /// The name on the wire and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Email => "EMAIL",
        }
    }

    /// Finds the channel of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Sms, Self::Email].into_iter().find(|channel| channel.as_str() == name)
    }
}

/// One phone number or one e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A phone number.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

impl Address {
    /// The channel that reaches it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Phone(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
        }
    }

    /// The one spelling by which addresses are compared.
    #[must_use]
    pub fn canonical(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.canonical(),
            Self::Email(email) => email.canonical(),
        }
    }

    /// The address with its middle hidden, fit to be shown.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Email(email) => email.masked(),
        }
    }
}

/// An address of a person, proven to be theirs or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact<A> {
    /// The address.
    pub address: A,
    /// When its holder proved control of it; only a proven one receives codes for a second factor.
    pub verified_at: Option<Instant>,
}

impl<A> Contact<A> {
    /// A contact whose control was proven at `at`.
    pub const fn verified(address: A, at: Instant) -> Self {
        Self { address, verified_at: Some(at) }
    }
}
