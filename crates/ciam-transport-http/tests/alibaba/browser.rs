//! A browser with one passkey, which reads the options that it is given and answers as `toJSON` does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Browser {
    origin: &'static str,
    key: Arc<Ed25519KeyPair>,
    id: [u8; 32],
    count: Arc<AtomicU32>,
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Browser {
    pub(crate) fn new(origin: &'static str) -> Self {
        let key = Arc::new(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
        Self { origin, key, id: [9; 32], count: Arc::default() }
    }

    /// The same passkey on a page of another origin.
    pub(crate) fn at(&self, origin: &'static str) -> Self {
        Self { origin, ..self.clone() }
    }

    pub(crate) fn id(&self) -> String {
        text(&self.id)
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> String {
        json!({"type": ceremony, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false})
            .to_string()
    }

    /// Present, verified, and copied to other devices.
    fn data(&self, party: &Value, more: u8) -> Vec<u8> {
        let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let party = digest(&SHA256, party.as_str().unwrap().as_bytes());
        [party.as_ref(), &[0x0d | more], &count.to_be_bytes()].concat()
    }

    pub(crate) fn create(&self, options: &Value) -> Value {
        // {1: 1, 3: -8, -1: 6, -2: key} in CBOR, and {"fmt": "none", "attStmt": {}, "authData": ..} around it.
        let key =
            [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], self.key.public_key().as_ref()].concat();
        let data = [&self.data(&options["rp"]["id"], 0x40)[..], &[0; 16], &[0, 32], &self.id, &key].concat();
        let length = u8::try_from(data.len()).unwrap();
        let head = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..], &[length]].concat();
        self.answer(&json!({
            "clientDataJSON": text(self.client_data("webauthn.create", options).as_bytes()),
            "attestationObject": text(&[head, data].concat()),
            "transports": ["internal"],
            "publicKeyAlgorithm": -8,
        }))
    }

    pub(crate) fn get(&self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        let data = self.data(&options["rpId"], 0);
        let signed = [&data, digest(&SHA256, client.as_bytes()).as_ref()].concat();
        self.answer(&json!({
            "clientDataJSON": text(client.as_bytes()),
            "authenticatorData": text(&data),
            "signature": text(self.key.sign(&signed).as_ref()),
            "userHandle": null,
        }))
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }
}
