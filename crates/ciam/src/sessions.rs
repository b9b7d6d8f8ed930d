//! Sessions opened on the host's own word, and their tokens.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use ciam_domain::audit::{Action, AuditRecord, Outcome};
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::secret::SecretText;
use ciam_domain::session::{Amr, Session};
use ciam_domain::{Instant, SessionId, TenantId, User, UserId};
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, Loaded, StepQuery, TokenGrant};

use crate::{Ciam, Error, Failure};

/// A token to be issued by the host for a person whom it has authenticated.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The session to issue it for; a new one where it is not given or not alive.
    pub session: Option<SessionId>,
    /// How the person signed in, for a new session.
    pub amr: Vec<Amr>,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// The application it is issued to.
    pub client: Option<String>,
    /// How long it lives.
    pub ttl: Duration,
}

/// A token that was issued.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: SecretText,
    /// Its session.
    pub session: SessionId,
    /// When it ends.
    pub expires_at: Instant,
}

impl Ciam {
    /// Issues a token for a person whom the host has authenticated, in a new session or in one of theirs.
    ///
    /// # Errors
    /// An access refusal when the account may not act; [`Failure::NotOffered`] without an issuer; a failure
    /// of a port.
    pub async fn issue_token(&self, request: TokenRequest) -> Result<IssuedToken, Error> {
        let issuer = self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let now = self.ports.clock.now();
        let query = StepQuery {
            session: request.session.clone(),
            ..StepQuery::of(request.tenant.clone(), request.user.clone())
        };
        let loaded = self.ports.store.load(&query).await?.ok_or(AccessRefusal::UnknownUser)?;
        if let Err(refusal) = loaded.user.status.admit(now) {
            return Err(self.refuse_session(&loaded.user, refusal, now).await);
        }
        let session = self.session_for(&request, loaded, now).await?;
        let expires_at = now.after(request.ttl).min(session.expires_at);
        let grant = TokenGrant {
            tenant: request.tenant,
            subject: request.user,
            session: session.id.clone(),
            scopes: request.scopes,
            client: request.client,
            amr: session.amr.clone(),
            auth_time: session.auth_time,
            issued_at: now,
            expires_at,
        };
        Ok(IssuedToken { token: issuer.issue(&grant).await?, session: session.id.clone(), expires_at })
    }

    async fn session_for(
        &self,
        request: &TokenRequest,
        loaded: Loaded,
        now: Instant,
    ) -> Result<Arc<Session>, Error> {
        let Loaded { user, session, .. } = loaded;
        // The id of a dead session is not used again: its old tokens would live again with it.
        let id = match (session, &request.session) {
            (Some(session), _) if session.is_alive(&user.stamp, now) => return Ok(session),
            (None, Some(id)) => id.clone(),
            _ => SessionId::from_random(self.random_bits()?),
        };
        let session = Arc::new(Session {
            amr: request.amr.clone(),
            client: request.client.clone(),
            scopes: request.scopes.clone(),
            ..Session::open(&user, id, now, now.after(self.config.session.ttl))
        });
        let commit = Commit {
            session: SessionWrite::Put(session.clone()),
            audit: vec![self.system_record(&user, Action::OpenSession, None, now)?],
            ..Commit::of(user.tenant.clone(), user.id.clone(), now)
        };
        self.ports.store.commit(commit).await?;
        Ok(session)
    }

    async fn refuse_session(&self, user: &User, refusal: AccessRefusal, now: Instant) -> Error {
        let record = self.system_record(user, Action::OpenSession, None, now).map(|record| AuditRecord {
            outcome: Outcome::Refused(Cow::Borrowed(refusal.reason())),
            ..record
        });
        let written = match record {
            Ok(record) => {
                let (tenant, user) = (user.tenant.clone(), user.id.clone());
                self.ports.store.commit(Commit { audit: vec![record], ..Commit::of(tenant, user, now) }).await
            }
            Err(error) => return error,
        };
        written.map_or_else(Into::into, |()| refusal.into())
    }
}
