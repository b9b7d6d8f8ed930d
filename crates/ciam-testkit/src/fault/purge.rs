//! Erasures of which one call of a port goes wrong: the next run comes to the same end.

use ciam::domain::TenantId;
use ciam::domain::audit::{Action, Outcome};
use ciam::domain::user::Status;
use ciam::ports::store::UniqueField;
use ciam::ports::{Clock, DeletionQueue, StepQuery, StoreError};
use ciam::{Ciam, Error, Failure, NewUser, PurgeOutcome, Purged};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend, told};
use crate::stage::Stage;
use crate::world::{Person, World};

/// How an erasure is begun.
#[derive(Debug, Clone, Copy)]
enum Way {
    Due,
    One,
}

/// Whatever fails while accounts that are due are erased, the next run comes to the same end.
pub fn purge_due(make: MakeBackend<'_>) {
    tried(make, Way::Due);
}

/// Whatever fails while one account is erased, the next run comes to the same end.
pub fn purge(make: MakeBackend<'_>) {
    tried(make, Way::One);
}

fn tried(make: MakeBackend<'_>, way: Way) {
    let faults = Faults::default();
    let world = World::new(make(&faults));
    let host = faults.host(&world);
    let queue = faults.over::<dyn DeletionQueue>(world.backend.deletions.clone());
    let mut number = 0;
    for fault in Fault::ALL {
        for place in 0.. {
            number += 1;
            let person = block_on(Box::pin(deleted(&world, number)));
            faults.strike(place, fault);
            let run = Box::pin(erase(&host.ciam, &*queue, (way, &person)));
            let answer = block_on(faults.answer(run));
            let seen = faults.end();
            let scene = format!("{way:?}: {:?} {fault:?}, answered {answer:?}", seen.struck);
            block_on(Box::pin(judge(&world, &person, answer.as_ref(), &scene)));
            block_on(Box::pin(resumed(&world, &person, &scene)));
            if seen.struck.is_none() {
                assert!(matches!(answer, Some(Ok(Some(PurgeOutcome::Erased)))), "{scene}");
                assert!(seen.calls.len() >= 8, "{:?}", seen.calls);
                break;
            }
        }
    }
}

/// A person in the middle of everything, deleted and due.
async fn deleted(world: &World, number: u16) -> Person {
    let stage = Stage::set(world, number).await;
    world.personal.keep(&stage.person.id, 8);
    let status = Status::PendingDeletion { erase_at: world.clock.now() };
    world
        .ciam
        .set_status(ciam::Authority::Host, &TenantId::default(), &stage.person.id, status)
        .await
        .unwrap();
    stage.person
}

async fn erase(
    ciam: &Ciam,
    queue: &dyn DeletionQueue,
    (way, person): (Way, &Person),
) -> Result<Option<PurgeOutcome>, Error> {
    let outcome = |purged: Purged| purged.outcome;
    match way {
        Way::Due => Ok(ciam.purge_due(queue, 9).await?.accounts.pop().map(outcome)),
        Way::One => Ok(Some(outcome(ciam.purge(&TenantId::default(), &person.id).await))),
    }
}

async fn erasures(world: &World, person: &Person) -> usize {
    let trail = world.audit(&person.id).await;
    let erased = trail.iter().filter(|record| record.action == Action::EraseAccount);
    erased.inspect(|record| assert_eq!(record.outcome, Outcome::Done)).count()
}

/// The account is whole or erased, and whoever is told that it is erased is told the truth.
async fn judge(
    world: &World,
    person: &Person,
    answer: Option<&Result<Option<PurgeOutcome>, Error>>,
    scene: &str,
) {
    world.backend.store.ping().await.unwrap();
    let user = world.user(&person.id).await;
    let erased = user.status == Status::Erased;
    assert!(erased || !user.status.can_be_restored(world.clock.now()), "{scene}: {:?}", user.status);
    assert!(user.status.is_deleted(), "{scene}: {:?}", user.status);
    assert_eq!(erased, user.email.is_none() && user.password.is_none(), "{scene}: all or nothing");
    assert_eq!(usize::from(erased), erasures(world, person).await, "{scene}: a record with the deed");
    assert!(!erased || world.personal.of(&person.id) == 0, "{scene}: the account goes last");
    match answer {
        Some(Ok(Some(PurgeOutcome::Erased))) => assert!(erased, "{scene}"),
        Some(Err(error)) => assert!(!told(error).contains("example.org"), "{scene}"),
        _ => {}
    }
    assert!(!scene.contains("example.org") && !scene.contains("13800"), "{scene}");
}

/// The next run erases the account, unless it is already; then nothing opens, and its name is kept from others.
async fn resumed(world: &World, person: &Person, scene: &str) {
    for _ in 0..2 {
        let report = world.ciam.purge_due(&*world.backend.deletions, 9).await.unwrap();
        let ends = report.accounts.iter().map(|purged| &purged.outcome);
        assert!(ends.into_iter().all(|end| *end == PurgeOutcome::Erased), "{scene}: then {report:?}");
    }
    let user = world.user(&person.id).await;
    assert_eq!((user.status, user.logins()), (Status::Erased, Vec::new()), "{scene}");
    assert_eq!((erasures(world, person).await, world.personal.of(&person.id)), (1, 0), "{scene}");
    let query = StepQuery::of(TenantId::default(), person.id.clone());
    assert!(world.backend.store.load(&query).await.unwrap().unwrap().flow.is_none(), "{scene}");
    let sessions = world.backend.store.sessions(&TenantId::default(), &person.id).await.unwrap();
    assert_eq!(sessions, [], "{scene}");
    let ciam::domain::user::Address::Email(email) = person.email.clone() else { return };
    let taking = world
        .ciam
        .create_user(ciam::Authority::Host, NewUser { email: Some(email), ..NewUser::default() })
        .await;
    let Err(Error::Failed(Failure::Store(StoreError::Conflict { field: UniqueField::Email }))) = taking
    else {
        unreachable!("{scene}: {taking:?}")
    };
}
