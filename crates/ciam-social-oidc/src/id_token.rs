//! The header and signature of an ID token.

use jsonwebtoken::{Header, Validation, decode_header};

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::issuer_key::IssuerKey;
use crate::settings::OidcSettings;

/// A longer token is refused before any work is done on it.
const MAX_BYTES: usize = 16 * 1024;

/// A token whose header is acceptable and whose signature nobody has checked.
pub(crate) struct Unverified<'a> {
    token: &'a str,
    key_id: String,
    pub(crate) algorithm: Algorithm,
}

impl<'a> Unverified<'a> {
    /// Reads the header: an algorithm of the settings, a key by its name, no key or certificate brought along
    /// (RFC 8725, 3.1 and 3.10), nothing critical, and the type of an ID token.
    pub(crate) fn read(token: &'a str, settings: &OidcSettings) -> Option<Self> {
        let header = (token.len() <= MAX_BYTES).then(|| decode_header(token).ok())??;
        let algorithm = Algorithm::of_wire(header.alg).filter(|name| settings.algorithms.contains(name))?;
        let plain = has_nothing_more(&header) && is_id_type(header.typ.as_deref());
        plain.then_some(())?;
        Some(Self { token, key_id: header.kid?, algorithm })
    }

    /// The key of its name among those of the issuer.
    pub(crate) fn key<'k>(&self, keys: &'k [IssuerKey]) -> Option<&'k IssuerKey> {
        keys.iter().find(|key| key.is(&self.key_id, self.algorithm))
    }

    /// The claims, if the signature is that of the key.
    pub(crate) fn verified(&self, key: &IssuerKey) -> Option<Claims> {
        // Nothing but the signature: the claims are read in full, at a time that the caller tells.
        let mut validation = Validation::new(self.algorithm.wire());
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Claims>(self.token, &key.key, &validation).ok().map(|token| token.claims)
    }
}

fn has_nothing_more(header: &Header) -> bool {
    let brings_key =
        header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() || header.x5c.is_some();
    let differs = header.crit.is_some() || header.enc.is_some() || header.zip.is_some();
    !brings_key && !differs && !header.extras.inner().contains_key("b64")
}

/// Issuers write `JWT` or nothing; `at+jwt` is an access token (RFC 9068), `logout+jwt` a logout token.
fn is_id_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"))
}
