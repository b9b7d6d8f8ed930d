//! Accounts elsewhere: what binds one, and to whom.

use ciam::domain::audit::Action;
use ciam::domain::secret::SecretText;
use ciam::domain::social::SocialSourceId;
use ciam::domain::{Instant, TenantId};
use ciam::ports::{Clock, SocialProof};
use ciam::{Config, Error, Failure, Principal, Proven};

use super::MakeWorld;
use super::watch::{Watch, done, race};
use crate::world::{Person, World};

pub(super) struct Scene {
    pub(super) world: World,
    pub(super) alice: Person,
    pub(super) who: Principal,
    pub(super) source: SocialSourceId,
}

impl Scene {
    pub(super) async fn new(make: MakeWorld<'_>, config: Config) -> Self {
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let source = world.source("a").await;
        Self { world, alice, who, source }
    }

    pub(super) async fn bind(&self, who: &Principal, proof: &SocialProof) -> Result<(), Error> {
        self.world.ciam.bind_social(who, Proven::FreshSession, &self.source, proof).await
    }
}

pub(super) fn again(proof: &SocialProof) -> SocialProof {
    SocialProof::of(SecretText::new(proof.code.expose().to_owned()))
}

fn forged() -> SocialProof {
    SocialProof::of(SecretText::new("a code that nobody gave out".to_owned()))
}

/// A code that was used is worth nothing, to whoever has it.
pub async fn a32_a_proof_works_once(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let bob = scene.world.person("bob", 2).await;
    let other = scene.world.sign_in(&bob).await;
    let proof = scene.world.proof("alice.there");
    scene.bind(&scene.who, &proof).await.unwrap();
    let watch = Watch { world: &scene.world, people: &[&scene.alice, &bob] };
    watch.refuses(&other, "social.rejected", scene.bind(&other, &again(&proof))).await;
    assert_eq!(done(&scene.world, &scene.alice, Action::BindSocial).await, 1);
}

/// A proof that is rejected changes nothing, and tells nothing of whose the account is.
pub async fn a32_a_proof_that_is_rejected_changes_nothing(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let watch = Watch { world: &scene.world, people: &[&scene.alice] };
    for text in ["", "x", "a code that nobody gave out"] {
        let proof = SocialProof::of(SecretText::new(text.to_owned()));
        watch.refuses(&scene.who, "social.rejected", scene.bind(&scene.who, &proof)).await;
    }
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
}

/// Where the provider cannot be asked nothing is bound and nobody is signed in.
pub async fn a32_a_provider_that_is_down_lets_nobody_in(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let before = scene.world.user(&scene.alice.id).await;
    scene.world.social.set_broken(true);
    let error = scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap_err();
    assert!(matches!(error, Error::Failed(Failure::Social(_))), "{error:?}");
    assert_eq!(scene.world.user(&scene.alice.id).await, before);
    scene.world.social.set_broken(false);
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
    scene.world.social.set_broken(true);
    let request = ciam::SignInRequest::default();
    let proof = scene.world.proof("alice.there");
    let error = scene.world.ciam.sign_in_social(&request, &scene.source, &proof).await.unwrap_err();
    assert!(matches!(error, Error::Failed(Failure::Social(_))), "{error:?}");
}

/// An account elsewhere is one person's, which is told only to who has proven that it is theirs there; and one for each
/// source is enough.
pub async fn a32_an_account_elsewhere_is_one_persons(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let bob = scene.world.person("bob", 2).await;
    let other = scene.world.sign_in(&bob).await;
    scene.bind(&scene.who, &scene.world.proof("alice.there")).await.unwrap();
    let watch = Watch { world: &scene.world, people: &[&scene.alice, &bob] };
    watch.refuses(&other, "social.rejected", scene.bind(&other, &forged())).await;
    watch.refuses(&other, "social.taken", scene.bind(&other, &scene.world.proof("alice.there"))).await;
    let asked = scene.world.social.asked();
    let second = scene.world.proof("alice.too");
    watch.refuses(&scene.who, "social.already_bound", scene.bind(&scene.who, &second)).await;
    assert_eq!(scene.world.social.asked(), asked, "the code is not used up");
    let b = scene.world.source("b").await;
    let same = scene.world.proof("alice.there");
    let binding = scene.world.ciam.bind_social(&scene.who, Proven::FreshSession, &b, &same);
    watch.refuses(&scene.who, "social.already_bound", binding).await;
    scene.world.ciam.unbind_social(&scene.who, Proven::FreshSession, &scene.source).await.unwrap();
    scene.bind(&other, &scene.world.proof("alice.there")).await.unwrap();
}

