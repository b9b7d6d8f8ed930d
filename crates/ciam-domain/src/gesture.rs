//! Signing in by a gesture: a face or a finger unlocks a key on a device, and the device signs a challenge with it.

use crate::encrypted::EncryptedSecret;
use crate::secret::SecretBytes;
use crate::{DeviceId, TenantId, UserId};

/// What a device signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GestureAlgorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5), as secure elements of phones have it.
    EcdsaP256,
    /// AES-256-GCM with a key that device and server share, for clients of the vendor's kind.
    Aes256,
}

impl GestureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Ed25519, Self::EcdsaP256, Self::Aes256];

    /// The stable name in stores and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ED25519",
            Self::EcdsaP256 => "ES256",
            Self::Aes256 => "A256GCM",
        }
    }

    /// Finds the algorithm of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// The key of a device as a verifier takes it.
#[derive(Debug)]
pub enum DeviceKey {
    /// A public key (RFC 8032, 5.1.5).
    Ed25519([u8; 32]),
    /// A public key, as an uncompressed point (SEC 1, 2.3.3).
    EcdsaP256([u8; 65]),
    /// A key that device and server share.
    Aes256(SecretBytes),
}

impl DeviceKey {
    /// Reads a key of an algorithm; `None` where it has another length, an uncompressed point another mark, or a shared
    /// key the same byte throughout: nobody drew that. Whether a point lies on the curve and anybody can sign for it
    /// without a secret is for whoever verifies with it.
    #[must_use]
    pub fn parse(algorithm: GestureAlgorithm, bytes: &SecretBytes) -> Option<Self> {
        let bytes = bytes.expose();
        match algorithm {
            GestureAlgorithm::Ed25519 => bytes.try_into().ok().map(Self::Ed25519),
            GestureAlgorithm::EcdsaP256 => {
                bytes.try_into().ok().filter(|point: &[u8; 65]| point[0] == 4).map(Self::EcdsaP256)
            }
            GestureAlgorithm::Aes256 => {
                let drawn = bytes.len() == 32 && bytes.iter().any(|byte| *byte != bytes[0]);
                drawn.then(|| Self::Aes256(SecretBytes::new(bytes.to_vec())))
            }
        }
    }
}

/// The key of a device as it is stored: whoever reads it there signs nothing with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredDeviceKey {
    /// As [`DeviceKey::Ed25519`].
    Ed25519([u8; 32]),
    /// As [`DeviceKey::EcdsaP256`].
    EcdsaP256([u8; 65]),
    /// Encrypted for its person.
    Aes256(EncryptedSecret),
}

impl StoredDeviceKey {
    /// What the device signs with.
    #[must_use]
    pub const fn algorithm(&self) -> GestureAlgorithm {
        match self {
            Self::Ed25519(_) => GestureAlgorithm::Ed25519,
            Self::EcdsaP256(_) => GestureAlgorithm::EcdsaP256,
            Self::Aes256(_) => GestureAlgorithm::Aes256,
        }
    }

    /// The key as stored: a public key, or the stored form of [`EncryptedSecret`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.to_vec(),
            Self::EcdsaP256(key) => key.to_vec(),
            Self::Aes256(key) => key.to_bytes(),
        }
    }

    /// Reads a stored key back; `None` where it is none.
    #[must_use]
    pub fn from_bytes(algorithm: GestureAlgorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            GestureAlgorithm::Ed25519 => bytes.try_into().ok().map(Self::Ed25519),
            GestureAlgorithm::EcdsaP256 => {
                bytes.try_into().ok().filter(|point: &[u8; 65]| point[0] == 4).map(Self::EcdsaP256)
            }
            GestureAlgorithm::Aes256 => EncryptedSecret::from_bytes(bytes).map(Self::Aes256),
        }
    }
}

/// What a challenge may be answered for. A sign of one never passes for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GestureAction<'a> {
    /// To bind the key of a device to this person.
    Bind(&'a UserId),
    /// To sign in.
    SignIn,
}

/// What a challenge is bound to.
#[derive(Debug, Clone, Copy)]
pub struct GestureBinding<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The device that was to sign it.
    pub device: &'a DeviceId,
    /// What for.
    pub action: GestureAction<'a>,
}

impl<'a> GestureBinding<'a> {
    /// What tells it from every other binding, in parts for [`crate::challenge::DigestKey::seal`].
    #[must_use]
    pub fn parts(&self) -> [&'a [u8]; 4] {
        let (action, user): (&str, &[u8]) = match self.action {
            GestureAction::Bind(user) => ("bind", user.as_str().as_bytes()),
            GestureAction::SignIn => ("sign_in", &[]),
        };
        [self.tenant.as_str().as_bytes(), self.device.as_str().as_bytes(), action.as_bytes(), user]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_tells_bindings_apart() {
        let tenants = ["acme", "other"].map(|name| TenantId::parse(name).unwrap());
        let devices = ["phone", "tablet"].map(|name| DeviceId::parse(name).unwrap());
        let users = ["alice", "bob"].map(|name| UserId::parse(name).unwrap());
        let actions = [GestureAction::SignIn, GestureAction::Bind(&users[0]), GestureAction::Bind(&users[1])];
        let mut all = std::collections::BTreeSet::new();
        for tenant in &tenants {
            for device in &devices {
                all.extend(actions.map(|action| GestureBinding { tenant, device, action }.parts()));
            }
        }
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn algorithms_find_themselves_by_name() {
        for algorithm in GestureAlgorithm::ALL {
            assert_eq!(GestureAlgorithm::parse(algorithm.as_str()), Some(algorithm));
        }
        assert_eq!(GestureAlgorithm::parse("none"), None);
    }

    #[test]
    fn a_key_of_another_length_or_mark_is_none() {
        let parse =
            |algorithm, bytes: Vec<u8>| DeviceKey::parse(algorithm, &SecretBytes::new(bytes)).is_some();
        let point = |mark: u8| [&[mark], [7; 64].as_slice()].concat();
        assert!(parse(GestureAlgorithm::Ed25519, vec![7; 32]));
        assert!(parse(GestureAlgorithm::EcdsaP256, point(4)));
        assert!(parse(GestureAlgorithm::Aes256, (7..39).collect()));
        for byte in [0, 1, 7, 255] {
            assert!(!parse(GestureAlgorithm::Aes256, vec![byte; 32]), "{byte} throughout");
        }
        for length in [0, 16, 31, 33, 64, 66] {
            for algorithm in GestureAlgorithm::ALL {
                assert!(!parse(algorithm, vec![4; length]), "{algorithm:?} of {length} bytes");
            }
        }
        for mark in [0, 2, 3, 6] {
            assert!(!parse(GestureAlgorithm::EcdsaP256, point(mark)));
        }
    }

    #[test]
    fn stored_keys_come_back() {
        for key in [StoredDeviceKey::Ed25519([7; 32]), StoredDeviceKey::EcdsaP256([4; 65])] {
            assert_eq!(StoredDeviceKey::from_bytes(key.algorithm(), &key.to_bytes()), Some(key));
        }
        for algorithm in GestureAlgorithm::ALL {
            assert_eq!(StoredDeviceKey::from_bytes(algorithm, &[9; 20]), None);
        }
    }
}
