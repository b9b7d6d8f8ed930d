//! The person's own sessions: seen and ended.

use ciam_domain::audit::Action;
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::session::{Amr, Session};
use ciam_domain::source::Source;
use ciam_domain::user::{SecurityStamp, User};
use ciam_domain::{DeviceId, Instant, SessionId};
use ciam_ports::Commit;
use ciam_ports::store::SessionWrite;

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
        let end = if own == session && who.is_foreign() {
            // Its issuer goes on renewing its tokens, whether or not there was a row for it here.
            SessionWrite::Put(self.ended(&loaded.user, session, deed.now).into())
        } else {
            SessionWrite::End(session.clone())
        };
        self.write(&deed, Commit { session: end, ..step::commit(&deed) }).await
    }

    /// What keeps a session ended as long as one may live.
    pub(crate) fn ended(&self, user: &User, session: &SessionId, now: Instant) -> Session {
        Session::ended(user, session.clone(), now, now.after(self.config.session.ttl))
    }

    /// Ends every session of the person, the acting one too, with every open flow and code. Takes a sign-in within
    /// [`crate::FRESH_SIGN_IN`].
    ///
    /// # Errors
    /// As of [`Ciam::end_session`].
    pub async fn end_all_sessions(&self, who: &Principal) -> Result<(), Error> {
        let deed = Deed::new(who, Action::EndAllSessions, self.ports.clock.now());
        step::persist!(self, &deed, self.try_to_end_all(&deed))
    }

    async fn try_to_end_all(&self, deed: &Deed<'_>) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        let own = self.sensitive(deed).await?.clone();
        if !Self::is_fresh(deed, &loaded) {
            return Err(self.refuse(deed, AccessRefusal::StaleAuthentication).await);
        }
        let stamp = SecurityStamp::from_bytes(self.random_bits()?);
        let (user, _) = self.restamped(deed, &loaded, User::clone(&loaded.user), stamp).into_writes();
        let session = SessionWrite::End(own);
        self.write(deed, Commit { user, session, ..step::commit(deed) }).await
    }
}
