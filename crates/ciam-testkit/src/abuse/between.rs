//! What people sign in and prove themselves by, changed and used in every order of reads and writes.

use std::sync::{Arc, Mutex};

use ciam::domain::audit::{Action, Outcome};
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::gesture::GestureAlgorithm;
use ciam::ports::Clock;
use ciam::{Ciam, Config, Error, NewDevice, Principal, Proven};
use futures_executor::block_on;

use super::MakeWorld;
use super::gesture::{bound, enter, phone, register, to_bind, to_sign_in};
use super::moves::{NEW, secret};
use super::sign_in::from;
use super::totp::{STEP, begun, eager, enrol, present};
use crate::fake::FakeAuthenticator;
use crate::gap::{Gap, gapped};
use crate::world::{Person, World};

pub(super) const GAPS: [Gap; 5] =
    [Gap::AfterFind, Gap::AfterLoad, Gap::AfterCharge, Gap::BeforeCommit, Gap::AfterCommit];

/// Whether a call and the rival that came and went in one of its gaps were done; `None` where it has no such gap.
pub(super) async fn between(
    world: &World,
    gap: Gap,
    call: impl AsyncFnOnce(&World) -> Result<(), Error>,
    rival: impl FnOnce(&Ciam) -> Result<(), Error> + Send + 'static,
) -> Option<(bool, bool)> {
    let (host, store) = gapped(world);
    let told = Arc::new(Mutex::new(None));
    let (ciam, tell) = (world.ciam.clone(), told.clone());
    store.at(gap, move || *tell.lock().unwrap() = Some(rival(&ciam).is_ok()));
    let answer = call(&host).await;
    store.close();
    let rival = told.lock().unwrap().take();
    rival.map(|rival| (answer.is_ok(), rival))
}

/// Of two confirmations of one app, by one code or by two, one counts, whichever comes between.
pub async fn a38_of_two_confirmations_one_counts(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, later) in GAPS.into_iter().flat_map(|gap| [(gap, false), (gap, true)]) {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let app =
            FakeAuthenticator::scan(&world.ciam.begin_totp(&who, Proven::FreshSession).await.unwrap().uri);
        let now = world.clock.now();
        let code = app.code(now);
        let (rival, other) = (who.clone(), app.code(if later { now.after(STEP) } else { now }));
        let ends = between(
            &world,
            gap,
            async |host| host.ciam.confirm_totp(&who, &code).await,
            move |ciam| block_on(ciam.confirm_totp(&rival, &other)),
        );
        let Some(ends) = ends.await else { continue };
        came += 1;
        assert!(ends == (true, false) || ends == (false, true), "{gap:?}: {ends:?}");
        let factors = world.user(&alice.id).await.factors;
        assert!(factors.totp.is_some() && factors.pending_totp.is_none(), "{gap:?}");
        let trail = world.audit(&alice.id).await;
        let done = |record: &&ciam::domain::audit::AuditRecord| {
            record.action == Action::BindTotp && record.outcome == Outcome::Done
        };
        assert_eq!(trail.iter().filter(done).count(), 1, "{gap:?}");
    }
    assert!(came >= 6, "the rival came between {came} times");
}

/// One code in two flows of one person proves one of them, whichever comes between.
pub async fn a38_one_code_proves_one_of_two_flows(make: MakeWorld<'_>) {
    let mut came = 0;
    for gap in GAPS {
        let world = make(eager());
        let alice = world.person("alice", 1).await;
        let app = enrol(&world, &world.sign_in(&alice).await).await;
        let who = world.sign_in(&alice).await;
        let first = begun(&world, &who, Operation::Unsubscribe).await;
        let second = begun(&world, &who, Operation::UpdatePhone).await;
        let (code, rival) = (app.code(world.clock.now()), who.clone());
        let same = Code::presented(code.expose());
        let ends = between(
            &world,
            gap,
            async |host| present(host, (&who, &first), (Method::Totp, &code)).await.map(drop),
            move |ciam| block_on(ciam.verify_factor_code(&rival, &second, Method::Totp, &same)).map(drop),
        );
        let Some(ends) = ends.await else { continue };
        came += 1;
        assert!(ends == (true, false) || ends == (false, true), "{gap:?}: {ends:?}");
    }
    assert!(came >= 2, "the rival came between {came} times");
}

/// An app that is removed while its code is compared, or the other way round, is gone, and proves nothing.
pub async fn a38_a_removed_app_proves_nothing(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, removes) in GAPS.into_iter().flat_map(|gap| [(gap, false), (gap, true)]) {
        let world = make(eager());
        let alice = world.person("alice", 1).await;
        let app = enrol(&world, &world.sign_in(&alice).await).await;
        let who = world.sign_in(&alice).await;
        let flow = Arc::new(begun(&world, &who, Operation::UpdatePassword).await);
        let (code, rival, theirs) = (app.code(world.clock.now()), who.clone(), flow.clone());
        let same = Code::presented(code.expose());
        let remove = async |ciam: &Ciam, who: &Principal| ciam.remove_totp(who, Proven::FreshSession).await;
        let ends = between(
            &world,
            gap,
            async |host| {
                if removes {
                    remove(&host.ciam, &who).await
                } else {
                    present(host, (&who, &flow), (Method::Totp, &code)).await.map(drop)
                }
            },
            move |ciam| {
                if removes {
                    block_on(ciam.verify_factor_code(&rival, &theirs, Method::Totp, &same)).map(drop)
                } else {
                    block_on(ciam.remove_totp(&rival, Proven::FreshSession))
                }
            },
        );
        let Some((call, rival)) = ends.await else { continue };
        came += 1;
        assert!(if removes { call } else { rival }, "{gap:?}: the app was not removed");
        assert_eq!(world.user(&alice.id).await.factors.totp, None, "{gap:?}");
        let changed = world.ciam.change_password(&who, &flow, &secret(NEW)).await;
        assert_eq!(changed.unwrap_err().reason(), "flow.unknown", "{gap:?}");
    }
    assert!(came >= 5, "the rival came between {came} times");
}

