//! Answers as anybody may send them: only what an authenticator made is taken, and only for what it says.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../webauthn/authenticator.rs"]
mod authenticator;
#[path = "../../../ciam-domain/tests/fuzz/runner.rs"]
mod runner;

use ciam_passkey_webauthn::WebauthnPasskeys;
use ciam_ports::domain::Instant;
use ciam_ports::domain::passkey::{PasskeyName, RelyingParty, UserVerification};
use ciam_ports::domain::user::Passkey;
use ciam_ports::{NewPasskey, PasskeyAnswer, PasskeyQuestion, PasskeyVerifier};
use ciam_testkit::contract::Scene;
use ciam_testkit::fake::FakePasskeys;
use futures_executor::block_on;

use crate::authenticator::of;
use crate::runner::Fuzz;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");

fn party() -> RelyingParty {
    FakePasskeys::party(UserVerification::Required)
}

fn inputs(answers: [String; 2]) -> Vec<Vec<u8>> {
    answers.into_iter().map(String::into_bytes).collect()
}

fn made(answer: &PasskeyAnswer) -> Option<NewPasskey> {
    let party = party();
    let question = PasskeyQuestion { party: &party, challenge: &[7; 32] };
    block_on(WebauthnPasskeys::new().verify_new(question, answer)).expect("a verifier").ok()
}

#[test]
fn answers_that_make_a_passkey() {
    let answers = [-8, -7].map(|algorithm| of(algorithm, 1).make(&Scene::right()));
    let expected = answers.clone().map(|answer| made(&PasskeyAnswer::new(answer)).expect("a passkey"));
    Fuzz { corpus: CORPUS, more: inputs(answers), inputs: 10_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        // Without a statement a client may choose the key; everything else is bound to the question.
        if let Some(made) = made(&PasskeyAnswer::new(text.to_owned())) {
            assert!(expected.iter().any(|right| right.id == made.id), "{text}");
        }
    });
}

#[test]
fn answers_that_sign() {
    let passkeys = [-8, -7].map(|algorithm| {
        let answer = PasskeyAnswer::new(of(algorithm, 1).make(&Scene::right()));
        let NewPasskey { id, key, sign_count, backup, transports } = made(&answer).expect("a passkey");
        let name = PasskeyName::parse("a passkey").expect("a name");
        Passkey { id, key, sign_count, name, created_at: Instant::EPOCH, used_at: None, backup, transports }
    });
    let answers = [-8, -7].map(|algorithm| of(algorithm, 1).sign(&Scene::right()));
    let (party, verifier) = (party(), WebauthnPasskeys::new());
    Fuzz { corpus: CORPUS, more: inputs(answers), inputs: 10_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let answer = PasskeyAnswer::new(text.to_owned());
        let read = verifier.read(&answer);
        block_on(verifier.verify_nothing(&answer)).expect("a verifier");
        for passkey in &passkeys {
            let question = PasskeyQuestion { party: &party, challenge: &[7; 32] };
            if let Ok(signed) = block_on(verifier.verify(question, passkey, &answer)).expect("a verifier") {
                let read = read.as_ref().expect("what is not read is not taken");
                assert_eq!((&read.id, read.challenge.as_slice()), (&passkey.id, &[7; 32][..]));
                assert_eq!((signed.sign_count, signed.user_verified), (5, true), "{text}");
            }
        }
    });
}
