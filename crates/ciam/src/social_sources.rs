//! The sources of accounts elsewhere: which the person has bound, and who sets them.

use std::borrow::Cow;

use ciam_domain::audit::{Action, AuditRecord, Outcome};
use ciam_domain::refusal::SocialRefusal;
use ciam_domain::social::{SocialLink, SocialSource, SocialSourceId};
use ciam_domain::{EventId, TenantId};

use crate::audit::Deed;
use crate::authority::Order;
use crate::{Authority, Ciam, Error, Principal};

/// How many sources a tenant may have: they are read together, with their logos.
pub const MOST_SOURCES: usize = 100;

/// A source, as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialBinding {
    /// The source.
    pub source: SocialSource,
    /// The person's own account there, where one is bound.
    pub link: Option<SocialLink>,
}

/// A source, as the host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedSource {
    /// The source.
    pub source: SocialSource,
    /// Whether it can be bound and signed in by: it is switched on, and a verifier is given for its kind.
    pub offered: bool,
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

    /// Every source of a tenant by id, those that are switched off too, with whether people can come in by it now: for
    /// the host alone.
    ///
    /// # Errors
    /// [`crate::Failure::NotOffered`] without a store of sources, or a failure of it.
    pub async fn all_social_sources(&self, tenant: &TenantId) -> Result<Vec<HostedSource>, Error> {
        let hosted = |source: SocialSource| {
            let offered = source.enabled && self.verifier_of(&source).is_some();
            HostedSource { source, offered }
        };
        Ok(self.sources(tenant).await?.into_iter().map(hosted).collect())
    }

    /// Puts a source in place of the one of its id, and gives what stood there. What stands so already is not written
    /// again, and leaves no record.
    ///
    /// For the host alone: whoever names the issuer, the gateway or the key of a provider says who somebody is there,
    /// and could come in as whoever has bound it.
    ///
    /// # Errors
    /// [`SocialRefusal::MalformedSource`], [`SocialRefusal::TooManySources`];
    /// [`ciam_domain::refusal::AccessRefusal::InsufficientScope`] for every administrator, and what else keeps one from
    /// acting; [`crate::Failure::NotOffered`] without a store of sources; a failure of a store or of chance.
    pub async fn put_social_source(
        &self,
        by: Authority<'_>,
        source: SocialSource,
    ) -> Result<Option<SocialSource>, Error> {
        let about = by.own_account();
        let order = self.order(by, (&source.tenant, &about), Action::PutSocialSource);
        self.authorise_host(&order).await?;
        if source.check().is_err() {
            return Err(self.overrule(&order, SocialRefusal::MalformedSource).await);
        }
        let held = self.sources(&source.tenant).await?;
        let stood = held.iter().find(|held| held.id == source.id);
        if stood.is_none() && held.len() >= MOST_SOURCES {
            return Err(self.overrule(&order, SocialRefusal::TooManySources).await);
        }
        if stood != Some(&source) {
            let record = self.source_record(&order, &source.id)?;
            self.source_store()?.put(source.clone(), record).await?;
        }
        Ok(stood.cloned())
    }

    /// Removes a source, and gives what stood there. What is bound by it stays bound, opens nothing, and is no way to
    /// sign in, be it somebody's last. Where there is none, nothing is written.
    ///
    /// # Errors
    /// As of [`Ciam::put_social_source`].
    pub async fn remove_social_source(
        &self,
        by: Authority<'_>,
        (tenant, id): (&TenantId, &SocialSourceId),
    ) -> Result<Option<SocialSource>, Error> {
        let about = by.own_account();
        let order = self.order(by, (tenant, &about), Action::RemoveSocialSource);
        self.authorise_host(&order).await?;
        let stood = self.sources(tenant).await?.into_iter().find(|held| held.id == *id);
        if stood.is_some() {
            let record = self.source_record(&order, id)?;
            self.source_store()?.remove(tenant, id, record).await?;
        }
        Ok(stood)
    }

    fn source_record(&self, order: &Order<'_>, id: &SocialSourceId) -> Result<AuditRecord, Error> {
        let event = EventId::from_random(self.random_bits()?);
        let detail = Some(Cow::Owned(id.as_str().to_owned()));
        Ok(AuditRecord { detail, ..order.record(event, Outcome::Done) })
    }
}
