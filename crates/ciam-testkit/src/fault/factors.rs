//! What people enrol, and prove themselves with, while a port fails: all of it or nothing, and a code counts once.

use ciam::domain::audit::{Action, Outcome};
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Moment, Operation, State, TwoFactor};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Factors, SecurityStamp};
use ciam::domain::{FlowId, TenantId};
use ciam::ports::{Clock, StepQuery};
use ciam::{Config, Error, Principal, Proven, SignInRequest, SignedIn, SignedOutStep};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend};
use crate::fake::FakeAuthenticator;
use crate::world::{PASSWORD, Person, SCOPE, World};

/// What a call is tried on.
struct Scene {
    person: Person,
    who: Principal,
    flow: Option<FlowId>,
    code: Option<Code>,
}

/// What of it can be seen to change.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    /// Whether there is an app, one that waits, another stamp, another last step.
    seen: [bool; 4],
    left: usize,
    done: Vec<Action>,
    notices: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    account: Account,
    ready: bool,
    sessions: usize,
}

/// What was there before the call.
struct Before {
    factors: Factors,
    stamp: SecurityStamp,
    done: usize,
}

impl Before {
    async fn of(world: &World, scene: &Scene) -> Self {
        let user = world.user(&scene.person.id).await;
        Self { factors: user.factors, stamp: user.stamp, done: done(world, scene).await.len() }
    }

    async fn standing(&self, world: &World, scene: &Scene) -> Standing {
        world.backend.store.ping().await.unwrap();
        let user = world.user(&scene.person.id).await;
        let last = |factors: &Factors| factors.totp.as_ref().map(|totp| totp.last_step);
        let records = done(world, scene).await;
        let waiting =
            world.backend.outbox.take(world.clock.now(), std::time::Duration::ZERO, 1_000).await.unwrap();
        let account = Account {
            seen: [
                user.factors.totp.is_some(),
                user.factors.pending_totp.is_some(),
                user.stamp != self.stamp,
                last(&user.factors) != last(&self.factors),
            ],
            left: user.factors.recovery_codes_left(),
            done: records[..records.len() - self.done].to_vec(),
            notices: waiting.iter().filter(|due| due.notice.user == user.id).count(),
        };
        let session = scene.flow.as_ref().map(FlowId::session);
        let query = StepQuery {
            flow: scene.flow.as_ref().map(FlowId::key),
            session: scene.who.session().cloned().or(session),
            ..StepQuery::of(TenantId::default(), user.id.clone())
        };
        let loaded = world.backend.store.load(&query).await.unwrap().unwrap();
        let moment =
            Moment { now: world.clock.now(), user: &user, amr: &[], policy: &world.ciam.config().flow };
        let claimed = loaded.flow.and_then(|flow| {
            let session = flow.session().clone();
            flow.claimed_by(&session, &moment).ok()
        });
        let ready = claimed.is_some_and(|flow| matches!(flow.state(), State::Ready { .. }));
        let sessions = world.backend.store.sessions(&TenantId::default(), &user.id).await.unwrap();
        let alive = sessions.iter().filter(|session| session.is_alive(&user.stamp, world.clock.now()));
        Standing { account, ready, sessions: alive.count() }
    }
}

/// What took effect, newest first.
async fn done(world: &World, scene: &Scene) -> Vec<Action> {
    let trail = world.audit(&scene.person.id).await.into_iter();
    trail.filter(|record| record.outcome == Outcome::Done).map(|record| record.action).collect()
}

fn config() -> Config {
    let mut config = Config::default();
    config.flow.recent_factor = std::time::Duration::ZERO;
    config.flow.sign_in = TwoFactor::Required;
    config
}

/// Tries a call with every fault at every call of a port.
fn tried(
    make: MakeBackend<'_>,
    set: &impl AsyncFn(&World, u16) -> Scene,
    call: &impl AsyncFn(&World, &Scene) -> Result<(), Error>,
) {
    let faults = Faults::default();
    let world = World::with(make(&faults), config());
    let host = faults.host(&world);
    let run = |number: u16, strike: Option<(usize, Fault)>| {
        let scene = block_on(set(&world, number));
        let before = block_on(Before::of(&world, &scene));
        let sound = block_on(before.standing(&world, &scene));
        if let Some((place, fault)) = strike {
            faults.strike(place, fault);
        }
        let answer = block_on(faults.answer(Box::pin(call(&host, &scene))));
        let struck = faults.end().struck;
        let after = block_on(before.standing(&world, &scene));
        (scene, sound, after, answer, struck)
    };
    let (_, first, last, answer, _) = run(1, None);
    assert!(matches!(answer, Some(Ok(()))), "{answer:?}");
    assert_ne!(first, last);
    let mut number = 1;
    for fault in Fault::ALL {
        for place in 0.. {
            number += 1;
            let (scene, before, after, answer, struck) = run(number, Some((place, fault)));
            let Some(port) = struck else {
                assert!(place > 0 && matches!(answer, Some(Ok(()))), "{answer:?}");
                break;
            };
            let told = format!("{port} {fault:?} at {place}: {answer:?}, {after:?}");
            assert_eq!(before, first, "another beginning");
            let halves =
                fault == Fault::Interrupted || port.starts_with("users.") || port.starts_with("flows.");
            // Between two halves the account stands and what is open fails closed.
            let closed = halves && after.account == last.account && after.ready <= last.ready;
            assert!(after == first || after == last || closed, "{told}, not {first:?} or {last:?}");
            match answer {
                Some(Ok(())) => assert!(after == last || closed, "{told}"),
                Some(Err(Error::Failed(failure))) => assert!(failure.is_retryable(), "{told}"),
                Some(Err(Error::Refused(refusal))) => {
                    unreachable!("{told}: a fault is no refusal: {refusal}")
                }
                None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{told}"),
            }
            let again = block_on(call(&world, &scene));
            assert!(again.is_ok() || after != first, "{told}: then {again:?}");
            assert!(!matches!(again, Err(Error::Failed(_))), "{told}: then {again:?}");
            while block_on(world.ciam.relay_once()).unwrap().sent > 0 {}
        }
    }
}

