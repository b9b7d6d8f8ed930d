//! Entities, value objects, policies and the flow state machine of ciam.
//!
//! Everything here is pure: no async, no I/O, no clock, no randomness. Time and chance come in as
//! arguments, so a decision can be tested, replayed and printed.

pub mod audit;
pub mod captcha;
pub mod challenge;
pub mod consent;
mod crockford;
pub mod encrypted;
pub mod export;
pub mod flow;
pub mod gesture;
pub mod id;
pub mod identifier;
pub mod instant;
pub mod login_history;
pub mod notice;
pub mod numeric_date;
pub mod passkey;
pub mod password;
pub mod profile;
pub mod rate;
pub mod recovery_code;
pub mod refusal;
pub mod revert_code;
pub mod seal;
pub mod secret;
pub mod session;
pub mod social;
pub mod source;
pub mod terms;
pub mod tombstone;
pub mod totp;
pub mod user;
pub mod weak_key;

pub use id::{
    ConsentId, DeviceId, DocumentId, EventId, FlowId, FlowKey, SessionId, TenantId, UserId, VersionId,
};
pub use instant::Instant;
pub use refusal::Refusal;
pub use user::User;
