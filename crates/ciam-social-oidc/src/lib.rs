//! Social sign-in by OpenID Connect for ciam: generic issuers, Google, Apple.
//!
//! [`OidcVerifier`] takes an authorization code, which it exchanges for an ID token, or an ID token that an app presents,
//! and tells which person the issuer vouches for. It finds endpoints and keys by discovery, keeps keys for an hour, and
//! asks for unknown ones once a minute at most. Algorithms are pinned by the settings of the source; keys that a token
//! brings along mean nothing. [The guide](https://github.com/ciam-rs/ciam/blob/main/docs/guides/social_sources.md) lists
//! the settings.
//!
//! It does not encrypt, does not ask the userinfo endpoint, and keeps no token: what it was given is gone when it answers.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ciam_ports::domain::TenantId;
//! use ciam_ports::domain::secret::SecretText;
//! use ciam_ports::domain::social::SocialSourceId;
//! use ciam_social_oidc::OidcVerifier;
//! # fn client() -> Arc<dyn ciam_ports::HttpClient> {
//! #     struct Offline;
//! #     #[async_trait::async_trait]
//! #     impl ciam_ports::HttpClient for Offline {
//! #         async fn send(
//! #             &self,
//! #             _: ciam_ports::HttpRequest,
//! #         ) -> Result<ciam_ports::HttpReply, ciam_ports::HttpError> {
//! #             Err(ciam_ports::HttpError::Address)
//! #         }
//! #     }
//! #     Arc::new(Offline)
//! # }
//!
//! let secret = SecretText::new("what the issuer gave".to_owned());
//! let source = (TenantId::default(), SocialSourceId::parse("google-web")?);
//! let verifier = OidcVerifier::new(client()).with_secret(source, secret);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod algorithm;
mod claims;
mod client_secret;
mod exchange;
mod id_token;
mod issuer_key;
mod provider;
mod settings;
mod verifier;

pub use settings::SettingError;
pub use verifier::OidcVerifier;
