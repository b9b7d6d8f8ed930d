//! 80 bits as a text that people copy by hand: Crockford's base32, digits and capitals without `I`, `L`, `O` and `U`.

use crate::challenge::Code;
use crate::secret::{SecretBytes, SecretText};

/// The 32 symbols.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters a text has; each tells 5 bits.
pub(crate) const LENGTH: usize = 16;

/// The text of 80 bits.
pub(crate) fn write(bytes: [u8; 10]) -> SecretText {
    let bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let symbol = |place: usize| {
        let five = bits >> (5 * (LENGTH - 1 - place)) & 31;
        char::from(ALPHABET[usize::try_from(five).unwrap_or_default()])
    };
    SecretText::new((0..LENGTH).map(symbol).collect())
}

/// The 80 bits of what a person typed. Letter case, spaces and hyphens are no difference, nor is `O` for `0`, or `I`
/// and `L` for `1`.
pub(crate) fn read(code: &Code) -> Option<SecretBytes> {
    let symbols = code.expose().bytes().filter(|byte| !b" -".contains(byte));
    let (mut bits, mut count) = (0_u128, 0);
    for symbol in symbols {
        let five = match symbol.to_ascii_uppercase() {
            b'O' => 0,
            b'I' | b'L' => 1,
            upper => ALPHABET.iter().position(|known| *known == upper)?,
        };
        count += 1;
        if count > LENGTH {
            return None;
        }
        bits = bits << 5 | u128::try_from(five).ok()?;
    }
    (count == LENGTH).then(|| SecretBytes::new(bits.to_be_bytes()[6..].to_vec()))
}
