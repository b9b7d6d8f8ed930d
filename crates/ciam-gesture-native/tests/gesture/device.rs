//! A device as its makers would build it, from the description of the format alone.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_ports::domain::gesture::GestureAlgorithm;
use ciam_ports::domain::secret::SecretBytes;

fn ed25519(number: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap()
}

/// Two keys of the curve: the secret numbers are 2 and 3.
fn p256(number: u8) -> EcdsaKeyPair {
    let public = P256_PUBLIC[usize::from(number) - 1];
    let mut secret = [0; 32];
    secret[31] = number + 1;
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_ASN1_SIGNING, &secret, &hex(public))
        .unwrap()
}

const P256_PUBLIC: [&str; 2] = [
    "047cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc4766997807775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1",
    "045ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032",
];

/// A key of bytes that count up.
fn aes256(number: u8) -> [u8; 32] {
    std::array::from_fn(|at| number + u8::try_from(at).unwrap())
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The key that is registered for a device.
pub(crate) fn key(algorithm: GestureAlgorithm, number: u8) -> SecretBytes {
    SecretBytes::new(match algorithm {
        GestureAlgorithm::Ed25519 => ed25519(number).public_key().as_ref().to_vec(),
        GestureAlgorithm::EcdsaP256 => p256(number).public_key().as_ref().to_vec(),
        GestureAlgorithm::Aes256 => aes256(number).to_vec(),
    })
}

fn field(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

/// The sign of a device over its name, a challenge and the person's name.
pub(crate) fn sign(algorithm: GestureAlgorithm, number: u8, [device, challenge, name]: [&str; 3]) -> String {
    let form = match algorithm {
        GestureAlgorithm::Ed25519 => 1,
        GestureAlgorithm::EcdsaP256 => 2,
        GestureAlgorithm::Aes256 => 3,
    };
    let mut signed = [&[b'c', b'g', b's', 1, form][..], &field(device), &field(challenge)].concat();
    if algorithm != GestureAlgorithm::Aes256 {
        signed.extend(field(name));
    }
    let proof = match algorithm {
        GestureAlgorithm::Ed25519 => ed25519(number).sign(&signed).as_ref().to_vec(),
        GestureAlgorithm::EcdsaP256 => {
            p256(number).sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec()
        }
        GestureAlgorithm::Aes256 => {
            let (nonce, payload) = ([number; 12], Payload { msg: name.as_bytes(), aad: &signed });
            let cipher = Aes256Gcm::new_from_slice(&aes256(number)).unwrap();
            [&nonce[..], &cipher.encrypt(&Nonce::from(nonce), payload).unwrap()].concat()
        }
    };
    URL_SAFE_NO_PAD.encode([signed, proof].concat())
}
