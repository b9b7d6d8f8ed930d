//! Sessions.

use std::sync::Arc;

use ciam_ports::StoreError;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, SessionId, UserId};
use ciam_ports::store::SessionWrite;

use crate::keyed::Keyed;

#[derive(Default)]
pub(crate) struct Sessions(Keyed<SessionId, Arc<Session>>);

impl Sessions {
    pub(crate) fn own(&self, user: &UserId, id: &SessionId) -> Option<&Arc<Session>> {
        self.0.get(id).filter(|session| session.user == *user)
    }

    /// Those of a person, opened last first.
    pub(crate) fn all(&self, user: &UserId) -> Vec<Session> {
        let own = self.0.values().filter(|session| session.user == *user);
        let mut sessions: Vec<_> = own.map(|session| Session::clone(session)).collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.auth_time, session.id.clone())));
        sessions
    }

    /// A session id that is another person's is never taken over.
    pub(crate) fn check(&self, user: &UserId, write: &SessionWrite) -> Result<(), StoreError> {
        match write {
            SessionWrite::Put(session) if self.0.get(&session.id).is_some_and(|held| held.user != *user) => {
                Err(StoreError::Stale)
            }
            SessionWrite::Replace { expected, session }
                if self.own(user, &session.id).is_none_or(|held| held.revision != *expected) =>
            {
                Err(StoreError::Stale)
            }
            SessionWrite::Put(_)
            | SessionWrite::Replace { .. }
            | SessionWrite::Keep
            | SessionWrite::End(_) => Ok(()),
        }
    }

    pub(crate) fn apply(&mut self, user: &UserId, write: SessionWrite) {
        match write {
            SessionWrite::Keep => {}
            SessionWrite::Put(session) | SessionWrite::Replace { session, .. } => {
                match self.0.get_mut(&session.id) {
                    Some(held) => *held = session,
                    None => drop(self.0.insert(session.id.clone(), session)),
                }
            }
            SessionWrite::End(id) => {
                if self.own(user, &id).is_some() {
                    self.0.remove(&id);
                }
            }
        }
    }

    /// Removes all of a person.
    pub(crate) fn forget(&mut self, user: &UserId) -> usize {
        let before = self.0.len();
        self.0.retain(|_, session| session.user != *user);
        before - self.0.len()
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, session| now < session.ends_at());
        before - self.0.len()
    }
}
