//! `[tokens]`: what is issued here, and whose tokens are accepted besides.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ciam::domain::TenantId;
use ciam_tokens_jwt::{Algorithm, ForeignIssuer, JwtVerifier, Leeway, OwnIssuer, VerifyingKey};
use serde::Deserialize;

use super::invalid;
use super::span::Span;
use super::words::Words;
use crate::stop::{Stop, causes};

/// How long a token may live.
pub(crate) const TTL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

/// `[tokens]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tokens {
    /// `iss` of the tokens issued here; default `ciam-server`.
    pub(crate) issuer: String,
    /// `aud` of the tokens issued here; default `ciam`.
    pub(crate) audience: String,
    /// How long they live: 1 second to 24 hours, default 15 min.
    pub(crate) ttl: Span,
    clock_skew: Option<Span>,
    foreign: Vec<Foreign>,
}

/// `[[tokens.foreign]]`: another issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    issuer: String,
    audience: String,
    /// A JWKS document. It is read once, at the start.
    jwks_file: PathBuf,
    #[serde(default)]
    algorithms: Words,
    #[serde(default)]
    types: Words,
    tenant: Option<String>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            issuer: "ciam-server".to_owned(),
            audience: "ciam".to_owned(),
            ttl: Span(Duration::from_mins(15)),
            clock_skew: None,
            foreign: Vec::new(),
        }
    }
}

impl Tokens {
    pub(super) fn check(&self) -> Result<(), Stop> {
        if self.issuer.is_empty() || self.audience.is_empty() {
            return Err(invalid("tokens.issuer and tokens.audience", "not empty"));
        }
        if !TTL.contains(&self.ttl.0) {
            return Err(invalid("tokens.ttl", "1 second to 24 hours"));
        }
        self.verifier(Vec::new()).map(drop)
    }

    /// Trusts the tokens of these keys, and of the other issuers by the keys in their files.
    ///
    /// # Errors
    /// [`Stop::Unusable`] when a file cannot be read or holds no key to use.
    pub(crate) fn verifier(&self, keys: Vec<VerifyingKey>) -> Result<JwtVerifier, Stop> {
        let own = OwnIssuer { issuer: self.issuer.clone(), audience: self.audience.clone(), keys };
        let trust = |verifier: JwtVerifier, foreign: &Foreign| {
            verifier.with_foreign(foreign.read()?).map_err(|error| {
                let issuer = &foreign.issuer;
                Stop::Unusable(format!("configuration: tokens.foreign {issuer}: {}", causes(&error)))
            })
        };
        self.foreign.iter().try_fold(JwtVerifier::new(own, self.leeway()?), trust)
    }

    fn leeway(&self) -> Result<Leeway, Stop> {
        self.clock_skew.map_or(Ok(Leeway::default()), |skew| {
            Leeway::new(skew.0).map_err(|_| invalid("tokens.clock_skew", "60 seconds at most"))
        })
    }
}

impl Foreign {
    fn read(&self) -> Result<ForeignIssuer, Stop> {
        let jwks = std::fs::read_to_string(&self.jwks_file).map_err(|error| {
            let file = self.jwks_file.display();
            Stop::Unusable(format!("configuration: tokens.foreign.jwks_file {file}: {error}"))
        })?;
        let tenant = self.tenant.as_deref().map_or(Ok(TenantId::default()), TenantId::parse);
        Ok(ForeignIssuer {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            algorithms: self.algorithms()?,
            jwks,
            types: self.types(),
            tenant: tenant.map_err(|error| invalid("tokens.foreign.tenant", &error.to_string()))?,
        })
    }

    fn algorithms(&self) -> Result<Vec<Algorithm>, Stop> {
        if self.algorithms.0.is_empty() {
            return Ok(Algorithm::ALL.to_vec());
        }
        let known = |name: &String| {
            Algorithm::parse(name)
                .ok_or_else(|| invalid("tokens.foreign.algorithms", "a list of EdDSA, ES256 and RS256"))
        };
        self.algorithms.0.iter().map(known).collect()
    }

    fn types(&self) -> Vec<String> {
        if self.types.0.is_empty() {
            return ForeignIssuer::TYPES.map(str::to_owned).to_vec();
        }
        self.types.0.clone()
    }
}
