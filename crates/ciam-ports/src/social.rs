//! Accounts elsewhere: which providers a tenant has, and whether somebody is who they say there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ciam_domain::audit::AuditRecord;
use ciam_domain::secret::SecretText;
use ciam_domain::social::{Issuer, SocialSource, SocialSourceId, Subject};
use ciam_domain::{Instant, TenantId};

use crate::store::StoreError;

/// What somebody brings back from a provider.
#[derive(Debug)]
pub struct SocialProof {
    /// The code of the callback, or the identity token where the provider gives one.
    pub code: SecretText,
    /// The nonce that was sent along, where there was one: the identity token must repeat it.
    pub nonce: Option<SecretText>,
    /// The address that the provider called back, where it must be repeated (RFC 6749, 4.1.3).
    pub redirect_uri: Option<String>,
    /// The verifier of the code challenge that was sent along (RFC 7636).
    pub pkce_verifier: Option<SecretText>,
}

impl SocialProof {
    /// A proof that is a code or an identity token alone.
    #[must_use]
    pub const fn of(code: SecretText) -> Self {
        Self { code, nonce: None, redirect_uri: None, pkce_verifier: None }
    }
}

/// Who somebody is elsewhere, proven just now.
#[derive(Clone, PartialEq, Eq)]
pub struct SocialIdentity {
    /// Who vouches for them.
    pub issuer: Issuer,
    /// Who they are there; with the issuer all that ever leads to an account.
    pub subject: Subject,
    /// What the provider says their e-mail address is. It links nothing, verified there or not.
    pub email: Option<String>,
    /// What the provider says their name is. It links nothing.
    pub name: Option<String>,
}

impl std::fmt::Debug for SocialIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocialIdentity").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Why nobody is anybody elsewhere.
#[derive(Debug, thiserror::Error)]
pub enum SocialError {
    /// The proof is wrong, used, expired, made for another application, or forged.
    #[error("the proof is rejected")]
    Rejected,
    /// The provider cannot be asked, or the source is not set up as it must be.
    #[error("the provider is unavailable")]
    Unavailable(#[source] crate::Source),
}

impl SocialError {
    /// [`SocialError::Unavailable`] by a cause.
    pub fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Box::new(cause))
    }
}

/// What a verifier proves itself with at providers, by source: the host gives it, and it is in no store.
pub struct SourceSecrets<T>(BTreeMap<(TenantId, SocialSourceId), T>);

impl<T> SourceSecrets<T> {
    /// Keeps the secret of a source, in place of a former one.
    pub fn insert(&mut self, (tenant, source): (TenantId, SocialSourceId), secret: T) {
        self.0.insert((tenant, source), secret);
    }

    /// The secret of a source.
    #[must_use]
    pub fn of(&self, source: &SocialSource) -> Option<&T> {
        self.0.get(&(source.tenant.clone(), source.id.clone()))
    }
}

impl<T> Default for SourceSecrets<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> std::fmt::Debug for SourceSecrets<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Keeps the sources of every tenant. There are few, so they are read together. Its records go into the same trail as
/// those of [`crate::Store`].
///
/// - `a_source_is_found_as_it_was_put`: every part of a source MUST be read back as it was given.
/// - `sources_are_listed_by_id`: a list MUST be in the order of the bytes of the ids.
/// - `a_source_put_again_replaces_it`: a source of an id that is there MUST take its place, whole.
/// - `a_removed_source_is_gone`: once removed it MUST NOT be listed; to remove it again is no error.
/// - `sources_are_their_tenants_alone`: nothing of another tenant MUST ever be listed, replaced or removed.
/// - `a_source_and_its_record_are_one_write`: what is put or removed MUST be in the trail in the same write.
///
/// A future that is dropped may or may not take effect, but never in part.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SocialSourceStore: Send + Sync + 'static {
    /// Reads all sources of a tenant, disabled ones included.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn sources(&self, tenant: &TenantId) -> Result<Vec<SocialSource>, StoreError>;

    /// Puts a source in place of the one of its id, where there is one, with the record of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; source and record may then be there.
    async fn put(&self, source: SocialSource, audit: AuditRecord) -> Result<(), StoreError>;

    /// Removes a source, with the record of it. What is bound by it stays bound.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the source may then be gone, with a record of it.
    async fn remove(
        &self,
        tenant: &TenantId,
        id: &SocialSourceId,
        audit: AuditRecord,
    ) -> Result<(), StoreError>;
}

/// Proves who somebody is at providers of one kind.
///
/// - MUST take a proof only if it was made for the client of this source, by the issuer that the source names, and is
///   current at `now`; MUST refuse one that was used before, as far as the provider can tell.
/// - MUST take algorithms and keys from configuration and from the provider, never from the proof alone.
/// - Where a nonce is given, MUST refuse an identity token without it or with another.
/// - MUST name somebody by what the provider never gives to another person; never by an e-mail address, number or name.
/// - MUST answer [`SocialError::Rejected`] only where the proof was judged, and [`SocialError::Unavailable`] otherwise.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SocialVerifier: Send + Sync + 'static {
    /// Says whose proof it is.
    ///
    /// # Errors
    /// Every [`SocialError`].
    async fn verify(
        &self,
        source: &SocialSource,
        proof: &SocialProof,
        now: Instant,
    ) -> Result<SocialIdentity, SocialError>;
}
