//! Codes of authenticator apps: six digits that follow from a secret and the time (RFC 6238 over RFC 4226).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::Instant;
use crate::challenge::Code;
use crate::secret::{SecretBytes, SecretText};

/// Bytes of a secret: 160 bits (RFC 4226, 4, R6).
pub const TOTP_SECRET_BYTES: usize = 20;

/// Seconds that one code is for (RFC 6238, 5.2).
pub const TOTP_PERIOD: u64 = 30;

/// Steps before and after the present one whose codes count too, for clocks that differ and people who type
/// (RFC 6238, 5.2; NIST SP 800-63B-4, 3.1.4.2).
const WINDOW: u64 = 1;

const DIGITS: usize = 6;

/// RFC 4648, 6, as apps read it: without padding.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A span of 30 seconds, counted from the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TotpStep(u64);

impl TotpStep {
    /// The step of a moment.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self(u64::try_from(now.unix_seconds()).unwrap_or_default() / TOTP_PERIOD)
    }

    /// Reads back a stored step.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The step as a number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What an app and we know, and nobody else.
#[derive(Debug)]
pub struct TotpSecret(SecretBytes);

impl TotpSecret {
    /// A secret of 160 bits; `None` for any other length.
    #[must_use]
    pub fn new(bytes: SecretBytes) -> Option<Self> {
        (bytes.expose().len() == TOTP_SECRET_BYTES).then_some(Self(bytes))
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub const fn bytes(&self) -> &SecretBytes {
        &self.0
    }

    /// The secret as people type it into an app.
    #[must_use]
    pub fn base32(&self) -> SecretText {
        let symbols = self.0.expose().chunks(5).flat_map(|chunk| {
            let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).map(move |place| {
                let five = bits >> (5 * (7 - place)) & 31;
                char::from(BASE32[usize::try_from(five).unwrap_or_default()])
            })
        });
        SecretText::new(symbols.collect())
    }

    /// What a QR code holds: the key URI that apps read.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> SecretText {
        let (issuer, account, secret) = (escaped(issuer), escaped(account), self.base32());
        SecretText::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={TOTP_PERIOD}",
            secret.expose()
        ))
    }

    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: TotpStep) -> Code {
        let number = self.number(step) % 10_u32.pow(6);
        Code::written(SecretText::new(format!("{number:06}")))
    }

    /// The step whose code was presented, if it is near `now` and later than `last`. Of two the later one counts, so that
    /// what was accepted is never accepted again (RFC 6238, 5.2). Every comparison is made, in constant time.
    #[must_use]
    pub fn accept(&self, presented: &Code, last: Option<TotpStep>, now: Instant) -> Option<TotpStep> {
        let digits: SecretBytes = SecretBytes::new(
            presented.expose().bytes().filter(|byte| *byte != b' ').take(DIGITS + 1).collect(),
        );
        let current = TotpStep::at(now).0;
        let mut found = 0_u64;
        for step in current.saturating_sub(WINDOW)..=current.saturating_add(WINDOW) {
            let same = self.code(TotpStep(step)).expose().as_bytes().ct_eq(digits.expose());
            found.conditional_assign(&step, same);
        }
        Some(TotpStep(found)).filter(|step| step.0 > 0 && last.is_none_or(|last| *step > last))
    }

    /// HOTP before its digits are cut (RFC 4226, 5.3).
    fn number(&self, step: TotpStep) -> u32 {
        // HMAC takes a key of any length, so this arm is never reached.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.0.expose()) else { return 0 };
        mac.update(&step.0.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 15);
        let mut four = [0; 4];
        four.copy_from_slice(&digest[offset..offset + 4]);
        u32::from_be_bytes(four) & 0x7fff_ffff
    }
}

/// Percent-encoding of everything but unreserved characters (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex::encode_upper([byte]));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::new(SecretBytes::new(b"12345678901234567890".to_vec())).unwrap()
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds)
    }

    #[test]
    fn the_codes_are_those_of_the_rfcs() {
        // RFC 4226, appendix D.
        let counted = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, code) in (0..).zip(counted) {
            assert_eq!(secret().code(TotpStep(step)).expose(), code);
        }
        // RFC 6238, appendix B, its last six digits.
        let timed = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in timed {
            assert_eq!(secret().code(TotpStep::at(at(seconds))).expose(), code);
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_one_late_and_no_more() {
        let now = at(1_234_567_890);
        let current = TotpStep::at(now).number();
        for step in current - 3..=current + 3 {
            let accepted = secret().accept(&secret().code(TotpStep(step)), None, now);
            let near = step.abs_diff(current) <= 1;
            assert_eq!(accepted, near.then_some(TotpStep(step)));
        }
    }

    #[test]
    fn no_step_up_to_the_last_accepted_one_counts_again() {
        let now = at(1_234_567_890);
        let current = TotpStep::at(now).number();
        let code = |step| secret().code(TotpStep(step));
        for last in current - 2..=current + 2 {
            for step in current - 1..=current + 1 {
                let accepted = secret().accept(&code(step), Some(TotpStep(last)), now);
                assert_eq!(accepted, (step > last).then_some(TotpStep(step)));
            }
        }
    }

    #[test]
    fn anything_but_six_digits_is_no_code() {
        let now = at(1_111_111_109);
        for typed in ["081804", "081 804", " 081804 "] {
            assert!(secret().accept(&Code::presented(typed), None, now).is_some(), "{typed}");
        }
        for typed in ["", "81804", "0818040", "081804\n", "٠٨١٨٠٤", "08180a", "07081804", "081-804"] {
            assert_eq!(secret().accept(&Code::presented(typed), None, now), None, "{typed}");
        }
    }

    #[test]
    fn an_app_reads_the_uri_whatever_the_names_hold() {
        let uri = secret().uri("Fish & Ships", "a:b@example.org");
        let expected = "otpauth://totp/Fish%20%26%20Ships:a%3Ab%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
            &issuer=Fish%20%26%20Ships&algorithm=SHA1&digits=6&period=30";
        assert_eq!(uri.expose(), expected);
    }

    #[test]
    fn a_secret_has_160_bits() {
        for length in [0, 19, 21] {
            assert!(TotpSecret::new(SecretBytes::new(vec![1; length])).is_none());
        }
    }
}
