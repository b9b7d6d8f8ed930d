//! The public keys of an issuer.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize;

use crate::algorithm::Algorithm;

/// A named key that signs ID tokens.
#[derive(Debug)]
pub(crate) struct IssuerKey {
    jwk: Jwk,
    pub(crate) key: DecodingKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl IssuerKey {
    /// The keys of a JWKS document (RFC 7517, 5) that can check signatures. Keys without a name or of other kinds are
    /// passed over.
    pub(crate) fn all(document: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        let document: Document = serde_json::from_slice(document)?;
        Ok(document.keys.into_iter().filter_map(Self::of_json).collect())
    }

    fn of_json(json: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(json).ok()?;
        let named = jwk.common.key_id.is_some();
        let signs = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
        let verifies =
            jwk.common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        let key = (named && signs && verifies).then(|| DecodingKey::from_jwk(&jwk).ok())??;
        Some(Self { jwk, key })
    }

    /// Whether it is the key of this name for this algorithm.
    pub(crate) fn is(&self, id: &str, algorithm: Algorithm) -> bool {
        let named = self.jwk.common.key_id.as_deref() == Some(id);
        let meant = self.jwk.common.key_algorithm.is_none_or(|name| name == algorithm.wire().into());
        named && meant && algorithm.fits(&self.jwk.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_check_no_signature_are_passed_over() {
        let document = br#"{"keys":[
            {"kty":"oct","kid":"a","k":"c2VjcmV0"},
            {"kty":"OKP","crv":"Ed25519","kid":"b","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            {"kty":"later","kid":"c"}, 7,
            {"kty":"OKP","crv":"Ed25519","kid":"d","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        ]}"#;
        let keys = IssuerKey::all(document).expect("a document");
        assert!(["a", "b", "c"].iter().all(|id| !keys.iter().any(|key| key.is(id, Algorithm::EdDsa))));
        assert!(keys.iter().any(|key| key.is("d", Algorithm::EdDsa)));
        assert!(!keys.iter().any(|key| key.is("d", Algorithm::Rs256)));
    }
}
