//! Nobody is left without a way to sign in; and who binds or unbinds one is heard, and ends what others had open.

use ciam::domain::flow::Operation;
use ciam::domain::identifier::Username;
use ciam::domain::notice::NoticeKind;
use ciam::domain::social::{SocialSourceId, SocialType};
use ciam::domain::user::{PasswordCredential, User};
use ciam::domain::{TenantId, UserId};
use ciam::ports::PasswordHasher;
use ciam::{Authority, Config, Error, NewUser, Principal, Proven, SignInRequest};

use super::MakeWorld;
use super::moves::{relay_all, write_user};
use super::social::Scene;
use super::watch::race;
use crate::world::{PASSWORD, SCOPE, World};

/// Somebody with accounts elsewhere, and nothing else to sign in by.
async fn drifter(world: &World, number: u16, sources: &[&str]) -> UserId {
    let name = format!("drifter.{number}");
    let new = NewUser { username: Some(Username::parse(&name).unwrap()), ..NewUser::default() };
    let user = world.ciam.create_user(Authority::Host, new).await.unwrap();
    for source in sources {
        world.bound(&world.user(&user.id).await, source, &format!("{name}.{source}")).await;
    }
    user.id
}

async fn unbind(world: &World, who: &Principal, source: &str) -> Result<(), Error> {
    let source = world.source(source).await;
    world.ciam.unbind_social(who, Proven::FreshSession, &source).await
}

async fn bound(world: &World, user: &UserId) -> usize {
    world.user(user).await.social.len()
}

/// The last account elsewhere stays until there is another way in.
pub async fn a33_the_last_way_in_stays(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let user = drifter(&world, 1, &["a", "b"]).await;
    let who = world.acting_as(&user, &[SCOPE]).await;
    unbind(&world, &who, "a").await.unwrap();
    let before = world.user(&user).await;
    for _ in 0..2 {
        assert_eq!(unbind(&world, &who, "b").await.unwrap_err().reason(), "credential.last");
        assert_eq!(world.user(&user).await, before);
    }
    assert_eq!(unbind(&world, &who, "a").await.unwrap_err().reason(), "social.not_bound");
    let password = ciam::domain::password::Password::parse(PASSWORD).unwrap();
    let hash = world.hasher.hash(&password).await.unwrap();
    let now = before.created_at;
    write_user(&world, &before, |user: &mut User| user.password = Some(PasswordCredential::first(hash, now)))
        .await;
    unbind(&world, &who, "b").await.unwrap();
    assert_eq!(bound(&world, &user).await, 0);
}

/// Of two sessions that each remove one of the last two, one is refused.
pub async fn a33_two_sessions_do_not_remove_the_last_two(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for round in 0..20 {
        let user = drifter(&world, round, &["a", "b"]).await;
        let sessions = [world.acting_as(&user, &[SCOPE]).await, world.acting_as(&user, &[SCOPE]).await];
        let (world, sessions) = (&world, &sessions);
        let answers = race(2, |turn| async move { unbind(world, &sessions[turn], ["a", "b"][turn]).await });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert_eq!(bound(world, &user).await, 1, "never none");
    }
}

/// A passkey is a way in, where the host takes them, and the other way round.
pub async fn a33_a_passkey_is_a_way_in(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let user = drifter(&world, 1, &["a", "b"]).await;
    let who = world.acting_as(&user, &[SCOPE]).await;
    let key = world.passkeys.authenticator(-7, 1);
    super::passkeys::make(&world, &who, &key).await;
    world.ciam.remove_passkey(&who, Proven::FreshSession, &key.id).await.unwrap();
    super::passkeys::make(&world, &who, &key).await;
    for source in ["a", "b"] {
        unbind(&world, &who, source).await.unwrap();
    }
    let last = world.ciam.remove_passkey(&who, Proven::FreshSession, &key.id).await;
    assert_eq!(last.unwrap_err().reason(), "credential.last");
    let gone = world.guarded().ciam.remove_passkey(&who, Proven::FreshSession, &key.id).await;
    assert_eq!(
        gone.unwrap_err().reason(),
        "credential.last",
        "a host without passkeys removes no last one either"
    );
}

