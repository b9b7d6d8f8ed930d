//! The contract of the password hasher.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::{HasherError, PasswordHasher, PasswordMatch};
use futures_executor::block_on;

use super::Trial;

/// A hasher, and how many callers it takes in at once.
#[derive(Clone)]
pub struct HasherFixture {
    /// The hasher; a low cost keeps the suite short.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How many hashes may run or wait at once.
    pub capacity: usize,
}

/// One rule of the password hasher.
#[derive(Clone, Copy)]
pub struct HasherRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a HasherFixture) -> Trial<'a>,
}

/// Hands every rule of the password hasher to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_hasher_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            password_hasher {
                two_hashes_of_one_password_differ only_the_hashed_password_matches
                a_hash_too_expensive_is_refused_unpaid a_burst_is_bounded the_executor_is_not_blocked
            }
        }
    };
}

macro_rules! table {
    (() password_hasher { $($rule:ident)* }) => {
        /// Every rule of the password hasher.
        pub const HASHER_RULES: &[HasherRule] =
            &[$(HasherRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_hasher_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_hasher(name: &str, on: &HasherFixture) {
    let rule = HASHER_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of the password hasher; `make` is called for a fresh
/// [`HasherFixture`](crate::contract::HasherFixture) each time.
#[macro_export]
macro_rules! password_hasher_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_hasher_rule! { [$crate::contract_tests] (($crate::contract::check_hasher) [$(#[$attr])*] $make) }
    };
}

fn password(text: &str) -> Password {
    Password::parse(text).expect("a password")
}

async fn hashed(on: &HasherFixture, text: &str) -> PasswordHash {
    on.hasher.hash(&password(text)).await.expect("a hash")
}

async fn compared(on: &HasherFixture, text: &str, hash: &PasswordHash) -> PasswordMatch {
    on.hasher.verify(&password(text), hash).await.expect("a comparison")
}

async fn two_hashes_of_one_password_differ(on: &HasherFixture) {
    let (first, second) = (hashed(on, "correct horse").await, hashed(on, "correct horse").await);
    assert_ne!(first.as_str(), second.as_str(), "every hash has a salt of its own");
}

async fn only_the_hashed_password_matches(on: &HasherFixture) {
    for text in ["correct horse", "пароль 密码 🔑🔑"] {
        let hash = hashed(on, text).await;
        assert_eq!(compared(on, text, &hash).await, PasswordMatch::Matched);
        let longer = format!("{text}!");
        for other in ["Correct horse", "correct hors", longer.as_str()] {
            assert_eq!(compared(on, other, &hash).await, PasswordMatch::Mismatched);
        }
    }
    on.hasher.verify_nothing(&password("correct horse")).await.expect("an answer");
}

/// A hash that costs 4 TiB and ages, or is of no kind that the hasher knows.
async fn a_hash_too_expensive_is_refused_unpaid(on: &HasherFixture) {
    let bombs = [
        "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OWFiY2RlZg",
        "$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OWFiY2RlZg",
        "$unheard-of$cost=99$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OWFiY2RlZg",
    ];
    for bomb in bombs {
        let hash = PasswordHash::parse(bomb).expect("the outward form of a hash");
        let end = on.hasher.verify(&password("correct horse"), &hash).await;
        assert!(matches!(end, Err(HasherError::TooExpensive | HasherError::Unreadable)), "{bomb}: {end:?}");
    }
}

type Hashing<'a> = Pin<Box<dyn Future<Output = Result<PasswordHash, HasherError>> + Send + 'a>>;

fn asked_once<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

async fn a_burst_is_bounded(on: &HasherFixture) {
    let password = password("correct horse");
    let (mut admitted, mut refused): (Vec<Hashing<'_>>, usize) = (Vec::new(), 0);
    for _ in 0..on.capacity * 4 + 64 {
        let mut hashing: Hashing<'_> = on.hasher.hash(&password);
        match asked_once(hashing.as_mut()) {
            Poll::Pending => admitted.push(hashing),
            Poll::Ready(Err(HasherError::Overloaded { .. })) => refused += 1,
            Poll::Ready(end) => drop(end.expect("a hash")),
        }
    }
    assert!(refused > 0, "a burst above the capacity is refused in part");
    assert!(!admitted.is_empty(), "a burst is served in part");
    for hashing in admitted {
        hashing.await.expect("the hash of a caller who was let in");
    }
    on.hasher.hash(&password).await.expect("a hash after the burst");
}

async fn the_executor_is_not_blocked(on: &HasherFixture) {
    let password = password("correct horse");
    // A quick hash may be ready by chance; one that blocks is ready each time.
    let ready = (0..8).filter(|_| asked_once(pin!(on.hasher.hash(&password)).as_mut()).is_ready()).count();
    assert!(ready < 8, "the first poll gives the executor back before the hash is made");
}
