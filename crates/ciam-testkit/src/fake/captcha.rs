//! Captchas that a test can read.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ciam::CaptchaAnswer;
use ciam::domain::Instant;
use ciam::domain::captcha::CaptchaBinding;
use ciam::domain::secret::SecretText;
use ciam::ports::{CaptchaChallenge, CaptchaError, CaptchaVerifier};

use super::locked;

/// Captchas named `captcha-1`, `captcha-2`, … whose image is their text.
#[derive(Debug, Default)]
pub struct FakeCaptcha {
    made: Mutex<HashMap<String, (CaptchaBinding, Instant, String)>>,
    asked: AtomicUsize,
    broken: AtomicBool,
}

impl FakeCaptcha {
    /// A captcha for a binding.
    pub fn make(&self, binding: &CaptchaBinding, expires_at: Instant) -> CaptchaChallenge {
        let mut made = locked(&self.made);
        let number = made.len() + 1;
        let (code, text) = (format!("captcha-{number}"), format!("Text{number}"));
        made.insert(code.clone(), (binding.clone(), expires_at, text.clone()));
        let code = SecretText::new(code);
        CaptchaChallenge { code, media_type: "text/plain", image: text.into_bytes(), expires_at }
    }

    /// A captcha for a binding, solved.
    pub fn solved(&self, binding: &CaptchaBinding, expires_at: Instant) -> CaptchaAnswer {
        Self::read(&self.make(binding, expires_at))
    }

    /// The right answer to a captcha.
    #[must_use]
    pub fn read(captcha: &CaptchaChallenge) -> CaptchaAnswer {
        let text = String::from_utf8_lossy(&captcha.image).into_owned();
        let code = SecretText::new(captcha.code.expose().to_owned());
        CaptchaAnswer { code, text: SecretText::new(text) }
    }

    /// How many answers it was asked about.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// From now on it fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), CaptchaError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(CaptchaError("the fake captcha service is broken".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl CaptchaVerifier for FakeCaptcha {
    async fn draw(
        &self,
        binding: &CaptchaBinding,
        expires_at: Instant,
    ) -> Result<Option<CaptchaChallenge>, CaptchaError> {
        self.check()?;
        Ok(Some(self.make(binding, expires_at)))
    }

    async fn verify(
        &self,
        binding: &CaptchaBinding,
        code: &SecretText,
        text: &SecretText,
        now: Instant,
    ) -> Result<bool, CaptchaError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        Ok(locked(&self.made).get(code.expose()).is_some_and(|(made_for, expires_at, right)| {
            made_for == binding && now < *expires_at && right.eq_ignore_ascii_case(text.expose())
        }))
    }
}
