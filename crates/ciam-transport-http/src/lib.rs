//! Vendor wire dialects of ciam as axum routers, one module each.
//!
//! A dialect parses, calls the use case and maps what it answers; it decides nothing. What dialects share
//! is here: how a token is presented, how strictly JSON is read, where a request came from, how a failure
//! is logged. The host nests the routers and brings listener, limits of connections and logging. A span that holds the
//! query string of a request may hold a token: the host must not record it.

pub mod alibaba;
mod bearer;
mod caught;
mod client_source;
mod failure;
mod retry_after;
mod secret_field;
mod strict_json;
pub mod webauthn;
