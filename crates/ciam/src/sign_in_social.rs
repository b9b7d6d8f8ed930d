//! Signing in by an account elsewhere that is bound.

use ciam_domain::audit::Action;
use ciam_domain::refusal::{AccessRefusal, Refusal};
use ciam_domain::session::Amr;
use ciam_domain::social::SocialSourceId;
use ciam_domain::{SessionId, UserId};
use ciam_ports::{Handle, SocialIdentity, SocialProof, StepQuery};

use crate::audit::Deed;
use crate::sign_in::{SignInRequest, SignedIn};
use crate::signed_out::Arrival;
use crate::{Ciam, Error, Failure, Principal};

impl Ciam {
    /// Signs in who has bound the account elsewhere that a proof is of. An account that nobody has bound opens
    /// nothing, whatever e-mail address its provider tells.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::SignInRefusal::Failed`] for every cause;
    /// [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; [`Failure::NotOffered`] without an issuer or a store of
    /// sources; [`Failure::Social`] where the provider cannot be asked; a failure of another port.
    pub async fn sign_in_social(
        &self,
        request: &SignInRequest,
        source: &SocialSourceId,
        proof: &SocialProof,
    ) -> Result<SignedIn, Error> {
        self.issuer.as_ref().ok_or(Failure::NotOffered)?;
        let sources = self.sources(&request.tenant).await?;
        let session = SessionId::from_random(self.random_bits()?);
        let holder = |user: &UserId| Principal::signed_out((&request.tenant, user, &session), request.source);
        let nobody = holder(&UserId::nobody());
        let deed = Deed::new(&nobody, Action::SignInSocial, self.ports.clock.now());
        let rates = self.config.sign_in.of_network(request.source);
        let identity = match self.prove_elsewhere(&deed, (&sources, source), proof, rates).await? {
            Ok(identity) => identity,
            Err(limit @ Refusal::Rate(_)) => return Err(self.refuse(&deed, limit).await),
            Err(refusal) => return Err(self.fail(&deed, refusal).await),
        };
        let person = self.bound_to(request, &identity).await?;
        let who = holder(&person);
        let deed = Deed::new(&who, Action::SignInSocial, self.ports.clock.now());
        let loaded = self.ports.store.load(&StepQuery::of(request.tenant.clone(), person)).await?;
        let bound = |user: &ciam_domain::User| user.is_bound_to(&identity.issuer, &identity.subject);
        let Some(loaded) = loaded.filter(|loaded| bound(&loaded.user)) else {
            return Err(self.fail(&deed, AccessRefusal::UnknownUser).await);
        };
        if let Err(refusal) = loaded.user.status.admit(deed.now) {
            return Err(self.fail(&deed, refusal).await);
        }
        let arrival = Arrival::of(vec![Amr::Social], request, session.clone(), Vec::new());
        self.arrive(&deed, &loaded, arrival).await
    }

    /// Whose account it is here; nobody's, where none is bound.
    async fn bound_to(&self, request: &SignInRequest, identity: &SocialIdentity) -> Result<UserId, Error> {
        let handle = Handle::Social(identity.issuer.clone(), identity.subject.clone());
        let found = self.ports.store.find(&request.tenant, &handle).await?;
        Ok(found.unwrap_or_else(UserId::nobody))
    }
}
