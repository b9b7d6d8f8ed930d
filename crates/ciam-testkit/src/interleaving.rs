//! Two things at once, in every order that their reads and writes allow.
//!
//! While a use case is between its read and its write, a rival comes and goes. What stands in the end, and what
//! both were told, must be what comes of one after the other, in one order or the other, or of one alone where
//! the other was refused. What else is allowed is listed in `leeway`. A storage adapter joins with one line:
//!
//! ```ignore
//! ciam_testkit::interleaving_suite!(|| Backend::of(adapter));
//! ```

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a suite asserts, as tests do"
)]

mod consents;
mod rival;
mod signed_out;

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use ciam::ports::StoreError;
use ciam::{Error, Failure};
use futures_executor::block_on;

use crate::gap::{Gap, GappedStore};
use crate::stage::Call;
use crate::standing::Standing;
use crate::world::{Backend, World};
pub use consents::check as check_consents;
use rival::{Rival, Scene};
pub use signed_out::check as check_signed_out;

/// Lets the rival of a name come between in every use case; it panics where the end is that of no order.
pub fn check(rival: &str, make: &dyn Fn() -> Backend) {
    let (_, rival) = *Rival::ALL.iter().find(|(name, _)| *name == rival).expect("a rival of that name");
    let play = Play::new(rival, make());
    let calls = Call::ALL.iter().map(|(_, call)| *call);
    let came: usize = calls.map(|call| block_on(Box::pin(play.every_gap(call)))).sum();
    assert!(came > 20, "the rival came between {came} times");
}

/// How it ended: what each was told, what stands, what was sent.
#[derive(Debug, PartialEq)]
struct End {
    told: (Told, Told),
    standing: Standing,
    mailed: usize,
}

#[derive(Debug, PartialEq, Clone, Copy)]
enum Told {
    Done,
    No,
}

impl From<Result<(), Error>> for Told {
    fn from(answer: Result<(), Error>) -> Self {
        match answer {
            Ok(()) => Self::Done,
            // The reason may be that of either order.
            Err(Error::Refused(_) | Error::Failed(Failure::Store(StoreError::Conflict { .. }))) => Self::No,
            Err(failure) => unreachable!("nothing failed: {failure:?}"),
        }
    }
}

/// Whose turn it is.
#[derive(Clone, Copy)]
enum Turn {
    Call,
    Rival,
}

struct Play {
    rival: Rival,
    world: Arc<World>,
    host: World,
    store: Arc<GappedStore>,
    number: Cell<u16>,
}

impl Play {
    fn new(rival: Rival, backend: Backend) -> Self {
        let world = World::new(backend);
        let store = GappedStore::over(world.ports.store.clone());
        let mut ports = world.ports.clone();
        ports.store = store.clone();
        let ciam = world.ciam_over(ports);
        let host = world.hosted_by(ciam);
        Self { rival, world: Arc::new(world), host, store, number: Cell::new(0) }
    }

    async fn scene(&self, call: Call) -> Arc<Scene> {
        let number = self.number.get() + 1;
        self.number.set(number);
        Arc::new(Scene::set(&self.world, self.rival, call, number).await)
    }

    async fn end(&self, scene: &Scene, told: (Told, Told)) -> End {
        let standing = Standing::of(&self.world, &scene.stage).await.in_any_order();
        End { told, standing, mailed: self.world.mailbox.codes().len() - scene.mailed }
    }

    /// What comes of turns that are taken one after the other.
    async fn turns(&self, call: Call, turns: &[Turn]) -> End {
        let scene = self.scene(call).await;
        let mut told = (Told::No, Told::No);
        for turn in turns {
            match turn {
                Turn::Call => told.0 = scene.stage.make(&self.world, call).await.into(),
                Turn::Rival => told.1 = scene.interfere(&self.world).await.into(),
            }
        }
        self.end(&scene, told).await
    }

    /// How often the rival found a gap to come in by.
    async fn every_gap(&self, call: Call) -> usize {
        let orders = [
            self.turns(call, &[Turn::Call]).await,
            self.turns(call, &[Turn::Rival]).await,
            self.turns(call, &[Turn::Call, Turn::Rival]).await,
            self.turns(call, &[Turn::Rival, Turn::Call]).await,
        ];
        let mut came = 0;
        for gap in Gap::ALL {
            let scene = self.scene(call).await;
            let told = Arc::new(Mutex::new(None));
            let (world, rival, answer) = (self.world.clone(), scene.clone(), told.clone());
            self.store.at(gap, move || {
                *answer.lock().unwrap() = Some(block_on(rival.interfere(&world)).into());
            });
            let answer = scene.stage.make(&self.host, call).await.into();
            self.store.close();
            let Some(rival) = told.lock().unwrap().take() else { continue };
            came += 1;
            let end = self.end(&scene, (answer, rival)).await;
            let allowed = orders.contains(&end) || leeway(call, self.rival, &end, &orders);
            assert!(allowed, "{call:?}, {:?} {gap:?}: {end:#?} of {orders:#?}", self.rival);
        }
        came
    }
}

/// Ends that are of no order, and open nothing: a flow given up while it acts, the same thing done twice that
/// counts once, and a code on its way in a flow that is over meanwhile.
fn leeway(call: Call, rival: Rival, end: &End, [call_alone, rival_alone, ..]: &[End; 4]) -> bool {
    let like_the_call = match rival {
        Rival::Supersedes | Rival::Cancels => {
            matches!(
                call,
                Call::ChangePassword | Call::ChangeContact | Call::DeleteAccount | Call::CancelFlow
            )
        }
        Rival::Resends => call == Call::ChangeContact,
        Rival::Again => matches!(call, Call::CancelFlow | Call::OpenSession),
        _ => false,
    };
    let like_the_rival = matches!(call, Call::SendFactorCode | Call::SendContactCode);
    let both = end.told == (Told::Done, Told::Done);
    // A session that was ended just now may still end another: the person signs in anew.
    let ends_more = call == Call::EndSession && end.standing.opens_less_than(&rival_alone.standing);
    both && like_the_call && end.standing.comes_to(&call_alone.standing)
        || both && ends_more
        || both && like_the_rival && end.standing.comes_to(&rival_alone.standing)
}

/// One test for each rival, over storages that `make` makes; `make` is called for an empty
/// [`Backend`](crate::Backend) each time.
#[macro_export]
macro_rules! interleaving_suite {
    ($make:expr) => {
        $crate::each_rival! { [$crate::interleaving_tests] ($make) }

        mod signed_out {
            use super::*;

            $crate::each_signed_out_rival! { [$crate::signed_out_interleaving_tests] ($make) }
        }

        #[test]
        fn consents_in_every_order() {
            $crate::interleaving::check_consents(&$make);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! interleaving_tests {
    ($make:tt $($name:ident: $rival:ident,)*) => {
        $(#[test]
        fn $name() {
            $crate::interleaving::check(stringify!($name), &$make);
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! signed_out_interleaving_tests {
    ($make:tt $($name:ident: $rival:ident,)*) => {
        $(#[test]
        fn $name() {
            $crate::interleaving::check_signed_out(stringify!($name), &$make);
        })*
    };
}
