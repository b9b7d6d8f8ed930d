//! Passkeys (`WebAuthn` Level 3): key pairs of which an authenticator keeps the private half and this account the public.

mod party;

pub use party::{PartyError, RelyingParty, UserVerification};

use crate::profile::is_printable;

/// How long a credential id may be, in bytes (`WebAuthn` Level 3, 5.8.3).
pub const LONGEST_CREDENTIAL_ID: usize = 1023;

/// How long a stored public key may be, in bytes: one of RSA with 4096 bits has about 530.
pub const LONGEST_PASSKEY_KEY: usize = 1024;

/// How long an answer of a client may be, in bytes of its JSON; those of browsers have about 1,000.
pub const LONGEST_ANSWER: usize = 16 * 1024;

/// The id of a passkey, as its authenticator made it: no secret, and no other passkey of the tenant has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId(Box<[u8]>);

impl CredentialId {
    /// An id of 1 to [`LONGEST_CREDENTIAL_ID`] bytes; `None` for any other length.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=LONGEST_CREDENTIAL_ID).contains(&bytes.len()).then(|| Self(bytes.into()))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CredentialId({}..)", hex::encode(&self.0[..self.0.len().min(4)]))
    }
}

/// What authenticators know a person by: chance, so that it says nothing about them (`WebAuthn` Level 3, 14.6.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserHandle([u8; 32]);

impl UserHandle {
    /// A handle of 256 random bits.
    #[must_use]
    pub const fn from_random(bits: [u8; 32]) -> Self {
        Self(bits)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for UserHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserHandle({}..)", hex::encode(&self.0[..4]))
    }
}

/// A public key as its authenticator wrote it (`COSE_Key`, RFC 9052, 7). What is in it is for whoever verifies with it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyKey(Box<[u8]>);

impl PasskeyKey {
    /// A key of 1 to [`LONGEST_PASSKEY_KEY`] bytes; `None` for any other length.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=LONGEST_PASSKEY_KEY).contains(&bytes.len()).then(|| Self(bytes.into()))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for PasskeyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasskeyKey({} bytes)", self.0.len())
    }
}

/// What a person calls a passkey: 1 to 64 characters in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyName(Box<str>);

impl PasskeyName {
    /// Reads a name; spaces around it are no part of it. `None` where it has no character, more than 64, or one that does
    /// not print.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim();
        let fits = (1..=64).contains(&name.chars().count()) && name.chars().all(is_printable);
        fits.then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$inner])* $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name in stores and logs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Finds the one of a stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }
        }
    };
}

words! {
    /// How a client reaches an authenticator: a hint for clients, signed by nobody (`WebAuthn` Level 3, 5.8.4).
    Transport {
        /// USB.
        Usb = "usb",
        /// Near field communication.
        Nfc = "nfc",
        /// Bluetooth low energy.
        Ble = "ble",
        /// A smart card with contacts.
        SmartCard = "smart-card",
        /// Another device nearby.
        Hybrid = "hybrid",
        /// The client's own device.
        Internal = "internal",
    }
}

words! {
    /// Whether a passkey lives on one device alone (`WebAuthn` Level 3, 6.1.3).
    Backup {
        /// It never leaves its device.
        DeviceBound = "device_bound",
        /// It may be copied to others.
        Eligible = "eligible",
        /// It is copied.
        BackedUp = "backed_up",
    }
}

impl Backup {
    /// Whether it may ever be copied: that is decided when the passkey is made.
    #[must_use]
    pub const fn may_be_copied(self) -> bool {
        !matches!(self, Self::DeviceBound)
    }
}

words! {
    /// What is wrong with an answer of an authenticator. For the audit trail alone: whoever presents it gets one answer
    /// for all.
    PasskeyFlaw {
        /// It is none, or is longer than any.
        Malformed = "malformed",
        /// It is of the other ceremony.
        Ceremony = "ceremony",
        /// It answers another challenge.
        Challenge = "challenge",
        /// It was made on a page of another origin.
        Origin = "origin",
        /// It was made in a frame on a page of another origin.
        CrossOrigin = "cross_origin",
        /// It is for another relying party.
        RelyingParty = "relying_party",
        /// Nobody was present.
        UserAbsent = "user_absent",
        /// Nobody was verified although that is demanded.
        UserUnverified = "user_unverified",
        /// What it says of copies contradicts itself or the passkey.
        Backup = "backup",
        /// It is of an algorithm that was not offered.
        Algorithm = "algorithm",
        /// The public key is none of its algorithm.
        Key = "key",
        /// The statement about the authenticator is of a kind that was not asked for, or wrong.
        Attestation = "attestation",
        /// It is of another passkey than it says.
        Credential = "credential",
        /// The key did not sign it.
        Signature = "signature",
        /// Nobody has such a passkey, or somebody else.
        Unknown = "unknown",
        /// The person may not prove themselves by this passkey here.
        NotAllowed = "not_allowed",
        /// The signature counter did not rise: there may be a copy of the authenticator.
        Counter = "counter",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_keys_have_their_lengths() {
        for (length, fits) in [(0, false), (1, true), (1023, true), (1024, false)] {
            assert_eq!(CredentialId::new(&vec![7; length]).is_some(), fits, "{length}");
        }
        for (length, fits) in [(0, false), (1, true), (1024, true), (1025, false)] {
            assert_eq!(PasskeyKey::new(&vec![7; length]).is_some(), fits, "{length}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_at_most_64_characters() {
        assert_eq!(PasskeyName::parse(" 我的手机 ").unwrap().as_str(), "我的手机");
        assert!(PasskeyName::parse(&"字".repeat(64)).is_some());
        for text in ["", "  ", "a\nb", "a\u{7}", "a\u{202e}b", "a\u{2028}b", &"字".repeat(65)] {
            assert!(PasskeyName::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_lives_on_one_device_is_not_copied() {
        let copied: Vec<_> = Backup::ALL.iter().filter(|one| one.may_be_copied()).collect();
        assert_eq!(copied, [&Backup::Eligible, &Backup::BackedUp]);
    }

    #[test]
    fn words_find_themselves_by_name() {
        assert!(Transport::ALL.iter().all(|one| Transport::parse(one.as_str()) == Some(*one)));
        assert!(Backup::ALL.iter().all(|one| Backup::parse(one.as_str()) == Some(*one)));
        let flaws: std::collections::BTreeSet<_> = PasskeyFlaw::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(flaws.len(), PasskeyFlaw::ALL.len());
        assert_eq!(Transport::parse("cable"), None);
    }
}
