//! Passkeys of a software authenticator: the contract of the port, and what is particular to `WebAuthn`.

#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod hostile;

use std::sync::Arc;

use ciam_passkey_webauthn::WebauthnPasskeys;
use ciam_testkit::contract::PasskeyFixture;

fn fixture() -> PasskeyFixture {
    PasskeyFixture {
        verifier: Arc::new(WebauthnPasskeys::new()),
        make: Arc::new(|algorithm, number, scene| authenticator::of(algorithm, number).make(scene)),
        sign: Arc::new(|algorithm, number, scene| authenticator::of(algorithm, number).sign(scene)),
    }
}

ciam_testkit::passkey_contract!(fixture);
