//! The sources of accounts elsewhere, and which the person has bound.

use ciam_domain::audit::Action;
use ciam_domain::social::{SocialLink, SocialSource};

use crate::audit::Deed;
use crate::{Ciam, Error, Principal};

/// A source, as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialBinding {
    /// The source.
    pub source: SocialSource,
    /// The person's own account there, where one is bound.
    pub link: Option<SocialLink>,
}

impl Ciam {
    /// Lists the sources that are switched on, and those that the person has bound. Nothing is told of an account
    /// that is not bound.
    ///
    /// # Errors
    /// An access refusal; [`crate::Failure::NotOffered`] without a store of sources; a failure of a store.
    pub async fn social_sources(&self, who: &Principal) -> Result<Vec<SocialBinding>, Error> {
        let deed = Deed::new(who, Action::ListSocial, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        let sources = self.sources(who.tenant()).await?;
        let bindings = sources.into_iter().map(|source| {
            let link = loaded.user.social_of(&source.id).cloned();
            SocialBinding { source, link }
        });
        Ok(bindings.filter(|binding| binding.source.enabled || binding.link.is_some()).collect())
    }
}
