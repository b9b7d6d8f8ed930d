//! What a stage is set with, past the use cases, and what a host asks for there.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::identifier::{Login, Username};
use ciam::domain::login_history::{LoginMode, LoginOutcome};
use ciam::domain::revert_code::RevertCode;
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::user::{Address, HeldContact};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit, Keys, SocialProof};
use ciam::{Error, LoginReport, NewUser, Principal, Proven, TokenRequest};

use super::Stage;
use crate::elsewhere::link;
use crate::world::{Person, SCOPE, World};

impl Stage {
    pub(super) async fn bind(&self, world: &World, who: &Principal) -> Result<(), Error> {
        let proof = SocialProof::of(SecretText::new(self.proof.clone()));
        world.ciam.bind_social(who, Proven::FreshSession, &world.source("free").await, &proof).await
    }

    pub(super) async fn unbind(&self, world: &World, who: &Principal) -> Result<(), Error> {
        world.ciam.unbind_social(who, Proven::FreshSession, &world.source("bound").await).await
    }

    pub(super) fn request(&self) -> TokenRequest {
        TokenRequest {
            tenant: TenantId::default(),
            user: self.person.id.clone(),
            session: Some(self.opened.clone()),
            amr: vec![Amr::Password],
            scopes: vec![SCOPE.to_owned()],
            client: None,
            ttl: Duration::from_mins(15),
        }
    }

    pub(super) fn login(&self) -> LoginReport {
        LoginReport {
            tenant: TenantId::default(),
            user: self.person.id.clone(),
            mode: LoginMode::SMS,
            outcome: LoginOutcome::Succeeded,
            source: None,
            location: None,
            client: None,
            device: None,
        }
    }

    pub(super) fn login_name(&self) -> Login {
        match self.person.phone.clone() {
            Address::Phone(phone) => Login::Phone(phone),
            Address::Email(email) => Login::Email(email),
        }
    }

    pub(super) fn new_user(&self) -> NewUser {
        NewUser {
            username: Some(Username::parse(&self.newcomer).unwrap()),
            password: Some(SecretText::new(self.chosen.clone())),
            ..NewUser::default()
        }
    }
}

/// Holds an address for a person past the use cases, as if it was theirs until now, and binds an account elsewhere;
/// gives the code for the address.
pub(super) async fn hold(world: &World, person: &Person, former: &Address) -> String {
    let (now, key) = (world.clock.now(), world.keys.current().await.unwrap());
    let mut user = world.user(&person.id).await;
    user.held.push(HeldContact {
        address: former.clone(),
        verified_at: user.created_at,
        since: now,
        until: now.after(Duration::from_hours(7 * 24)),
        key: key.id().clone(),
    });
    let bound = world.source("bound").await;
    user.social.push(link(&bound, &format!("{}.there", user.id), world));
    world.source("free").await;
    let revert = RevertCode { tenant: &user.tenant, user: &user.id, address: former, since: now };
    let code = revert.write(&key).expose().to_owned();
    let commit = Commit::of(user.tenant.clone(), user.id.clone(), now);
    let user = UserWrite::Replace { expected: user.version, user: Box::new(user) };
    world.backend.store.commit(Commit { user, ..commit }).await.unwrap();
    code
}