/// Of two people who prove one account elsewhere at once one gets it.
pub async fn a32_two_people_at_once_do_not_both_bind_it(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    for round in 0..12 {
        let mut people = Vec::new();
        for place in 0..4 {
            let person = scene.world.person(&format!("racer.{round}.{place}"), 100 + round * 4 + place).await;
            people.push((scene.world.sign_in(&person).await, scene.world.proof(&format!("prize.{round}"))));
        }
        let (scene, people) = (&scene, &people);
        let answers = race(4, |turn| async move {
            let (who, proof) = &people[turn];
            scene.bind(who, proof).await
        });
        let reasons: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert_eq!(reasons.len(), 3, "one of four gets it");
        assert!(reasons.iter().all(|error| error.reason() == "social.taken"), "{reasons:?}");
    }
}

/// So many proofs an hour, and then not even a right one is looked at; one that is right forgets the others.
pub async fn a32_proofs_are_counted(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let tries = scene.world.ciam.config().attempts.social_hour;
    for _ in 0..tries {
        assert_eq!(scene.bind(&scene.who, &forged()).await.unwrap_err().reason(), "social.rejected");
    }
    let asked = scene.world.social.asked();
    let right = scene.world.proof("alice.there");
    let watch = Watch { world: &scene.world, people: &[&scene.alice] };
    watch.refuses(&scene.who, "rate.too_many_attempts", scene.bind(&scene.who, &right)).await;
    assert_eq!(scene.world.social.asked(), asked, "nobody is asked");
    let over: Instant = scene.world.clock.now().after(std::time::Duration::from_hours(1));
    scene.world.clock.set(over);
    let who = scene.world.sign_in(&scene.alice).await;
    scene.bind(&who, &right).await.unwrap();
    scene.world.ciam.unbind_social(&who, Proven::FreshSession, &scene.source).await.unwrap();
    for _ in 0..tries {
        assert_eq!(scene.bind(&who, &forged()).await.unwrap_err().reason(), "social.rejected");
    }
}

/// A source that is unknown, switched off, another tenant's, or of a kind that the host asks nobody of binds nothing.
pub async fn a32_what_is_not_offered_is_not_asked(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let world = &scene.world;
    world.change_source("off", |source| source.enabled = false).await;
    world.change_source("there", |source| source.tenant = TenantId::parse("elsewhere").unwrap()).await;
    let kind = ciam::domain::social::SocialType::parse("nobody-asks").unwrap();
    world.change_source("other", |source| source.social_type = kind).await;
    let watch = Watch { world, people: &[&scene.alice] };
    for (id, reason) in [
        ("off", "social.not_offered"),
        ("other", "social.not_offered"),
        ("there", "social.unknown_source"),
        ("nowhere", "social.unknown_source"),
    ] {
        let (id, proof) = (SocialSourceId::parse(id).unwrap(), world.proof("alice.there"));
        let binding = world.ciam.bind_social(&scene.who, Proven::FreshSession, &id, &proof);
        watch.refuses(&scene.who, reason, binding).await;
    }
    assert_eq!(world.social.asked(), 0);
}

/// The list of sources names the person's own account where it is bound, and nobody's where it is not.
pub async fn a10_the_list_tells_of_bound_accounts_alone(make: MakeWorld<'_>) {
    let scene = Scene::new(make, Config::default()).await;
    let world = &scene.world;
    let other = world.sign_in(&world.person("bob", 2).await).await;
    world.source("b").await;
    let shown = async |who: &Principal| {
        let bindings = world.ciam.social_sources(who).await.unwrap();
        let told = bindings.into_iter().map(|binding| {
            let subject = binding.link.map(|link| link.subject.as_str().to_owned());
            (binding.source.id.as_str().to_owned(), subject)
        });
        told.collect::<Vec<_>>()
    };
    let none = [("a".to_owned(), None), ("b".to_owned(), None)];
    assert_eq!(shown(&scene.who).await, none);
    scene.bind(&scene.who, &world.proof("alice.there")).await.unwrap();
    let own = [("a".to_owned(), Some("alice.there".to_owned())), ("b".to_owned(), None)];
    assert_eq!((shown(&scene.who).await, shown(&other).await), (own.to_vec(), none.to_vec()));
    world.change_source("a", |source| source.enabled = false).await;
    world.change_source("b", |source| source.enabled = false).await;
    assert_eq!(shown(&scene.who).await, own[..1], "what is bound can be unbound");
    assert_eq!(shown(&other).await, []);
    world.ciam.unbind_social(&scene.who, Proven::FreshSession, &scene.source).await.unwrap();
    assert_eq!(shown(&scene.who).await, []);
    let host = ciam::Authority::Host;
    world.ciam.remove_social_source(host, (&TenantId::default(), &scene.source)).await.unwrap();
}
