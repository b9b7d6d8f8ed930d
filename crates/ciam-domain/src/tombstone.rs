//! Tombstones: what is left of the identifiers of an erased account, so that nobody takes them over too soon.

use crate::challenge::DigestKey;
use crate::identifier::Login;
use crate::seal::SealPurpose;
use crate::{Instant, TenantId};

/// A keyed digest of an identifier in its tenant. Who has no key learns nothing from it, nor tries identifiers out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TombstoneDigest([u8; 32]);

impl TombstoneDigest {
    /// The digest of an identifier under a key; all spellings of one identifier have the same.
    #[must_use]
    pub fn of(key: &DigestKey, tenant: &TenantId, login: &Login) -> Self {
        let kind: &[u8] = match login {
            Login::Username(_) => b"username",
            Login::Phone(_) => b"phone",
            Login::Email(_) => b"email",
        };
        let parts = [tenant.as_str().as_bytes(), kind, login.canonical().as_bytes()];
        Self(*key.seal(SealPurpose::Tombstone, &parts).as_bytes())
    }

    /// Reads back a stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for TombstoneDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TombstoneDigest(..)")
    }
}

/// An identifier that nobody may take before a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tombstone {
    /// Which identifier.
    pub digest: TombstoneDigest,
    /// From when it is free again.
    pub ends_at: Instant,
}

impl Tombstone {
    /// Whether the identifier is kept from others at `now`.
    #[must_use]
    pub fn is_live(&self, now: Instant) -> bool {
        now < self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::KeyId;
    use crate::identifier::{EmailAddress, Username};
    use crate::secret::SecretBytes;

    fn key(byte: u8) -> DigestKey {
        DigestKey::new(KeyId::new("k"), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    fn name(text: &str) -> Login {
        Login::Username(Username::parse(text).unwrap())
    }

    #[test]
    fn every_spelling_of_an_identifier_has_one_digest_and_no_other_has_it() {
        let here = TenantId::default();
        let digest = TombstoneDigest::of(&key(1), &here, &name("alice"));
        assert_eq!(TombstoneDigest::of(&key(1), &here, &name("ALICE")), digest);
        for other in [
            TombstoneDigest::of(&key(2), &here, &name("alice")),
            TombstoneDigest::of(&key(1), &TenantId::parse("there").unwrap(), &name("alice")),
            TombstoneDigest::of(&key(1), &here, &name("bob")),
        ] {
            assert_ne!(other, digest);
        }
    }

    #[test]
    fn e_mail_addresses_are_one_in_their_canonical_form() {
        let email = |text: &str| Login::Email(EmailAddress::parse(text).unwrap());
        let of = |login| TombstoneDigest::of(&key(1), &TenantId::default(), &login);
        assert_eq!(of(email("Alice@EXAMPLE.org")), of(email("alice@example.org")));
        assert_ne!(of(email("alice@example.org")), of(email("alice@example.com")));
    }

    #[test]
    fn a_tombstone_ends_to_the_microsecond() {
        let ends_at = Instant::from_unix_seconds(1_800_000_000);
        let digest = TombstoneDigest::from_bytes([1; 32]);
        let tombstone = Tombstone { digest, ends_at };
        assert!(tombstone.is_live(ends_at.before(std::time::Duration::from_micros(1))));
        assert!(!tombstone.is_live(ends_at));
    }

    #[test]
    fn debug_shows_no_digest() {
        assert_eq!(format!("{:?}", TombstoneDigest::from_bytes([7; 32])), "TombstoneDigest(..)");
    }
}
