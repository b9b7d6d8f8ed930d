//! The contract of captchas: solved once by whoever they were made for, and nothing else passes.

use std::sync::Arc;
use std::time::Duration;

use ciam_ports::domain::captcha::CaptchaBinding;
use ciam_ports::domain::challenge::Purpose;
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::{FlowKey, Instant, TenantId};
use ciam_ports::{CaptchaChallenge, CaptchaVerifier};
use futures_executor::block_on;

use super::Trial;

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const END: Instant = Instant::from_unix_seconds(1_800_000_300);

/// A verifier that draws, what a person would do, and how its service is made to fail.
#[derive(Clone)]
pub struct CaptchaFixture {
    /// The verifier.
    pub verifier: Arc<dyn CaptchaVerifier>,
    /// Reads a captcha that the verifier drew last.
    pub read: Arc<dyn Fn(&CaptchaChallenge) -> String + Send + Sync>,
    /// From now on the service fails.
    pub fail: Arc<dyn Fn() + Send + Sync>,
}

/// One rule of captchas.
#[derive(Clone, Copy)]
pub struct CaptchaRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a CaptchaFixture) -> Trial<'a>,
}

/// Hands every rule of captchas to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_captcha_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            captcha {
                a_solved_captcha_passes a_wrong_text_does_not_pass an_expired_captcha_does_not_pass
                a_captcha_passes_for_its_binding_alone a_captcha_has_one_code
                no_two_captchas_have_one_code a_failing_service_is_an_error
            }
        }
    };
}

