//! Binding an account elsewhere, to sign in by.

use ciam_domain::User;
use ciam_domain::audit::Action;
use ciam_domain::flow::{Event, Operation};
use ciam_domain::rate::RateScope;
use ciam_domain::refusal::SocialRefusal;
use ciam_domain::social::{SocialLink, SocialSource, SocialSourceId};
use ciam_ports::store::UniqueField;
use ciam_ports::{Commit, SocialIdentity, SocialProof, StoreError};

use crate::audit::Deed;
use crate::one_shot::{Grounds, Proven};
use crate::{Ciam, Error, Failure, Principal, step};

impl Ciam {
    /// Binds the account elsewhere that a proof is of: one for each source. The person hears of it at every address,
    /// and every other session ends.
    ///
    /// # Errors
    /// A [`SocialRefusal`]; [`ciam_domain::refusal::AccessRefusal::StaleAuthentication`] or what a flow or a password is
    /// refused with; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; [`Failure::NotOffered`] without a store of
    /// sources; [`Failure::Social`] where the provider cannot be asked; a failure of another port.
    pub async fn bind_social(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        source: &SocialSourceId,
        proof: &SocialProof,
    ) -> Result<(), Error> {
        let sources = self.sources(who.tenant()).await?;
        let grounds = self.grounds(who, Operation::BindSocial, proven).await?;
        let deed = Deed::new(who, Action::BindSocial, self.ports.clock.now()).in_flow(grounds.flow());
        let SocialIdentity { issuer, subject, .. } =
            self.prove_to_bind(&deed, grounds, (&sources, source), proof).await?;
        // Providers take their time.
        let deed = Deed { now: self.ports.clock.now(), ..deed };
        let link = SocialLink { source: source.clone(), issuer, subject, linked_at: deed.now };
        step::persist!(self.try_to_bind(&deed, grounds, &link))
    }

    /// Asks the provider, which takes a code once, only where nothing else is against it.
    async fn prove_to_bind(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        (sources, source): (&[SocialSource], &SocialSourceId),
        proof: &SocialProof,
    ) -> Result<SocialIdentity, Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::BindSocial).await?;
        if let Err(refusal) = flow.may_act(Operation::BindSocial, &self.moment(deed.who, &loaded, deed.now)) {
            return Err(self.refuse(deed, refusal).await);
        }
        if loaded.user.social_of(source).is_some() {
            return Err(self.refuse(deed, SocialRefusal::AlreadyBound).await);
        }
        let rates = vec![self.config.attempts.social(deed.who.payer())];
        match self.prove_elsewhere(deed, (sources, source), proof, rates).await? {
            Ok(identity) => Ok(identity),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    async fn try_to_bind(&self, deed: &Deed<'_>, grounds: Grounds, link: &SocialLink) -> Result<(), Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::BindSocial).await?;
        let taken = flow.apply(Event::Act(Operation::BindSocial), &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        if !user.bind_social(link.clone()) {
            return Err(self.refuse(deed, SocialRefusal::AlreadyBound).await);
        }
        let to = user.verified_addresses();
        let commit = self.completed(deed, &loaded, user, to)?;
        let cleared = vec![deed.who.payer().within(RateScope::SocialProof)];
        match self.write(deed, Commit { cleared, ..commit }).await {
            Err(Error::Failed(Failure::Store(StoreError::Conflict { field: UniqueField::Social }))) => {
                Err(self.refuse_and_end(deed, SocialRefusal::Taken).await)
            }
            written => written,
        }
    }
}