async fn signed_in(world: &World, number: u16) -> Scene {
    let person = world.person(&format!("person.{number}"), number).await;
    let who = world.sign_in(&person).await;
    Scene { person, who, flow: None, code: None }
}

/// Somebody with an app, at the moment of its next code, whose notices went out.
async fn with_app(world: &World, number: u16) -> Scene {
    let scene = signed_in(world, number).await;
    let begun = world.ciam.begin_totp(&scene.who, Proven::FreshSession).await.unwrap();
    let app = FakeAuthenticator::scan(&begun.uri);
    world.ciam.confirm_totp(&scene.who, &app.code(world.clock.now())).await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(30));
    while world.ciam.relay_once().await.unwrap().sent > 0 {}
    Scene { code: Some(app.code(world.clock.now())), ..scene }
}

/// Somebody with recovery codes, whose notices went out.
async fn with_codes(world: &World, number: u16) -> Scene {
    let scene = signed_in(world, number).await;
    let codes = world.ciam.renew_recovery_codes(&scene.who, Proven::FreshSession).await.unwrap();
    while world.ciam.relay_once().await.unwrap().sent > 0 {}
    Scene { code: codes.first().map(|code| Code::presented(code.expose())), ..scene }
}

async fn in_flow(world: &World, scene: Scene) -> Scene {
    let checked = world.ciam.check_operation(&scene.who, Operation::Unsubscribe).await.unwrap();
    Scene { flow: Some(checked.flow), ..scene }
}

/// The same person on the way in, after the right password.
async fn half_way(world: &World, scene: Scene) -> Scene {
    let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() };
    let password = SecretText::new(PASSWORD.to_owned());
    match world.ciam.sign_in(&request, scene.person.email.canonical(), &password).await.unwrap() {
        SignedIn::SecondFactor { flow, .. } => Scene { flow: Some(flow), ..scene },
        other => unreachable!("{other:?}"),
    }
}

async fn present(host: &World, scene: &Scene, method: Method) -> Result<(), Error> {
    let (flow, code) = (scene.flow.as_ref().unwrap(), scene.code.as_ref().unwrap());
    host.ciam.verify_factor_code(&scene.who, flow, method, code).await.map(drop)
}

async fn come_in(host: &World, scene: &Scene, method: Method) -> Result<(), Error> {
    let (flow, code) = (scene.flow.as_ref().unwrap(), scene.code.as_ref().unwrap());
    let step = SignedOutStep { tenant: &TenantId::default(), flow, source: None };
    host.ciam.verify_sign_in_code(&step, method, code).await.map(drop)
}

/// Whatever fails, an app is begun or is not.
pub fn begin_totp(make: MakeBackend<'_>) {
    tried(make, &signed_in, &async |host, scene| {
        host.ciam.begin_totp(&scene.who, Proven::FreshSession).await.map(drop)
    });
}

/// Whatever fails, an app is in place, with its notice and a new stamp, or is not.
pub fn confirm_totp(make: MakeBackend<'_>) {
    let set = async |world: &World, number: u16| {
        let scene = signed_in(world, number).await;
        let begun = world.ciam.begin_totp(&scene.who, Proven::FreshSession).await.unwrap();
        let code = FakeAuthenticator::scan(&begun.uri).code(world.clock.now());
        Scene { code: Some(code), ..scene }
    };
    tried(make, &set, &async |host, scene| {
        host.ciam.confirm_totp(&scene.who, scene.code.as_ref().unwrap()).await
    });
}

/// Whatever fails, an app is gone or is not.
pub fn remove_totp(make: MakeBackend<'_>) {
    tried(make, &with_app, &async |host, scene| {
        host.ciam.remove_totp(&scene.who, Proven::FreshSession).await
    });
}

/// Whatever fails, there are new recovery codes or the old ones.
pub fn renew_recovery_codes(make: MakeBackend<'_>) {
    tried(make, &with_codes, &async |host, scene| {
        // The old ones are fewer, so that new ones show.
        host.ciam.renew_recovery_codes(&scene.who, Proven::FreshSession).await.map(drop)
    });
}

/// Whatever fails, a code of an app is used up together with what it proves, or not at all.
pub fn code_of_an_app(make: MakeBackend<'_>) {
    let set = async |world: &World, number: u16| in_flow(world, with_app(world, number).await).await;
    tried(make, &set, &async |host, scene| present(host, scene, Method::Totp).await);
    let set = async |world: &World, number: u16| half_way(world, with_app(world, number).await).await;
    tried(make, &set, &async |host, scene| come_in(host, scene, Method::Totp).await);
}

/// Whatever fails, a recovery code is used up together with what it proves, or not at all.
pub fn recovery_code(make: MakeBackend<'_>) {
    let set = async |world: &World, number: u16| in_flow(world, with_codes(world, number).await).await;
    tried(make, &set, &async |host, scene| present(host, scene, Method::RecoveryCode).await);
    let set = async |world: &World, number: u16| half_way(world, with_codes(world, number).await).await;
    tried(make, &set, &async |host, scene| come_in(host, scene, Method::RecoveryCode).await);
}
