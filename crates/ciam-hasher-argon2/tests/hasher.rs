//! The hasher as its callers see it.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

use std::num::NonZeroU16;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::mock::MockRandom;
use ciam_ports::{HasherError, PasswordHasher, PasswordMatch, Random, RandomError};
use futures_executor::block_on;

/// Chance that counts, so that no two draws are the same.
struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
        Ok(())
    }
}

fn limits(threads: u16, waiting: u16) -> Limits {
    let count = |n| NonZeroU16::new(n).expect("not zero");
    Limits { threads: count(threads), waiting: count(waiting), retry_after: Duration::from_secs(3) }
}

fn hasher_of(cost: Cost, limits: Limits) -> Argon2Hasher {
    Argon2Hasher::new(cost, limits, Arc::new(Counting(AtomicU8::new(1)))).expect("threads")
}

fn hasher() -> Argon2Hasher {
    hasher_of(Cost::for_tests(), limits(2, 8))
}

fn password(text: &str) -> Password {
    Password::parse(text).expect("a password")
}

fn hash(hasher: &Argon2Hasher, text: &str) -> PasswordHash {
    block_on(hasher.hash(&password(text))).expect("a hash")
}

fn verify(hasher: &Argon2Hasher, text: &str, hash: &PasswordHash) -> PasswordMatch {
    block_on(hasher.verify(&password(text), hash)).expect("a comparison")
}

/// What a future says when it is asked once.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn two_hashes_of_one_password_differ_and_both_match() {
    let hasher = hasher();
    let (first, second) = (hash(&hasher, "password"), hash(&hasher, "password"));
    assert_ne!(first, second);
    for hash in [first, second] {
        assert_eq!(verify(&hasher, "password", &hash), PasswordMatch::Matched);
        assert_eq!(verify(&hasher, "Password", &hash), PasswordMatch::Mismatched);
    }
}

#[test]
fn the_salt_is_sixteen_bytes_of_the_given_chance() {
    let hash = hash(&hasher(), "password");
    assert!(
        hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$AQEBAQEBAQEBAQEBAQEBAQ$"),
        "{}",
        hash.as_str()
    );
}

#[test]
fn without_chance_there_is_no_hash() {
    let mut silent = MockRandom::new();
    silent.expect_fill().returning(|_| Err(RandomError("gone".into())));
    let hasher = Argon2Hasher::new(Cost::for_tests(), limits(1, 1), Arc::new(silent)).expect("threads");
    assert!(matches!(block_on(hasher.hash(&password("password"))), Err(HasherError::Failed(_))));
}

#[test]
fn a_hash_of_another_cost_matches_and_is_outdated() {
    let old = hash(&hasher(), "password");
    let today = hasher_of(Cost::default(), limits(1, 1));
    assert_eq!(verify(&today, "password", &old), PasswordMatch::MatchedOutdated);
    assert_eq!(verify(&today, "another", &old), PasswordMatch::Mismatched);
}

#[test]
fn a_hash_too_expensive_is_refused_before_any_thread_is_asked() {
    let bomb =
        "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    let bomb = PasswordHash::parse(bomb).expect("the outward form");
    let (hasher, password) = (hasher(), password("password"));
    assert!(matches!(at_once(hasher.verify(&password, &bomb)), Some(Err(HasherError::TooExpensive))));
}

#[test]
fn a_hash_of_another_algorithm_is_unreadable() {
    let other = PasswordHash::parse("$2b$10$abcdefghijklmnopqrstuv").expect("the outward form");
    let (hasher, password) = (hasher(), password("password"));
    assert!(matches!(at_once(hasher.verify(&password, &other)), Some(Err(HasherError::Unreadable))));
}

#[test]
fn the_executor_is_not_blocked_by_a_hash() {
    let (hasher, password) = (hasher_of(Cost::default(), limits(1, 1)), password("password"));
    assert!(at_once(hasher.hash(&password)).is_none());
}

#[test]
fn of_a_hundred_verifications_at_once_some_are_sent_away_and_the_others_right() {
    let hasher = hasher_of(Cost::default(), limits(2, 8));
    let (stored, password) = (hash(&hasher, "password"), password("password"));
    let outcomes: Vec<_> = thread::scope(|scope| {
        let verify = || block_on(hasher.verify(&password, &stored));
        let callers: Vec<_> = (0..100).map(|_| scope.spawn(verify)).collect();
        callers.into_iter().map(|caller| caller.join().expect("an outcome")).collect()
    });
    let matched = outcomes.iter().filter(|outcome| matches!(outcome, Ok(PasswordMatch::Matched))).count();
    let sent_away = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(HasherError::Overloaded { retry_after }) if retry_after.as_secs() == 3));
    assert!(matched >= 8, "{matched}");
    assert_eq!(matched + sent_away.count(), 100);
    assert!(matched < 100);
}

#[test]
fn one_passes_for_the_other_when_composed_and_decomposed() {
    let hasher = hasher();
    let composed = hash(&hasher, "caf\u{e9} au lait");
    assert_eq!(verify(&hasher, "cafe\u{301} au lait", &composed), PasswordMatch::Matched);
    assert_eq!(verify(&hasher, "cafe au lait", &composed), PasswordMatch::Mismatched);
}

#[test]
fn of_128_characters_the_last_one_counts() {
    let hasher = hasher();
    let common = "漢".repeat(127);
    let hash = hash(&hasher, &format!("{common}字"));
    assert_eq!(verify(&hasher, &format!("{common}字"), &hash), PasswordMatch::Matched);
    assert_eq!(verify(&hasher, &format!("{common}子"), &hash), PasswordMatch::Mismatched);
}

#[test]
fn comparing_with_nothing_takes_a_hash() {
    let (hasher, password) = (hasher_of(Cost::default(), limits(1, 1)), password("password"));
    assert!(at_once(hasher.verify_nothing(&password)).is_none());
    assert!(block_on(hasher.verify_nothing(&password)).is_ok());
}
