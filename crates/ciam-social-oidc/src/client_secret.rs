//! What a client proves itself with at the token endpoint.

use std::time::Duration;

use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use crate::settings::{APPLE, OidcSettings};

/// How long the JWT that stands for Apple's client secret lives; Apple takes up to six months.
const APPLE_SECRET_TTL: Duration = Duration::from_mins(5);

/// Why a client has no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientSecretError {
    #[error("the host gave no secret for this source")]
    Missing,
    #[error("team_id and key_id are needed for the code exchange of Apple")]
    NoTeam,
    #[error("the secret is no ES256 key in PEM")]
    Key(#[source] jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct AppleClaims<'a> {
    iss: &'a str,
    iat: i64,
    exp: i64,
    aud: &'a str,
    sub: &'a str,
}

/// The secret of a client of Apple: a JWT that the team's key signs (Sign in with Apple, "Creating a client secret").
pub(crate) fn of_apple(
    settings: &OidcSettings,
    key: &SecretText,
    now: Instant,
) -> Result<SecretText, ClientSecretError> {
    let (Some(team), Some(key_id)) = (&settings.team_id, &settings.key_id) else {
        return Err(ClientSecretError::NoTeam);
    };
    let key = EncodingKey::from_ec_pem(key.expose().as_bytes()).map_err(ClientSecretError::Key)?;
    let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some(key_id.clone());
    let claims = AppleClaims {
        iss: team,
        iat: now.unix_seconds(),
        exp: now.after(APPLE_SECRET_TTL).unix_seconds(),
        aud: APPLE,
        sub: &settings.client_id,
    };
    jsonwebtoken::encode(&header, &claims, &key).map(SecretText::new).map_err(ClientSecretError::Key)
}
