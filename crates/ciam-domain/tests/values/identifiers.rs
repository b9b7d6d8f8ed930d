//! Identifiers: one name has one place, in any collection.

use std::cmp::Ordering;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use ciam_domain::identifier::{EmailAddress, PhoneNumber, PhoneNumberError, Username, UsernameError};

fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

#[test]
fn equal_addresses_hash_and_order_alike_and_others_do_not() {
    let [mike, shouted, nick] = ["mike@example.org", "MIKE@Example.ORG", "nick@example.org"]
        .map(|text| EmailAddress::parse(text).unwrap());
    assert_eq!((&mike, hash(&mike)), (&shouted, hash(&shouted)));
    assert_eq!(mike.partial_cmp(&shouted), Some(Ordering::Equal));
    assert_eq!((mike.partial_cmp(&nick), hash(&mike) == hash(&nick)), (Some(Ordering::Less), false));
}

#[test]
fn equal_user_names_hash_and_order_alike_and_others_do_not() {
    let [mike, shouted, nick] = ["mike", "MIKE", "nick"].map(|text| Username::parse(text).unwrap());
    assert_eq!((&mike, hash(&mike)), (&shouted, hash(&shouted)));
    assert_eq!(mike.partial_cmp(&shouted), Some(Ordering::Equal));
    assert_ne!(mike, nick);
    assert_eq!((mike.partial_cmp(&nick), hash(&mike) == hash(&nick)), (Some(Ordering::Less), false));
}

#[test]
fn a_text_far_too_long_for_a_user_name_is_not_read_at_all() {
    let longest = "a ".repeat(512);
    assert_eq!(Username::parse(&longest).err(), Some(UsernameError::Character));
    let longer = format!("{longest}b");
    assert_eq!(Username::parse(&longer).err(), Some(UsernameError::Length));
}

#[test]
fn north_american_numbers_have_ten_digits_and_begin_with_two_to_nine() {
    assert!(PhoneNumber::parse("+1 202 555 0123", None).is_ok());
    for text in ["+1 102 555 0123", "+1 002 555 0123", "+1 202 555 012", "+1 202 555 01234"] {
        assert_eq!(PhoneNumber::parse(text, None), Err(PhoneNumberError::NationalNumber), "{text}");
    }
}
