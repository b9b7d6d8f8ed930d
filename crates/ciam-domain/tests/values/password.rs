//! Passwords: what a policy was set to, and the longest there is.

use ciam_domain::password::{Password, PasswordPolicy};

#[test]
fn a_policy_is_what_it_was_set_to() {
    let set = PasswordPolicy::default().with_min_length(12).and_then(|policy| policy.with_max_length(100));
    let policy = set.and_then(|policy| policy.with_history_depth(7)).unwrap();
    assert_eq!((policy.min_length(), policy.max_length(), policy.history_depth()), (12, 100, 7));
    assert!(policy.check(&Password::parse(&"~".repeat(11)).unwrap(), &[]).is_err());
    assert!(policy.check(&Password::parse(&"~".repeat(101)).unwrap(), &[]).is_err());
    assert!(policy.check(&Password::parse(&"~".repeat(100)).unwrap(), &[]).is_ok());
}

#[test]
fn the_longest_password_has_1024_bytes_before_it_is_composed() {
    // Four code points of two bytes each, composed into one.
    let omega = "\u{3c9}\u{314}\u{342}\u{345}";
    let password = Password::parse(&omega.repeat(128)).unwrap();
    assert_eq!(password.code_points(), 128);
    assert!(Password::parse(&omega.repeat(129)).is_err());
}
