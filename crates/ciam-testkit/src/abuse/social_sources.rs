//! Sources of accounts elsewhere: who sets them, and to what. Whoever sets a source says who vouches for people.

use ciam::domain::audit::{Action, Actor, Outcome};
use ciam::domain::social::SocialSource;
use ciam::domain::{TenantId, UserId};
use ciam::{ADMIN_SCOPE, Authority, Config, Error, MOST_SOURCES};

use super::MakeWorld;
use crate::contract::social_source;
use crate::world::{SCOPE, World};

/// Puts a changed source in place and removes it, each of which must be refused for a reason.
async fn refused(world: &World, by: Authority<'_>, tenant: &TenantId, reason: &str) {
    let before = world.sources().await;
    let source = SocialSource { tenant: tenant.clone(), enabled: false, ..social_source("a") };
    let removed = world.ciam.remove_social_source(by, (tenant, &source.id)).await;
    let answers = [world.ciam.put_social_source(by, source).await, removed];
    let reasons = answers.map(|answer| answer.as_ref().map_err(Error::reason).err());
    assert_eq!(reasons, [Some(reason); 2]);
    assert_eq!(world.sources().await, before, "a refused call changed a source");
}

/// Whoever names the gateway or the key of a provider says who somebody is there: an administrator's token, scope and
/// flag are not enough, to set a source, to switch one off or to remove it. The trail names who tried.
pub async fn a32_sources_are_set_by_the_host_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (tenant, reason) = (TenantId::default(), "access.insufficient_scope");
    let id = world.source("a").await;
    let root = world.administrator(1).await;
    let bob = world.person("bob", 2).await;
    let poser = world.acting_as(&bob.id, &[SCOPE, ADMIN_SCOPE]).await;
    for who in [&root, &poser, &world.sign_in(&bob).await] {
        refused(&world, Authority::Administrator(who), &tenant, reason).await;
    }
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    refused(&world, Authority::Administrator(&root), &elsewhere, reason).await;
    let mut tried = world.audit(root.user()).await;
    tried.retain(|record| matches!(record.action, Action::PutSocialSource | Action::RemoveSocialSource));
    let why: Vec<_> = tried.iter().rev().map(|record| record.detail.as_deref()).collect();
    assert_eq!(why, [Some("host alone"), Some("host alone"), Some("another tenant"), Some("another tenant")]);
    let refusal = Outcome::Refused(reason.into());
    let actor = Actor::Administrator(root.user().clone());
    assert!(tried.iter().all(|record| (&record.outcome, &record.actor) == (&refusal, &actor)), "{tried:?}");
    let off = SocialSource { enabled: false, ..social_source("a") };
    for stood in [social_source("a"), off.clone()] {
        let put = world.ciam.put_social_source(Authority::Host, off.clone()).await.unwrap();
        assert_eq!((put, world.sources().await), (Some(stood), vec![off.clone()]));
    }
    for stood in [Some(off.clone()), None] {
        let removed = world.ciam.remove_social_source(Authority::Host, (&tenant, &id)).await;
        assert_eq!(removed.unwrap(), stood);
    }
    let trail = world.audit(&UserId::nobody()).await;
    let told = trail.iter().map(|record| (record.action, &record.outcome, &record.actor));
    let done = [Action::RemoveSocialSource, Action::PutSocialSource];
    assert!(told.eq(done.map(|action| (action, &Outcome::Done, &Actor::System))), "{trail:?}");
    assert!(trail.iter().all(|record| record.detail.as_deref() == Some("a")), "{trail:?}");
}

/// What the domain calls no source is not kept, and no secret beside it; a tenant has so many and no more.
pub async fn a32_a_source_is_well_formed_and_one_of_few(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let put = async |source: SocialSource| {
        let put = world.ciam.put_social_source(Authority::Host, source).await;
        put.map(|stood| stood.is_some()).map_err(|error| error.reason())
    };
    let named = SocialSource { name: String::new(), ..social_source("a") };
    let settings = [("client_secret".to_owned(), "lantern pier".to_owned())].into();
    for source in [named, SocialSource { settings, ..social_source("a") }] {
        assert_eq!(put(source).await, Err("social.malformed_source"));
    }
    assert_eq!(world.sources().await, []);
    for number in 0..MOST_SOURCES {
        assert_eq!(put(social_source(&format!("s{number}"))).await, Ok(false));
    }
    assert_eq!(put(social_source("a")).await, Err("social.too_many_sources"));
    assert_eq!(put(SocialSource { enabled: false, ..social_source("s0") }).await, Ok(true));
    let there = SocialSource { tenant: TenantId::parse("elsewhere").unwrap(), ..social_source("a") };
    assert_eq!(put(there).await, Ok(false), "tenants are counted apart");
}
