//! Seals: keyed digests over what ciam hands out and takes back, so that nothing of it need be stored.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::challenge::DigestKey;

/// What a seal vouches for. A seal of one purpose never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SealPurpose {
    /// A refresh token.
    RefreshToken,
    /// A token that a device keeps after a sign-in.
    DeviceToken,
    /// The code that restores a former address.
    ContactRevert,
    /// An identifier of an erased account.
    Tombstone,
    /// A captcha picture.
    Captcha,
    /// A recovery code.
    RecoveryCode,
    /// A challenge that a device signs.
    GestureChallenge,
    /// A challenge that a passkey signs.
    PasskeyChallenge,
}

impl SealPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::DeviceToken => "device_token",
            Self::ContactRevert => "contact_revert",
            Self::Tombstone => "tombstone",
            Self::Captcha => "captcha",
            Self::RecoveryCode => "recovery_code",
            Self::GestureChallenge => "gesture_challenge",
            Self::PasskeyChallenge => "passkey_challenge",
        }
    }
}

/// HMAC-SHA-256 over a purpose and its parts (RFC 2104).
#[derive(Clone)]
pub struct Seal([u8; 32]);

impl Seal {
    /// The seal itself, for what is handed out.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `presented` is this seal, or begins it with at least 10 bytes (80 bits); compared in constant time.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        let long_enough = (10..=self.0.len()).contains(&presented.len());
        long_enough && bool::from(self.0[..presented.len()].ct_eq(presented))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl DigestKey {
    /// Seals the parts, in their order, for a purpose.
    #[must_use]
    pub fn seal(&self, purpose: SealPurpose, parts: &[&[u8]]) -> Seal {
        Seal(self.digest(std::iter::once(purpose.as_str().as_bytes()).chain(parts.iter().copied())))
    }

    /// HMAC-SHA-256 over parts. The length before each keeps neighbours from running into each other.
    pub(crate) fn digest<'a>(&self, parts: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
        // HMAC takes a key of any length, so this arm is never reached.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.expose()) else { return [0; 32] };
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::KeyId;
    use crate::secret::SecretBytes;

    fn key(byte: u8) -> DigestKey {
        DigestKey::new(KeyId::new("k1"), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn a_seal_matches_its_own_parts_alone() {
        let seal = key(1).seal(SealPurpose::RefreshToken, &[b"ab", b"c"]);
        assert!(key(1).seal(SealPurpose::RefreshToken, &[b"ab", b"c"]).matches(seal.as_bytes()));
        for other in [
            key(2).seal(SealPurpose::RefreshToken, &[b"ab", b"c"]),
            key(1).seal(SealPurpose::DeviceToken, &[b"ab", b"c"]),
            key(1).seal(SealPurpose::RefreshToken, &[b"a", b"bc"]),
            key(1).seal(SealPurpose::RefreshToken, &[b"abc"]),
            key(1).seal(SealPurpose::RefreshToken, &[b"c", b"ab"]),
        ] {
            assert!(!other.matches(seal.as_bytes()));
        }
    }

    #[test]
    fn a_short_beginning_is_no_seal() {
        let seal = key(1).seal(SealPurpose::ContactRevert, &[b"x"]);
        let bytes = *seal.as_bytes();
        assert!(seal.matches(&bytes[..10]));
        for presented in [&bytes[..0], &bytes[..9], &[bytes.as_slice(), &[0]].concat()] {
            assert!(!seal.matches(presented));
        }
        let mut flipped = bytes;
        flipped[31] ^= 1;
        assert!(!seal.matches(&flipped));
    }
}
