//! Public keys that are nobody's: whoever likes signs for them.

/// The base point of Ed25519 (RFC 8032, 5.1): a key whose secret everybody knows.
pub const BASE_ED25519: [u8; 32] = {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
};

/// The base point of P-256 (SEC 2, 2.4.2), uncompressed: a key whose secret everybody knows.
pub const BASE_P256: [u8; 65] = [
    4, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
    0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3,
    0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// The orders 1, 2, 4 and 8: signatures for these points are made without a secret. Their other coordinate, of which a key
/// has the sign alone, is no difference.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    least(1),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    FIELD_LESS_ONE,
];

/// The largest coordinate that there is (RFC 8032, 5.1.3): the size of the field less one.
const FIELD_LESS_ONE: [u8; 32] = {
    let mut number = [0xff; 32];
    number[0] = 0xec;
    number[31] = 0x7f;
    number
};

const fn least(byte: u8) -> [u8; 32] {
    let mut number = [0; 32];
    number[0] = byte;
    number
}

/// Whether anybody signs for this key of Ed25519 without a secret, or it is written as no key is.
#[must_use]
pub fn is_weak_ed25519(key: &[u8; 32]) -> bool {
    let mut coordinate = *key;
    coordinate[31] &= 0x7f;
    let beyond = coordinate.iter().rev().gt(FIELD_LESS_ONE.iter().rev());
    beyond || coordinate == BASE_ED25519 || SMALL_ORDER.contains(&coordinate)
}

/// Whether anybody signs for this uncompressed point of P-256.
#[must_use]
pub fn is_weak_p256(point: &[u8; 65]) -> bool {
    *point == BASE_P256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_without_a_secret_are_weak_with_either_sign() {
        for coordinate in SMALL_ORDER.into_iter().chain([BASE_ED25519]) {
            let mut other = coordinate;
            other[31] ^= 0x80;
            assert!(is_weak_ed25519(&coordinate) && is_weak_ed25519(&other), "{coordinate:?}");
        }
        assert!(is_weak_ed25519(&[0xff; 32]), "no coordinate is as large");
        assert!(!is_weak_ed25519(&least(3)));
        let mut point = BASE_P256;
        assert!(is_weak_p256(&point));
        point[64] ^= 1;
        assert!(!is_weak_p256(&point));
    }
}
