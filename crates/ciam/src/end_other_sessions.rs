//! Ending every session but the acting one.

use std::time::Duration;

use ciam_domain::audit::Action;
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::user::{SecurityStamp, User};
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

/// How recent the sign-in of the acting session must be: 5 minutes (ASVS 5.0, 7.5.2).
pub const FRESH_SIGN_IN: Duration = Duration::from_mins(5);

impl Ciam {
    /// Ends all other sessions of the person, with every open flow and code.
    ///
    /// # Errors
    /// [`AccessRefusal::StaleAuthentication`] when the person signed in longer ago than [`FRESH_SIGN_IN`];
    /// another access refusal; a failure of the store or of chance.
    pub async fn end_other_sessions(&self, who: &Principal) -> Result<(), Error> {
        let deed = Deed::new(who, Action::EndOtherSessions, self.ports.clock.now());
        step::persist!(self.try_to_end_others(&deed))
    }

    async fn try_to_end_others(&self, deed: &Deed<'_>) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        self.sensitive(deed).await?;
        if !Self::is_fresh(deed, &loaded) {
            return Err(self.refuse(deed, AccessRefusal::StaleAuthentication).await);
        }
        let stamp = SecurityStamp::from_bytes(self.random_bits()?);
        let (user, session) = self.restamped(deed, &loaded, User::clone(&loaded.user), stamp).into_writes();
        self.write(deed, Commit { user, session, ..step::commit(deed) }).await
    }

    /// Whether the person signed in not long ago.
    pub(crate) fn is_fresh(deed: &Deed<'_>, loaded: &Loaded) -> bool {
        let signed_in = deed.who.auth_time(loaded);
        signed_in.is_some_and(|at| at <= deed.now && deed.now < at.after(FRESH_SIGN_IN))
    }
}
