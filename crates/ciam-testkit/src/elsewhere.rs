//! Accounts elsewhere of the people of a world.
#![expect(clippy::expect_used, reason = "a world that cannot be set up ends the test")]

use ciam::domain::TenantId;
use ciam::domain::secret::SecretText;
use ciam::domain::social::{Issuer, SocialLink, SocialSource, SocialSourceId, Subject};
use ciam::domain::user::User;
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, SocialProof, SocialSourceStore};

use crate::contract::social_source;
use crate::fake::FakeSocial;
use crate::world::World;

impl World {
    /// A source of this world, switched on, by its id.
    ///
    /// # Panics
    /// When it cannot be kept.
    pub async fn source(&self, id: &str) -> SocialSourceId {
        let source = social_source(id);
        let known = self.sources.sources(&TenantId::default()).await.expect("sources");
        if known.iter().all(|known| known.id != source.id) {
            self.sources.put(source.clone()).await.expect("a source");
        }
        source.id
    }

    /// Changes a source of this world.
    ///
    /// # Panics
    /// When it cannot be kept.
    pub async fn change_source(&self, id: &str, change: impl FnOnce(&mut SocialSource)) {
        let mut source = social_source(id);
        change(&mut source);
        self.sources.put(source).await.expect("a source");
    }

    /// A proof of being somebody elsewhere, good once.
    #[must_use]
    pub fn proof(&self, subject: &str) -> SocialProof {
        SocialProof::of(SecretText::new(self.social.code(subject)))
    }

    /// Binds an account elsewhere past the use cases.
    ///
    /// # Panics
    /// When the account cannot be written.
    pub async fn bound(&self, user: &User, source: &str, subject: &str) {
        let link = link(&self.source(source).await, subject, self);
        let (expected, mut next) = (user.version, user.clone());
        next.version = expected.next();
        next.social.push(link);
        let commit = Commit::of(user.tenant.clone(), user.id.clone(), self.clock.now());
        let user = UserWrite::Replace { expected, user: Box::new(next) };
        self.backend.store.commit(Commit { user, ..commit }).await.expect("a store");
    }
}

/// An account elsewhere, of the one provider that there is.
pub(crate) fn link(source: &SocialSourceId, subject: &str, world: &World) -> SocialLink {
    SocialLink {
        source: source.clone(),
        issuer: Issuer::parse(FakeSocial::ISSUER).expect("an issuer"),
        subject: Subject::parse(subject).expect("a subject"),
        linked_at: world.clock.now(),
    }
}
