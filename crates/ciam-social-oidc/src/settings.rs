//! What the settings of a source say.

use std::collections::BTreeMap;

use crate::algorithm::Algorithm;

/// The issuer of Google's ID tokens in the spelling that is kept.
pub(crate) const GOOGLE: &str = "https://accounts.google.com";
/// The issuer of Apple's ID tokens.
pub(crate) const APPLE: &str = "https://appleid.apple.com";

/// Whose rules a source follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    Generic,
    Google,
    Apple,
}

impl Preset {
    pub(crate) fn parse(social_type: &str) -> Option<Self> {
        match social_type {
            "oidc" => Some(Self::Generic),
            "google" => Some(Self::Google),
            "apple" => Some(Self::Apple),
            _ => None,
        }
    }
}

/// When a nonce must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NonceRule {
    /// Where the proof or the token has one, both must.
    WherePresent,
    /// Both must have one.
    Required,
    /// Where the proof has one; for apps whose library draws nonces that it does not tell.
    IfGiven,
}

/// How the nonce stands in the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NonceForm {
    Plain,
    Sha256,
    Either,
}

/// What a proof may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepts {
    Any,
    /// A code alone: what a browser brings back.
    Code,
    /// An ID token alone: what the library of a platform hands to an app.
    IdToken,
}

/// What a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofKind {
    Code,
    IdToken,
}

/// How the client proves itself at the token endpoint (OpenID Connect Core, 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    Basic,
    Post,
    /// A public client: PKCE alone.
    None,
    /// A JWT signed with the key of an Apple developer team, in the place of the secret.
    AppleKey,
}

/// A source as configured.
#[derive(Debug)]
pub(crate) struct OidcSettings {
    pub(crate) preset: Preset,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) algorithms: Vec<Algorithm>,
    accepts: Accepts,
    pub(crate) nonce: NonceRule,
    pub(crate) nonce_form: NonceForm,
    pub(crate) client_auth: ClientAuth,
    /// Audiences that may stand beside the client.
    pub(crate) trusted_audiences: Vec<String>,
    /// Clients that may have asked for a token for this one, such as an Android app for its backend.
    pub(crate) authorized_parties: Vec<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) team_id: Option<String>,
    pub(crate) key_id: Option<String>,
}

/// A setting of a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {setting} must be {range}")]
pub struct SettingError {
    /// Its name.
    pub setting: String,
    /// What it may be.
    pub range: &'static str,
}

fn refused(setting: &str, range: &'static str) -> SettingError {
    SettingError { setting: setting.to_owned(), range }
}

const KNOWN: [&str; 12] = [
    "accepts",
    "issuer",
    "client_id",
    "algorithms",
    "nonce",
    "nonce_hash",
    "client_auth",
    "trusted_audiences",
    "authorized_parties",
    "redirect_uri",
    "team_id",
    "key_id",
];

impl OidcSettings {
    /// Reads the settings of a source.
    pub(crate) fn read(preset: Preset, settings: &BTreeMap<String, String>) -> Result<Self, SettingError> {
        if let Some(unknown) = settings.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(refused(unknown, "absent: there is no such setting"));
        }
        let text = |name: &str| settings.get(name).filter(|value| !value.is_empty());
        let owned = |name: &str| text(name).cloned();
        let words = |name: &str| text(name).map(|line| words(line)).unwrap_or_default();
        Ok(Self {
            preset,
            issuer: issuer(preset, text("issuer"))?,
            client_id: owned("client_id").ok_or_else(|| refused("client_id", "there"))?,
            algorithms: algorithms(&words("algorithms"))?,
            accepts: accepts(text("accepts"))?,
            nonce: nonce_rule(text("nonce"))?,
            nonce_form: nonce_form(preset, text("nonce_hash"))?,
            client_auth: client_auth(preset, text("client_auth"))?,
            trusted_audiences: words("trusted_audiences"),
            authorized_parties: words("authorized_parties"),
            redirect_uri: owned("redirect_uri"),
            team_id: owned("team_id"),
            key_id: owned("key_id"),
        })
    }

    /// Whether an ID token that is presented, or else a code, is a proof.
    pub(crate) fn accepts(&self, kind: ProofKind) -> bool {
        match self.accepts {
            Accepts::Any => true,
            Accepts::Code => kind == ProofKind::Code,
            Accepts::IdToken => kind == ProofKind::IdToken,
        }
    }

    /// The issuer that a token of this source names, in the spelling that is kept; `None` for another's.
    pub(crate) fn canonical_issuer(&self, named: &str) -> Option<&str> {
        let other_spelling = self.preset == Preset::Google && named == "accounts.google.com";
        (named == self.issuer || other_spelling).then_some(self.issuer.as_str())
    }
}

