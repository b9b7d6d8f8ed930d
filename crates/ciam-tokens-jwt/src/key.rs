//! Keys that sign and keys that verify.

use ciam_ports::domain::secret::{SecretBytes, SecretText};
use ciam_ports::{Random, RandomError};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey};

use crate::algorithm::Algorithm;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is no PEM text of an Ed25519, P-256 or RSA key.
    #[error("the key is no Ed25519, P-256 or RSA key in PEM")]
    Unreadable,
    /// It can be read and not be used: damaged, of another curve, or RSA of fewer than 2048 bits.
    #[error("the key cannot be used")]
    Unusable(#[source] jsonwebtoken::errors::Error),
}

/// The DER of an Ed25519 private key up to its 32 secret bytes (RFC 8410, 7).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Draws a new Ed25519 private key and gives it as PKCS #8 in PEM, for the host to keep.
///
/// # Errors
/// [`RandomError`] when there is no chance to be had.
pub fn generate_ed25519(random: &dyn Random) -> Result<SecretText, RandomError> {
    let mut der = [0; 48];
    let (head, seed) = der.split_at_mut(ED25519_PKCS8.len());
    head.copy_from_slice(&ED25519_PKCS8);
    random.fill(seed)?;
    Ok(private_pem(&SecretBytes::new(der.to_vec())))
}

fn private_pem(der: &SecretBytes) -> SecretText {
    SecretText::new(pem::encode(&pem::Pem::new("PRIVATE KEY", der.expose())))
}

/// A private key, named by the thumbprint of its public half.
#[derive(Debug)]
pub struct SigningKey {
    pub(crate) key: EncodingKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// Reads a private key in PEM: Ed25519 and P-256 as PKCS #8 without the public half, RSA as PKCS #8 or PKCS #1.
    /// The kind of key says the algorithm.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let bytes = pem.as_bytes();
        let (algorithm, key) = EncodingKey::from_ed_pem(bytes)
            .map(|key| (Algorithm::EdDsa, key))
            .or_else(|_| EncodingKey::from_ec_pem(bytes).map(|key| (Algorithm::Es256, key)))
            .or_else(|_| EncodingKey::from_rsa_pem(bytes).map(|key| (Algorithm::Rs256, key)))
            .map_err(|_| KeyError::Unreadable)?;
        let public = Jwk::from_encoding_key(&key, algorithm.wire()).map_err(KeyError::Unusable)?;
        Ok(Self { key, public: VerifyingKey::named_by_thumbprint(public)? })
    }

    /// Reads a private key in DER (PKCS #8).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8_der(der: &SecretBytes) -> Result<Self, KeyError> {
        Self::from_pem(private_pem(der).expose())
    }

    /// Its name, as in the `kid` header.
    #[must_use]
    pub fn id(&self) -> &str {
        self.public.id()
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm
    }

    /// Its public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.public.clone()
    }
}

/// A public key with its name and its one algorithm.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
    pub(crate) jwk: Jwk,
}

impl VerifyingKey {
    /// Reads a public key in PEM, such as that of a signing key that was replaced.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let bytes = pem.as_bytes();
        let key = DecodingKey::from_ed_pem(bytes)
            .or_else(|_| DecodingKey::from_ec_pem(bytes))
            .or_else(|_| DecodingKey::from_rsa_pem(bytes))
            .map_err(|_| KeyError::Unreadable)?;
        Self::named_by_thumbprint(Jwk::from_decoding_key(&key, None).map_err(KeyError::Unusable)?)
    }

    /// Its name, as in the `kid` header: the SHA-256 thumbprint of the key, unless it came with another.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Reads a key that has a name of its own.
    pub(crate) fn named(id: String, mut jwk: Jwk) -> Result<Self, KeyError> {
        let algorithm = algorithm_of(&jwk).ok_or(KeyError::Unreadable)?;
        let key = DecodingKey::from_jwk(&jwk).map_err(KeyError::Unusable)?;
        jwk.common.key_id = Some(id.clone());
        jwk.common.key_algorithm = Some(algorithm.wire().into());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { id, algorithm, key, jwk })
    }

    fn named_by_thumbprint(jwk: Jwk) -> Result<Self, KeyError> {
        let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(KeyError::Unusable)?;
        Self::named(id, jwk)
    }
}

/// The one algorithm that a key of this kind is used with here.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDsa)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Some(Algorithm::Es256),
        AlgorithmParameters::RSA(_) => Some(Algorithm::Rs256),
        _ => None,
    }
}
