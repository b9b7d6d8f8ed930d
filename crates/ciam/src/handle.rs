//! What is handed out and taken back as one text: parts, a seal over them, and the name of its key.

use ciam_domain::challenge::KeyId;
use ciam_domain::seal::SealPurpose;
use ciam_domain::secret::SecretText;
use ciam_domain::{SessionId, TenantId, UserId};

use crate::{Ciam, Error};

/// Never part of an id or of a number.
const SEPARATOR: char = '~';

/// Splits a text into its parts; the last one, the name of a key, may hold anything.
pub(crate) fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    let mut parts = text.splitn(N, SEPARATOR);
    let mut split = [""; N];
    for part in &mut split {
        *part = parts.next()?;
    }
    Some(split)
}

/// What the token of a device is sealed over.
pub(crate) fn device<'a>(tenant: &'a TenantId, user: &'a UserId, nonce: &'a str) -> [&'a [u8]; 3] {
    [tenant.as_str().as_bytes(), user.as_str().as_bytes(), nonce.as_bytes()]
}

/// What a refresh token is sealed over.
pub(crate) fn refresh<'a>(
    tenant: &'a TenantId,
    user: &'a UserId,
    session: &'a SessionId,
    (signed_in, generation): (&'a str, &'a str),
) -> [&'a [u8]; 5] {
    [
        tenant.as_str().as_bytes(),
        user.as_str().as_bytes(),
        session.as_str().as_bytes(),
        signed_in.as_bytes(),
        generation.as_bytes(),
    ]
}

impl Ciam {
    /// Writes parts, their seal by the current key, and the name of that key.
    pub(crate) async fn sealed(
        &self,
        purpose: SealPurpose,
        sealed: &[&[u8]],
        shown: &[&str],
    ) -> Result<SecretText, Error> {
        let key = self.ports.keys.current().await?;
        let mac = hex::encode(key.seal(purpose, sealed).as_bytes());
        let words: Vec<&str> = shown.iter().copied().chain([mac.as_str(), key.id().as_str()]).collect();
        Ok(SecretText::new(words.join("~")))
    }

    /// Whether we sealed these parts.
    pub(crate) async fn is_sealed(
        &self,
        purpose: SealPurpose,
        sealed: &[&[u8]],
        (key, mac): (&str, &str),
    ) -> Result<bool, Error> {
        let (Some(key), Ok(mac)) = (self.ports.keys.by_id(&KeyId::new(key)).await?, hex::decode(mac)) else {
            return Ok(false);
        };
        Ok(mac.len() == 32 && key.seal(purpose, sealed).matches(&mac))
    }
}
