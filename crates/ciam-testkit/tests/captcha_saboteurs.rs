//! The contract of captchas notices each fault of a verifier.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::captcha::{CaptchaAction, CaptchaBinding};
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::{FlowKey, Instant, TenantId};
use ciam_ports::{CaptchaChallenge, CaptchaError, CaptchaVerifier};
use ciam_testkit::contract::{CAPTCHA_RULES, CaptchaFixture, check_captcha};
use ciam_testkit::fake::FakeCaptcha;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Capitals,
    AnyText,
    Expiry,
    Binding,
    Code,
    SameCode,
    Failure,
}

/// The faults, each with what it breaks.
const FAULTS: [(Fault, &[&str]); 7] = [
    (Fault::Capitals, &["a_solved_captcha_passes"]),
    (Fault::AnyText, &["a_wrong_text_does_not_pass"]),
    (Fault::Expiry, &["an_expired_captcha_does_not_pass"]),
    (Fault::Binding, &["a_captcha_passes_for_its_binding_alone"]),
    (Fault::Code, &["a_captcha_has_one_code"]),
    (Fault::SameCode, &["no_two_captchas_have_one_code"]),
    (Fault::Failure, &["a_failing_service_is_an_error"]),
];

/// A verifier that is sound but for one fault.
struct Toy {
    fault: Fault,
    sound: Arc<FakeCaptcha>,
}

#[async_trait]
impl CaptchaVerifier for Toy {
    async fn draw(
        &self,
        binding: &CaptchaBinding,
        expires_at: Instant,
    ) -> Result<Option<CaptchaChallenge>, CaptchaError> {
        let mut captcha = self.sound.make(binding, expires_at);
        let is_late = |code: &str| code.ends_with("-48") || code.ends_with("-49");
        if self.fault == Fault::SameCode && is_late(captcha.code.expose()) {
            captcha.code = SecretText::new("captcha-shared".to_owned());
        }
        Ok(Some(captcha))
    }

    async fn verify(
        &self,
        binding: &CaptchaBinding,
        code: &SecretText,
        text: &SecretText,
        now: Instant,
    ) -> Result<bool, CaptchaError> {
        let asks_for = |binding: CaptchaBinding, code: &str, text: &str, now: Instant| {
            let [code, text] = [code, text].map(|part| SecretText::new(part.to_owned()));
            async move { self.sound.verify(&binding, &code, &text, now).await }
        };
        let (own, code, text) = (binding.clone(), code.expose(), text.expose());
        match self.fault {
            Fault::Capitals if text == text.to_uppercase() => Ok(false),
            Fault::AnyText => asks_for(own, code, text.trim_end_matches('A'), now).await,
            Fault::Expiry => asks_for(own, code, text, Instant::EPOCH).await,
            Fault::Binding if binding.tenant().as_str() == "other" => {
                let Ok(tenant) = TenantId::parse("acme") else { return Ok(false) };
                let purpose = match binding.action() {
                    CaptchaAction::Send(purpose) => purpose,
                    CaptchaAction::SignIn => return Ok(false),
                };
                let flow = FlowKey::from_bytes([1; 32]);
                let moved = CaptchaBinding::flow(tenant, flow, purpose);
                Ok(asks_for(own, code, text, now).await? || asks_for(moved, code, text, now).await?)
            }
            Fault::Code => asks_for(own, code.trim(), text, now).await,
            Fault::Failure => Ok(asks_for(own, code, text, now).await.unwrap_or(true)),
            _ => asks_for(own, code, text, now).await,
        }
    }
}

fn fixture(fault: Fault) -> CaptchaFixture {
    let sound = Arc::new(FakeCaptcha::default());
    let service = sound.clone();
    CaptchaFixture {
        verifier: Arc::new(Toy { fault, sound }),
        read: Arc::new(|captcha| FakeCaptcha::read(captcha).text.expose().to_owned()),
        fail: Arc::new(move || service.set_broken(true)),
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_captcha(name, &fixture(fault)))).is_err();
    CAPTCHA_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in CAPTCHA_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| broken.last() == Some(&rule.name)), "{}", rule.name);
    }
}

#[test]
fn a_sound_verifier_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rules_alone() {
    for (fault, rules) in FAULTS {
        assert_eq!(broken(fault), rules);
    }
}
