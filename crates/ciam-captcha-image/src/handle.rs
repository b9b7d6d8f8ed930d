//! The code of a captcha: what must be known to check an answer, and nothing that tells it.

use ciam_ports::domain::Instant;
use ciam_ports::domain::captcha::CaptchaBinding;
use ciam_ports::domain::challenge::{DigestKey, KeyId};
use ciam_ports::domain::seal::{Seal, SealPurpose};
use ciam_ports::domain::secret::SecretText;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 16;

/// The longest code that is looked at, in bytes; the name of a key is short.
const LONGEST: usize = 512;

/// Nonce, end and seal of a captcha, and the key that it was sealed with.
pub(crate) struct Handle {
    nonce: [u8; NONCE],
    pub(crate) expires_at: Instant,
    seal: [u8; 32],
    pub(crate) key: KeyId,
}

impl Handle {
    pub(crate) fn seal(
        key: &DigestKey,
        binding: &CaptchaBinding,
        (nonce, expires_at): ([u8; NONCE], Instant),
        text: &SecretText,
    ) -> Self {
        let seal = *sealed(key, binding, (&nonce, expires_at), text).as_bytes();
        Self { nonce, expires_at, seal, key: key.id().clone() }
    }

    /// Whether this is the seal over that text, for that binding.
    pub(crate) fn vouches_for(&self, key: &DigestKey, binding: &CaptchaBinding, text: &SecretText) -> bool {
        sealed(key, binding, (&self.nonce, self.expires_at), text).matches(&self.seal)
    }

    pub(crate) fn written(&self) -> String {
        let end = self.expires_at.unix_micros().to_be_bytes();
        hex::encode([&self.nonce, end.as_slice(), &self.seal, self.key.as_str().as_bytes()].concat())
    }

    /// Reads what [`Handle::written`] wrote, and no other spelling of it.
    pub(crate) fn read(code: &str) -> Option<Self> {
        let plain = code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes = hex::decode(Some(code).filter(|code| plain && code.len() <= LONGEST)?).ok()?;
        let (nonce, rest) = bytes.split_first_chunk()?;
        let (end, rest) = rest.split_first_chunk()?;
        let (seal, key) = rest.split_first_chunk()?;
        let expires_at = Instant::from_unix_micros(i64::from_be_bytes(*end));
        Some(Self { nonce: *nonce, expires_at, seal: *seal, key: KeyId::new(std::str::from_utf8(key).ok()?) })
    }
}

fn sealed(
    key: &DigestKey,
    binding: &CaptchaBinding,
    (nonce, expires_at): (&[u8; NONCE], Instant),
    text: &SecretText,
) -> Seal {
    let end = expires_at.unix_micros().to_be_bytes();
    let [tenant, kind, subject, action] = binding.parts();
    let parts = [tenant, kind, subject, action, nonce, &end, text.expose().as_bytes()];
    key.seal(SealPurpose::Captcha, &parts)
}
