//! The hasher keeps every rule of its port.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::num::NonZeroU16;
use std::sync::Arc;

use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_testkit::contract::HasherFixture;
use ciam_testkit::fake::FakeRandom;

fn limits() -> Limits {
    Limits { threads: NonZeroU16::new(2).unwrap(), waiting: NonZeroU16::new(4).unwrap(), ..Limits::default() }
}

fn fixture() -> HasherFixture {
    let hasher = Argon2Hasher::new(Cost::for_tests(), limits(), Arc::new(FakeRandom::seeded(1))).unwrap();
    HasherFixture { hasher: Arc::new(hasher), capacity: 6 }
}

ciam_testkit::password_hasher_contract!(fixture);

#[cfg(feature = "simd")]
mod simd {
    use super::*;

    fn fixture() -> HasherFixture {
        let random = Arc::new(FakeRandom::seeded(1));
        let hasher = Argon2Hasher::with_simd(Cost::for_tests(), limits(), random).unwrap();
        HasherFixture { hasher: Arc::new(hasher), capacity: 6 }
    }

    ciam_testkit::password_hasher_contract!(fixture);

    #[test]
    fn a_hash_of_either_engine_is_todays_hash_of_the_other() {
        use ciam_ports::domain::password::Password;
        use ciam_ports::{PasswordHasher, PasswordMatch};
        use futures_executor::block_on;

        let random = || Arc::new(FakeRandom::seeded(1));
        let plain = Argon2Hasher::new(Cost::default(), limits(), random()).unwrap();
        let simd = Argon2Hasher::with_simd(Cost::default(), limits(), random()).unwrap();
        let (password, other) =
            (Password::parse("correct horse").unwrap(), Password::parse("correct house").unwrap());
        let (one, two) = (block_on(plain.hash(&password)).unwrap(), block_on(simd.hash(&password)).unwrap());
        assert_eq!(one, two, "the same salt makes the same text");
        for (hasher, hash) in [(&plain, &two), (&simd, &one)] {
            assert_eq!(block_on(hasher.verify(&password, hash)).unwrap(), PasswordMatch::Matched);
            assert_eq!(block_on(hasher.verify(&other, hash)).unwrap(), PasswordMatch::Mismatched);
        }
    }
}
