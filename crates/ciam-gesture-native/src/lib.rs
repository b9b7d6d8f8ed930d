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
use ciam_ports::domain::weak_key;
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
            DeviceKey::Ed25519(key) => {
                !weak_key::is_weak_ed25519(key) && ParsedPublicKey::new(&ED25519, key).is_ok()
            }
            DeviceKey::EcdsaP256(key) => {
                !weak_key::is_weak_p256(key) && ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).is_ok()
            }
            DeviceKey::Aes256(_) => true,
        }
    }

    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError> {
        Ok(Sign::read(sign.expose()).and_then(|sign| vouched(sign, key)))
    }

    async fn verify_nothing(&self, sign: &SecretText) -> Result<(), GestureError> {
        if let Some(sign) = Sign::read(sign.expose()) {
            let key = match sign.form {
                Form::Ed25519 => DeviceKey::Ed25519(weak_key::BASE_ED25519),
                Form::EcdsaP256 => DeviceKey::EcdsaP256(weak_key::BASE_P256),
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
