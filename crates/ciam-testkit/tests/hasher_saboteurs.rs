//! The contract of the password hasher notices each fault of a hasher.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::{HasherError, PasswordHasher, PasswordMatch};
use ciam_testkit::contract::{HASHER_RULES, HasherFixture, check_hasher};

const CAPACITY: usize = 4;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Salt,
    Comparison,
    Cost,
    Bound,
    Blocking,
}

/// The faults, each with what it breaks. Where every hash is made within a poll there is no burst to bound, so a
/// hasher that blocks breaks two rules.
const FAULTS: [(Fault, &[&str]); 5] = [
    (Fault::Salt, &["two_hashes_of_one_password_differ"]),
    (Fault::Comparison, &["only_the_hashed_password_matches"]),
    (Fault::Cost, &["a_hash_too_expensive_is_refused_unpaid"]),
    (Fault::Bound, &["a_burst_is_bounded"]),
    (Fault::Blocking, &["a_burst_is_bounded", "the_executor_is_not_blocked"]),
];

/// No hash at all, but with the outward behaviour of a hasher.
struct Toy {
    fault: Fault,
    salts: AtomicUsize,
    running: AtomicUsize,
}

/// One caller inside, until it is dropped.
struct Inside<'a>(&'a AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Toy {
    fn fixture(fault: Fault) -> HasherFixture {
        let toy = Self { fault, salts: AtomicUsize::new(0), running: AtomicUsize::new(0) };
        HasherFixture { hasher: Arc::new(toy), capacity: CAPACITY }
    }

    async fn turn(&self) -> Result<Inside<'_>, HasherError> {
        let inside = Inside(&self.running);
        let before = self.running.fetch_add(1, Ordering::SeqCst);
        if before >= CAPACITY && self.fault != Fault::Bound {
            return Err(HasherError::Overloaded { retry_after: Duration::from_secs(1) });
        }
        let mut waited = self.fault == Fault::Blocking;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        Ok(inside)
    }
}

#[async_trait]
impl PasswordHasher for Toy {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        let _inside = self.turn().await?;
        let salt = if self.fault == Fault::Salt { 0 } else { self.salts.fetch_add(1, Ordering::SeqCst) };
        let letters: Vec<String> =
            password.expose().chars().map(|letter| u32::from(letter).to_string()).collect();
        let letters = letters.join(".");
        PasswordHash::parse(&format!("$toy${salt}${letters}"))
            .map_err(|error| HasherError::Failed(error.into()))
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        if hash.algorithm() != "toy" && self.fault != Fault::Cost {
            return Err(HasherError::Unreadable);
        }
        let made = self.hash(password).await?;
        let letters = |hash: &PasswordHash| hash.as_str().rsplit('$').next().map(str::to_owned);
        let same = match self.fault {
            Fault::Comparison => {
                letters(&made).unwrap_or_default().get(..6) == letters(hash).unwrap_or_default().get(..6)
            }
            _ => letters(&made) == letters(hash),
        };
        Ok(if same { PasswordMatch::Matched } else { PasswordMatch::Mismatched })
    }

    async fn verify_nothing(&self, password: &Password) -> Result<(), HasherError> {
        self.hash(password).await.map(drop)
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_hasher(name, &Toy::fixture(fault)))).is_err();
    HASHER_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in HASHER_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| broken.last() == Some(&rule.name)), "{}", rule.name);
    }
}

#[test]
fn a_sound_hasher_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rules_alone() {
    for (fault, rules) in FAULTS {
        assert_eq!(broken(fault), rules);
    }
}