/// An account of a source that is switched off is no way in, so it keeps nobody from being locked out.
pub async fn a33_what_is_switched_off_is_no_way_in(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let user = drifter(&world, 1, &["a", "b"]).await;
    world.change_source("b", |source| source.enabled = false).await;
    let who = world.acting_as(&user, &[SCOPE]).await;
    assert_eq!(unbind(&world, &who, "a").await.unwrap_err().reason(), "credential.last");
    unbind(&world, &who, "b").await.unwrap();
}

/// Nor is one of a provider that this host has no verifier for.
pub async fn a33_what_nobody_can_ask_is_no_way_in(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let user = drifter(&world, 1, &["a", "b"]).await;
    let other = SocialType::parse("unheard-of").unwrap();
    world.change_source("b", |source| source.social_type = other).await;
    let who = world.acting_as(&user, &[SCOPE]).await;
    assert_eq!(unbind(&world, &who, "a").await.unwrap_err().reason(), "credential.last");
    unbind(&world, &who, "b").await.unwrap();
}

/// What is bound by a source that the host has removed opens nothing and is no way in, and its owner can let it go.
pub async fn a33_what_is_bound_by_a_removed_source_can_go(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let user = drifter(&world, 1, &["a", "b"]).await;
    let (tenant, gone) = (TenantId::default(), SocialSourceId::parse("b").unwrap());
    world.ciam.remove_social_source(Authority::Host, (&tenant, &gone)).await.unwrap();
    let who = world.acting_as(&user, &[SCOPE]).await;
    let proof = world.proof("drifter.1.b");
    let entered = world.ciam.sign_in_social(&SignInRequest::default(), &gone, &proof).await;
    assert_eq!(entered.unwrap_err().reason(), "sign_in.failed");
    assert_eq!(unbind(&world, &who, "a").await.unwrap_err().reason(), "credential.last");
    world.ciam.unbind_social(&who, Proven::FreshSession, &gone).await.unwrap();
    let unknown = world.ciam.unbind_social(&who, Proven::FreshSession, &gone).await;
    assert_eq!(unknown.unwrap_err().reason(), "social.not_bound");
}

/// Each verified address hears of what was bound and unbound, once.
pub async fn a26_bindings_are_told_to_every_address(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
    unbind(&scene.world, &scene.who, "a").await.unwrap();
    relay_all(&scene.world).await;
    let told: Vec<_> = scene.world.mailbox.notices().into_iter().map(|told| (told.kind, told.to)).collect();
    let (phone, email) = (&scene.alice.phone, &scene.alice.email);
    let expected = [NoticeKind::SocialBound, NoticeKind::SocialUnbound]
        .into_iter()
        .flat_map(|kind| [(kind, phone.clone()), (kind, email.clone())]);
    assert_eq!(told, expected.collect::<Vec<_>>());
}

/// What is bound or unbound ends every other session, with all flows; the acting session goes on.
pub async fn a27_a_binding_ends_everything_else(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let world = &scene.world;
    for binds in [true, false] {
        let other = world.sign_in(&scene.alice).await;
        let flow = world.proven(&scene.who, Operation::UpdatePassword).await;
        let before = world.user(&scene.alice.id).await.stamp;
        if binds {
            scene.bind(&scene.who, &world.proof("alice.there")).await.unwrap();
        } else {
            unbind(world, &scene.who, "a").await.unwrap();
        }
        assert_ne!(world.user(&scene.alice.id).await.stamp, before);
        assert_eq!(world.ciam.check_token(&other).await.unwrap_err().reason(), "access.invalid_token");
        world.ciam.check_token(&scene.who).await.unwrap();
        let new = ciam::domain::secret::SecretText::new("seven herons cross the bay".to_owned());
        let changed = world.ciam.change_password(&scene.who, &flow, &new).await;
        assert_eq!(changed.unwrap_err().reason(), "flow.unknown");
    }
}
