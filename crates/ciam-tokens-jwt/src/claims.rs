//! The claims as they travel.

use ciam_ports::domain::numeric_date::NumericDate;
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::{SessionId, TenantId, UserId};
use ciam_ports::{TokenClaims, TokenGrant, TokenOrigin};
use serde::{Deserialize, Deserializer, Serialize};

/// What an own token says (RFC 9068, 2.2).
#[derive(Debug, Serialize)]
pub(crate) struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    sid: &'a str,
    auth_time: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amr: Vec<&'a str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
}

impl<'a> Written<'a> {
    pub(crate) fn new(issuer: &'a str, audience: &'a str, jti: &'a str, grant: &'a TokenGrant) -> Self {
        let tenant = (grant.tenant != TenantId::default()).then(|| grant.tenant.as_str());
        Self {
            iss: issuer,
            sub: grant.subject.as_str(),
            aud: audience,
            exp: grant.expires_at.unix_seconds(),
            iat: grant.issued_at.unix_seconds(),
            jti,
            sid: grant.session.as_str(),
            auth_time: grant.auth_time.unix_seconds(),
            amr: grant.amr.iter().map(Amr::as_str).collect(),
            scope: grant.scopes.join(" "),
            client_id: grant.client.as_deref(),
            tenant,
        }
    }
}

/// What a token with a good signature says. A claim of another JSON type, `null` included, makes it unreadable.
#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    pub(crate) iss: String,
    sub: String,
    pub(crate) aud: Words,
    pub(crate) exp: NumericDate,
    pub(crate) iat: NumericDate,
    #[serde(default, deserialize_with = "present")]
    pub(crate) nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    jti: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sid: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(default, deserialize_with = "present")]
    auth_time: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<Words>,
    #[serde(default, deserialize_with = "present")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    tenant: Option<String>,
}

/// A text, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Words {
    One(String),
    Many(Vec<String>),
}

impl Words {
    pub(crate) fn contain(&self, word: &str) -> bool {
        match self {
            Self::One(one) => one == word,
            Self::Many(many) => many.iter().any(|one| one == word),
        }
    }

    fn split(self) -> Vec<String> {
        match self {
            Self::One(line) => line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            Self::Many(words) => words,
        }
    }
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Read {
    /// The claims of a token of this service; `None` when an id in it is none.
    pub(crate) fn own(self) -> Option<TokenClaims> {
        let tenant = self.tenant.as_deref().map_or_else(|| Ok(TenantId::default()), TenantId::parse).ok()?;
        let session = self.sid.as_deref().and_then(session);
        self.into_claims(TokenOrigin::Own, tenant, session)
    }

    /// The claims of a foreign token, which speaks for the people of one tenant; `None` when its subject is none.
    pub(crate) fn foreign(self, tenant: TenantId) -> Option<TokenClaims> {
        let named = match (&self.sid, &self.jti) {
            (Some(sid), _) => session(sid).map(|sid| ("sid", sid)),
            (None, Some(jti)) => session(jti).map(|jti| ("jti", jti)),
            (None, None) => None,
        };
        // Two issuers, or two people of one, may name their sessions alike.
        let session = named.map(|(claim, name)| {
            SessionId::derived(&[self.iss.as_str(), self.sub.as_str(), claim, name.as_str()])
        });
        self.into_claims(TokenOrigin::Foreign, tenant, session)
    }

    fn into_claims(
        self,
        origin: TokenOrigin,
        tenant: TenantId,
        session: Option<SessionId>,
    ) -> Option<TokenClaims> {
        Some(TokenClaims {
            origin,
            tenant,
            subject: UserId::parse(&self.sub).ok()?,
            session,
            scopes: self.scope.map(Words::split).unwrap_or_default(),
            client: self.client_id,
            amr: self.amr.iter().map(|way| Amr::parse(way)).collect(),
            auth_time: self.auth_time.map(|date| date.0),
            issued_at: self.iat.0,
            expires_at: self.exp.0,
        })
    }
}

fn session(text: &str) -> Option<SessionId> {
    SessionId::parse(text).ok()
}
