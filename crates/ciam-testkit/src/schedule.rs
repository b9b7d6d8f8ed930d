//! Random schedules: several use cases at once on one thread, of which any may go on at each call of the store.
//!
//! For stores that never wait, such as one behind a lock that is held for a single call: then the schedules of
//! calls are the schedules of locks. A run repeats itself from its seed.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a schedule asserts, as tests do")]

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use ciam::domain::audit::{Action, Outcome};
use ciam::domain::challenge::Code;
use ciam::domain::flow::Method;
use ciam::domain::rate::RateKey;
use ciam::domain::session::Session;
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::{Charge, Charged, Commit, Handle, Loaded, Random, StepQuery, Store, StoreError};
use futures_executor::block_on;

use crate::fake::FakeRandom;
use crate::stage::{Call, Stage};
use crate::world::{Backend, World};

/// Makes way for others before each call.
struct Yielding(Arc<dyn Store>);

async fn make_way() {
    let mut made = false;
    poll_fn(|_| if std::mem::replace(&mut made, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[async_trait]
impl Store for Yielding {
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError> {
        make_way().await;
        self.0.load(query).await
    }

    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError> {
        make_way().await;
        self.0.charge(charge).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        make_way().await;
        self.0.commit(commit).await
    }

    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        make_way().await;
        self.0.find(tenant, handle).await
    }

    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError> {
        make_way().await;
        self.0.sessions(tenant, user).await
    }

    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError> {
        make_way().await;
        self.0.forget(tenant, user, counts).await
    }

    async fn sweep(&self, now: Instant) -> Result<u64, StoreError> {
        make_way().await;
        self.0.sweep(now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        make_way().await;
        self.0.ping().await
    }
}

/// A person on a stage, and a host on whose tasks a seed decides.
struct Scene {
    world: World,
    host: World,
    stage: Stage,
    chance: FakeRandom,
}

impl Scene {
    fn set(backend: Backend, seed: u64) -> Self {
        let world = World::new(backend);
        let mut ports = world.ports.clone();
        ports.store = Arc::new(Yielding(ports.store));
        let ciam = world.ciam_over(ports);
        let host = world.hosted_by(ciam);
        let stage = block_on(Box::pin(Stage::set(&world, 1)));
        Self { world, host, stage, chance: FakeRandom::seeded(seed) }
    }

    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 2];
        self.chance.fill(&mut bytes).unwrap();
        usize::from(u16::from_le_bytes(bytes)) % end
    }

    /// Runs all tasks to their end; at each step chance says which goes on.
    fn run(&self, mut tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
        let mut context = Context::from_waker(Waker::noop());
        while !tasks.is_empty() {
            let turn = self.below(tasks.len());
            if tasks[turn].as_mut().poll(&mut context).is_ready() {
                drop(tasks.remove(turn));
            }
        }
    }
}

/// Whatever six use cases are at once: of the flows that act one does, each effect is one write, and each is
/// on the trail.
pub fn six_at_once(backend: Backend, seed: u64) {
    let scene = Scene::set(backend, seed);
    let calls: Vec<_> = Call::of_people().collect();
    let done = RefCell::new(Vec::new());
    let (stage, host, noted) = (&scene.stage, &scene.host, &done);
    let before = block_on(scene.world.audit(&scene.stage.person.id));
    let task = |call| async move {
        if stage.make(host, call).await.is_ok() {
            noted.borrow_mut().push(call);
        }
    };
    let tasks =
        (0..6).map(|_| Box::pin(task(calls[scene.below(calls.len())])) as Pin<Box<dyn Future<Output = ()>>>);
    scene.run(tasks.collect());
    let done = done.into_inner();
    let count = |calls: &[Call]| done.iter().filter(|call| calls.contains(call)).count();
    let acts = [Call::ChangePassword, Call::ChangeContact, Call::DeleteAccount];
    assert!(count(&acts) <= 1, "seed {seed}: {done:?}");
    let user = block_on(scene.world.user(&scene.stage.person.id));
    let apart = [Call::EndOtherSessions, Call::EndAllSessions, Call::BindSocial, Call::UnbindSocial];
    // The same profile once more is no change.
    let profiles = count(&[Call::UpdateProfile]).min(1);
    let writes = u64::try_from(count(&acts) + count(&apart) + profiles).unwrap();
    assert_eq!(user.version.number(), 1 + writes, "seed {seed}: {done:?}");
    assert!(count(&[Call::VerifyFactorCode, Call::VerifyFactorPassword]) <= 1, "seed {seed}: {done:?}");
    let silent = |call: &&Call| !{
        matches!(
            call,
            Call::CheckToken
                | Call::ViewRequirements
                | Call::OwnSessions
                | Call::ViewLoginHistory
                | Call::ListSocial
                | Call::ViewProfile
        )
    };
    let mut trail = block_on(scene.world.audit(&scene.stage.person.id));
    trail.truncate(trail.len() - before.len());
    let recorded = trail.iter().filter(|record| record.outcome == Outcome::Done).count();
    assert_eq!(recorded, done.iter().filter(silent).count(), "seed {seed}: {done:?}");
}

/// Of eight codes at once, the right one among them, five are compared and one is taken.
pub fn eight_guesses_at_once(backend: Backend, seed: u64) {
    let scene = Scene::set(backend, seed);
    let right = scene.below(8);
    let answers = RefCell::new(Vec::new());
    let (stage, ciam, told) = (&scene.stage, &scene.host.ciam, &answers);
    let tasks = (0..8).map(|turn| {
        Box::pin(async move {
            let wrong = format!("wrong {turn}");
            let code = Code::presented(if turn == right { &stage.factor } else { &wrong });
            let answer = ciam.verify_factor_code(&stage.who, &stage.flows[0], Method::Email, &code).await;
            told.borrow_mut().push(answer.map_or_else(|error| error.reason(), |_| "taken"));
        }) as Pin<Box<dyn Future<Output = ()>>>
    });
    scene.run(tasks.collect());
    let count = |reason| answers.borrow().iter().filter(|told| **told == reason).count();
    assert!(
        count("taken") <= 1 && count("taken") + count("factor.wrong_code") <= 5,
        "seed {seed}: {answers:?}"
    );
    let trail = block_on(scene.world.audit(&scene.stage.person.id));
    let tried = trail
        .iter()
        .filter(|record| record.action == Action::VerifyFactor && record.flow == Some(stage.flows[0].key()));
    assert_eq!(tried.count(), 8, "seed {seed}: each is recorded once");
}
