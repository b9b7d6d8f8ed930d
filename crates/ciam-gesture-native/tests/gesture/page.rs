//! The example for authors of clients is what a device makes and the verifier takes.

use ciam_gesture_native::NativeGestures;
use ciam_ports::GestureVerifier;
use ciam_ports::domain::gesture::{DeviceKey, GestureAlgorithm};
use ciam_ports::domain::secret::{SecretBytes, SecretText};
use futures_executor::block_on;

use crate::device;

/// The value of a row of the example.
fn row(page: &str, algorithm: GestureAlgorithm, name: &str) -> String {
    let heading = format!("**Example, `{}`**", algorithm.as_str());
    let table = page.split(&heading).nth(1).unwrap();
    let row = table.lines().find(|line| line.starts_with(&format!("| {name} |"))).unwrap();
    row.split('`').nth(1).unwrap().to_owned()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_examples_of_the_page_are_signs() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dialects/alibaba.md");
    let page = std::fs::read_to_string(page).unwrap();
    for algorithm in [GestureAlgorithm::Ed25519, GestureAlgorithm::Aes256] {
        let [device, challenge, name, sign, key] =
            ["device", "challenge", "name", "gestureSign", "registered key"]
                .map(|of| row(&page, algorithm, of));
        let made = device::sign(algorithm, 1, [&device, &challenge, &name]);
        assert_eq!(sign, made, "{algorithm:?}");
        let key = SecretBytes::new(hex(&key));
        assert_eq!(key.expose(), device::key(algorithm, 1).expose());
        let (sign, key) = (SecretText::new(sign), DeviceKey::parse(algorithm, &key).unwrap());
        let read = NativeGestures::new().read(&sign).unwrap();
        assert_eq!((read.device.as_str(), read.challenge.expose()), (&*device, &*challenge));
        assert_eq!(block_on(NativeGestures::new().verify(&sign, &key)).unwrap(), Some(name));
    }
}
