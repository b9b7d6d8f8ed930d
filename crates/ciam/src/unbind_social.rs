//! Unbinding an account elsewhere.

use ciam_domain::User;
use ciam_domain::audit::Action;
use ciam_domain::flow::{Event, Operation};
use ciam_domain::refusal::{CredentialRefusal, SocialRefusal};
use ciam_domain::social::{SocialSource, SocialSourceId};

use crate::audit::Deed;
use crate::one_shot::{Grounds, Proven};
use crate::{Ciam, Error, Principal, step};

impl Ciam {
    /// Unbinds the person's account of a source, unless it is their last way to sign in. The person hears of it at
    /// every address, and every other session ends.
    ///
    /// # Errors
    /// [`SocialRefusal::NotBound`]; [`CredentialRefusal::Last`];
    /// [`ciam_domain::refusal::AccessRefusal::StaleAuthentication`] or what a flow or a password is refused with;
    /// [`crate::Failure::NotOffered`] without a store of sources; a failure of a port.
    pub async fn unbind_social(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        source: &SocialSourceId,
    ) -> Result<(), Error> {
        let sources = self.sources(who.tenant()).await?;
        let grounds = self.grounds(who, Operation::UnbindSocial, proven).await?;
        let deed = Deed::new(who, Action::UnbindSocial, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_unbind(&deed, grounds, (&sources, source)))
    }

    async fn try_to_unbind(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        (sources, source): (&[SocialSource], &SocialSourceId),
    ) -> Result<(), Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::UnbindSocial).await?;
        let taken =
            flow.apply(Event::Act(Operation::UnbindSocial), &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        if !user.unbind_social(source) {
            return Err(self.refuse(deed, SocialRefusal::NotBound).await);
        }
        if !self.has_a_way_in(&user, sources) {
            return Err(self.refuse(deed, CredentialRefusal::Last).await);
        }
        let to = user.verified_addresses();
        let commit = self.completed(deed, &loaded, user, to)?;
        self.write(deed, commit).await
    }
}
