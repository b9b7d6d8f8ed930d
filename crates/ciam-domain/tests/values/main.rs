//! Values at their edges: codes, counts, identifiers, passwords.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod challenge;
mod identifiers;
mod password;
mod rate;
