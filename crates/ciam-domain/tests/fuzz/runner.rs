//! Runs a target on every file of its corpus, and then on changes of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

/// What breaks parsers, to be put anywhere.
const TOKENS: [&str; 40] = [
    "\0",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\"",
    "\\",
    "'",
    "$",
    "%00",
    "%0d%0a",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "@",
    ".",
    "..",
    "+",
    "00",
    "-1",
    "1e999",
    "18446744073709551616",
    "9223372036854775807",
    "null",
    "true",
    "\u{131}",
    "\u{212a}",
    "\u{430}",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{3000}",
    "\u{ff10}",
    "\u{ff0b}",
    "e\u{301}",
    "\u{1f600}",
    "\u{661}",
];

/// A target: called with bytes, it panics when a rule is broken.
pub(crate) struct Fuzz<'a> {
    /// The folder of its corpus.
    pub(crate) corpus: &'a str,
    /// Inputs that cannot be kept in a file.
    pub(crate) more: Vec<Vec<u8>>,
    /// How many changed inputs a short run tries.
    pub(crate) inputs: u64,
}

impl Fuzz<'_> {
    /// Plays the corpus, then `inputs` changes of it, times `CIAM_FUZZ_TIMES`: always the same ones, unless `CIAM_FUZZ_SEED`
    /// draws others.
    pub(crate) fn run(self, target: impl Fn(&[u8])) {
        let mut seeds = files(Path::new(self.corpus));
        assert!(!seeds.is_empty(), "no corpus in {}", self.corpus);
        seeds.extend(self.more);
        let seed = number("CIAM_FUZZ_SEED").unwrap_or_default();
        let mut chance = Chance(seed);
        let changed = self.inputs * number("CIAM_FUZZ_TIMES").unwrap_or(1);
        for input in &seeds {
            play(&target, input, seed);
        }
        for _ in 0..changed {
            play(&target, &chance.changed(&seeds), seed);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn play(target: &impl Fn(&[u8]), input: &[u8], seed: u64) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        println!("CIAM_FUZZ_SEED={seed}, input b\"{}\"", input.escape_ascii());
        resume_unwind(panic);
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file")).collect()
}

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end.max(1)).expect("a small number");
        usize::try_from((word ^ (word >> 31)) % end).expect("a small number")
    }

    fn changed(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let other = &seeds[self.below(seeds.len())];
            self.change(&mut input, other);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(8)).min(input.len());
        match self.below(9) {
            0 => input.truncate(at),
            1 => drop(input.drain(at.min(end)..end)),
            2 => drop(input.splice(at..at, TOKENS[self.below(TOKENS.len())].bytes())),
            3 => drop(input.splice(at.min(end)..end, TOKENS[self.below(TOKENS.len())].bytes())),
            4 => {
                let repeated = input[at.min(end)..end].repeat(1 + self.below(64));
                drop(input.splice(at..at, repeated));
            }
            5 => {
                input.truncate(at);
                input.extend_from_slice(&other[self.below(other.len() + 1)..]);
            }
            6 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            7 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = b'0' + u8::try_from(self.below(75)).expect("a printable character");
                }
            }
            _ => input[at.min(end)..end].make_ascii_uppercase(),
        }
    }
}
