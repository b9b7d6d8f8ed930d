//! Tokens as issuers sign them, as attackers would, and as the verifier reads them.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

mod foreign;
mod forge;
mod fuzz;
mod hostile;
mod round_trip;
#[path = "../../../ciam-domain/tests/fuzz/runner.rs"]
mod runner;
