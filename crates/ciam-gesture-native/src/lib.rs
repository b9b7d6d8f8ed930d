//! Signs of devices for ciam: Ed25519, ECDSA P-256 and AES-256-GCM, in one compact format.
//!
//! A sign is base64url (RFC 4648, 5, without padding) of:
//!
//! | Part | Bytes |
//! |---|---|
//! | mark | `cgs` and the version, 1 |
//! | form | 1: Ed25519; 2: ECDSA over P-256 with SHA-256; 3: AES-256-GCM |
//! | device | its length in two bytes, most significant first, then its id |
//! | challenge | the same of the challenge, as it was handed out |
//! | name | the same of the person's own name; not in form 3 |
//! | proof | the rest: in form 1 the signature (RFC 8032), in form 2 the signature in ASN.1 DER (RFC 3279, 2.2.3), in form 3 a nonce of 12 bytes, then name and tag encrypted |
//!
//! The signature is over everything before it; in form 3 that is the additional data. So nothing of a sign can be
//! exchanged, and neither a key of one form nor a sign of one challenge is anything for another.

mod sign;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use async_trait::async_trait;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, UnparsedPublicKey};
use ciam_ports::domain::gesture::DeviceKey;
use ciam_ports::domain::secret::{SecretBytes, SecretText};
use ciam_ports::{GestureError, GestureVerifier, PresentedGesture};

use sign::{Form, Sign};

/// Verifies signs in the format of this crate; holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeGestures;

impl NativeGestures {
    /// A verifier.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[async_trait]
impl GestureVerifier for NativeGestures {
    fn read(&self, sign: &SecretText) -> Option<PresentedGesture> {
        let Sign { device, challenge, .. } = Sign::read(sign.expose())?;
        Some(PresentedGesture { device, challenge: SecretText::new(challenge) })
    }

    fn accepts(&self, key: &DeviceKey) -> bool {
        match key {
            DeviceKey::Ed25519(key) => ParsedPublicKey::new(&ED25519, key).is_ok(),
            DeviceKey::EcdsaP256(key) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).is_ok(),
            DeviceKey::Aes256(_) => true,
        }
    }

    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError> {
        Ok(Sign::read(sign.expose()).and_then(|sign| vouched(sign, key)))
    }

    async fn verify_nothing(&self, sign: &SecretText) -> Result<(), GestureError> {
        if let Some(sign) = Sign::read(sign.expose()) {
            let key = match sign.form {
                Form::Ed25519 => DeviceKey::Ed25519(NOBODYS_ED25519),
                Form::EcdsaP256 => DeviceKey::EcdsaP256(NOBODYS_P256),
                Form::Aes256 => DeviceKey::Aes256(SecretBytes::new(vec![0; 32])),
            };
            drop(vouched(sign, &key));
        }
        Ok(())
    }
}

/// The name that the holder of the key signed.
fn vouched(sign: Sign, key: &DeviceKey) -> Option<String> {
    match (sign.form, key) {
        (Form::Ed25519, DeviceKey::Ed25519(key)) => {
            let holds = UnparsedPublicKey::new(&ED25519, key).verify(sign.signed(), sign.proof()).is_ok();
            holds.then_some(sign.name)
        }
        (Form::EcdsaP256, DeviceKey::EcdsaP256(key)) => {
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key);
            key.verify(sign.signed(), sign.proof()).is_ok().then_some(sign.name)
        }
        (Form::Aes256, DeviceKey::Aes256(key)) => {
            let (nonce, ciphertext) = sign.proof().split_first_chunk::<12>()?;
            let cipher = Aes256Gcm::new_from_slice(key.expose()).ok()?;
            let payload = Payload { msg: ciphertext, aad: sign.signed() };
            let name = cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
            String::from_utf8(name).ok()
        }
        _ => None,
    }
}

/// The base points of the two curves: keys whose secret everybody knows, and which are nobody's.
const NOBODYS_ED25519: [u8; 32] = {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
};

const NOBODYS_P256: [u8; 65] = [
    4, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
    0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3,
    0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];
