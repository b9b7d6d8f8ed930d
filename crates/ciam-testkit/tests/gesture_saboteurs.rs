//! The contract of signs notices each fault of a verifier.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::gesture::DeviceKey;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{GestureError, GestureVerifier, PresentedGesture};
use ciam_testkit::contract::{GESTURE_RULES, GestureFixture, check_gesture};
use ciam_testkit::fake::FakeGestures;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Challenge,
    Name,
    Key,
    Change,
    Text,
    Point,
}

/// The faults, each with what it breaks.
const FAULTS: [(Fault, &str); 6] = [
    (Fault::Challenge, "a_sign_names_its_device_and_challenge"),
    (Fault::Name, "a_sign_vouches_for_its_name"),
    (Fault::Key, "another_key_vouches_for_nothing"),
    (Fault::Change, "a_changed_sign_vouches_for_nothing"),
    (Fault::Text, "what_is_no_sign_is_not_read"),
    (Fault::Point, "a_key_that_is_none_is_not_accepted"),
];

/// A verifier that is sound but for one fault.
struct Toy {
    fault: Fault,
    sound: Arc<FakeGestures>,
}

#[async_trait]
impl GestureVerifier for Toy {
    fn read(&self, sign: &SecretText) -> Option<PresentedGesture> {
        let text = if self.fault == Fault::Text && sign.expose().starts_with('x') {
            let device =
                self.sound.device("phone-1", ciam_ports::domain::gesture::GestureAlgorithm::Ed25519, 1);
            device.sign("alice", "challenge")
        } else {
            SecretText::new(sign.expose().to_owned())
        };
        let read = self.sound.read(&text)?;
        let whole = read.challenge.expose();
        let shown = if self.fault == Fault::Challenge { &whole[..whole.len().min(100)] } else { whole };
        Some(PresentedGesture { challenge: SecretText::new(shown.to_owned()), device: read.device })
    }

    fn accepts(&self, key: &DeviceKey) -> bool {
        self.fault == Fault::Point || self.sound.accepts(key)
    }

    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError> {
        let sign = match self.fault {
            Fault::Change => SecretText::new(sign.expose().trim_start().to_owned()),
            _ => SecretText::new(sign.expose().to_owned()),
        };
        let told = self.sound.verify(&sign, key).await?;
        Ok(match self.fault {
            Fault::Name => told.map(|name| name.trim().to_owned()),
            Fault::Key if told.is_none() && matches!(key, DeviceKey::Ed25519(_)) => {
                let own =
                    self.sound.device("phone-1", ciam_ports::domain::gesture::GestureAlgorithm::Aes256, 1);
                let own = DeviceKey::Aes256(own.key());
                self.sound.verify(&sign, &own).await?
            }
            _ => told,
        })
    }

    async fn verify_nothing(&self, sign: &SecretText) -> Result<(), GestureError> {
        self.sound.verify_nothing(sign).await
    }
}

fn fixture(fault: Fault) -> GestureFixture {
    let sound = Arc::new(FakeGestures::default());
    let (keys, signs) = (sound.clone(), sound.clone());
    GestureFixture {
        verifier: Arc::new(Toy { fault, sound }),
        key: Arc::new(move |algorithm, number| keys.device("any", algorithm, number).key()),
        sign: Arc::new(move |algorithm, number, (device, challenge, name)| {
            signs.device(device, algorithm, number).sign(name, challenge).expose().to_owned()
        }),
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_gesture(name, &fixture(fault)))).is_err();
    GESTURE_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in GESTURE_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_verifier_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}
