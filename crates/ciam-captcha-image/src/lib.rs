//! Image captchas for ciam, without a service and without stored state.
//!
//! [`ImageCaptcha`] draws six letters and digits as a small PNG. The code that goes with it holds a nonce, the end
//! and a keyed digest over these, what the captcha is for, and the text. So every host that has the same keys can
//! tell whether an answer is right, nothing is kept, and without a key the code says nothing of the text. Single
//! use is the matter of whoever asks.
//!
//! Text in an image slows simple programs down. It stops neither good text recognition nor paid solvers, and shuts
//! out people who cannot see it: a host with many strangers brings a verifier of its own.

mod chance;
mod glyph;
mod handle;
mod picture;
mod text;

use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::domain::captcha::CaptchaBinding;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{CaptchaChallenge, CaptchaError, CaptchaVerifier, Keys, Random};

use chance::Chance;
use handle::{Handle, NONCE};

/// Bytes drawn for the letters of one captcha, of which nearly all can be used.
const SPARE: usize = 4 * text::LENGTH;

/// Draws and checks image captchas.
pub struct ImageCaptcha {
    keys: Arc<dyn Keys>,
    random: Arc<dyn Random>,
}

impl ImageCaptcha {
    /// Captchas sealed with the host's digest keys.
    #[must_use]
    pub fn new(keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Text, nonce and the seed of everything about the picture that is no secret.
    fn chance(&self) -> Result<(SecretText, [u8; NONCE], Chance), CaptchaError> {
        loop {
            let mut letters = [0; SPARE];
            let (mut nonce, mut seed) = ([0; NONCE], [0; 8]);
            for bytes in [letters.as_mut_slice(), &mut nonce, &mut seed] {
                self.random.fill(bytes).map_err(|error| CaptchaError(error.into()))?;
            }
            if let Some(text) = text::draw(&letters) {
                return Ok((text, nonce, Chance::seeded(u64::from_be_bytes(seed))));
            }
        }
    }
}

#[async_trait]
impl CaptchaVerifier for ImageCaptcha {
    async fn draw(
        &self,
        binding: &CaptchaBinding,
        expires_at: Instant,
    ) -> Result<Option<CaptchaChallenge>, CaptchaError> {
        let key = self.keys.current().await.map_err(|error| CaptchaError(error.into()))?;
        let (text, nonce, chance) = self.chance()?;
        let code = SecretText::new(Handle::seal(&key, binding, (nonce, expires_at), &text).written());
        let image = picture::png(text.expose(), chance).map_err(|error| CaptchaError(error.into()))?;
        Ok(Some(CaptchaChallenge { code, media_type: "image/png", image, expires_at }))
    }

    async fn verify(
        &self,
        binding: &CaptchaBinding,
        code: &SecretText,
        text: &SecretText,
        now: Instant,
    ) -> Result<bool, CaptchaError> {
        let Some(handle) = Handle::read(code.expose()).filter(|handle| now < handle.expires_at) else {
            return Ok(false);
        };
        let Some(text) = text::normalised(text.expose()) else { return Ok(false) };
        let key = self.keys.by_id(&handle.key).await.map_err(|error| CaptchaError(error.into()))?;
        Ok(key.is_some_and(|key| handle.vouches_for(&key, binding, &text)))
    }
}

impl std::fmt::Debug for ImageCaptcha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ImageCaptcha(..)")
    }
}

#[cfg(test)]
mod tests;
