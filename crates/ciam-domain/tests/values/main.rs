//! Values at their edges: codes, counts, encrypted secrets, identifiers, passwords.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod challenge;
mod encrypted;
mod identifiers;
mod password;
mod rate;
