//! Identities of tenants, people, sessions, flows and events.

mod text;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::secret::SecretText;
use text::Text;

/// Why a text is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 characters of a-z, A-Z, 0-9, '-', '_', '.', ':' or '|'")]
pub struct IdError;

fn parse(text: &str) -> Result<Text, IdError> {
    let fits = (1..=64).contains(&text.len());
    let known = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:|".contains(&b));
    if fits && known { Ok(Text::new(text)) } else { Err(IdError) }
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Text);

        impl $name {
            /// Reads the id of a host: 1 to 64 characters of `a-z A-Z 0-9 - _ . : |`.
            ///
            /// # Errors
            /// [`IdError`] for anything else.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }

            /// A new id from 128 random bits, in lower-case hexadecimal.
            #[must_use]
            pub fn from_random(bits: [u8; 16]) -> Self {
                Self(Text::hexadecimal(bits))
            }

            /// An id of what several names stand for together, such as a foreign session's issuer, subject and
            /// id; different names never share one.
            #[must_use]
            pub fn derived(names: &[&str]) -> Self {
                let mut digest = Sha256::new();
                for name in names {
                    digest.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
                    digest.update(name.as_bytes());
                }
                let full: [u8; 32] = digest.finalize().into();
                Self(Text::new(&hex::encode(full)))
            }

            /// The id as the host wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0.as_str())
            }
        }
    };
}

opaque_id! {
    /// The customer of a host whose people are kept apart from everyone else's.
    TenantId
}

impl Default for TenantId {
    fn default() -> Self {
        Self(Text::new("default"))
    }
}

opaque_id! {
    /// One account of a tenant; never re-used.
    UserId
}

impl UserId {
    /// Nobody: whom the audit trail names where a name leads to no account. No account may have this id.
    #[must_use]
    pub fn nobody() -> Self {
        Self(Text::new("|nobody|"))
    }
}

opaque_id! {
    /// One signed-in session (`sid` of OpenID Connect; the `jti` of a foreign token without one).
    SessionId
}

opaque_id! {
    /// One device that a person signs in from, as its client or a device token names it.
    DeviceId
}

opaque_id! {
    /// One application of one provider whose accounts people sign in by.
    SocialSourceId
}

opaque_id! {
    /// One document of terms, in whatever version.
    DocumentId
}

opaque_id! {
    /// One version of a document of terms, in one language.
    VersionId
}

opaque_id! {
    /// One line of somebody's consents.
    ConsentId
}

opaque_id! {
    /// One event in the audit trail and in notices; stable over re-delivery.
    EventId
}

/// The secret name of a flow, given to the client that began it.
///
/// 128 random bits in the vendor's outward form (digits, then `_Y_03`). Nothing is read back out of it:
/// state lives in the store, under [`FlowKey`].
pub struct FlowId(SecretText);

impl FlowId {
    /// A new flow id from 128 random bits.
    #[must_use]
    pub fn from_random(bits: [u8; 16]) -> Self {
        // Room for all of it: a text that grows is copied, and leaves what it had behind.
        let mut text = String::with_capacity(39 + "_Y_03".len());
        // Writing to a text does not fail.
        write!(text, "{:039}_Y_03", u128::from_be_bytes(bits)).unwrap_or_default();
        Self(SecretText::new(text))
    }

    /// Takes what a client presents. Any text is taken: an unknown one simply has no flow.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(SecretText::new(text.to_owned()))
    }

    /// The text that the client holds.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The session that a sign-in by this flow will open. Nothing leads back from it to the flow.
    #[must_use]
    pub fn session(&self) -> SessionId {
        SessionId::derived(&["sign_in", self.0.expose()])
    }

    /// What the store keeps in place of the id.
    #[must_use]
    pub fn key(&self) -> FlowKey {
        FlowKey(Sha256::digest(self.0.expose().as_bytes()).into())
    }
}

impl std::fmt::Debug for FlowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FlowId(..)")
    }
}

/// SHA-256 of a [`FlowId`]: what stores and logs may hold (ASVS 5.0, 11.5.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowKey([u8; 32]);

impl FlowKey {
    /// Reads back a stored key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for FlowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FlowKey({}..)", hex::encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_id_has_the_vendors_outward_form() {
        let id = FlowId::from_random([0xff; 16]);
        assert_eq!(id.expose(), "340282366920938463463374607431768211455_Y_03");
        assert_eq!(FlowId::from_random([0; 16]).expose().len(), id.expose().len());
    }

    #[test]
    fn a_presented_flow_id_finds_the_key_of_the_minted_one() {
        let minted = FlowId::from_random([7; 16]);
        assert_eq!(FlowId::presented(minted.expose()).key(), minted.key());
    }

    #[test]
    fn ids_refuse_what_could_break_out_of_a_line_or_a_key() {
        for text in ["", " ", "a b", "a\n", "é", &"x".repeat(65)] {
            assert_eq!(UserId::parse(text), Err(IdError));
        }
        assert_eq!(UserId::parse("auth0|5f").map(|id| id.to_string()), Ok("auth0|5f".to_owned()));
    }
}
