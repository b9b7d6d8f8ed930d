//! Signs of devices in the format of this crate.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod device;

mod page;

use std::sync::Arc;

use ciam_gesture_native::NativeGestures;
use ciam_testkit::contract::GestureFixture;

fn fixture() -> GestureFixture {
    GestureFixture {
        verifier: Arc::new(NativeGestures::new()),
        key: Arc::new(device::key),
        sign: Arc::new(|algorithm, number, (device, challenge, name)| {
            device::sign(algorithm, number, [device, challenge, name])
        }),
    }
}

ciam_testkit::gesture_contract!(fixture);
