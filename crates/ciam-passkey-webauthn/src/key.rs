//! Public keys as authenticators write them (`COSE_Key`, RFC 9052, 7; RFC 9053, 7; RFC 8230, 4).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey};
use ciam_ports::domain::passkey::PasskeyFlaw;
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
    Some(curve && ParsedPublicKey::new(&ED25519, x).is_ok())
}

fn is_p256(key: &Parameters) -> Option<bool> {
    let x: [u8; 32] = key.bytes(-2)?.try_into().ok()?;
    let y: [u8; 32] = key.bytes(-3)?.try_into().ok()?;
    let curve = key.number(1)? == 2 && key.number(-1)? == 1 && key.0.len() == 5;
    let point = [&[4][..], &x, &y].concat();
    Some(curve && ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).is_ok())
}

fn is_rsa(key: &Parameters) -> Option<bool> {
    let (modulus, exponent) = (key.bytes(-1)?, key.bytes(-2)?);
    let sized = (256..=512).contains(&modulus.len()) && modulus.first()? >= &0x80;
    Some(key.number(1)? == 3 && key.0.len() == 4 && sized && exponent == EXPONENT)
}
