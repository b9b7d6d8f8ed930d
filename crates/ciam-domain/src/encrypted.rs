//! Small secrets that must be had back, encrypted for storage under a key of the host. What need only be recognised
//! is kept as a [`crate::seal::Seal`] instead.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use zeroize::Zeroizing;

use crate::challenge::{DigestKey, KeyId};
use crate::secret::SecretBytes;
use crate::{TenantId, UserId};

/// The bytes of a nonce (NIST SP 800-38D, 8.2.2).
pub const NONCE: usize = 12;

/// A secret has at most this many bytes.
pub const LONGEST_SECRET: usize = 1024;

/// The first byte of the stored form.
const VERSION: u8 = 1;

/// What sets keys derived here apart from every other use of a digest key; no id of a host holds a blank.
const LABEL: &[u8] = b"encrypted secret: AES-256-GCM, 1";

/// What a secret is for. One of another purpose is never decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretPurpose {
    /// The AES key of a device that signs in by gesture.
    GestureKey,
    /// What an authenticator app derives its codes from (RFC 6238).
    TotpSecret,
}

impl SecretPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::GestureKey => "gesture_key",
            Self::TotpSecret => "totp_secret",
        }
    }
}

/// Whose secret it is, and what for. It is decrypted for them alone.
#[derive(Debug, Clone, Copy)]
pub struct SecretOwner<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The person.
    pub user: &'a UserId,
    /// What for.
    pub purpose: SecretPurpose,
}

impl SecretOwner<'_> {
    fn parts(&self) -> [&[u8]; 3] {
        [self.tenant.as_str().as_bytes(), self.user.as_str().as_bytes(), self.purpose.as_str().as_bytes()]
    }
}

/// The secret was not encrypted: it has no byte or more than [`LONGEST_SECRET`], or the key's name more than 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret has 1 to 1024 bytes, and the name of its key 1 to 255")]
pub struct EncryptError;

/// The secret was not decrypted: it was changed, is somebody else's or for something else, or the key is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret cannot be decrypted")]
pub struct DecryptError;

/// A secret as it is stored: encrypted with AES-256-GCM (NIST SP 800-38D) under a key that is derived, for its owner and
/// purpose alone, from a key of the host (ASVS 5.0, 11.3.2 and 13.3.3).
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedSecret {
    key: KeyId,
    nonce: [u8; NONCE],
    /// With its tag of 16 bytes.
    ciphertext: Vec<u8>,
}

impl EncryptedSecret {
    /// Encrypts a secret. Each call needs 12 fresh random bytes.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn new(
        secret: &SecretBytes,
        owner: &SecretOwner<'_>,
        key: &DigestKey,
        nonce: [u8; NONCE],
    ) -> Result<Self, EncryptError> {
        let named = (1..=usize::from(u8::MAX)).contains(&key.id().as_str().len());
        if !named || !(1..=LONGEST_SECRET).contains(&secret.expose().len()) {
            return Err(EncryptError);
        }
        let mut made = Self { key: key.id().clone(), nonce, ciphertext: Vec::new() };
        let header = made.header();
        let payload = Payload { msg: secret.expose(), aad: &header };
        let cipher = cipher(key, owner).ok_or(EncryptError)?;
        made.ciphertext = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| EncryptError)?;
        Ok(made)
    }

    /// The key that it needs.
    #[must_use]
    pub const fn key(&self) -> &KeyId {
        &self.key
    }

    /// The secret, for its owner.
    ///
    /// # Errors
    /// [`DecryptError`]; nothing of the secret is given then.
    pub fn decrypt(&self, owner: &SecretOwner<'_>, key: &DigestKey) -> Result<SecretBytes, DecryptError> {
        let header = self.header();
        let payload = Payload { msg: &self.ciphertext, aad: &header };
        let cipher = cipher(key, owner).ok_or(DecryptError)?;
        cipher.decrypt(&Nonce::from(self.nonce), payload).map(SecretBytes::new).map_err(|_| DecryptError)
    }

    /// The stored form: version (1 byte), length of the key's name (1 byte), that name, nonce (12 bytes), ciphertext
    /// with tag.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.header().as_slice(), &self.nonce, &self.ciphertext].concat()
    }

    /// Reads the stored form back; `None` where it is none, or of another version.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(*length))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
        let fits = (17..=LONGEST_SECRET + 16).contains(&ciphertext.len());
        (*version == VERSION && fits).then(|| Self {
            key: KeyId::new(name),
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }

    /// What stands before the nonce, and is authenticated with the secret.
    fn header(&self) -> Vec<u8> {
        let name = self.key.as_str().as_bytes();
        let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
        [&[VERSION, length], name].concat()
    }
}

/// A cipher under a key of its own for each owner and purpose, so that the nonces of others do not matter to it.
fn cipher(key: &DigestKey, owner: &SecretOwner<'_>) -> Option<Aes256Gcm> {
    let derived = Zeroizing::new(key.digest(std::iter::once(LABEL).chain(owner.parts())));
    Aes256Gcm::new_from_slice(derived.as_slice()).ok()
}

impl std::fmt::Debug for EncryptedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncryptedSecret({:?}, ..)", self.key.as_str())
    }
}
