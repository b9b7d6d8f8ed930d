//! RSA2 of the gateway: RSA PKCS #1 v1.5 with SHA-256.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciam_ports::domain::secret::{SecretBytes, SecretText};

/// Why a key or signature cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is neither PEM nor base64.
    #[error("the key is neither PEM nor base64")]
    Unreadable,
    /// It is no RSA key of 2048 bits or more.
    #[error("the key is no RSA key of 2048 bits or more")]
    Unusable,
}

/// The private key of an application.
pub(crate) struct ApplicationKey(RsaKeyPair);

impl ApplicationKey {
    /// Reads a key as PKCS #8 or PKCS #1, in PEM or as the line of base64 that Alipay's tools write.
    pub(crate) fn read(text: &SecretText) -> Result<Self, KeyError> {
        let der = SecretBytes::new(der(text.expose())?);
        let key = RsaKeyPair::from_pkcs8(der.expose()).or_else(|_| RsaKeyPair::from_der(der.expose()));
        let key = key.map_err(|_| KeyError::Unusable)?;
        // PKCS #1 v1.5 of fewer bits is what RSA2 was made to replace.
        if key.public_modulus_len() < 256 { Err(KeyError::Unusable) } else { Ok(Self(key)) }
    }

    /// The signature of a text in base64.
    pub(crate) fn sign(&self, text: &str) -> Result<String, KeyError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| KeyError::Unusable)?;
        Ok(STANDARD.encode(signature))
    }
}

/// Whether a signature in base64 over a text is that of a public key; no key is no signature.
pub(crate) fn is_signed_by(public_key: &str, text: &str, signature: &str) -> Result<bool, KeyError> {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(public_key)?);
    let signature = STANDARD.decode(signature).unwrap_or_default();
    Ok(key.verify(text.as_bytes(), &signature).is_ok())
}

fn der(text: &str) -> Result<Vec<u8>, KeyError> {
    if text.contains("-----BEGIN") {
        return pem::parse(text).map(pem::Pem::into_contents).map_err(|_| KeyError::Unreadable);
    }
    let line: String = text.split_whitespace().collect();
    STANDARD.decode(line).map_err(|_| KeyError::Unreadable)
}