macro_rules! table {
    (() captcha { $($rule:ident)* }) => {
        /// Every rule of captchas.
        pub const CAPTCHA_RULES: &[CaptchaRule] =
            &[$(CaptchaRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_captcha_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_captcha(name: &str, on: &CaptchaFixture) {
    let rule = CAPTCHA_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of captchas; `make` is called for a fresh
/// [`CaptchaFixture`](crate::contract::CaptchaFixture) each time.
#[macro_export]
macro_rules! captcha_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_captcha_rule! { [$crate::contract_tests] (($crate::contract::check_captcha) [$(#[$attr])*] $make) }
    };
}

fn flow(tenant: &str, byte: u8, purpose: Purpose) -> CaptchaBinding {
    let tenant = TenantId::parse(tenant).expect("a tenant");
    CaptchaBinding::flow(tenant, FlowKey::from_bytes([byte; 32]), purpose)
}

fn sign_in(name: &str) -> CaptchaBinding {
    CaptchaBinding::sign_in(TenantId::parse("acme").expect("a tenant"), name)
}

const FACTOR: Purpose = Purpose::SecondFactor(Operation::UpdateEmail);
const ADDRESS: Purpose = Purpose::NewAddress(Operation::UpdateEmail);

fn own() -> CaptchaBinding {
    flow("acme", 1, FACTOR)
}

async fn drawn(on: &CaptchaFixture, binding: &CaptchaBinding) -> (String, String) {
    let captcha = on.verifier.draw(binding, END).await.expect("a service").expect("a captcha");
    assert_eq!(captcha.expires_at, END, "a captcha says when it ends");
    assert!(!captcha.image.is_empty(), "a captcha can be seen");
    let text = (on.read)(&captcha);
    (captcha.code.expose().to_owned(), text)
}

async fn passes(
    on: &CaptchaFixture,
    binding: &CaptchaBinding,
    (code, text): (&str, &str),
    now: Instant,
) -> bool {
    let [code, text] = [code, text].map(|part| SecretText::new(part.to_owned()));
    on.verifier.verify(binding, &code, &text, now).await.expect("a service")
}

async fn a_solved_captcha_passes(on: &CaptchaFixture) {
    for binding in [own(), flow("acme", 1, ADDRESS), sign_in("alice")] {
        let (code, text) = drawn(on, &binding).await;
        let tick = END.before(Duration::from_micros(1));
        assert!(passes(on, &binding, (&code, &text), NOW).await, "the right answer passes");
        assert!(passes(on, &binding, (&code, &text), tick).await, "up to its end");
        for spelling in [text.to_lowercase(), text.to_uppercase()] {
            assert!(passes(on, &binding, (&code, &spelling), NOW).await, "nobody is asked for capitals");
        }
    }
}

async fn a_wrong_text_does_not_pass(on: &CaptchaFixture) {
    let (code, text) = drawn(on, &own()).await;
    let (_, other) = drawn(on, &own()).await;
    let backwards: String = text.chars().rev().collect();
    let shorter: String = text.chars().skip(1).collect();
    let longer = format!("{text}A");
    for wrong in [&other, &backwards, &shorter, &longer, "", "0", &"A".repeat(100_000), "\u{212a}", "\0"] {
        let same = text.eq_ignore_ascii_case(wrong);
        assert!(same || !passes(on, &own(), (&code, wrong), NOW).await, "{wrong:?} passes for {text:?}");
    }
}

async fn an_expired_captcha_does_not_pass(on: &CaptchaFixture) {
    let (code, text) = drawn(on, &own()).await;
    for late in [END, END.after(Duration::from_micros(1)), END.after(Duration::from_hours(24))] {
        assert!(!passes(on, &own(), (&code, &text), late).await, "it ends on time");
    }
}

async fn a_captcha_passes_for_its_binding_alone(on: &CaptchaFixture) {
    let bindings = [
        own(),
        flow("other", 1, FACTOR),
        flow("acme", 2, FACTOR),
        flow("acme", 1, ADDRESS),
        flow("acme", 1, Purpose::SecondFactor(Operation::UpdatePhone)),
        sign_in("alice"),
        sign_in("bob"),
    ];
    for made_for in &bindings {
        let (code, text) = drawn(on, made_for).await;
        for used_for in &bindings {
            let passed = passes(on, used_for, (&code, &text), NOW).await;
            assert_eq!(passed, made_for == used_for, "{made_for:?} used for {used_for:?}");
        }
    }
}

async fn a_captcha_has_one_code(on: &CaptchaFixture) {
    let (code, text) = drawn(on, &own()).await;
    let (other, _) = drawn(on, &own()).await;
    let mut changed = vec![
        other,
        String::new(),
        "no-such-captcha".to_owned(),
        code.to_uppercase(),
        code.to_lowercase(),
        format!("{code} "),
        format!(" {code}"),
        format!("{code}="),
        format!("{code}00"),
        format!("{code}{code}"),
        "é".repeat(64),
        "0".repeat(100_000),
    ];
    let letters: Vec<char> = code.chars().collect();
    for place in 0..letters.len() {
        changed.push(letters[..place].iter().collect());
        let mut letters = letters.clone();
        letters[place] = if letters[place] == '0' { '1' } else { '0' };
        changed.push(letters.into_iter().collect());
    }
    for changed in changed.iter().filter(|changed| **changed != code) {
        assert!(!passes(on, &own(), (changed, &text), NOW).await, "{changed:?} passes for {code:?}");
    }
    assert!(passes(on, &own(), (&code, &text), NOW).await, "nothing of this spoils the captcha");
}

async fn no_two_captchas_have_one_code(on: &CaptchaFixture) {
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..50 {
        assert!(codes.insert(drawn(on, &own()).await.0), "each captcha has a code of its own");
    }
}

async fn a_failing_service_is_an_error(on: &CaptchaFixture) {
    let (code, text) = drawn(on, &own()).await;
    (on.fail)();
    let [code, right, wrong] = [code.as_str(), &text, "wrong"].map(|part| SecretText::new(part.to_owned()));
    assert!(on.verifier.verify(&own(), &code, &right, NOW).await.is_err(), "who cannot tell says so");
    let answer = on.verifier.verify(&own(), &code, &wrong, NOW).await;
    assert!(!matches!(answer, Ok(true)), "a failure lets nobody pass");
}
