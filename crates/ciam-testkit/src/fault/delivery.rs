//! The calls that a host makes of its own: handing notices out, and asking whether the ports answer.

use std::time::Duration;

use ciam::Error;
use ciam::ports::Clock;
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend};
use crate::stage::{Call, Stage};
use crate::world::World;

fn worlds(make: MakeBackend<'_>) -> (Faults, World, World) {
    let faults = Faults::default();
    let world = World::new(make(&faults));
    let host = faults.host(&world);
    (faults, world, host)
}

/// Whatever fails while notices are handed out, each goes out once at least and none changes on its way.
pub fn relay_once(make: MakeBackend<'_>) {
    let (faults, world, host) = worlds(make);
    block_on(async {
        let mut number = 0;
        for fault in Fault::ALL {
            for place in 0.. {
                number += 1;
                let stage = Stage::set(&world, number).await;
                stage.make(&world, Call::ChangePassword).await.unwrap();
                let already = world.mailbox.notices().len();
                faults.strike(place, fault);
                let answer = faults.answer(host.ciam.relay_once()).await;
                let seen = faults.end();
                drain(&world).await;
                let scene = format!("{:?} {fault:?}: {answer:?}", seen.struck);
                let told = world.mailbox.notices().split_off(already);
                assert!(matches!(answer, None | Some(Ok(_) | Err(Error::Failed(_)))), "{scene}");
                for to in [&stage.person.phone, &stage.person.email] {
                    let times = told.iter().filter(|notice| notice.to == *to).count();
                    assert!(times > 0 && (times == 1 || seen.struck.is_some()), "{scene}: {times} times");
                }
                assert!(told.iter().all(|notice| notice.id == told[0].id), "{scene}: one event");
                if seen.struck.is_none() {
                    assert_eq!(seen.calls.len(), 5, "one is taken from, two are sent and settled");
                    break;
                }
            }
        }
    });
}

/// Lets every lease and pause end.
async fn drain(world: &World) {
    for _ in 0..3 {
        world.clock.advance(Duration::from_mins(2));
        world.ciam.relay_once().await.unwrap();
    }
    let due = world.backend.outbox.take(world.clock.now(), Duration::ZERO, 10).await.unwrap();
    assert!(due.is_empty(), "{due:?}");
}

/// Whoever asks hears of each port that does not answer, and of no other.
pub fn readiness(make: MakeBackend<'_>) {
    let (faults, _, host) = worlds(make);
    let ask = || block_on(faults.answer(host.ciam.readiness()));
    assert_eq!(ask().unwrap(), Vec::<&str>::new());
    for fault in [Fault::Fails, Fault::FailsLate] {
        for place in 0.. {
            faults.strike(place, fault);
            let missing = ask().unwrap();
            let Some(port) = faults.end().struck else { break };
            let (family, _) = port.split_once('.').unwrap();
            let expected = if matches!(family, "users" | "flows") { "store" } else { family };
            assert_eq!(missing, [expected], "{port} {fault:?}");
        }
    }
}
