//! The person's own sessions: seen and ended.

use std::sync::Arc;

use ciam_domain::audit::Action;
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::session::{Amr, Session};
use ciam_domain::source::Source;
use ciam_domain::user::{SecurityStamp, User};
use ciam_domain::{DeviceId, Instant, SessionId};
use ciam_ports::store::SessionWrite;
use ciam_ports::{Commit, StepQuery};

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnSession {
    /// Its id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// How the person signed in.
    pub amr: Vec<Amr>,
    /// When the person signed in.
    pub auth_time: Instant,
    /// When it last got new tokens.
    pub used_at: Instant,
    /// When it ends, unless it is used before.
    pub ends_at: Instant,
    /// The application.
    pub client: Option<String>,
    /// The device.
    pub device: Option<DeviceId>,
    /// Where it was opened or last used from.
    pub source: Option<Source>,
}

impl Ciam {
    /// Lists the live sessions of the person, opened last first. A foreign session has no row before its first
    /// sensitive change, and is not listed.
    ///
    /// # Errors
    /// An access refusal, or a failure of the store.
    pub async fn own_sessions(&self, who: &Principal) -> Result<Vec<OwnSession>, Error> {
        let deed = Deed::new(who, Action::ListSessions, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        let sessions = self.ports.store.sessions(who.tenant(), who.user()).await?;
        let alive = sessions.into_iter().filter(|session| session.is_alive(&loaded.user.stamp, deed.now));
        let shown = alive.map(|session| OwnSession {
            is_current: who.session() == Some(&session.id),
            ends_at: session.ends_at(),
            id: session.id,
            amr: session.amr,
            auth_time: session.auth_time,
            used_at: session.used_at,
            client: session.client,
            device: session.device,
            source: session.source,
        });
        Ok(shown.collect())
    }

    /// Ends one of the person's own sessions. Any but the acting one takes a sign-in within
    /// [`crate::FRESH_SIGN_IN`]. An id that is no session of theirs ends nothing, and is answered alike.
    ///
    /// # Errors
    /// [`AccessRefusal::StaleAuthentication`], another access refusal, or a failure of the store.
    pub async fn end_session(&self, who: &Principal, session: &SessionId) -> Result<(), Error> {
        let deed = Deed::new(who, Action::EndSession, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        let own = self.sensitive(&deed).await?;
        if own != session && !Self::is_fresh(&deed, &loaded) {
            return Err(self.refuse(&deed, AccessRefusal::StaleAuthentication).await);
        }
        // Nobody's word alone occupies an id under which there is nothing: it may be what another person's issuer uses.
        let ends = own == session || self.has_session(who, session).await?;
        let end = if ends { self.end(&loaded.user, session, deed.now) } else { SessionWrite::Keep };
        self.write(&deed, Commit { session: end, ..step::commit(&deed) }).await
    }

    async fn has_session(&self, who: &Principal, session: &SessionId) -> Result<bool, Error> {
        let whose = StepQuery::of(who.tenant().clone(), who.user().clone());
        let query = StepQuery { session: Some(session.clone()), ..whose };
        Ok(self.ports.store.load(&query).await?.is_some_and(|loaded| loaded.session.is_some()))
    }

    /// How every session is ended: by what keeps it so as long as one may live, for its issuer may go on renewing its tokens.
    pub(crate) fn end(&self, user: &User, session: &SessionId, now: Instant) -> SessionWrite {
        let over = Session::ended(user, session.clone(), now, now.after(self.config.session.ttl));
        SessionWrite::End(Arc::new(over))
    }

    /// How the acting session is ended, where there is one.
    pub(crate) fn end_acting(&self, deed: &Deed<'_>, user: &User) -> SessionWrite {
        deed.who.session().map_or(SessionWrite::Keep, |own| self.end(user, own, deed.now))
    }

    /// Ends every session of the person, the acting one too, with every open flow and code. Takes a sign-in within
    /// [`crate::FRESH_SIGN_IN`].
    ///
    /// # Errors
    /// As of [`Ciam::end_session`].
    pub async fn end_all_sessions(&self, who: &Principal) -> Result<(), Error> {
        let deed = Deed::new(who, Action::EndAllSessions, self.ports.clock.now());
        step::persist!(self.try_to_end_all(&deed))
    }

    async fn try_to_end_all(&self, deed: &Deed<'_>) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        let own = self.sensitive(deed).await?.clone();
        if !Self::is_fresh(deed, &loaded) {
            return Err(self.refuse(deed, AccessRefusal::StaleAuthentication).await);
        }
        let stamp = SecurityStamp::from_bytes(self.random_bits()?);
        let (user, _) = self.restamped(deed, &loaded, User::clone(&loaded.user), stamp).into_writes();
        let session = self.end(&loaded.user, &own, deed.now);
        self.write(deed, Commit { user, session, ..step::commit(deed) }).await
    }
}
