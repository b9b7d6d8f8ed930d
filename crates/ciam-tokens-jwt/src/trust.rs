//! One issuer that is trusted: its names, its keys, its types of token.

use ciam_ports::TokenClaims;
use ciam_ports::domain::{Instant, TenantId};
use jsonwebtoken::{Header, Validation};

use crate::claims::Read;
use crate::key::VerifyingKey;
use crate::leeway::Leeway;

/// The type of an access token (RFC 9068, 2.1).
pub(crate) const ACCESS_TOKEN: &str = "at+jwt";

/// An issuer and what its tokens must be like.
pub(crate) struct Trust {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) types: Vec<String>,
    pub(crate) keys: Vec<VerifyingKey>,
    /// The tenant of a foreign issuer's people; own tokens name theirs.
    pub(crate) foreign: Option<TenantId>,
}

impl Trust {
    /// The claims of a token of this issuer; `None` for any defect.
    pub(crate) fn read(
        &self,
        token: &str,
        header: &Header,
        now: Instant,
        leeway: Leeway,
    ) -> Option<TokenClaims> {
        let key = self.accepts_type(header).then(|| self.key(header))??;
        let claims = jsonwebtoken::decode::<Read>(token, &key.key, &signature_only(key)).ok()?.claims;
        let fits = claims.iss == self.issuer && claims.aud.contain(&self.audience);
        if !fits || !is_current(&claims, now, leeway) {
            return None;
        }
        match &self.foreign {
            Some(tenant) => claims.foreign(tenant.clone()),
            None => claims.own(),
        }
    }

    fn accepts_type(&self, header: &Header) -> bool {
        let typ = header.typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
        typ.is_some_and(|typ| self.types.iter().any(|accepted| accepted.eq_ignore_ascii_case(typ)))
    }

    fn key(&self, header: &Header) -> Option<&VerifyingKey> {
        let id = header.kid.as_deref()?;
        self.keys.iter().find(|key| key.id == id && key.algorithm.wire() == header.alg)
    }
}

/// Checks nothing but the signature: times are told by the port, and the other claims are read in full.
fn signature_only(key: &VerifyingKey) -> Validation {
    let mut validation = Validation::new(key.algorithm.wire());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn is_current(claims: &Read, now: Instant, leeway: Leeway) -> bool {
    let leeway = leeway.as_duration();
    let latest = now.after(leeway);
    now < claims.exp.0.after(leeway) && claims.iat.0 <= latest && claims.nbf.is_none_or(|nbf| nbf.0 <= latest)
}
