//! Sessions.

use std::collections::HashMap;

use ciam_ports::StoreError;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, SessionId, UserId};
use ciam_ports::store::SessionWrite;

#[derive(Default)]
pub(crate) struct Sessions(HashMap<SessionId, Session>);

impl Sessions {
    pub(crate) fn own(&self, user: &UserId, id: &SessionId) -> Option<&Session> {
        self.0.get(id).filter(|session| session.user == *user)
    }

    /// A session id that is another person's is never taken over.
    pub(crate) fn check(&self, user: &UserId, write: &SessionWrite) -> Result<(), StoreError> {
        match write {
            SessionWrite::Put(session) if self.0.get(&session.id).is_some_and(|held| held.user != *user) => {
                Err(StoreError::Stale)
            }
            SessionWrite::Put(_) | SessionWrite::Keep | SessionWrite::End(_) => Ok(()),
        }
    }

    pub(crate) fn apply(&mut self, user: &UserId, write: SessionWrite) {
        match write {
            SessionWrite::Keep => {}
            SessionWrite::Put(session) => match self.0.get_mut(&session.id) {
                Some(held) => *held = session,
                None => drop(self.0.insert(session.id.clone(), session)),
            },
            SessionWrite::End(id) => {
                if self.own(user, &id).is_some() {
                    self.0.remove(&id);
                }
            }
        }
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, session| now < session.expires_at);
        before - self.0.len()
    }
}