/// One sign presented twice opens one session, whichever comes between.
pub async fn a34_of_one_sign_twice_one_counts(make: MakeWorld<'_>) {
    let mut came = 0;
    for gap in GAPS {
        let world = make(Config::default());
        let device = phone(&world, GestureAlgorithm::Ed25519);
        let alice = bound(&world, "alice", 1, &device).await;
        let sign = to_sign_in(&world, "alice", &device).await;
        let same = secret(sign.expose());
        let ends = between(
            &world,
            gap,
            async |host| enter(host, "alice", &sign).await.map(drop),
            move |ciam| block_on(ciam.sign_in_by_gesture(&from(10), "alice", &same)).map(drop),
        );
        let Some(ends) = ends.await else { continue };
        came += 1;
        assert!(ends == (true, false) || ends == (false, true), "{gap:?}: {ends:?}");
        assert_eq!(opened_by_device(&world, &alice).await, 1, "{gap:?}");
    }
    assert!(came >= 3, "the rival came between {came} times");
}

/// A device that is unbound while it signs in, or the other way round, is gone, and nothing that it opened is alive.
pub async fn a34_an_unbound_device_opens_nothing(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, unbinds) in GAPS.into_iter().flat_map(|gap| [(gap, false), (gap, true)]) {
        let world = make(Config::default());
        let device = phone(&world, GestureAlgorithm::Ed25519);
        let alice = bound(&world, "alice", 1, &device).await;
        let who = world.sign_in(&alice).await;
        let sign = to_sign_in(&world, "alice", &device).await;
        let (rival, same, id) = (who.clone(), secret(sign.expose()), device.id.clone());
        let ends = between(
            &world,
            gap,
            async |host| {
                if unbinds {
                    host.ciam.unbind_gesture(&who, Proven::FreshSession, &device.id).await
                } else {
                    enter(host, "alice", &sign).await.map(drop)
                }
            },
            move |ciam| {
                if unbinds {
                    block_on(ciam.sign_in_by_gesture(&from(10), "alice", &same)).map(drop)
                } else {
                    block_on(ciam.unbind_gesture(&rival, Proven::FreshSession, &id))
                }
            },
        );
        let Some((call, rival)) = ends.await else { continue };
        came += 1;
        // A sign-in that came later than the unbinding is refused; one that came before is over with it.
        let unbound = if unbinds { call } else { rival };
        let left = world.user(&alice.id).await.gestures.len();
        assert_eq!((unbound, left), (true, 0), "{gap:?}");
        assert_eq!(opened_by_device(&world, &alice).await, 0, "{gap:?}");
    }
    assert!(came >= 5, "the rival came between {came} times");
}

/// A key that is put in place of the one whose sign is being looked at is not bound by that sign.
pub async fn a34_a_key_is_bound_by_its_own_sign(make: MakeWorld<'_>) {
    let mut came = 0;
    for gap in GAPS {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let device = phone(&world, GestureAlgorithm::Ed25519);
        register(&world, &who, &device).await.unwrap();
        let sign = to_bind(&world, &who, "alice", &device).await;
        let other = world.gestures.device("phone", GestureAlgorithm::Ed25519, 2);
        let rival = who.clone();
        let ends = between(
            &world,
            gap,
            async |host| host.ciam.bind_gesture(&who, Proven::FreshSession, &sign).await,
            move |ciam| {
                let (key, algorithm) = (other.key(), other.algorithm);
                let new = NewDevice { device: &other.id, algorithm, key: &key };
                block_on(ciam.register_gesture(&rival, Proven::FreshSession, new))
            },
        );
        if ends.await.is_none() {
            continue;
        }
        came += 1;
        let known = world.user(&alice.id).await.gestures;
        let own = known[0].key.to_bytes() == device.key().expose();
        assert!(own || !known[0].is_bound(), "{gap:?}: another key is bound");
    }
    assert!(came >= 3, "the rival came between {came} times");
}

async fn opened_by_device(world: &World, person: &Person) -> usize {
    let (user, now) = (world.user(&person.id).await, world.clock.now());
    let held = world.backend.store.sessions(&user.tenant, &user.id).await.unwrap();
    let by_device = held.iter().filter(|session| session.amr.iter().any(|way| way.as_str() == "swk"));
    by_device.filter(|session| session.is_alive(&user.stamp, now)).count()
}
