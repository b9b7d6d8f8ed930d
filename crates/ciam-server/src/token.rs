//! `token`: access tokens issued on the operator's word.

use std::time::Duration;

use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::{TenantId, UserId};
use ciam::ports::StoreError;
use ciam::{Ciam, Error, Failure, TokenRequest};

use crate::arguments::TokenIssue;
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::output;
use crate::stop::Stop;
use crate::user::refused;

/// The scopes of every dialect: Alibaba, Tencent and `CloudBase`.
pub(crate) const DEFAULT_SCOPE: &str = "USER_API openid user";

/// Issues one token and prints it.
///
/// # Errors
/// [`Stop`] that says why there is none.
pub(crate) async fn issue(arguments: TokenIssue) -> Result<(), Stop> {
    let settings = Settings::load(arguments.place.config.as_deref())?;
    let Assembly { ciam, .. } = assemble(&settings, &Directory::existing(&arguments.place.data_dir)?)?;
    let ttl = arguments.ttl.unwrap_or(settings.tokens.ttl);
    let request = TokenRequest {
        session: arguments.session,
        amr: arguments.amr.split_whitespace().map(Amr::parse).collect(),
        scopes: words(&arguments.scope),
        ..request(arguments.user, ttl.0)
    };
    let named = request.session.is_some();
    let issued = ciam.issue_token(request).await.map_err(|error| match error {
        Error::Failed(Failure::Store(StoreError::Stale)) if named => {
            Stop::Refused("the session belongs to another account".to_owned())
        }
        error => refused(&error),
    })?;
    output::line(issued.token.expose())
}

/// A token of a new session with the default scopes.
///
/// # Errors
/// [`Stop`] that says why there is none.
pub(crate) async fn for_person(ciam: &Ciam, user: &UserId, ttl: Duration) -> Result<SecretText, Stop> {
    let issued = ciam.issue_token(request(user.clone(), ttl)).await;
    issued.map(|issued| issued.token).map_err(|error| refused(&error))
}

fn request(user: UserId, ttl: Duration) -> TokenRequest {
    TokenRequest {
        tenant: TenantId::default(),
        user,
        session: None,
        amr: vec![Amr::Password],
        scopes: words(DEFAULT_SCOPE),
        client: None,
        ttl,
    }
}

fn words(scope: &str) -> Vec<String> {
    scope.split_whitespace().map(str::to_owned).collect()
}
