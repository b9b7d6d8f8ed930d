//! `[social]`: how providers of social sign-in are reached, and the secrets of their sources.

use clap::ValueEnum;
use serde::Deserialize;

use super::choice::Choice;
use crate::secret_place::SecretPlace;
use crate::stop::Stop;

/// `[social]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Social {
    /// Through whom providers are reached; default `none`.
    pub(crate) proxies: Choice<ProxyChoice>,
    /// The secrets of sources.
    pub(crate) secret: Vec<SourceSecret>,
}

/// Through whom providers are reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum ProxyChoice {
    /// Nobody.
    #[default]
    None,
    /// The proxies that the environment names.
    Environment,
}

/// `[[social.secret]]`: what a source proves itself with at its provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "full"), expect(dead_code, reason = "this build reaches no provider"))]
pub(crate) struct SourceSecret {
    /// The tenant of the source; the default one where it is left out.
    pub(crate) tenant: Option<String>,
    /// The id of the source.
    pub(crate) source: String,
    /// `google`, `apple`, `oidc`, `wechat` or `alipay`.
    pub(crate) social_type: String,
    /// Where the secret is.
    pub(crate) secret: SecretPlace,
}

impl Social {
    /// Reads the secrets, so that one that is missing is told at the start.
    pub(super) fn check(&self) -> Result<(), Stop> {
        #[cfg(feature = "full")]
        return crate::social::providers(self).map(drop);
        #[cfg(not(feature = "full"))]
        if self.secret.is_empty() && self.proxies.0 == ProxyChoice::None {
            Ok(())
        } else {
            Err(Stop::Unusable("configuration: social: this build has no social providers".to_owned()))
        }
    }
}
