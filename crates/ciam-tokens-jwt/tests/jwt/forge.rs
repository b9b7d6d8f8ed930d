//! Keys of these tests alone, and tokens signed with them, good and bad.

use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{TokenClaims, TokenError, TokenVerifier};
use ciam_tokens_jwt::{JwtVerifier, Leeway, OwnIssuer, SigningKey};
use futures_executor::block_on;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

pub(crate) const ED: &str = include_str!("../keys/eddsa.pem");
pub(crate) const ED_PUBLIC: &str = include_str!("../keys/eddsa.pub.pem");
pub(crate) const EC: &str = include_str!("../keys/es256.pem");
pub(crate) const EC_PUBLIC: &str = include_str!("../keys/es256.pub.pem");
pub(crate) const RSA: &str = include_str!("../keys/rs256.pem");
pub(crate) const RSA_PUBLIC: &str = include_str!("../keys/rs256.pub.pem");

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "account";

pub(crate) fn now() -> Instant {
    Instant::from_unix_seconds(NOW)
}

pub(crate) fn own(keys: &[&SigningKey]) -> OwnIssuer {
    let keys = keys.iter().map(|key| key.verifying_key()).collect();
    OwnIssuer { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned(), keys }
}

pub(crate) fn ed_key() -> SigningKey {
    SigningKey::from_pem(ED).expect("a key")
}

pub(crate) fn verifier() -> JwtVerifier {
    JwtVerifier::new(own(&[&ed_key()]), Leeway::default())
}

/// The header and claims of a good own token, to be spoilt.
pub(crate) fn good() -> (Value, Value) {
    let header = json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": ed_key().id() });
    let claims = json!({
        "iss": ISSUER, "sub": "user-1", "aud": AUDIENCE, "exp": NOW + 900, "iat": NOW, "nbf": NOW,
        "jti": "token-1", "sid": "session-1", "auth_time": NOW - 60, "amr": ["pwd"], "scope": "openid user",
        "client_id": "app",
    });
    (header, claims)
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    let armoured = pem::encode(&pem::Pem::new("X", bytes));
    let lines: String = armoured.lines().filter(|line| !line.starts_with('-')).collect();
    lines.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
}

pub(crate) fn unsigned((header, claims): &(Value, Value)) -> String {
    format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()))
}

pub(crate) fn signed(parts: &(Value, Value), key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = unsigned(parts);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("a signature");
    format!("{message}.{signature}")
}

pub(crate) fn ed_signed(parts: &(Value, Value)) -> String {
    signed(parts, &EncodingKey::from_ed_pem(ED.as_bytes()).expect("a key"), Algorithm::EdDSA)
}

pub(crate) fn verify_at(verifier: &JwtVerifier, token: &str, now: Instant) -> Option<TokenClaims> {
    match block_on(verifier.verify(&SecretText::new(token.to_owned()), now)) {
        Ok(claims) => Some(claims),
        Err(TokenError::Invalid) => None,
        Err(other) => unreachable!("nothing here is unavailable: {other}"),
    }
}

pub(crate) fn verify(verifier: &JwtVerifier, token: &str) -> Option<TokenClaims> {
    verify_at(verifier, token, now())
}
