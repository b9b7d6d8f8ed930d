//! The contract of signs: what the key of a device signed, and nothing else.

use std::sync::Arc;

use ciam_ports::GestureVerifier;
use ciam_ports::domain::gesture::{DeviceKey, GestureAlgorithm};
use ciam_ports::domain::secret::{SecretBytes, SecretText};
use futures_executor::block_on;

use super::Trial;

const DEVICE: &str = "phone-1";
const CHALLENGE: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0~1800000060000000~00ff~k1";
const NAME: &str = "小明";

/// What a device signs: its name, a challenge, and the person's name.
pub type Signed<'a> = (&'a str, &'a str, &'a str);

/// Signs as a device of an algorithm and number.
pub type SignAs = dyn Fn(GestureAlgorithm, u8, Signed<'_>) -> String + Send + Sync;

/// A verifier, and devices of each algorithm by their number.
#[derive(Clone)]
pub struct GestureFixture {
    /// The verifier.
    pub verifier: Arc<dyn GestureVerifier>,
    /// The key of a device.
    pub key: Arc<dyn Fn(GestureAlgorithm, u8) -> SecretBytes + Send + Sync>,
    /// Its sign.
    pub sign: Arc<SignAs>,
}

/// One rule of signs.
#[derive(Clone, Copy)]
pub struct GestureRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a GestureFixture) -> Trial<'a>,
}

/// Hands every rule of signs to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_gesture_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            gesture {
                a_sign_names_its_device_and_challenge a_sign_vouches_for_its_name
                another_key_vouches_for_nothing a_changed_sign_vouches_for_nothing
                what_is_no_sign_is_not_read a_key_that_is_none_is_not_accepted
            }
        }
    };
}

