//! Readers of foreign text, on a corpus and on changes of it.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod encrypted;
mod identifiers;
mod profile;
mod runner;
mod second_factor;
mod snapshot;
