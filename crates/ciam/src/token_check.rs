//! Token check: whether a token still opens anything.

use ciam_domain::audit::Action;

use crate::audit::Deed;
use crate::{Ciam, Error, Principal};

impl Ciam {
    /// Checks a verified token against the store: the account may act and its session is alive.
    ///
    /// # Errors
    /// An [`ciam_domain::refusal::AccessRefusal`] that names what is wrong, or a failure of the store.
    pub async fn check_token(&self, who: &Principal) -> Result<(), Error> {
        let deed = Deed::new(who, Action::CheckToken, self.ports.clock.now());
        self.acting(&deed).await.map(drop)
    }
}
