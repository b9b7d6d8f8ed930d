//! Signs as anybody may send them: only what a device made is vouched for, and only for what it says.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../gesture/device.rs"]
mod device;
#[path = "../../../ciam-domain/tests/fuzz/runner.rs"]
mod runner;

use ciam_gesture_native::NativeGestures;
use ciam_ports::GestureVerifier;
use ciam_ports::domain::gesture::{DeviceKey, GestureAlgorithm};
use ciam_ports::domain::secret::SecretText;
use futures_executor::block_on;

use crate::runner::Fuzz;

const SIGNED: [&str; 3] = ["phone-1", "00112233445566778899aabbccddeeff~1800000060000000~00ff~k1", "alice"];

#[test]
fn signs_of_devices() {
    let verifier = NativeGestures::new();
    let keys = GestureAlgorithm::ALL
        .map(|algorithm| DeviceKey::parse(algorithm, &device::key(algorithm, 1)).expect("a key"));
    let made = GestureAlgorithm::ALL.map(|algorithm| device::sign(algorithm, 1, SIGNED));
    let more = made.iter().map(|sign| sign.clone().into_bytes()).collect();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");
    Fuzz { corpus, more, inputs: 10_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let sign = SecretText::new(text.to_owned());
        let read = verifier.read(&sign);
        block_on(verifier.verify_nothing(&sign)).expect("a verifier");
        for key in &keys {
            let told = block_on(verifier.verify(&sign, key)).expect("a verifier");
            assert!(told.is_none() || read.is_some(), "what is not read is not vouched for");
            if let Some(name) = told {
                // The corpus holds other signs of these keys; whatever was changed in them vouches for nothing.
                let read = read.as_ref().expect("a sign");
                let whole = [read.device.as_str(), read.challenge.expose(), &name];
                assert!(whole == SIGNED || whole == ["phone-1", "other", "bob"], "{whole:?}");
            }
        }
    });
}
