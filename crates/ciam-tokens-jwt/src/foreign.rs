//! Issuers other than this service.

use ciam_ports::domain::TenantId;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};

use crate::algorithm::Algorithm;
use crate::key::VerifyingKey;
use crate::trust::{ACCESS_TOKEN, Trust};

/// Why a foreign issuer cannot be trusted as configured.
#[derive(Debug, thiserror::Error)]
pub enum ForeignIssuerError {
    /// Its keys are no JWKS document.
    #[error("the keys are no JWKS document")]
    Unreadable(#[source] serde_json::Error),
    /// It has no key with a name, for signatures, of an accepted algorithm.
    #[error("there is no named signature key of an accepted algorithm")]
    NoKey,
}

/// An issuer whose access tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignIssuer {
    /// Its name, exactly as in `iss`.
    pub issuer: String,
    /// What `aud` must contain.
    pub audience: String,
    /// The algorithms accepted from it.
    pub algorithms: Vec<Algorithm>,
    /// Its public keys: a JWKS document (RFC 7517, 5). Keys without a name or of other kinds are passed over.
    pub jwks: String,
    /// The values of `typ` accepted; [`ForeignIssuer::TYPES`] unless there is a reason.
    pub types: Vec<String>,
    /// The tenant whose people it speaks for. What its tokens say of a tenant means nothing here.
    pub tenant: TenantId,
}

impl ForeignIssuer {
    /// The types of token accepted by default. `JWT` is what issuers older than RFC 9068 write, on ID tokens too: those
    /// are kept out by their audience.
    pub const TYPES: [&'static str; 2] = [ACCESS_TOKEN, "JWT"];

    pub(crate) fn trust(self) -> Result<Trust, ForeignIssuerError> {
        let set: JwkSet = serde_json::from_str(&self.jwks).map_err(ForeignIssuerError::Unreadable)?;
        let keys: Vec<_> = set
            .keys
            .into_iter()
            .filter_map(verifying)
            .filter(|key| self.algorithms.contains(&key.algorithm))
            .collect();
        if keys.is_empty() {
            return Err(ForeignIssuerError::NoKey);
        }
        let Self { issuer, audience, types, tenant, .. } = self;
        Ok(Trust { issuer, audience, types, keys, foreign: Some(tenant) })
    }
}

fn verifying(jwk: Jwk) -> Option<VerifyingKey> {
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let named_algorithm = jwk.common.key_algorithm;
    let key = VerifyingKey::named(jwk.common.key_id.clone()?, jwk).ok()?;
    let agrees = named_algorithm.is_none_or(|name| name == key.algorithm.wire().into());
    (signs && agrees).then_some(key)
}
