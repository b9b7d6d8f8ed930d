//! `[passkeys]`: what passkeys are for.

use ciam::domain::passkey::{PartyError, RelyingParty, UserVerification};
use clap::ValueEnum;
use serde::Deserialize;

use super::choice::Choice;
use super::words::Words;
use crate::stop::Stop;

/// `[passkeys]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Passkeys {
    /// The domain that they are bound to; without one there are none.
    id: Option<String>,
    /// What authenticators show; the domain where it is left out.
    name: Option<String>,
    /// The pages that may ask for them; `https://` and the domain where they are left out.
    origins: Option<Words>,
    /// Whether authenticators must verify people; default `required`.
    user_verification: Choice<Verification>,
}

/// Whether authenticators verify people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Verification {
    /// They must.
    #[default]
    Required,
    /// They should.
    Preferred,
}

impl Passkeys {
    /// What they are for; `None` where they are not offered.
    ///
    /// # Errors
    /// [`Stop::Unusable`] for the first setting that is none.
    pub(crate) fn party(&self) -> Result<Option<RelyingParty>, Stop> {
        let Some(id) = &self.id else {
            let set = self.name.is_some() || self.origins.is_some();
            return if set { Err(unusable(PartyError::Id)) } else { Ok(None) };
        };
        let verification = match self.user_verification.0 {
            Verification::Required => UserVerification::Required,
            Verification::Preferred => UserVerification::Preferred,
        };
        let own = format!("https://{id}");
        let origins = self.origins.as_ref().map_or_else(
            || vec![own.as_str()],
            |Words(origins)| origins.iter().map(String::as_str).collect(),
        );
        let name = self.name.as_deref().unwrap_or(id);
        RelyingParty::new(id, name, &origins, verification).map(Some).map_err(unusable)
    }
}

fn unusable(error: PartyError) -> Stop {
    let setting = match error {
        PartyError::Id => "id",
        PartyError::Name => "name",
        PartyError::Origin | PartyError::NoOrigin => "origins",
    };
    Stop::Unusable(format!("configuration: passkeys.{setting}: {error}"))
}
