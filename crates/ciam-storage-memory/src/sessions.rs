//! Sessions.

use std::sync::Arc;

use ciam_ports::StoreError;
use ciam_ports::domain::session::{Session, SessionStage};
use ciam_ports::domain::{Instant, SessionId, UserId};
use ciam_ports::store::SessionWrite;

use crate::keyed::Keyed;

fn is_ended(session: &Session) -> bool {
    session.stage == SessionStage::Ended
}

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

    /// A session id that is another person's is never taken over, and what was ended begins anew by a sign-in alone.
    pub(crate) fn check(&self, user: &UserId, write: &SessionWrite) -> Result<(), StoreError> {
        let free = match write {
            SessionWrite::Put(session) => self.0.get(&session.id).is_none_or(|held| {
                held.user == *user && !(is_ended(held) && session.auth_time < held.auth_time)
            }),
            SessionWrite::Replace { expected, session } => {
                self.own(user, &session.id).is_some_and(|held| held.revision == *expected && !is_ended(held))
            }
            SessionWrite::Keep | SessionWrite::End(_) => true,
        };
        if free { Ok(()) } else { Err(StoreError::Stale) }
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
            SessionWrite::End(end) => match self.0.get_mut(&end.id) {
                Some(held) if held.user != *user || (is_ended(held) && held.auth_time >= end.auth_time) => {}
                Some(held) => *held = end,
                None => drop(self.0.insert(end.id.clone(), end)),
            },
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
