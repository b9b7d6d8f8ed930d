//! What a hash costs beside the plain use of the `argon2` crate, and what a burst of them takes in memory.
//! With `--features simd` the vectorised engine runs too.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement is there to be read, or ends")]

use std::num::NonZeroU16;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_ports::domain::password::{Password, PasswordHash};
use ciam_ports::{PasswordHasher, PasswordMatch};
use ciam_system_native::SystemRandom;
use ciam_testkit::measure::{Clock, Entrant, Goal, Times, Verdict, in_turns, rounds};
use futures_executor::block_on;

const MEMORY_KIB: u32 = 19_456;
const BURST: u16 = 250;
const SEQUENTIAL: u32 = 100;
const TEXT: &str = "correct horse battery staple";

type Build =
    fn(Cost, Limits, Arc<dyn ciam_ports::Random>) -> Result<Argon2Hasher, ciam_hasher_argon2::StartError>;

/// A name, and what measures itself.
type Runner<'a> = (&'static str, Box<dyn FnMut() -> Duration + 'a>);

fn in_all_turns(usual: usize, all: &mut [Runner<'_>]) -> Times {
    let mut entrants: Vec<Entrant<'_>> = all.iter_mut().map(|(name, run)| (*name, &mut **run as _)).collect();
    in_turns(rounds(usual), &mut entrants)
}

/// The engines that this build has.
const ENGINES: &[(&str, Build)] = &[
    ("ours", Argon2Hasher::new),
    #[cfg(feature = "simd")]
    ("ours, simd", Argon2Hasher::with_simd),
];

fn hasher(build: Build, threads: u16) -> Argon2Hasher {
    let count = |count| NonZeroU16::new(count).expect("not zero");
    let limits = Limits { threads: count(threads), waiting: count(BURST), ..Limits::default() };
    build(Cost::default(), limits, Arc::new(SystemRandom)).expect("threads")
}

fn password() -> Password {
    Password::parse(TEXT).expect("a password")
}

/// What a plain user of the crate does: memory anew for each hash.
fn plain() {
    let params = Params::new(MEMORY_KIB, 2, 1, Some(32)).expect("parameters");
    let mut tag = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(TEXT.as_bytes(), &[7; 16], &mut tag).expect("a tag");
    std::hint::black_box(tag);
}

type Verifying<'a> =
    Pin<Box<dyn Future<Output = Result<PasswordMatch, ciam_ports::HasherError>> + Send + 'a>>;

/// Asks for so many verifications at once and waits for all; gives the longest time that one poll took.
fn burst(hasher: &Argon2Hasher, password: &Password, hash: &PasswordHash, size: u16) -> Duration {
    let mut all: Vec<Verifying<'_>> = (0..size).map(|_| hasher.verify(password, hash)).collect();
    let mut context = Context::from_waker(Waker::noop());
    let mut longest = Duration::ZERO;
    for verifying in &mut all {
        longest = longest.max(Clock::Wall.time(|| {
            if let Poll::Ready(refused) = verifying.as_mut().poll(&mut context) {
                refused.expect("a place in the queue");
            }
        }));
    }
    for verifying in all {
        assert!(block_on(verifying).expect("a comparison").is_match());
    }
    longest
}

/// A line of `/proc/self/status` in MiB: `VmRSS`, or `VmHWM` for the highest so far.
fn resident(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib =
        status.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

/// P3 and P4, before anything else has taken memory; that P4 is scaled down changes nothing about it.
fn memory(verdict: &mut Verdict) {
    let (k, password) = (2, password());
    let ceiling = f64::from(u32::from(k) * MEMORY_KIB) / 1024.0 + 16.0;
    if let Some((name, build)) = ENGINES.last() {
        let idle = resident("VmRSS");
        let hasher = hasher(*build, k);
        let hash = block_on(hasher.hash(&password)).expect("a hash");
        let mut longest = Duration::ZERO;
        let took = Clock::Wall.time(|| longest = burst(&hasher, &password, &hash, BURST));
        println!(
            "{name}: {BURST} at once on {k} threads, {:.0} a second",
            f64::from(BURST) / took.as_secs_f64()
        );
        verdict.judge("P3: peak - idle, MiB", resident("VmHWM") - idle, Goal::AtMost(ceiling));
        verdict.judge("P3: longest poll, ms", longest.as_secs_f64() * 1e3, Goal::AtMost(50.0));
        for _ in 0..SEQUENTIAL {
            assert!(block_on(hasher.verify(&password, &hash)).expect("a comparison").is_match());
        }
        verdict.judge("P4: after one by one - idle, MiB", resident("VmRSS") - idle, Goal::AtMost(ceiling));
    }
}

/// P1: one hash after the other, in processor time.
fn one_thread(verdict: &mut Verdict) {
    let password = password();
    let hashers: Vec<_> = ENGINES.iter().map(|(name, build)| (*name, hasher(*build, 1))).collect();
    let mut all: Vec<Runner<'_>> = vec![("argon2, memory anew", Box::new(|| Clock::Process.time(plain)))];
    for (name, hasher) in &hashers {
        let hash = || drop(block_on(hasher.hash(&password)).expect("a hash"));
        all.push((name, Box::new(move || Clock::Process.time(hash))));
    }
    println!("one thread, processor time");
    let times = in_all_turns(21, &mut all);
    times.print();
    for (name, goal) in [("ours", 1.0), ("ours, simd", 1.7)].into_iter().take(ENGINES.len()) {
        let speed = times.ratio("argon2, memory anew", name);
        verdict.judge(&format!("P1: {name} / argon2, memory anew"), speed, Goal::AtLeast(goal));
    }
}

/// P2: hashes on two threads at once, in processor time, so that what else the machine does counts less.
fn two_threads(verdict: &mut Verdict) {
    const EACH: u16 = 6;
    let password = password();
    let hashers: Vec<_> = ENGINES
        .iter()
        .map(|(name, build)| {
            let hasher = hasher(*build, 2);
            let hash = block_on(hasher.hash(&password)).expect("a hash");
            (*name, hasher, hash)
        })
        .collect();
    let loops = || {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..EACH).for_each(|_| plain()));
            }
        });
    };
    let mut all: Vec<Runner<'_>> =
        vec![("argon2, memory anew", Box::new(move || Clock::Process.time(loops) / u32::from(2 * EACH)))];
    for (name, hasher, hash) in &hashers {
        let both = || {
            burst(hasher, &password, hash, 2 * EACH);
        };
        all.push((name, Box::new(move || Clock::Process.time(both) / u32::from(2 * EACH))));
    }
    println!("two threads, processor time");
    let times = in_all_turns(15, &mut all);
    times.print();
    for (name, goal) in [("ours", 1.6), ("ours, simd", 2.5)].into_iter().take(ENGINES.len()) {
        let speed = times.ratio("argon2, memory anew", name);
        verdict.judge(&format!("P2: {name} / argon2, memory anew"), speed, Goal::AtLeast(goal));
    }
}

fn main() -> ExitCode {
    let mut verdict = Verdict::default();
    memory(&mut verdict);
    one_thread(&mut verdict);
    two_threads(&mut verdict);
    verdict.exit_code()
}
