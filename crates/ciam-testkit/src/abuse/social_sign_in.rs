//! Signing in by an account elsewhere: who is bound gets in, and nobody else.

use ciam::domain::TenantId;
use ciam::domain::flow::{Method, TwoFactor};
use ciam::domain::login_history::LoginMode;
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::source::Source;
use ciam::domain::user::Status;
use ciam::ports::SocialProof;
use ciam::{Authority, Ciam, Config, CorePorts, Error, Proven, SignInRequest, SignedIn};
use futures_executor::block_on;

use super::MakeWorld;
use super::social::Scene;
use crate::contract::social_source;
use crate::gap::{Gap, GappedStore};
use crate::world::SCOPE;

fn request() -> SignInRequest {
    SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() }
}

async fn sign_in(scene: &Scene, proof: &SocialProof) -> Result<SignedIn, Error> {
    scene.world.ciam.sign_in_social(&request(), &scene.source, proof).await
}

async fn sessions(scene: &Scene) -> usize {
    scene.world.backend.store.sessions(&TenantId::default(), &scene.alice.id).await.unwrap().len()
}

/// An e-mail address that the provider tells opens no account and links none, be it the person's own.
pub async fn a32_an_address_links_nothing(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let (before, user) = (sessions(&scene).await, scene.world.user(&scene.alice.id).await);
    let address = scene.alice.email.canonical();
    for subject in ["mallory.there", address] {
        let code = scene.world.social.code_with(subject, Some(address));
        let proof = SocialProof::of(SecretText::new(code));
        assert_eq!(sign_in(&scene, &proof).await.unwrap_err().reason(), "sign_in.failed");
    }
    assert_eq!(sessions(&scene).await, before);
    assert_eq!(scene.world.user(&scene.alice.id).await, user);
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
    let Ok(SignedIn::Done(tokens)) = sign_in(&scene, &scene.world.proof("alice.there")).await else {
        unreachable!("who is bound gets in")
    };
    let who = scene.world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
    assert_eq!(who.user(), &scene.alice.id);
    let own = scene.world.ciam.own_sessions(&who).await.unwrap();
    assert!(own.iter().any(|session| session.is_current && session.amr == [Amr::Social]));
    assert_eq!(scene.world.logins.all().last().unwrap().mode, LoginMode::SOCIAL);
}

/// Whatever keeps somebody out, they learn nothing but that.
pub async fn a20_every_social_failure_has_one_answer(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let world = &scene.world;
    scene.bind(&scene.who, &world.proof("alice.there")).await.unwrap();
    world.change_source("off", |source| source.enabled = false).await;
    let at = async |id: &str, proof: SocialProof| {
        let id = ciam::domain::social::SocialSourceId::parse(id).unwrap();
        format!("{:?}", world.ciam.sign_in_social(&request(), &id, &proof).await.unwrap_err())
    };
    let forged = || SocialProof::of(SecretText::new("forged".to_owned()));
    let mut answers = vec![
        at("a", forged()).await,
        at("a", world.proof("nobody.there")).await,
        at("off", world.proof("alice.there")).await,
        at("nowhere", world.proof("alice.there")).await,
    ];
    let statuses = [Status::Frozen, Status::Disabled, Status::Locked { until: None }];
    for status in statuses {
        world.ciam.set_status(Authority::Host, &TenantId::default(), &scene.alice.id, status).await.unwrap();
        answers.push(at("a", world.proof("alice.there")).await);
    }
    world
        .ciam
        .set_status(Authority::Host, &TenantId::default(), &scene.alice.id, Status::Normal)
        .await
        .unwrap();
    let who = world.sign_in(&scene.alice).await;
    world.ciam.unbind_social(&who, Proven::FreshSession, &scene.source).await.unwrap();
    answers.push(at("a", world.proof("alice.there")).await);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].contains("SignIn(Failed)"), "{answers:?}");
}

/// What is unbound while somebody comes in by it opens nothing any more.
pub async fn a32_an_account_unbound_on_the_way_in_opens_nothing(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let world = &scene.world;
    scene.bind(&scene.who, &world.proof("alice.there")).await.unwrap();
    let store = GappedStore::over(world.backend.store.clone());
    let ports = CorePorts { store: store.clone(), ..world.ports.clone() };
    let host = Ciam::new(ports, Config::default()).unwrap().with_issuer(world.tokens.clone());
    let host =
        host.with_login_history(world.logins.clone()).with_social_sources(world.backend.sources.clone());
    let host = host.with_social_verifier(social_source("a").social_type, world.social.clone());
    let (ciam, who, source) = (world.ciam.clone(), world.sign_in(&scene.alice).await, scene.source.clone());
    store.at(Gap::AfterFind, move || {
        block_on(Box::pin(ciam.unbind_social(&who, Proven::FreshSession, &source))).unwrap();
    });
    let answer = host.sign_in_social(&request(), &scene.source, &world.proof("alice.there")).await;
    assert!(world.user(&scene.alice.id).await.social.is_empty(), "nobody came between");
    assert_eq!(answer.unwrap_err().reason(), "sign_in.failed");
}

/// Where a second factor is demanded, an account elsewhere is only the first.
pub async fn a20_a_second_factor_follows_an_account_elsewhere(make: MakeWorld<'_>) {
    for demand in [TwoFactor::WhenAvailable, TwoFactor::Required] {
        let mut config = Config::default();
        config.flow.sign_in = demand;
        let scene = Scene::new(make, config).await;
        scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
        let begun = sign_in(&scene, &scene.world.proof("alice.there")).await.unwrap();
        let SignedIn::SecondFactor { methods, .. } = begun else { unreachable!("{demand:?}: {begun:?}") };
        let offered: Vec<_> = methods.iter().map(|offer| offer.method).collect();
        assert_eq!(offered, [Method::Sms, Method::Email, Method::Password], "{demand:?}");
    }
}

/// So many tries from one network, right or wrong, under whatever name.
pub async fn a32_sign_ins_from_a_network_are_counted(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.sign_in.per_source_hour = 6;
    let scene = Scene::new(make, config).await;
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
    let from = |text: &str| SignInRequest { source: Some(Source::new(text.parse().unwrap())), ..request() };
    let forged = SocialProof::of(SecretText::new("forged".to_owned()));
    for _ in 0..6 {
        let failed = scene.world.ciam.sign_in_social(&from("192.0.2.1"), &scene.source, &forged).await;
        assert_eq!(failed.unwrap_err().reason(), "sign_in.failed");
    }
    let asked = scene.world.social.asked();
    let right = scene.world.proof("alice.there");
    let limited = scene.world.ciam.sign_in_social(&from("192.0.2.1"), &scene.source, &right).await;
    assert_eq!(limited.unwrap_err().reason(), "rate.too_many_attempts");
    assert_eq!(scene.world.social.asked(), asked, "nobody is asked");
    let elsewhere = scene.world.ciam.sign_in_social(&from("192.0.2.2"), &scene.source, &right).await;
    assert!(matches!(elsewhere, Ok(SignedIn::Done(_))));
}
