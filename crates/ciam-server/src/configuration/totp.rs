//! `[totp]`: how authenticator apps name an account.

use ciam::Config;
use serde::Deserialize;

use super::put;

/// `[totp]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Totp {
    issuer: Option<String>,
}

impl Totp {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.totp.issuer, self.issuer.clone());
    }
}
