//! Encrypted secrets: for their owner alone, and only as they were written.

use ciam_domain::challenge::{DigestKey, KeyId};
use ciam_domain::encrypted::{
    DecryptError, EncryptError, EncryptedSecret, LONGEST_SECRET, SecretOwner, SecretPurpose,
};
use ciam_domain::secret::SecretBytes;
use ciam_domain::{TenantId, UserId};
use proptest::prelude::*;

fn key(name: &str, byte: u8) -> DigestKey {
    DigestKey::new(KeyId::new(name), SecretBytes::new(vec![byte; 32])).unwrap()
}

fn secret(bytes: &[u8]) -> SecretBytes {
    SecretBytes::new(bytes.to_vec())
}

struct Person {
    tenant: TenantId,
    user: UserId,
}

impl Person {
    fn new(tenant: &str, user: &str) -> Self {
        Self { tenant: TenantId::parse(tenant).unwrap(), user: UserId::parse(user).unwrap() }
    }

    fn owner(&self, purpose: SecretPurpose) -> SecretOwner<'_> {
        SecretOwner { tenant: &self.tenant, user: &self.user, purpose }
    }
}

fn made(bytes: &[u8], nonce: [u8; 12]) -> EncryptedSecret {
    let alice = Person::new("acme", "alice");
    EncryptedSecret::new(&secret(bytes), &alice.owner(SecretPurpose::TotpSecret), &key("k1", 1), nonce)
        .unwrap()
}

proptest! {
    #[test]
    fn a_secret_comes_back_from_its_stored_form(
        bytes in prop::collection::vec(any::<u8>(), 1..=LONGEST_SECRET),
        nonce: [u8; 12],
        name in "\\PC{1,60}",
    ) {
        let (alice, key) = (Person::new("acme", "alice"), key(&name, 1));
        let owner = alice.owner(SecretPurpose::TotpSecret);
        let written = EncryptedSecret::new(&secret(&bytes), &owner, &key, nonce).unwrap().to_bytes();
        let read = EncryptedSecret::from_bytes(&written).unwrap();
        prop_assert_eq!(read.key(), key.id());
        let decrypted = read.decrypt(&owner, &key).unwrap();
        prop_assert_eq!(decrypted.expose(), bytes.as_slice());
    }

    #[test]
    fn a_flipped_bit_anywhere_opens_nothing(
        bytes in prop::collection::vec(any::<u8>(), 1..48),
        nonce: [u8; 12],
        at: prop::sample::Index,
        bit in 0..8u32,
    ) {
        let alice = Person::new("acme", "alice");
        let mut written = made(&bytes, nonce).to_bytes();
        let place = at.index(written.len());
        written[place] ^= 1 << bit;
        if let Some(read) = EncryptedSecret::from_bytes(&written) {
            let opened = read.decrypt(&alice.owner(SecretPurpose::TotpSecret), &key("k1", 1));
            prop_assert!(opened.is_err(), "byte {}", place);
        }
    }

    #[test]
    fn a_stored_form_that_was_cut_opens_nothing(nonce: [u8; 12], at: prop::sample::Index) {
        let alice = Person::new("acme", "alice");
        let written = made(b"a key of 32 bytes, for a device..", nonce).to_bytes();
        for cut in [&written[..at.index(written.len())], &[written.as_slice(), &[0]].concat()] {
            if let Some(read) = EncryptedSecret::from_bytes(cut) {
                let opened = read.decrypt(&alice.owner(SecretPurpose::TotpSecret), &key("k1", 1));
                prop_assert!(opened.is_err());
            }
        }
    }
}

#[test]
fn nobody_else_and_nothing_else_opens_it() {
    let encrypted = made(b"secret", [7; 12]);
    let others = [
        (Person::new("acme", "bob"), SecretPurpose::TotpSecret),
        (Person::new("other", "alice"), SecretPurpose::TotpSecret),
        (Person::new("acmea", "lice"), SecretPurpose::TotpSecret),
        (Person::new("acme", "alice"), SecretPurpose::GestureKey),
    ];
    for (person, purpose) in &others {
        let opened = encrypted.decrypt(&person.owner(*purpose), &key("k1", 1));
        assert_eq!(opened.err(), Some(DecryptError));
    }
}

#[test]
fn another_key_opens_nothing_even_under_the_same_name() {
    let alice = Person::new("acme", "alice");
    let opened = made(b"secret", [7; 12]).decrypt(&alice.owner(SecretPurpose::TotpSecret), &key("k1", 2));
    assert_eq!(opened.err(), Some(DecryptError));
}

#[test]
fn it_says_which_key_it_needs_so_that_a_replaced_one_still_opens_it() {
    let alice = Person::new("acme", "alice");
    let keys = [key("k2", 2), key("k1", 1)];
    let read = EncryptedSecret::from_bytes(&made(b"secret", [7; 12]).to_bytes()).unwrap();
    let found = keys.iter().find(|key| key.id() == read.key()).unwrap();
    let opened = read.decrypt(&alice.owner(SecretPurpose::TotpSecret), found).unwrap();
    assert_eq!(opened.expose(), b"secret");
}

#[test]
fn a_name_of_the_key_that_was_changed_opens_nothing() {
    let alice = Person::new("acme", "alice");
    let written = made(b"secret", [7; 12]).to_bytes();
    let renamed = [&[1, 2], b"k2".as_slice(), &written[4..]].concat();
    let read = EncryptedSecret::from_bytes(&renamed).unwrap();
    let opened = read.decrypt(&alice.owner(SecretPurpose::TotpSecret), &key("k2", 1));
    assert_eq!(opened.err(), Some(DecryptError));
}

#[test]
fn what_is_empty_or_too_long_is_not_encrypted() {
    let alice = Person::new("acme", "alice");
    let owner = alice.owner(SecretPurpose::GestureKey);
    let long_name = "k".repeat(256);
    for (bytes, name) in [(0, "k1"), (LONGEST_SECRET + 1, "k1"), (1, ""), (1, long_name.as_str())] {
        let refused = EncryptedSecret::new(&secret(&vec![1; bytes]), &owner, &key(name, 1), [0; 12]);
        assert_eq!(refused, Err(EncryptError));
    }
}

#[test]
fn another_version_is_not_read() {
    let mut written = made(b"secret", [7; 12]).to_bytes();
    assert_eq!(written[0], 1);
    written[0] = 2;
    assert_eq!(EncryptedSecret::from_bytes(&written), None);
}

#[test]
fn the_stored_form_and_its_debug_hold_no_secret() {
    let encrypted = made(b"secret", [7; 12]);
    assert!(!encrypted.to_bytes().windows(6).any(|window| window == b"secret"));
    assert_eq!(format!("{encrypted:?}"), "EncryptedSecret(\"k1\", ..)");
}

/// Made with another implementation of HMAC-SHA-256 and AES-256-GCM: stored secrets outlive a release.
#[test]
fn the_stored_form_stays_as_it_is() {
    assert_eq!(hex::encode(made(b"secret", [7; 12]).to_bytes()), KNOWN);
}

const KNOWN: &str = "01026b310707070707070707070707073cd0ecb24650445435167b48c171a26a603c6fe90a09";

#[test]
fn the_longest_secret_is_read_back_and_a_longer_one_is_not() {
    let longest = made(&[7; LONGEST_SECRET], [0; 12]).to_bytes();
    assert!(EncryptedSecret::from_bytes(&longest).is_some());
    assert!(EncryptedSecret::from_bytes(&[longest.as_slice(), &[0]].concat()).is_none());
}
