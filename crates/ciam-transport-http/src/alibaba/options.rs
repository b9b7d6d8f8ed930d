use std::sync::Arc;
use std::time::Duration;

use ciam::ports::{Clock, Random};

/// What a valid token's check says in `code` and `message`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCheckReply {
    /// The number 200 and null, as the table of the user API says.
    #[default]
    Numeric,
    /// `Operation.Success` twice, as the check in the authentication API says.
    Named,
}

/// The settings of the dialect.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The scope that a token must have, as a whole word; default `USER_API`.
    pub scope: String,
    /// What a valid token's check says.
    pub token_check: TokenCheckReply,
    /// How many proxies in front append to `X-Forwarded-For`; default 0, which ignores the header.
    pub trusted_hops: u8,
    /// How long a call may take, its body included, before it is answered 503; default none. It needs the timer of
    /// a tokio runtime.
    pub request_timeout: Option<Duration>,
    /// The time in request ids.
    pub clock: Arc<dyn Clock>,
    /// The chance in request ids.
    pub random: Arc<dyn Random>,
}

impl Options {
    /// The defaults.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let token_check = TokenCheckReply::default();
        let scope = "USER_API".to_owned();
        Self { scope, token_check, trusted_hops: 0, request_timeout: None, clock, random }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("scope", &self.scope)
            .field("token_check", &self.token_check)
            .field("trusted_hops", &self.trusted_hops)
            .field("request_timeout", &self.request_timeout)
            .finish_non_exhaustive()
    }
}
