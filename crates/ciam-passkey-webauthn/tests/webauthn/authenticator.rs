//! An authenticator in software, with the client before it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_ports::domain::passkey::Backup;
use ciam_testkit::contract::{Scene, passkey_id};
use ciborium::Value;
use serde_json::{Value as Json, json};

pub(crate) enum Key {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

pub(crate) struct Authenticator {
    pub(crate) id: Vec<u8>,
    pub(crate) key: Key,
}

/// Keys are made once: those of RSA take their time.
static MADE: Mutex<Option<Made>> = Mutex::new(None);

type Made = HashMap<(i32, u8), Arc<Authenticator>>;

pub(crate) fn of(algorithm: i32, number: u8) -> Arc<Authenticator> {
    let mut made = MADE.lock().unwrap();
    let made = made.get_or_insert_default();
    made.entry((algorithm, number))
        .or_insert_with(|| {
            let key = match algorithm {
                -8 => Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap()),
                -7 => Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()),
                _ => Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            };
            Arc::new(Authenticator { id: passkey_id(number).as_bytes().to_vec(), key })
        })
        .clone()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

pub(crate) fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(entries.into())
}

/// What the browser writes.
pub(crate) fn client_data(ceremony: &str, scene: &Scene) -> Json {
    let mut told = json!({
        "type": ceremony,
        "challenge": text(&scene.challenge),
        "origin": scene.origin,
        "crossOrigin": false,
    });
    if let Some(frame) = scene.framed_by {
        told["crossOrigin"] = json!(true);
        told["topOrigin"] = json!(frame);
    }
    told
}

/// The first 37 bytes that every authenticator signs.
pub(crate) fn header(scene: &Scene, more: u8) -> Vec<u8> {
    let backup = match scene.backup {
        Backup::DeviceBound => 0,
        Backup::Eligible => 0x08,
        Backup::BackedUp => 0x18,
    };
    let flags = u8::from(scene.present) | u8::from(scene.verified) << 2 | backup | more;
    let party = digest(&SHA256, scene.party.as_bytes());
    [party.as_ref(), &[flags], &scene.sign_count.to_be_bytes()].concat()
}

impl Authenticator {
    /// The public key with the label of an algorithm.
    pub(crate) fn cose(&self, told_algorithm: Option<i32>, spoilt: bool) -> Value {
        let spoil = |bytes: &[u8]| bytes[..bytes.len() - usize::from(spoilt)].to_vec();
        let number = |number: i32| Value::from(number);
        let algorithm = |own: i32| (number(3), number(told_algorithm.unwrap_or(own)));
        match &self.key {
            Key::Ed25519(pair) => map([
                (number(1), number(1)),
                algorithm(-8),
                (number(-1), number(6)),
                (number(-2), Value::Bytes(spoil(pair.public_key().as_ref()))),
            ]),
            Key::P256(pair) => {
                let point = pair.public_key().as_ref();
                let mut y = point[33..].to_vec();
                y[31] ^= u8::from(spoilt);
                map([
                    (number(1), number(2)),
                    algorithm(-7),
                    (number(-1), number(1)),
                    (number(-2), Value::Bytes(point[1..33].to_vec())),
                    (number(-3), Value::Bytes(y)),
                ])
            }
            Key::Rsa(pair) => {
                let public = pair.public_key();
                let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
                let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
                map([
                    (number(1), number(3)),
                    algorithm(-257),
                    (number(-1), Value::Bytes(spoil(&modulus))),
                    (number(-2), Value::Bytes(exponent)),
                ])
            }
        }
    }

    pub(crate) fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Key::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// The data of an authenticator with a new key.
    pub(crate) fn attested(&self, scene: &Scene) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let key = cbor(&self.cose(scene.told_algorithm, scene.spoilt));
        [header(scene, 0x40).as_slice(), &[0; 16], &length, &self.id, &key].concat()
    }

    pub(crate) fn make(&self, scene: &Scene) -> String {
        let ceremony = if scene.of_the_other_ceremony { "webauthn.get" } else { "webauthn.create" };
        let object = map([
            ("fmt".into(), "none".into()),
            ("attStmt".into(), Value::Map(Vec::new())),
            ("authData".into(), Value::Bytes(self.attested(scene))),
        ]);
        self.created(scene, &client_data(ceremony, scene).to_string(), &cbor(&object)).to_string()
    }

    /// What a browser sends after a passkey was made.
    pub(crate) fn created(&self, scene: &Scene, client_data: &str, object: &[u8]) -> Json {
        let id = self.told(scene);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(client_data.as_bytes()),
                "attestationObject": text(object),
                "transports": ["internal", "carrier-pigeon"],
            },
        })
    }

    pub(crate) fn sign(&self, scene: &Scene) -> String {
        let ceremony = if scene.of_the_other_ceremony { "webauthn.create" } else { "webauthn.get" };
        self.got(scene, &client_data(ceremony, scene).to_string(), &header(scene, 0)).to_string()
    }

    /// What a browser sends after a passkey signed.
    pub(crate) fn got(&self, scene: &Scene, client_data: &str, data: &[u8]) -> Json {
        let client = digest(&SHA256, client_data.as_bytes());
        let signature = self.signature(&[data, client.as_ref()].concat());
        let id = self.told(scene);
        let mut answer = json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": text(client_data.as_bytes()),
                "authenticatorData": text(data),
                "signature": text(&signature),
            },
        });
        if let Some(handle) = scene.handle {
            answer["response"]["userHandle"] = json!(text(handle.as_bytes()));
        }
        answer
    }

    fn told(&self, scene: &Scene) -> String {
        scene.told_id.map_or_else(|| text(&self.id), |number| text(passkey_id(number).as_bytes()))
    }
}
