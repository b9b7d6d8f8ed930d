//! The holder of a verified access token.

use ciam_domain::audit::Actor;
use ciam_domain::flow::{Flow, Operation};
use ciam_domain::rate::RateSubject;
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::secret::SecretText;
use ciam_domain::session::{Amr, Session, SessionStage};
use ciam_domain::source::Source;
use ciam_domain::user::Status;
use ciam_domain::{Instant, SessionId, TenantId, UserId};
use ciam_ports::{Loaded, TokenClaims, TokenOrigin};

use crate::{Ciam, Error};

/// Who holds a token with a good signature and lifetime. Only [`Ciam::principal`] makes one.
///
/// Whether account and session may act is checked by every use case against the store.
#[derive(Debug, Clone)]
pub struct Principal {
    claims: TokenClaims,
    source: Option<Source>,
    standing: Standing,
}

/// What lets somebody act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// A verified access token.
    Token,
    /// A flow of somebody who is not signed in, and has proven nothing.
    SignedOut,
    /// A flow of somebody who is not signed in, and has proven a factor.
    HalfWay,
}

impl Ciam {
    /// Verifies a token by itself: signature, issuer, audience, lifetime, and that it has `scope` as a
    /// whole word. Reads nothing from the store.
    ///
    /// # Errors
    /// [`AccessRefusal::InvalidToken`], [`AccessRefusal::InsufficientScope`], or a failure of the keys.
    pub async fn principal(&self, token: &SecretText, scope: &str) -> Result<Principal, Error> {
        let claims = self.ports.tokens.verify(token, self.ports.clock.now()).await?;
        if !claims.scopes.iter().any(|granted| granted == scope) {
            return Err(AccessRefusal::InsufficientScope.into());
        }
        Ok(Principal { claims, source: None, standing: Standing::Token })
    }
}

impl Principal {
    /// Says where the request came from, so that limits by source apply and the audit trail tells it.
    #[must_use]
    pub const fn with_source(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// The tenant of the person.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.claims.tenant
    }

    /// The person.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.claims.subject
    }

    /// The session, where the token names one.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        self.claims.session.as_ref()
    }

    /// Where the request came from, where that is known.
    #[must_use]
    pub const fn source(&self) -> Option<Source> {
        self.source
    }

    pub(crate) fn client(&self) -> Option<&str> {
        self.claims.client.as_deref()
    }

    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.claims.scopes.iter().any(|granted| granted == scope)
    }

    pub(crate) fn sensitive_session(&self) -> Result<&SessionId, AccessRefusal> {
        self.session().ok_or(AccessRefusal::NoSession)
    }

    pub(crate) fn amr<'a>(&'a self, loaded: &'a Loaded) -> &'a [Amr] {
        told_by(loaded).map_or(&self.claims.amr, |session| &session.amr)
    }

    pub(crate) fn auth_time(&self, loaded: &Loaded) -> Option<Instant> {
        told_by(loaded).map(|session| session.auth_time).or(self.claims.auth_time)
    }

    /// Somebody who is not signed in, on the way to be `user`.
    pub(crate) fn signed_out(
        (tenant, user, session): (&TenantId, &UserId, &SessionId),
        source: Option<Source>,
    ) -> Self {
        let claims = TokenClaims {
            origin: TokenOrigin::Own,
            tenant: tenant.clone(),
            subject: user.clone(),
            session: Some(session.clone()),
            scopes: Vec::new(),
            client: None,
            amr: Vec::new(),
            auth_time: None,
            issued_at: Instant::EPOCH,
            expires_at: Instant::EPOCH,
        };
        Self { claims, source, standing: Standing::SignedOut }
    }

    /// Whose counts of attempts are raised: strangers never use up what a signed-in person has.
    pub(crate) fn payer(&self) -> RateSubject {
        match self.standing {
            Standing::Token => RateSubject::new(&[self.user().as_str()]),
            // Anybody can get here: such attempts count in their flow, and no stranger uses up what the owner has.
            Standing::SignedOut => {
                let session = self.session().map_or("", SessionId::as_str);
                RateSubject::new(&[self.user().as_str(), "signed_out", session])
            }
            Standing::HalfWay => half_way(self.user()),
        }
    }

    /// The same, after a factor.
    pub(crate) const fn half_way(mut self) -> Self {
        self.standing = Standing::HalfWay;
        self
    }

    pub(crate) fn is_half_way(&self) -> bool {
        self.standing == Standing::HalfWay
    }

    pub(crate) fn is_signed_out(&self) -> bool {
        self.standing != Standing::Token
    }

    pub(crate) fn actor(&self) -> Actor {
        match self.standing {
            Standing::Token => Actor::Person(self.user().clone()),
            Standing::SignedOut | Standing::HalfWay => Actor::Anonymous,
        }
    }

    /// Whether account and session may act: status first, then the stamp, so that the reply can name the
    /// status of the account.
    pub(crate) fn admit(&self, loaded: &Loaded, now: Instant) -> Result<(), AccessRefusal> {
        match self.standing {
            Standing::Token => self.admit_token(loaded, now),
            Standing::SignedOut | Standing::HalfWay => admit_signed_out(loaded, now),
        }
    }

    /// Whether the session was ended here after the sign-in. A token that does not say when that was may be a renewed
    /// one, however new it is.
    fn was_ended(&self, loaded: &Loaded) -> bool {
        let ended = loaded.session.as_ref().filter(|session| session.stage == SessionStage::Ended);
        ended.is_some_and(|ended| self.claims.auth_time.is_none_or(|signed_in| signed_in <= ended.auth_time))
    }

    fn admit_token(&self, loaded: &Loaded, now: Instant) -> Result<(), AccessRefusal> {
        loaded.user.status.admit(now)?;
        let session = loaded.session.as_ref().filter(|session| session.is_alive(&loaded.user.stamp, now));
        let known = session.is_some();
        let alive = match self.claims.origin {
            // A token older than its session is of an ended one whose id the host gave out again.
            TokenOrigin::Own => session.is_some_and(|session| {
                self.claims.issued_at.unix_seconds() >= session.auth_time.unix_seconds()
            }),
            // A foreign session has a row only once a change of its own re-stamped it. A token that its
            // issuer renewed is no new sign-in: where it says when that was, that is what counts.
            TokenOrigin::Foreign => {
                let signed_in = self.claims.auth_time.unwrap_or(self.claims.issued_at);
                let began_again = signed_in.min(self.claims.issued_at) > loaded.user.stamped_at;
                known || (began_again && !self.was_ended(loaded))
            }
        };
        if alive { Ok(()) } else { Err(AccessRefusal::InvalidToken) }
    }
}

/// The session whose row says how it was opened.
pub(crate) fn told_by(loaded: &Loaded) -> Option<&Session> {
    loaded.session.as_deref().filter(|session| session.stage != SessionStage::Ended)
}

/// A lock does not stop who recovers the password, and only a deletion that is not over can be called back.
fn admit_signed_out(loaded: &Loaded, now: Instant) -> Result<(), AccessRefusal> {
    match (loaded.flow.as_ref().map(Flow::operation), loaded.user.status) {
        (Some(Operation::RecoverPassword), Status::Locked { .. }) => Ok(()),
        (Some(Operation::RestoreAccount), status) if status.can_be_restored(now) => Ok(()),
        (Some(Operation::RestoreAccount), _) => Err(AccessRefusal::Deleted),
        (_, status) => status.admit(now),
    }
}

/// Who pays for attempts that follow a factor of somebody who is not signed in.
pub(crate) fn half_way(user: &UserId) -> RateSubject {
    RateSubject::new(&[user.as_str(), "signed_out"])
}
