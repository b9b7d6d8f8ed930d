//! An authenticator app as people have it: it knows what the QR code held, and the time.
#![expect(clippy::expect_used, reason = "an app that cannot be set up ends the test")]

use ciam::domain::Instant;
use ciam::domain::challenge::Code;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::domain::totp::{TotpSecret, TotpStep};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// An authenticator app.
#[derive(Debug)]
pub struct FakeAuthenticator(TotpSecret);

impl FakeAuthenticator {
    /// Reads the QR code of an enrolment.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn scan(uri: &SecretText) -> Self {
        let (_, rest) = uri.expose().split_once("?secret=").expect("a key URI");
        let (secret, _) = rest.split_once('&').expect("a key URI");
        let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
        for symbol in secret.bytes() {
            let five = BASE32.iter().position(|known| *known == symbol).expect("base32");
            bits = bits << 5 | u32::try_from(five).expect("five bits");
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 255).expect("eight bits"));
            }
        }
        Self(TotpSecret::new(SecretBytes::new(bytes)).expect("160 bits"))
    }

    /// What it shows at a moment.
    #[must_use]
    pub fn code(&self, at: Instant) -> Code {
        self.0.code(TotpStep::at(at))
    }
}
