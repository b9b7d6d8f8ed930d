//! Accounts elsewhere of the people of a world.
#![expect(clippy::expect_used, reason = "a world that cannot be set up ends the test")]

use ciam::domain::TenantId;
use ciam::domain::audit::Action;
use ciam::domain::secret::SecretText;
use ciam::domain::social::{Issuer, SocialLink, SocialSource, SocialSourceId, Subject};
use ciam::domain::user::User;
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, SocialProof};

use crate::contract::{record, social_source};
use crate::fake::FakeSocial;
use crate::world::World;

impl World {
    /// A source of this world, switched on, by its id.
    ///
    /// # Panics
    /// When it cannot be kept.
    pub async fn source(&self, id: &str) -> SocialSourceId {
        let source = social_source(id);
        if self.sources().await.iter().all(|known| known.id != source.id) {
            self.put_source(source.clone()).await;
        }
        source.id
    }

    /// Every source of this world.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn sources(&self) -> Vec<SocialSource> {
        self.backend.sources.sources(&TenantId::default()).await.expect("sources")
    }

    /// Puts a source past the use cases; its record is on nobody's trail.
    ///
    /// # Panics
    /// When it cannot be kept.
    pub async fn put_source(&self, source: SocialSource) {
        let audit = record("set-up", Action::PutSocialSource);
        self.backend.sources.put(source, audit).await.expect("a source");
    }

    /// Changes a source of this world.
    ///
    /// # Panics
    /// When it cannot be kept.
    pub async fn change_source(&self, id: &str, change: impl FnOnce(&mut SocialSource)) {
        let mut source = social_source(id);
        change(&mut source);
        self.put_source(source).await;
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
