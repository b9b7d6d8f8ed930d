//! The flow machine from outside: an exhaustive table, and properties over random events.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod action;
mod one_shot;
mod policy;
mod properties;
mod sample;
mod table;
