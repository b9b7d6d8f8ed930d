//! Proofs of OpenID Connect as issuers give them and as attackers would, over a server on the loopback.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

mod code;
mod forge;
mod issuer;
mod keys;
mod presets;
mod tokens;
