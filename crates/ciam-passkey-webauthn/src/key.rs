//! Public keys as authenticators write them (`COSE_Key`, RFC 9052, 7; RFC 9053, 7; RFC 8230, 4).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey};
use ciam_ports::domain::passkey::PasskeyFlaw;
use ciam_ports::domain::weak_key::{is_weak_ed25519, is_weak_p256};
use ciborium::Value;

const EDDSA: i32 = -8;
const ES256: i32 = -7;
const RS256: i32 = -257;

/// The algorithms that are offered: the last one for Windows Hello on older chips.
pub(crate) const ALGORITHMS: [i32; 3] = [EDDSA, ES256, RS256];

/// 65537, most significant byte first.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// The parameters of a key by their labels.
struct Parameters(Vec<(Value, Value)>);

impl Parameters {
    fn read(bytes: &[u8]) -> Result<Self, PasskeyFlaw> {
        let mut rest = bytes;
        let value: Value = ciborium::from_reader(&mut rest).map_err(|_| PasskeyFlaw::Key)?;
        match value {
            Value::Map(entries) if rest.is_empty() => Ok(Self(entries)),
            _ => Err(PasskeyFlaw::Key),
        }
    }

    fn find(&self, label: i32) -> Option<&Value> {
        let mut found = self.0.iter().filter(|(key, _)| key.as_integer() == Some(label.into()));
        found.next().map(|(_, value)| value).filter(|_| found.next().is_none())
    }

    fn number(&self, label: i32) -> Option<i32> {
        self.find(label)?.as_integer()?.try_into().ok()
    }

    fn bytes(&self, label: i32) -> Option<&[u8]> {
        self.find(label)?.as_bytes().map(Vec::as_slice)
    }
}

/// Whether it is a key of one of the [`ALGORITHMS`], with the parameters of that one and no others (`WebAuthn` Level 3,
/// 6.5.1); gives its algorithm.
pub(crate) fn check(bytes: &[u8]) -> Result<i32, PasskeyFlaw> {
    let key = Parameters::read(bytes)?;
    let algorithm = key.number(3).filter(|told| ALGORITHMS.contains(told)).ok_or(PasskeyFlaw::Algorithm)?;
    let holds = match algorithm {
        EDDSA => is_ed25519(&key),
        ES256 => is_p256(&key),
        _ => is_rsa(&key),
    };
    if holds == Some(true) { Ok(algorithm) } else { Err(PasskeyFlaw::Key) }
}

fn is_ed25519(key: &Parameters) -> Option<bool> {
    let x: [u8; 32] = key.bytes(-2)?.try_into().ok()?;
    let curve = key.number(1)? == 1 && key.number(-1)? == 6 && key.0.len() == 4;
    Some(curve && !is_weak_ed25519(&x) && ParsedPublicKey::new(&ED25519, x).is_ok())
}

fn is_p256(key: &Parameters) -> Option<bool> {
    let x: [u8; 32] = key.bytes(-2)?.try_into().ok()?;
    let y: [u8; 32] = key.bytes(-3)?.try_into().ok()?;
    let curve = key.number(1)? == 2 && key.number(-1)? == 1 && key.0.len() == 5;
    let point: [u8; 65] = [&[4][..], &x, &y].concat().try_into().ok()?;
    Some(curve && !is_weak_p256(&point) && ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).is_ok())
}

fn is_rsa(key: &Parameters) -> Option<bool> {
    let (modulus, exponent) = (key.bytes(-1)?, key.bytes(-2)?);
    let sized = (256..=512).contains(&modulus.len()) && modulus.first()? >= &0x80;
    let odd = modulus.last()? & 1 == 1;
    Some(key.number(1)? == 3 && key.0.len() == 4 && sized && odd && exponent == EXPONENT)
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::weak_key::{BASE_ED25519, BASE_P256};

    use super::*;

    fn cose<const N: usize>(parameters: [(i32, Value); N]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let entries = parameters.into_iter().map(|(label, value)| (Value::from(label), value)).collect();
        ciborium::into_writer(&Value::Map(entries), &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_key_that_anybody_signs_for_is_none() {
        let ed25519 = |x: [u8; 32]| {
            check(&cose([(1, 1.into()), (3, EDDSA.into()), (-1, 6.into()), (-2, Value::Bytes(x.to_vec()))]))
        };
        for weak in [[0; 32], [0xff; 32], BASE_ED25519] {
            assert_eq!(ed25519(weak), Err(PasskeyFlaw::Key), "{weak:?}");
        }
        // The public key of the first test vector of RFC 8032, 7.1.
        let sound = *b"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
        assert_eq!(ed25519(sound), Ok(EDDSA));
        let (x, y) = (BASE_P256[1..33].to_vec(), BASE_P256[33..].to_vec());
        let base =
            [(1, 2.into()), (3, ES256.into()), (-1, 1.into()), (-2, Value::Bytes(x)), (-3, Value::Bytes(y))];
        assert_eq!(check(&cose(base)), Err(PasskeyFlaw::Key));
        let rsa = |last: u8| {
            let modulus = [&[0xff; 255][..], &[last]].concat();
            let exponent = Value::Bytes(EXPONENT.to_vec());
            check(&cose([(1, 3.into()), (3, RS256.into()), (-1, Value::Bytes(modulus)), (-2, exponent)]))
        };
        assert_eq!(
            (rsa(0xfe), rsa(0xfd)),
            (Err(PasskeyFlaw::Key), Ok(RS256)),
            "no even number is a product of two large primes"
        );
    }
}
