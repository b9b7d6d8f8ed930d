//! Tokens of a session: given out, and replaced by its refresh token.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::refusal::SignInRefusal;
use ciam_domain::seal::SealPurpose;
use ciam_domain::secret::SecretText;
use ciam_domain::session::Session;
use ciam_domain::source::Source;
use ciam_domain::user::User;
use ciam_domain::{Instant, Refusal, SessionId, TenantId, UserId};
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, TokenGrant};

use crate::audit::Deed;
use crate::{Ciam, Error, Failure, Principal, handle, step};

/// The tokens of a session.
#[derive(Debug)]
pub struct Tokens {
    /// Whose they are.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The access token.
    pub access: SecretText,
    /// When the access token ends.
    pub access_expires_at: Instant,
    /// Gets new tokens, once.
    pub refresh: SecretText,
    /// When the session ends unless it is refreshed before.
    pub session_ends_at: Instant,
    /// To be kept by the device and presented at its next sign-in, so that strangers who guess at the same name do
    /// not slow it down. Opens nothing.
    pub device: Option<SecretText>,
}

/// A refresh token, read.
struct Presented {
    user: UserId,
    session: SessionId,
    /// When the person signed in: an id that a host gives out again is another session.
    signed_in: i64,
    generation: u32,
}

impl Ciam {
    /// Replaces a refresh token by the next one, with a new access token (RFC 9700, 4.14.2).
    ///
    /// A token that was replaced before ends its session: either it or its successor was stolen.
    ///
    /// # Errors
    /// [`SignInRefusal::RefreshToken`]; an [`ciam_domain::refusal::AccessRefusal`] that names the account's status;
    /// a failure of a port.
    pub async fn refresh_session(
        &self,
        tenant: &TenantId,
        refresh: &SecretText,
        source: Option<Source>,
    ) -> Result<Tokens, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        // What we did not make is nobody's doing: there is no one to record it for.
        let read = self.read_refresh(tenant, refresh).await?.ok_or(SignInRefusal::RefreshToken)?;
        let who = Principal::signed_out((tenant, &read.user, &read.session), source);
        let deed = Deed::new(&who, Action::RefreshSession, self.ports.clock.now());
        step::persist!(self.take_refresh(&deed, &read))
    }

    async fn take_refresh(&self, deed: &Deed<'_>, read: &Presented) -> Result<Tokens, Error> {
        let loaded = self.ports.store.load(&step::query(deed)).await?;
        let Some(loaded) = loaded else {
            return Err(self.refuse(deed, SignInRefusal::RefreshToken).await);
        };
        if let Err(refusal) = loaded.user.status.admit(deed.now) {
            return Err(self.refuse(deed, refusal).await);
        }
        let session = loaded.session.filter(|session| session.is_alive(&loaded.user.stamp, deed.now));
        let session = session.filter(|session| session.auth_time.unix_micros() == read.signed_in);
        let Some(session) = session else {
            return Err(self.refuse(deed, SignInRefusal::RefreshToken).await);
        };
        if read.generation == session.generation {
            return self.rotate(deed, &loaded.user, &session).await;
        }
        // A clock that was set back gives no leeway, or a replaced token would live until it catches up.
        let lately = session.used_at <= deed.now
            && deed.now < session.used_at.after(self.config.session.refresh_leeway);
        if lately && read.generation.checked_add(1) == Some(session.generation) {
            return self.tokens_of(&loaded.user, &session, deed.now).await;
        }
        let outcome = Outcome::Refused(Refusal::from(SignInRefusal::RefreshToken).reason().into());
        let record = self.record(&deed.saying("used again"), outcome)?;
        let end = self.end(&loaded.user, &session.id, deed.now);
        self.ports.store.commit(Commit { session: end, audit: vec![record], ..step::commit(deed) }).await?;
        Err(SignInRefusal::RefreshToken.into())
    }

    async fn rotate(&self, deed: &Deed<'_>, user: &User, session: &Session) -> Result<Tokens, Error> {
        let (_, idle) = self.config.session.life(&session.amr);
        let next = Session {
            revision: session.revision.saturating_add(1),
            generation: session.generation.saturating_add(1),
            used_at: deed.now.max(session.used_at),
            idle_ends_at: idle.map(|idle| deed.now.after(idle)),
            source: deed.who.source().or(session.source),
            ..session.clone()
        };
        let tokens = self.tokens_of(user, &next, deed.now).await?;
        let write = SessionWrite::Replace { expected: session.revision, session: next.into() };
        self.write(deed, Commit { session: write, ..step::commit(deed) }).await?;
        Ok(tokens)
    }

    /// The tokens of a session as it stands: a refresh token is the same as often as it is asked for.
    pub(crate) async fn tokens_of(
        &self,
        user: &User,
        session: &Session,
        now: Instant,
    ) -> Result<Tokens, Error> {
        let issuer = self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let access_expires_at = now.after(self.config.session.access_ttl).min(session.ends_at());
        let grant = TokenGrant {
            tenant: user.tenant.clone(),
            subject: user.id.clone(),
            session: session.id.clone(),
            scopes: session.scopes.clone(),
            client: session.client.clone(),
            amr: session.amr.clone(),
            auth_time: session.auth_time,
            issued_at: now,
            expires_at: access_expires_at,
        };
        let generation = session.generation.to_string();
        let signed_in = session.auth_time.unix_micros().to_string();
        let sealed = handle::refresh(&user.tenant, &user.id, &session.id, (&signed_in, &generation));
        let shown = [user.id.as_str(), session.id.as_str(), &signed_in, &generation];
        Ok(Tokens {
            user: user.id.clone(),
            session: session.id.clone(),
            access: issuer.issue(&grant).await?,
            access_expires_at,
            refresh: self.sealed(SealPurpose::RefreshToken, &sealed, &shown).await?,
            session_ends_at: session.ends_at(),
            device: None,
        })
    }

    /// The tokens of a session that was just opened, and one by which the device is known at its next sign-in.
    pub(crate) async fn tokens_with_device(
        &self,
        user: &User,
        session: &Session,
        now: Instant,
    ) -> Result<Tokens, Error> {
        let nonce = hex::encode(self.random_bits()?);
        let sealed = handle::device(&user.tenant, &user.id, &nonce);
        let device = self.sealed(SealPurpose::DeviceToken, &sealed, &[&nonce]).await?;
        Ok(Tokens { device: Some(device), ..self.tokens_of(user, session, now).await? })
    }

    async fn read_refresh(
        &self,
        tenant: &TenantId,
        refresh: &SecretText,
    ) -> Result<Option<Presented>, Error> {
        let Some([user, session, signed_in, generation, mac, key]) = handle::parts(refresh.expose()) else {
            return Ok(None);
        };
        let (Ok(user), Ok(session), Ok(moment), Ok(number)) =
            (UserId::parse(user), SessionId::parse(session), signed_in.parse(), generation.parse())
        else {
            return Ok(None);
        };
        let sealed = handle::refresh(tenant, &user, &session, (signed_in, generation));
        let ours = self.is_sealed(SealPurpose::RefreshToken, &sealed, (key, mac)).await?;
        Ok(ours.then_some(Presented { user, session, signed_in: moment, generation: number }))
    }
}