macro_rules! table {
    (() gesture { $($rule:ident)* }) => {
        /// Every rule of signs.
        pub const GESTURE_RULES: &[GestureRule] =
            &[$(GestureRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_gesture_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_gesture(name: &str, on: &GestureFixture) {
    let rule = GESTURE_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of signs; `make` is called for a fresh
/// [`GestureFixture`](crate::contract::GestureFixture) each time.
#[macro_export]
macro_rules! gesture_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_gesture_rule! { [$crate::contract_tests] (($crate::contract::check_gesture) [$(#[$attr])*] $make) }
    };
}

/// Keys of Ed25519 that somebody without a secret signs for: the points of small order, two of them in another form too,
/// and the base point, whose secret is one. The sign bit is no difference to the first.
pub(crate) const NOBODYS_ED25519: [&str; 9] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "5866666666666666666666666666666666666666666666666666666666666666",
];

/// Such keys of P-256: what would be the point at infinity, and the base point.
pub(crate) const NOBODYS_P256: [&str; 2] = [
    concat!(
        "0400000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000000000000000000000000000000000000000000000"
    ),
    concat!(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2",
        "964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    ),
];

fn key(on: &GestureFixture, algorithm: GestureAlgorithm, number: u8) -> DeviceKey {
    DeviceKey::parse(algorithm, &(on.key)(algorithm, number)).expect("a key")
}

fn signed(on: &GestureFixture, algorithm: GestureAlgorithm, number: u8) -> String {
    (on.sign)(algorithm, number, (DEVICE, CHALLENGE, NAME))
}

async fn vouched(on: &GestureFixture, sign: &str, key: &DeviceKey) -> Option<String> {
    on.verifier.verify(&SecretText::new(sign.to_owned()), key).await.expect("a verifier")
}

async fn a_sign_names_its_device_and_challenge(on: &GestureFixture) {
    for algorithm in GestureAlgorithm::ALL {
        for (device, challenge) in [(DEVICE, CHALLENGE), ("p", "c"), (DEVICE, &"c".repeat(500))] {
            let sign = SecretText::new((on.sign)(algorithm, 1, (device, challenge, NAME)));
            let read = on.verifier.read(&sign).expect("a sign");
            assert_eq!((read.device.as_str(), read.challenge.expose()), (device, challenge), "{algorithm:?}");
        }
    }
}

async fn a_sign_vouches_for_its_name(on: &GestureFixture) {
    for algorithm in GestureAlgorithm::ALL {
        for name in [NAME, "", " ", "alice@example.org"] {
            let sign = (on.sign)(algorithm, 1, (DEVICE, CHALLENGE, name));
            let told = vouched(on, &sign, &key(on, algorithm, 1)).await;
            assert_eq!(told.as_deref(), Some(name), "{algorithm:?}");
            on.verifier.verify_nothing(&SecretText::new(sign)).await.expect("a verifier");
        }
    }
}

async fn another_key_vouches_for_nothing(on: &GestureFixture) {
    for made_with in GestureAlgorithm::ALL {
        let sign = signed(on, made_with, 1);
        for algorithm in GestureAlgorithm::ALL {
            for number in [1, 2] {
                let told = vouched(on, &sign, &key(on, algorithm, number)).await;
                let own = algorithm == made_with && number == 1;
                assert_eq!(told.is_some(), own, "{made_with:?} verified with {algorithm:?} {number}");
            }
        }
    }
}

async fn a_changed_sign_vouches_for_nothing(on: &GestureFixture) {
    for algorithm in GestureAlgorithm::ALL {
        let (sign, key) = (signed(on, algorithm, 1), key(on, algorithm, 1));
        let letters: Vec<char> = sign.chars().collect();
        let mut changed =
            vec![format!("{sign}A"), format!("{sign}="), format!("{sign} "), format!(" {sign}")];
        changed.extend([format!("{sign}\n"), sign.to_uppercase(), sign.to_lowercase(), sign.repeat(2)]);
        for place in 0..letters.len() {
            changed.push(letters[..place].iter().collect());
            for other in ['A', 'B', 'b', '0', '-'] {
                let mut letters = letters.clone();
                letters[place] = other;
                changed.push(letters.into_iter().collect());
            }
        }
        for changed in changed.iter().filter(|changed| **changed != sign) {
            assert_eq!(vouched(on, changed, &key).await, None, "{algorithm:?}: {changed:?} for {sign:?}");
        }
        assert!(vouched(on, &sign, &key).await.is_some(), "nothing of this spoils the sign");
    }
}

async fn what_is_no_sign_is_not_read(on: &GestureFixture) {
    for text in ["", " ", "x", "\0", "é", "====", "Y2dz", &"A".repeat(100_000), CHALLENGE, NAME] {
        let sign = SecretText::new(text.to_owned());
        assert!(on.verifier.read(&sign).is_none(), "{text:?} is read");
        on.verifier.verify_nothing(&sign).await.expect("a verifier");
        for algorithm in GestureAlgorithm::ALL {
            assert_eq!(vouched(on, text, &key(on, algorithm, 1)).await, None, "{text:?} is verified");
        }
    }
}

async fn a_key_that_is_none_is_not_accepted(on: &GestureFixture) {
    for algorithm in GestureAlgorithm::ALL {
        assert!(on.verifier.accepts(&key(on, algorithm, 1)), "{algorithm:?}");
    }
    let mut beside = [1; 65];
    beside[0] = 4;
    assert!(!on.verifier.accepts(&DeviceKey::EcdsaP256(beside)), "a point beside the curve");
    for point in NOBODYS_P256 {
        let key = hex::decode(point).expect("hexadecimal").try_into().expect("a point");
        assert!(!on.verifier.accepts(&DeviceKey::EcdsaP256(key)), "{point}");
    }
    for point in NOBODYS_ED25519 {
        let mut key: [u8; 32] = hex::decode(point).expect("hexadecimal").try_into().expect("a point");
        assert!(!on.verifier.accepts(&DeviceKey::Ed25519(key)), "{point}");
        key[31] |= 0x80;
        assert!(!on.verifier.accepts(&DeviceKey::Ed25519(key)), "{point} with its sign");
    }
}
