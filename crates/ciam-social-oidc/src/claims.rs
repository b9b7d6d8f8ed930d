//! What an ID token says, and whether it may say so here (OpenID Connect Core, 2 and 3.1.3.7).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_ports::domain::Instant;
use ciam_ports::domain::numeric_date::NumericDate;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256, Sha512};

use crate::algorithm::Algorithm;
use crate::settings::{NonceForm, NonceRule, OidcSettings};

/// How far the clock of an issuer may be ahead.
const SKEW: Duration = Duration::from_secs(30);

/// What a token with a good signature says. A claim that is used and has another JSON type, `null` included, makes it
/// unreadable.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    aud: Audience,
    exp: NumericDate,
    iat: NumericDate,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    azp: Option<String>,
    #[serde(default, deserialize_with = "present")]
    nonce: Option<String>,
    #[serde(default, deserialize_with = "present")]
    at_hash: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    token_use: Option<String>,
    /// Of logout tokens and security events, which are no ID tokens.
    #[serde(default)]
    events: Option<serde_json::Value>,
    #[serde(default)]
    email: Option<serde_json::Value>,
    #[serde(default)]
    name: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What a token must agree with besides the settings.
pub(crate) struct Expected<'a> {
    /// What the proof says its nonce is.
    pub(crate) nonce: Option<&'a str>,
    /// The access token that came with it.
    pub(crate) access_token: Option<&'a str>,
    /// The algorithm it was signed with.
    pub(crate) algorithm: Algorithm,
}

impl Claims {
    /// Whether every claim is as it must be at `now`.
    pub(crate) fn fit(&self, settings: &OidcSettings, expected: &Expected<'_>, now: Instant) -> bool {
        settings.canonical_issuer(&self.iss).is_some()
            && self.is_for(settings)
            && self.is_current(now)
            && self.is_id_token()
            && self.nonce_fits(settings, expected.nonce)
            && self.hash_fits(expected)
    }

    /// The e-mail address as the issuer says, verified or not.
    pub(crate) fn email(&self) -> Option<String> {
        self.email.as_ref()?.as_str().map(str::to_owned)
    }

    /// The name of the person as the issuer says.
    pub(crate) fn name(&self) -> Option<String> {
        self.name.as_ref()?.as_str().map(str::to_owned)
    }

    /// The client is an audience, every other one is trusted, and who asked for the token may.
    fn is_for(&self, settings: &OidcSettings) -> bool {
        let audiences = match &self.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Many(many) => many.as_slice(),
        };
        let is_client = |name: &String| *name == settings.client_id;
        let trusted = |name: &String| is_client(name) || settings.trusted_audiences.contains(name);
        let asked = match &self.azp {
            Some(azp) => is_client(azp) || settings.authorized_parties.contains(azp),
            None => audiences.len() == 1,
        };
        audiences.iter().any(is_client) && audiences.iter().all(trusted) && asked
    }

    fn is_current(&self, now: Instant) -> bool {
        let latest = now.after(SKEW);
        now < self.exp.0 && self.iat.0 <= latest && self.nbf.is_none_or(|nbf| nbf.0 <= latest)
    }

    /// Access tokens of some issuers have the header of an ID token, and say in a claim what they are.
    fn is_id_token(&self) -> bool {
        let typ = self.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("ID"));
        typ && self.token_use.as_deref().is_none_or(|used| used == "id") && self.events.is_none()
    }

    fn nonce_fits(&self, settings: &OidcSettings, given: Option<&str>) -> bool {
        match (given, &self.nonce, settings.nonce) {
            (Some(given), Some(said), _) => nonce_matches(settings.nonce_form, given, said),
            (None, None, NonceRule::WherePresent | NonceRule::IfGiven)
            | (None, Some(_), NonceRule::IfGiven) => true,
            _ => false,
        }
    }

    fn hash_fits(&self, expected: &Expected<'_>) -> bool {
        match (&self.at_hash, expected.access_token) {
            (Some(said), Some(token)) => *said == left_half(expected.algorithm, token),
            _ => true,
        }
    }
}

fn nonce_matches(form: NonceForm, given: &str, said: &str) -> bool {
    let digest = || {
        let digest = Sha256::digest(given);
        digest
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .eq(said.chars().map(|letter| letter.to_ascii_lowercase()))
            || URL_SAFE_NO_PAD.encode(digest) == said
    };
    match form {
        NonceForm::Plain => given == said,
        NonceForm::Sha256 => digest(),
        NonceForm::Either => given == said || digest(),
    }
}

/// The left half of the digest of an access token (OpenID Connect Core, 3.1.3.6).
fn left_half(algorithm: Algorithm, token: &str) -> String {
    match algorithm {
        Algorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => {
            URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
        }
    }
}
