//! Accounts elsewhere: where they may be, whose they are, and what binds them to an account here.

mod identity;
mod source;

pub use crate::id::SocialSourceId;
pub use identity::{Issuer, SocialLink, SocialTextError, Subject};
pub use source::{Logo, SocialSource, SocialSourceError, SocialType};