fn words(line: &str) -> Vec<String> {
    line.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn issuer(preset: Preset, named: Option<&String>) -> Result<String, SettingError> {
    let fixed = match preset {
        Preset::Google => GOOGLE,
        Preset::Apple => APPLE,
        Preset::Generic => {
            let good =
                named.filter(|named| ["https://", "http://"].iter().any(|start| named.starts_with(start)));
            return good.cloned().ok_or_else(|| refused("issuer", "an https address"));
        }
    };
    if named.is_some_and(|named| named != fixed) {
        return Err(refused("issuer", "absent for this type"));
    }
    Ok(fixed.to_owned())
}

fn algorithms(names: &[String]) -> Result<Vec<Algorithm>, SettingError> {
    let all: Option<Vec<_>> = names.iter().map(|name| Algorithm::parse(name)).collect();
    match all {
        Some(all) if all.is_empty() => Ok(vec![Algorithm::Rs256]),
        Some(all) => Ok(all),
        None => Err(refused("algorithms", "a list of RS256, PS256, ES256 and EdDSA")),
    }
}

fn accepts(word: Option<&String>) -> Result<Accepts, SettingError> {
    match word.map_or("any", String::as_str) {
        "any" => Ok(Accepts::Any),
        "code" => Ok(Accepts::Code),
        "id_token" => Ok(Accepts::IdToken),
        _ => Err(refused("accepts", "any, code or id_token")),
    }
}

fn nonce_rule(word: Option<&String>) -> Result<NonceRule, SettingError> {
    match word.map_or("where_present", String::as_str) {
        "where_present" => Ok(NonceRule::WherePresent),
        "required" => Ok(NonceRule::Required),
        "if_given" => Ok(NonceRule::IfGiven),
        _ => Err(refused("nonce", "where_present, required or if_given")),
    }
}

fn nonce_form(preset: Preset, word: Option<&String>) -> Result<NonceForm, SettingError> {
    // Apple's own libraries take a nonce as it is; apps hand over its digest, as Apple's examples do.
    let default = if preset == Preset::Apple { "either" } else { "none" };
    match word.map_or(default, String::as_str) {
        "none" => Ok(NonceForm::Plain),
        "sha256" => Ok(NonceForm::Sha256),
        "either" => Ok(NonceForm::Either),
        _ => Err(refused("nonce_hash", "none, sha256 or either")),
    }
}

fn client_auth(preset: Preset, word: Option<&String>) -> Result<ClientAuth, SettingError> {
    match (preset, word.map(String::as_str)) {
        (Preset::Apple, None) => Ok(ClientAuth::AppleKey),
        (Preset::Apple, Some(_)) => Err(refused("client_auth", "absent for this type")),
        (_, None | Some("client_secret_basic")) => Ok(ClientAuth::Basic),
        (_, Some("client_secret_post")) => Ok(ClientAuth::Post),
        (_, Some("none")) => Ok(ClientAuth::None),
        _ => Err(refused("client_auth", "client_secret_basic, client_secret_post or none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(preset: Preset, settings: &[(&str, &str)]) -> Result<OidcSettings, String> {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        OidcSettings::read(preset, &settings.iter().map(own).collect()).map_err(|error| error.setting)
    }

    #[test]
    fn what_is_left_out_has_the_strict_default() {
        let settings =
            read(Preset::Generic, &[("issuer", "https://id.example"), ("client_id", "app")]).unwrap();
        assert_eq!(settings.algorithms, [Algorithm::Rs256]);
        assert_eq!((settings.nonce, settings.nonce_form), (NonceRule::WherePresent, NonceForm::Plain));
        assert!(settings.trusted_audiences.is_empty() && settings.authorized_parties.is_empty());
    }

    #[test]
    fn a_setting_that_means_nothing_is_named() {
        let good = [("issuer", "https://id.example"), ("client_id", "app")];
        let bad = [
            ("nonse", "required"),
            ("nonce", "never"),
            ("algorithms", "RS256 HS256"),
            ("algorithms", "none"),
            ("client_auth", "private_key_jwt"),
            ("nonce_hash", "md5"),
            ("accepts", "token"),
            ("issuer", "id.example"),
            ("client_id", ""),
        ];
        for (name, value) in bad {
            let settings: Vec<_> =
                good.into_iter().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            assert_eq!(read(Preset::Generic, &settings).unwrap_err(), name, "{value}");
        }
        let other = [("issuer", "https://id.example"), ("client_id", "app")];
        assert_eq!(read(Preset::Google, &other).unwrap_err(), "issuer");
    }

    #[test]
    fn the_two_spellings_of_google_are_one() {
        let google = read(Preset::Google, &[("client_id", "app")]).unwrap();
        assert_eq!(google.canonical_issuer("accounts.google.com"), Some(GOOGLE));
        assert_eq!(google.canonical_issuer(GOOGLE), Some(GOOGLE));
        assert_eq!(google.canonical_issuer("https://accounts.google.com/"), None);
        let apple = read(Preset::Apple, &[("client_id", "app")]).unwrap();
        assert_eq!(apple.canonical_issuer("appleid.apple.com"), None);
    }
}
