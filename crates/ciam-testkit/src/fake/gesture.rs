//! Devices whose face or finger is always the right one.
#![expect(clippy::expect_used, reason = "a device that cannot be made ends the test")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ciam::domain::DeviceId;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::domain::gesture::{DeviceKey, GestureAlgorithm};
use ciam::domain::seal::SealPurpose;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::ports::{GestureError, GestureVerifier, PresentedGesture};

use super::locked;
use crate::contract::{NOBODYS_ED25519, NOBODYS_P256};

/// Signs of devices that it made, or that any device made whose key is shared.
#[derive(Debug, Default)]
pub struct FakeGestures {
    /// What each public key is the other half of.
    secrets: Mutex<HashMap<Vec<u8>, [u8; 32]>>,
    asked: AtomicUsize,
    broken: AtomicBool,
}

/// A device of a test.
#[derive(Debug, Clone)]
pub struct FakeDevice {
    /// Its name.
    pub id: DeviceId,
    /// What it signs with.
    pub algorithm: GestureAlgorithm,
    secret: [u8; 32],
}

fn mac(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = DigestKey::new(KeyId::new("device"), SecretBytes::new(secret.to_vec())).expect("32 bytes");
    *key.seal(SealPurpose::GestureChallenge, parts).as_bytes()
}

impl FakeDevice {
    /// A device of somebody who holds these bytes and takes them for its secret.
    ///
    /// # Panics
    /// When the name is no id.
    #[must_use]
    pub fn holding(id: &str, algorithm: GestureAlgorithm, secret: [u8; 32]) -> Self {
        Self { id: DeviceId::parse(id).expect("an id"), algorithm, secret }
    }

    /// The key that is registered for it.
    ///
    /// # Panics
    /// Never: its secret has the length of a key.
    #[must_use]
    pub fn key(&self) -> SecretBytes {
        let half = |name: &str| mac(&self.secret, &[name.as_bytes()]);
        SecretBytes::new(match self.algorithm {
            GestureAlgorithm::Ed25519 => half("x").to_vec(),
            GestureAlgorithm::EcdsaP256 => [&[4][..], &half("x"), &half("y")].concat(),
            GestureAlgorithm::Aes256 => self.secret.to_vec(),
        })
    }

    /// Its sign over a name and a challenge.
    ///
    /// # Panics
    /// Never: its secret has the length of a key.
    #[must_use]
    pub fn sign(&self, name: &str, challenge: &str) -> SecretText {
        let [algorithm, device] = [self.algorithm.as_str(), self.id.as_str()];
        let proof = hex::encode(mac(&self.secret, &[algorithm, device, challenge, name].map(str::as_bytes)));
        SecretText::new([algorithm, device, challenge, &proof, name].join("\n"))
    }
}

impl FakeGestures {
    /// A device; `number` tells keys apart.
    ///
    /// # Panics
    /// When the name is no id.
    pub fn device(&self, id: &str, algorithm: GestureAlgorithm, number: u8) -> FakeDevice {
        let id = DeviceId::parse(id).expect("an id");
        let secret = mac(&[number; 32], &[b"drawn"]);
        let device = FakeDevice { id, algorithm, secret };
        locked(&self.secrets).insert(device.key().expose().to_vec(), device.secret);
        device
    }

    /// How many signs it compared.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// From now on it fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn secret(&self, key: &DeviceKey) -> Option<(GestureAlgorithm, [u8; 32])> {
        let known = |bytes: &[u8]| locked(&self.secrets).get(bytes).copied();
        Some(match key {
            DeviceKey::Ed25519(key) => (GestureAlgorithm::Ed25519, known(key)?),
            DeviceKey::EcdsaP256(key) => (GestureAlgorithm::EcdsaP256, known(key)?),
            DeviceKey::Aes256(secret) => (GestureAlgorithm::Aes256, secret.expose().try_into().ok()?),
        })
    }
}

/// Algorithm, device, challenge, proof, name.
fn parts(sign: &SecretText) -> Option<[&str; 5]> {
    let parts: Vec<_> = sign.expose().splitn(5, '\n').collect();
    let parts: [&str; 5] = parts.try_into().ok()?;
    let [algorithm, device, challenge, ..] = parts;
    GestureAlgorithm::parse(algorithm)?;
    DeviceId::parse(device).ok().filter(|_| !challenge.is_empty()).map(|_| parts)
}

#[async_trait]
impl GestureVerifier for FakeGestures {
    fn read(&self, sign: &SecretText) -> Option<PresentedGesture> {
        let [_, device, challenge, ..] = parts(sign)?;
        let challenge = SecretText::new(challenge.to_owned());
        Some(PresentedGesture { device: DeviceId::parse(device).ok()?, challenge })
    }

    fn accepts(&self, key: &DeviceKey) -> bool {
        match key {
            DeviceKey::Ed25519(key) => {
                let mut key = *key;
                key[31] &= 0x7f;
                !NOBODYS_ED25519.contains(&hex::encode(key).as_str())
            }
            DeviceKey::EcdsaP256(point) => {
                point[1..].iter().any(|byte| *byte != point[1])
                    && !NOBODYS_P256.contains(&hex::encode(point).as_str())
            }
            DeviceKey::Aes256(_) => true,
        }
    }

    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError> {
        self.verify_nothing(sign).await?;
        let (Some([algorithm, device, challenge, proof, name]), Some((used, secret))) =
            (parts(sign), self.secret(key))
        else {
            return Ok(None);
        };
        let right = mac(&secret, &[algorithm, device, challenge, name].map(str::as_bytes));
        let same = algorithm == used.as_str() && proof == hex::encode(right);
        Ok(same.then(|| name.to_owned()))
    }

    async fn verify_nothing(&self, _: &SecretText) -> Result<(), GestureError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(GestureError("the fake verifier is broken".into()));
        }
        Ok(())
    }
}
