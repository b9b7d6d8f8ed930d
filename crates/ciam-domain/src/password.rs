//! Passwords: taking one in, judging a new one, naming a stored one.

mod blocklist;
pub mod hash;
pub mod plain;
pub mod policy;
pub mod refusal;

pub use hash::{PasswordHash, PasswordHashError};
pub use plain::Password;
pub use policy::{PasswordPolicy, PasswordPolicyError};
pub use refusal::PasswordRefusal;
