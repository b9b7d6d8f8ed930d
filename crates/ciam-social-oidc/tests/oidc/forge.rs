//! Keys of these tests alone, and tokens signed with them, good and bad.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const CLIENT: &str = "app.example";
pub(crate) const KEY: &str = "key-1";

const RSA: &[u8] = include_bytes!("../../../ciam-tokens-jwt/tests/keys/rs256.pem");
pub(crate) const RSA_PUBLIC: &[u8] = include_bytes!("../../../ciam-tokens-jwt/tests/keys/rs256.pub.pem");
const EC: &[u8] = include_bytes!("../../../ciam-tokens-jwt/tests/keys/es256.pem");

pub(crate) fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(RSA).expect("a key")
}

pub(crate) fn ec() -> EncodingKey {
    EncodingKey::from_ec_pem(EC).expect("a key")
}

/// A private key as Apple hands it out.
pub(crate) fn ec_pem() -> String {
    String::from_utf8(EC.to_vec()).expect("a key")
}

/// The public half of a key, by a name.
pub(crate) fn public(key: &EncodingKey, algorithm: Algorithm, name: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a key");
    jwk.common.key_id = Some(name.to_owned());
    serde_json::to_value(jwk).expect("JSON")
}

pub(crate) fn rsa_public(name: &str) -> Value {
    public(&rsa(), Algorithm::RS256, name)
}

pub(crate) fn encoded(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// Header and claims of a good token, to be spoilt.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

pub(crate) fn good(issuer: &str) -> Parts {
    Parts {
        header: json!({ "alg": "RS256", "typ": "JWT", "kid": KEY }),
        claims: json!({
            "iss": issuer, "sub": "248289761001", "aud": CLIENT, "exp": NOW + 600, "iat": NOW,
            "email": "alice@example.com", "email_verified": false, "name": "Alice",
        }),
    }
}

impl Parts {
    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.claims[claim] = value.into();
        self
    }

    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().expect("claims").remove(claim);
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.as_object_mut().expect("a header").remove(name);
        self
    }

    pub(crate) fn unsigned(&self) -> String {
        format!("{}.{}", encoded(&self.header.to_string()), encoded(&self.claims.to_string()))
    }

    pub(crate) fn signed_with(&self, key: &EncodingKey, algorithm: Algorithm) -> String {
        let message = self.unsigned();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("a signature");
        format!("{message}.{signature}")
    }

    pub(crate) fn signed(&self) -> String {
        self.signed_with(&rsa(), Algorithm::RS256)
    }
}
