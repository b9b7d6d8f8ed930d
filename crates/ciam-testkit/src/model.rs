//! Random journeys, hostile steps among them, played against a small model of what must happen.
//!
//! The model is written from the pages in `docs`, not from the code: it says what every call is answered and
//! what stands afterwards. After every step the store, the audit trail, the mailbox and the outbox are compared
//! with it, and the invariants I1 to I14 of the abuse cases are asked. A storage adapter joins with one line:
//!
//! ```ignore
//! ciam_testkit::model_test!(backend);
//! ```
//!
//! A slow one makes fewer journeys: `model_test!(backend, cases = 32)`. `CIAM_MODEL_CASES` sets how many are
//! made, `CIAM_MODEL_SEED` draws others.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a model test asserts, as tests do"
)]

mod bygones;
mod chance;
mod change;
mod command;
mod counts;
mod decide;
mod door;
mod enrol;
mod entry;
mod erasure;
mod factor;
mod fates;
mod former;
mod gadget;
mod guest;
mod host;
mod invariant;
mod keyring;
mod keys;
mod kit;
mod knocks;
mod ledger;
mod limits;
mod machine;
mod own;
mod past;
mod recovery;
mod reply;
mod roads;
mod social;
mod state;
mod steward;
mod system;
mod touches;
mod traces;
mod twist;
mod visit;
mod way;
mod wishes;

use std::sync::atomic::Ordering;

use futures_executor::block_on;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;

use self::command::Command;
use self::ledger::Ledger;
use self::machine::Journeys;
use self::state::Model;
use self::system::System;
use crate::world::Backend;

/// Why a journey is not what the model says.
type Verdict = Result<(), String>;

/// How many journeys are made where nothing else is said.
pub const CASES: u32 = 128;
const STEPS: std::ops::RangeInclusive<usize> = 10..=40;

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Plays random journeys over storages that `backend` makes; it panics with the shortest one that goes wrong.
/// There are `cases` of them where `CIAM_MODEL_CASES` says nothing.
pub fn check(cases: u32, backend: &dyn Fn() -> Backend) {
    let config = Config {
        cases: number("CIAM_MODEL_CASES").and_then(|set| u32::try_from(set).ok()).unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        rng_seed: RngSeed::Fixed(number("CIAM_MODEL_SEED").unwrap_or_default()),
        ..Config::default()
    };
    for (setting, before) in past::each().into_iter().filter(|_| cases >= CASES) {
        let begun = Model { setting, before, ..Model::begin() };
        let commands = begun.opening();
        if let Err(reason) = block_on(play(backend(), begun, &[], &|| ())) {
            panic!("{reason}\nafter {commands:#?}");
        }
    }
    let journeys = Journeys::sequential_strategy(STEPS);
    let played = TestRunner::new(config).run(&journeys, |(model, commands, seen)| {
        let step = || {
            if let Some(seen) = &seen {
                seen.fetch_add(1, Ordering::SeqCst);
            }
        };
        block_on(play(backend(), model, &commands, &step)).map_err(TestCaseError::fail)
    });
    match played {
        Ok(()) => {}
        Err(TestError::Fail(reason, (_, commands, _))) => panic!("{reason}\nafter {commands:#?}"),
        Err(TestError::Abort(reason)) => panic!("no journey could be made: {reason}"),
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays one journey and says where it goes wrong.
async fn play(backend: Backend, begun: Model, commands: &[Command], step: &dyn Fn()) -> Verdict {
    let opening = begun.opening();
    let mut model = Model { setting: begun.setting, ..Model::begin() };
    let (mut system, mut ledger) = (System::begin(backend, &model).await, Ledger::default());
    for command in &opening {
        system = both(&mut model, system, command).await?;
        ledger.check(&mut system, &model).await?;
    }
    invariant::check(&mut system, &model).await?;
    for command in commands {
        step();
        system = both(&mut model, system, command).await?;
        ledger.check(&mut system, &model).await?;
        invariant::check(&mut system, &model).await?;
    }
    Ok(())
}

/// Model and system do the same, and must answer the same.
async fn both(model: &mut Model, system: System, command: &Command) -> Result<System, String> {
    let command = model.concrete(command);
    model.run(&command);
    let (system, replies) = system.run(&command, model).await;
    let expected: Vec<_> = model.replies.iter().map(|(_, reply)| reply.clone()).collect();
    ensure(replies == expected, || format!("{command:?} is answered {replies:?}, not {expected:?}"))?;
    Ok(system)
}

/// A test that plays random journeys; `make` is called for a fresh [`Backend`](crate::Backend) each time.
#[macro_export]
macro_rules! model_test {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::model_test!($(#[$attr])* $make, cases = $crate::model::CASES);
    };
    ($(#[$attr:meta])* $make:expr, cases = $cases:expr) => {
        $(#[$attr])*
        #[test]
        fn every_journey_goes_as_the_model_says() {
            $crate::model::check($cases, &$make);
        }
    };
}
