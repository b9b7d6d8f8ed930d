//! Accounts elsewhere: what a host brings for them, and the proof of one.

use std::sync::Arc;

use ciam_domain::rate::Rate;
use ciam_domain::refusal::SocialRefusal;
use ciam_domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam_domain::user::{Offered, User};
use ciam_domain::{Refusal, TenantId};
use ciam_ports::{
    Commit, SocialError, SocialIdentity, SocialProof, SocialSourceStore, SocialVerifier, StoreError,
};

use crate::audit::Deed;
use crate::{Ciam, Error, Failure, step};

/// What a host has for accounts elsewhere.
#[derive(Default)]
pub(crate) struct Social {
    sources: Option<Arc<dyn SocialSourceStore>>,
    verifiers: Vec<(SocialType, Arc<dyn SocialVerifier>)>,
}

impl Ciam {
    /// Lets people bind accounts elsewhere and sign in by them, at the sources that this store has.
    #[must_use]
    pub fn with_social_sources(mut self, sources: Arc<dyn SocialSourceStore>) -> Self {
        self.social.sources = Some(sources);
        self
    }

    /// Asks providers of a kind. Sources of a kind without a verifier are listed, and are not offered.
    #[must_use]
    pub fn with_social_verifier(mut self, of: SocialType, verifier: Arc<dyn SocialVerifier>) -> Self {
        self.social.verifiers.retain(|(known, _)| *known != of);
        self.social.verifiers.push((of, verifier));
        self
    }

    /// All sources of a tenant.
    pub(crate) async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, Error> {
        Ok(self.source_store()?.sources(tenant).await?)
    }

    pub(crate) fn source_store(&self) -> Result<&dyn SocialSourceStore, Failure> {
        self.social.sources.as_deref().ok_or(Failure::NotOffered)
    }

    /// A source that is offered, with who asks its provider.
    fn offered<'a>(
        &'a self,
        sources: &'a [SocialSource],
        id: &SocialSourceId,
    ) -> Result<(&'a SocialSource, &'a dyn SocialVerifier), SocialRefusal> {
        let source = sources.iter().find(|source| source.id == *id).ok_or(SocialRefusal::UnknownSource)?;
        match self.verifier_of(source) {
            Some(verifier) if source.enabled => Ok((source, verifier)),
            _ => Err(SocialRefusal::NotOffered),
        }
    }

    /// Who asks the provider of a source, where anybody is given for its kind.
    pub(crate) fn verifier_of(&self, source: &SocialSource) -> Option<&dyn SocialVerifier> {
        let verifier = self.social.verifiers.iter().find(|(of, _)| *of == source.social_type);
        verifier.map(|(_, verifier)| &**verifier)
    }

    /// Says whose proof it is, once the try is paid for.
    pub(crate) async fn prove_elsewhere(
        &self,
        deed: &Deed<'_>,
        (sources, source): (&[SocialSource], &SocialSourceId),
        proof: &SocialProof,
        rates: Vec<Rate>,
    ) -> Result<Result<SocialIdentity, Refusal>, Error> {
        let (source, verifier) = match self.offered(sources, source) {
            Ok(offered) => offered,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        if !rates.is_empty() {
            match self.ports.store.commit(Commit { rates, ..step::commit(deed) }).await {
                Ok(()) => {}
                Err(StoreError::Limited { until, .. }) => {
                    return Ok(Err(step::too_many_attempts(until, deed.now)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        match verifier.verify(source, proof, deed.now).await {
            Ok(identity) => Ok(Ok(identity)),
            Err(SocialError::Rejected) => Ok(Err(SocialRefusal::Rejected.into())),
            Err(unavailable) => Err(Failure::Social(unavailable).into()),
        }
    }

    /// Whether a person could still sign in if the account was as it is here.
    pub(crate) fn has_a_way_in(&self, user: &User, sources: &[SocialSource]) -> bool {
        let by_gesture = self.gestures.is_some() && user.by_gesture() > 0;
        let by_passkey = self.passkeys.is_some() && !user.passkeys.held.is_empty();
        let sources: Vec<_> = sources.iter().filter(|source| self.verifier_of(source).is_some()).collect();
        let sources = sources.as_slice();
        by_gesture || by_passkey || user.ways_in(&Offered { methods: self.config.flow.methods, sources }) > 0
    }
}
