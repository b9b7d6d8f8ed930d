//! Access tokens as signed JWT for ciam: issue, verify, foreign issuers by JWKS.
//!
//! [`JwtIssuer`] signs access tokens of RFC 9068 with `EdDSA`, ES256 or RS256; [`JwtVerifier`] checks them, and
//! those of [`ForeignIssuer`]s whose public keys the host configures. A key is named by its thumbprint
//! (RFC 7638), so keys are replaced by signing with a new one while the old one still verifies.
//!
//! It fetches nothing: keys come from configuration, and `jku`, `x5u` and `jwk` headers mean nothing here. It
//! does not encrypt, does not know HMAC, and does not tell whether a session is alive: that is the store's.
//! Signing and verifying happen in the calling task: about 30 microseconds, 1 millisecond to sign with RS256.
//!
//! ```
//! use std::sync::Arc;
//! # use ciam_ports::{Random, RandomError};
//! # struct Chance;
//! # impl Random for Chance {
//! #     fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> { bytes.fill(4); Ok(()) }
//! # }
//! use ciam_tokens_jwt::{JwtIssuer, JwtVerifier, Leeway, OwnIssuer, SigningKey, generate_ed25519};
//!
//! let random = Arc::new(Chance);
//! let key = SigningKey::from_pem(generate_ed25519(random.as_ref())?.expose())?;
//! let own = OwnIssuer {
//!     issuer: "https://id.example".to_owned(),
//!     audience: "account".to_owned(),
//!     keys: vec![key.verifying_key()],
//! };
//! let issuer = JwtIssuer::new(&own.issuer, &own.audience, key, random);
//! let verifier = JwtVerifier::new(own, Leeway::default());
//! println!("{}", verifier.jwks());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod algorithm;
mod claims;
mod foreign;
mod issuer;
mod key;
mod leeway;
mod trust;
mod verifier;

pub use algorithm::Algorithm;
pub use foreign::{ForeignIssuer, ForeignIssuerError};
pub use issuer::JwtIssuer;
pub use key::{KeyError, SigningKey, VerifyingKey, generate_ed25519};
pub use leeway::{Leeway, LeewayError};
pub use verifier::{JwtVerifier, OwnIssuer};
