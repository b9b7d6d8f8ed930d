//! Stored hashes that were tampered with: nothing matches but what was made, and nothing costs too much.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "../../../ciam-domain/tests/fuzz/runner.rs"]
mod runner;

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::{HasherError, PasswordHasher, PasswordMatch, Random, RandomError};
use futures_executor::block_on;

use crate::runner::Fuzz;

/// Hashes dearer than this are known to be taken or refused by the other tests.
const CHEAP: u64 = 1_024;

struct Constant;

impl Random for Constant {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(7);
        Ok(())
    }
}

/// The least and the greatest number of a name, by a reading of its own; a name may stand twice or not at all.
fn numbers(text: &str, name: &str, missing: u64) -> (u64, u64) {
    let parts = text.split(['$', ',']).filter_map(|part| part.strip_prefix(name)?.parse().ok());
    parts
        .fold(None, |range: Option<(u64, u64)>, number| {
            let (least, most) = range.unwrap_or((number, number));
            Some((least.min(number), most.max(number)))
        })
        .unwrap_or((missing, missing))
}

#[test]
fn stored_hashes() {
    let limits =
        Limits { threads: NonZeroU16::MIN, waiting: NonZeroU16::MIN, retry_after: Duration::from_secs(1) };
    let hasher = Argon2Hasher::new(Cost::for_tests(), limits, Arc::new(Constant)).expect("threads");
    let password = Password::parse("a lantern over the harbour").expect("a password");
    let made = block_on(hasher.hash(&password)).expect("a hash");
    let (_, salt_and_tag) =
        made.as_str().split_at(made.as_str().rmatch_indices('$').nth(1).expect("a salt").0);
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/phc");
    let more = vec![made.as_str().as_bytes().to_vec(); 8];
    Fuzz { corpus, more, inputs: 30_000 }.run(|bytes| {
        let Some(stored) = std::str::from_utf8(bytes).ok().and_then(|text| PasswordHash::parse(text).ok())
        else {
            return;
        };
        let text = stored.as_str();
        assert_eq!(text.as_bytes(), bytes);
        assert_eq!(format!("{stored:?}"), format!("PasswordHash({} ..)", stored.algorithm()));
        let (memory, passes, lanes) =
            (numbers(text, "m=", 19_456), numbers(text, "t=", 2), numbers(text, "p=", 1));
        if memory.0 <= 262_144 && memory.1.min(262_144) * passes.1.min(10) > CHEAP {
            return;
        }
        let outcome = block_on(hasher.verify(&password, &stored));
        let bearable = memory.0 <= 262_144 && passes.0 <= 10 && lanes.0 <= 8;
        assert!(outcome.is_err() || bearable, "{text} is paid for");
        match outcome {
            // The same cost may be spelt in several ways.
            Ok(PasswordMatch::Matched | PasswordMatch::MatchedOutdated) => {
                assert!(text.ends_with(salt_and_tag), "{text}");
            }
            Ok(PasswordMatch::Mismatched) => assert!(stored.algorithm().starts_with("argon2")),
            Err(HasherError::TooExpensive | HasherError::Unreadable) => assert_ne!(text, made.as_str()),
            Err(other) => unreachable!("{other} of {text}"),
        }
    });
}
