//! Sources that are set and removed while a port fails: whole or not at all, and with their record or without.

use ciam::domain::UserId;
use ciam::domain::audit::{Action, Outcome};
use ciam::domain::social::SocialSource;
use ciam::{Authority, Ciam, Config, Error, Principal};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend};
use crate::contract::social_source;
use crate::world::World;

#[derive(Debug, Clone, Copy)]
enum Way {
    Put,
    Remove,
}

impl Way {
    const fn action(self) -> Action {
        match self {
            Self::Put => Action::PutSocialSource,
            Self::Remove => Action::RemoveSocialSource,
        }
    }

    /// What a sound call leaves.
    fn wanted(self) -> Vec<SocialSource> {
        match self {
            Self::Put => vec![SocialSource { enabled: false, ..social_source("a") }],
            Self::Remove => Vec::new(),
        }
    }

    async fn order(self, ciam: &Ciam, by: Authority<'_>) -> Result<(), Error> {
        let source = social_source("a");
        match self {
            Self::Put => {
                ciam.put_social_source(by, SocialSource { enabled: false, ..source }).await.map(drop)
            }
            Self::Remove => ciam.remove_social_source(by, (&source.tenant, &source.id)).await.map(drop),
        }
    }
}

/// Whatever fails, a source is as it was or as it shall be, and what changed is on the trail.
pub fn put_social_source(make: MakeBackend<'_>) {
    tried(make, Way::Put);
}

/// Whatever fails, a source is there or gone, and what changed is on the trail.
pub fn remove_social_source(make: MakeBackend<'_>) {
    tried(make, Way::Remove);
}

/// Whatever fails, sources are listed as they are or not at all.
pub fn all_social_sources(make: MakeBackend<'_>) {
    let faults = Faults::default();
    let world = World::with(make(&faults), Config::default());
    let host = faults.host(&world);
    block_on(world.source("a"));
    let tenant = ciam::domain::TenantId::default();
    for fault in Fault::ALL {
        for place in 0.. {
            faults.strike(place, fault);
            let answer = block_on(faults.answer(Box::pin(host.ciam.all_social_sources(&tenant))));
            let struck = faults.end().struck;
            let scene = format!("{struck:?} {fault:?} at {place}, answered {answer:?}");
            match answer {
                Some(Ok(listed)) => assert!(listed.len() == 1 && listed[0].offered, "{scene}"),
                Some(Err(Error::Failed(failure))) => {
                    assert!(failure.is_retryable() && struck.is_some(), "{scene}");
                }
                Some(Err(Error::Refused(_))) => unreachable!("{scene}: a fault is no refusal"),
                None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{scene}"),
            }
            if struck.is_none() {
                break;
            }
        }
    }
}

fn tried(make: MakeBackend<'_>, way: Way) {
    let faults = Faults::default();
    let world = World::with(make(&faults), Config::default());
    let host = faults.host(&world);
    let root = block_on(world.administrator(1));
    for fault in Fault::ALL {
        for place in 0.. {
            let scene = format!("{way:?} {fault:?} at {place}");
            let struck = block_on(Box::pin(meant(&world, (&faults, &host), (way, place, fault))));
            assert!(struck || place > 0, "{scene}: no port is asked");
            block_on(Box::pin(attacked(&world, (&faults, &host), &root, (way, place, fault))));
            if !struck {
                break;
            }
        }
    }
}

/// A call that a fault interrupts is made or not made, is on the trail where it is made, and can be made again.
async fn meant(
    world: &World,
    (faults, host): (&Faults, &World),
    (way, place, fault): (Way, usize, Fault),
) -> bool {
    let before = vec![social_source("a")];
    world.put_source(social_source("a")).await;
    let recorded = done(world, &UserId::nobody(), way).await;
    faults.strike(place, fault);
    let answer = faults.answer(Box::pin(way.order(&host.ciam, Authority::Host))).await;
    let struck = faults.end().struck;
    let (after, records) = (world.sources().await, done(world, &UserId::nobody(), way).await - recorded);
    let scene = format!("{way:?}: {struck:?} {fault:?}, answered {answer:?}, {records} records, {after:?}");
    assert!(after == before || after == way.wanted(), "{scene}");
    assert_eq!(records, usize::from(after != before), "{scene}");
    match &answer {
        Some(Ok(())) => assert!(after == way.wanted(), "{scene}"),
        Some(Err(Error::Failed(failure))) => assert!(failure.is_retryable() && struck.is_some(), "{scene}"),
        Some(Err(Error::Refused(_))) => unreachable!("{scene}: a fault is no refusal"),
        None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{scene}"),
    }
    Box::pin(way.order(&world.ciam, Authority::Host)).await.unwrap();
    assert_eq!(world.sources().await, way.wanted(), "{scene}: then");
    assert!(done(world, &UserId::nobody(), way).await > recorded, "{scene}: then");
    struck.is_some()
}

/// An administrator sets nothing, whatever fails meanwhile.
async fn attacked(
    world: &World,
    (faults, host): (&Faults, &World),
    root: &Principal,
    (way, place, fault): (Way, usize, Fault),
) {
    world.put_source(social_source("a")).await;
    faults.strike(place, fault);
    let answer = faults.answer(Box::pin(way.order(&host.ciam, Authority::Administrator(root)))).await;
    let struck = faults.end().struck;
    let scene = format!("{way:?} by an administrator: {struck:?} {fault:?}, answered {answer:?}");
    assert!(!matches!(answer, Some(Ok(()))), "{scene}");
    assert_eq!(
        (world.sources().await, done(world, root.user(), way).await),
        (vec![social_source("a")], 0),
        "{scene}"
    );
}

async fn done(world: &World, who: &UserId, way: Way) -> usize {
    // A store answers in order: whatever it was still at is done then.
    world.backend.store.ping().await.unwrap();
    let trail = world.audit(who).await.into_iter();
    trail.filter(|record| record.action == way.action() && record.outcome == Outcome::Done).count()
}
