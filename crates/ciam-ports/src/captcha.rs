//! Captchas: something that a person solves and a program should not.

use async_trait::async_trait;
use ciam_domain::Instant;
use ciam_domain::captcha::CaptchaBinding;
use ciam_domain::secret::SecretText;

/// The captcha service could not do its work; whatever waits for it is refused.
#[derive(Debug, thiserror::Error)]
#[error("the captcha service is unavailable")]
pub struct CaptchaError(#[source] pub crate::Source);

/// A captcha to be shown to a person.
#[derive(Debug)]
pub struct CaptchaChallenge {
    /// Its code, which comes back with the text that the person read.
    pub code: SecretText,
    /// The media type of the image (RFC 6838).
    pub media_type: &'static str,
    /// The image.
    pub image: Vec<u8>,
    /// From when it does not pass any more.
    pub expires_at: Instant,
}

/// Makes captchas and tells whether they were solved.
///
/// It needs no memory of what was used: the core lets a code through once, and asks here only for a code that it
/// has not seen.
///
/// - `a_solved_captcha_passes`: the right text with the right code, for what it was made for, in time, MUST pass,
///   in capital or small letters.
/// - `a_wrong_text_does_not_pass`: any other text MUST NOT.
/// - `an_expired_captcha_does_not_pass`: from the end that was asked for on it MUST NOT pass.
/// - `a_captcha_passes_for_its_binding_alone`: it MUST NOT pass for another tenant, flow, name or action.
/// - `a_captcha_has_one_code`: a code that was changed in any way MUST NOT pass, be it another spelling of
///   the same: a second code for one captcha would be a second use of it.
/// - `no_two_captchas_have_one_code`: each drawing MUST give a code of its own.
/// - `a_failing_service_is_an_error`: where nothing can be said about an answer, the answer MUST be
///   [`CaptchaError`], never `true`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaptchaVerifier: Send + Sync + 'static {
    /// Makes a captcha for a binding; `None` where another party makes them, such as a hosted service's own page.
    ///
    /// # Errors
    /// [`CaptchaError`].
    async fn draw(
        &self,
        binding: &CaptchaBinding,
        expires_at: Instant,
    ) -> Result<Option<CaptchaChallenge>, CaptchaError>;

    /// Whether `text` is the answer to the captcha of `code`, made for this binding and not over at `now`.
    ///
    /// # Errors
    /// [`CaptchaError`].
    async fn verify(
        &self,
        binding: &CaptchaBinding,
        code: &SecretText,
        text: &SecretText,
        now: Instant,
    ) -> Result<bool, CaptchaError>;
}
