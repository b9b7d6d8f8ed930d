//! Two things at once, of which one is done by somebody who is not signed in.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ciam::domain::flow::Operation;
use ciam::domain::secret::SecretText;
use ciam::domain::user::{SecurityStamp, Status};
use ciam::domain::{FlowId, SessionId};
use ciam::ports::Clock;
use ciam::{Error, Principal};
use futures_executor::block_on;

use super::{Told, Turn};
use crate::gap::{Gap, GappedStore};
use crate::signed_out::{SignedOutCall, SignedOutStage, Standing};
use crate::world::{Backend, SCOPE, World};

/// Hands every rival to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_signed_out_rival {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            the_same_call_again: Again, a_wrong_code: Guesses, a_sign_in_begun_anew: BeginsAnew,
            a_status_set: Freezes, an_account_erased: Erases, every_session_ended: EndsAll,
            sessions_ended_elsewhere: EndsOthers, this_session_ended: EndsOne,
            a_password_changed_elsewhere: ChangesPassword,
            a_password_changed_in_this_session: ChangesOwnPassword, a_password_recovered: Recovers,
        }
    };
}

macro_rules! rivals {
    (() $($name:ident: $rival:ident,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Rival {
            $($rival,)*
        }

        impl Rival {
            const ALL: &[(&str, Self)] = &[$((stringify!($name), Self::$rival),)*];
        }
    };
}

each_signed_out_rival! { [rivals] () }

impl Rival {
    /// Whether it has something to do beside a call: who deleted the account has no session left, and only a
    /// refresh has a session of its own.
    fn meets(self, call: SignedOutCall) -> bool {
        let deleted = matches!(call, SignedOutCall::StartRestore | SignedOutCall::Restore);
        match self {
            Self::Again | Self::Guesses | Self::Erases => true,
            Self::EndsOne | Self::ChangesOwnPassword => call == SignedOutCall::RefreshSession,
            _ => !deleted,
        }
    }
}

/// Lets the rival of a name come between in every call; it panics where the end is that of no order.
pub fn check(rival: &str, make: &dyn Fn() -> Backend) {
    let (_, rival) = *Rival::ALL.iter().find(|(name, _)| *name == rival).expect("a rival of that name");
    let mut came = 0;
    for (.., call) in SignedOutCall::ALL.iter().filter(|(.., call)| rival.meets(*call)) {
        came += block_on(Box::pin(Play::new(rival, *call, make()).every_gap()));
    }
    assert!(came > 2, "the rival came between {came} times");
}

/// How it ended: what each was told, what stands, what was sent.
#[derive(Debug, PartialEq)]
struct End {
    told: (Told, Told),
    standing: Standing,
    mailed: usize,
}

/// A stage with a rival beside it.
struct Scene {
    stage: SignedOutStage,
    mailed: usize,
    rival: Rival,
    /// A flow of the rival, of which only the new password is missing.
    flow: Option<FlowId>,
    /// Who holds the session that is refreshed.
    own: Option<Principal>,
}

impl Scene {
    async fn set(world: &World, (rival, call): (Rival, SignedOutCall), number: u16) -> Self {
        let stage = SignedOutStage::set(world, call, number).await;
        // What the pause between two codes would hide comes to light.
        world.clock.advance(Duration::from_secs(61));
        let own = match &stage.tokens {
            Some(tokens) => Some(world.ciam.principal(&tokens.access, SCOPE).await.unwrap()),
            None => None,
        };
        let flow = match rival {
            Rival::ChangesPassword => Some(world.proven(&stage.elsewhere, Operation::UpdatePassword).await),
            Rival::ChangesOwnPassword => {
                Some(world.proven(own.as_ref().unwrap(), Operation::UpdatePassword).await)
            }
            Rival::Recovers => {
                let mut other = stage.anew();
                other.recover(world).await;
                other.verify(world).await.unwrap();
                Some(other.flow)
            }
            _ => None,
        };
        Self { stage, mailed: world.mailbox.codes().len(), rival, flow, own }
    }

    /// What the rival does.
    async fn interfere(&self, world: &World) -> Result<(), Error> {
        let (stage, ciam, elsewhere) = (&self.stage, &world.ciam, &self.stage.elsewhere);
        let new = SecretText::new("nine otters in the mill race".to_owned());
        match self.rival {
            Rival::Again => stage.make(world).await.map(drop),
            Rival::Guesses => {
                let mut guess = stage.anew();
                guess.flow = FlowId::presented(stage.flow.expose());
                guess.verify(world).await.map(drop)
            }
            Rival::BeginsAnew => {
                let to = stage.person.email.canonical();
                ciam.start_sign_in(&SignedOutStage::request(), to, ciam::Wording::default()).await.map(drop)
            }
            Rival::Freezes => stage.set_status(world, Status::Frozen).await,
            Rival::Erases => {
                let now = world.clock.now();
                let erase = |user: &mut ciam::domain::user::User| {
                    user.status = Status::Erased;
                    user.restamp(SecurityStamp::from_bytes([9; 16]), now);
                };
                stage.write(world, erase).await;
                Ok(())
            }
            Rival::EndsAll => ciam.end_all_sessions(elsewhere).await,
            Rival::EndsOthers => ciam.end_other_sessions(elsewhere).await,
            Rival::EndsOne => ciam.end_session(elsewhere, self.session()).await,
            Rival::ChangesPassword => {
                ciam.change_password(elsewhere, self.flow.as_ref().unwrap(), &new).await
            }
            Rival::ChangesOwnPassword => {
                ciam.change_password(self.own.as_ref().unwrap(), self.flow.as_ref().unwrap(), &new).await
            }
            Rival::Recovers => {
                let mut other = stage.anew();
                other.flow = FlowId::presented(self.flow.as_ref().unwrap().expose());
                "nine otters in the mill race".clone_into(&mut other.chosen);
                other.choose(world).await.map(drop)
            }
        }
    }

    fn session(&self) -> &SessionId {
        &self.stage.tokens.as_ref().unwrap().session
    }
}

struct Play {
    rival: Rival,
    call: SignedOutCall,
    world: Arc<World>,
    host: World,
    store: Arc<GappedStore>,
    number: Cell<u16>,
}

impl Play {
    fn new(rival: Rival, call: SignedOutCall, backend: Backend) -> Self {
        let world = World::with(backend, call.config());
        let store = GappedStore::over(world.ports.store.clone());
        let mut ports = world.ports.clone();
        ports.store = store.clone();
        let host = world.hosted_by(world.ciam_over(ports));
        Self { rival, call, world: Arc::new(world), host, store, number: Cell::new(0) }
    }

    async fn scene(&self) -> Arc<Scene> {
        self.number.set(self.number.get() + 1);
        Arc::new(Scene::set(&self.world, (self.rival, self.call), self.number.get()).await)
    }

    async fn end(&self, scene: &Scene, told: (Told, Told)) -> End {
        let standing = Standing::of(&self.world, &scene.stage).await.in_any_order();
        End { told, standing, mailed: self.world.mailbox.codes().len() - scene.mailed }
    }

    /// What comes of turns that are taken one after the other.
    async fn turns(&self, turns: &[Turn]) -> End {
        let scene = self.scene().await;
        let mut told = (Told::No, Told::No);
        for turn in turns {
            match turn {
                Turn::Call => told.0 = scene.stage.make(&self.world).await.map(drop).into(),
                Turn::Rival => told.1 = scene.interfere(&self.world).await.into(),
            }
        }
        self.end(&scene, told).await
    }

    /// How often the rival found a gap to come in by.
    async fn every_gap(&self) -> usize {
        let orders = [
            self.turns(&[Turn::Call]).await,
            self.turns(&[Turn::Rival]).await,
            self.turns(&[Turn::Call, Turn::Rival]).await,
            self.turns(&[Turn::Rival, Turn::Call]).await,
        ];
        let mut came = 0;
        for gap in Gap::ALL {
            let scene = self.scene().await;
            let told = Arc::new(Mutex::new(None));
            let (world, rival, answer) = (self.world.clone(), scene.clone(), told.clone());
            self.store.at(gap, move || {
                *answer.lock().unwrap() = Some(block_on(rival.interfere(&world)).into());
            });
            let answer = scene.stage.make(&self.host).await.map(drop).into();
            self.store.close();
            let Some(rival) = told.lock().unwrap().take() else { continue };
            came += 1;
            let end = self.end(&scene, (answer, rival)).await;
            let barred = matches!(self.rival, Rival::Freezes | Rival::Erases);
            assert!(!barred || end.standing.open.sessions.is_empty(), "{:?} {gap:?}: {end:#?}", self.call);
            assert!(
                orders.contains(&end),
                "{:?}, {:?} {gap:?}: {end:#?} of {orders:#?}",
                self.call,
                self.rival
            );
        }
        came
    }
}
