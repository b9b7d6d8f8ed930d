//! Gestures at the door: a sign counts once, for its person, device, tenant and challenge, and by a bound key alone.

use std::time::Duration;

use ciam::domain::flow::TwoFactor;
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::login_history::LoginMode;
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::{DeviceId, TenantId};
use ciam::{Config, Error, NewDevice, Principal, Proven, SignInRequest, SignedIn, Tokens};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, refusals, relay_all, secret};
use super::sign_in::{done, from, signed_in};
use crate::fake::FakeDevice;
use crate::world::{PASSWORD, Person, World};

const SHUT: &str = "sign_in.failed";

/// Makes the key of a device known.
pub(super) async fn register(world: &World, who: &Principal, device: &FakeDevice) -> Result<(), Error> {
    let (key, algorithm) = (device.key(), device.algorithm);
    let new = NewDevice { device: &device.id, algorithm, key: &key };
    world.ciam.register_gesture(who, Proven::FreshSession, new).await
}

/// What a device signs to be bound.
pub(super) async fn to_bind(world: &World, who: &Principal, name: &str, device: &FakeDevice) -> SecretText {
    let challenge = world.ciam.gesture_bind_challenge(who, &device.id).await.unwrap();
    device.sign(name, challenge.text.expose())
}

/// Lets a device prove that it holds its key.
pub(super) async fn prove(
    world: &World,
    who: &Principal,
    name: &str,
    device: &FakeDevice,
) -> Result<(), Error> {
    let sign = to_bind(world, who, name, device).await;
    world.ciam.bind_gesture(who, Proven::FreshSession, &sign).await
}

/// A person whose device signs in.
pub(super) async fn bound(world: &World, name: &str, number: u16, device: &FakeDevice) -> Person {
    let person = world.person(name, number).await;
    bind(world, &person, name, device).await;
    person
}

pub(super) async fn bind(world: &World, person: &Person, name: &str, device: &FakeDevice) {
    let who = world.sign_in(person).await;
    register(world, &who, device).await.unwrap();
    prove(world, &who, name, device).await.unwrap();
}

/// What a device signs to sign in.
pub(super) async fn to_sign_in(world: &World, name: &str, device: &FakeDevice) -> SecretText {
    let challenge = world.ciam.gesture_challenge(&TenantId::default(), &device.id).await.unwrap();
    device.sign(name, challenge.text.expose())
}

pub(super) async fn enter(world: &World, name: &str, sign: &SecretText) -> Result<SignedIn, Error> {
    world.ciam.sign_in_by_gesture(&from(9), name, sign).await
}

/// Signs in by a fresh challenge.
pub(super) async fn come_in(world: &World, name: &str, device: &FakeDevice) -> Result<Tokens, Error> {
    let sign = to_sign_in(world, name, device).await;
    enter(world, name, &sign).await.map(done)
}

pub(super) fn phone(world: &World, algorithm: GestureAlgorithm) -> FakeDevice {
    world.gestures.device("phone", algorithm, 1)
}

#[track_caller]
fn is_shut(answer: Result<SignedIn, Error>) {
    assert_eq!(answer.map(drop).unwrap_err().reason(), SHUT);
}

/// Of one sign used again and again, one after the other or at once, one opens a session: the device's own.
pub async fn a34_a_sign_opens_one_session(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for (number, algorithm) in (1..).zip(GestureAlgorithm::ALL) {
        let name = format!("person.{number}");
        let device = phone(&world, algorithm);
        let person = bound(&world, &name, number, &device).await;
        let sign = to_sign_in(&world, &name, &device).await;
        let elsewhere = DeviceId::parse("whatever-a-client-says").unwrap();
        let request = SignInRequest { device: Some(elsewhere), ..from(9) };
        let tokens = done(world.ciam.sign_in_by_gesture(&request, &name, &sign).await.unwrap());
        is_shut(enter(&world, &name, &sign).await);
        world.clock.advance(Duration::from_secs(59));
        is_shut(enter(&world, &name, &sign).await);
        let open = world.backend.store.sessions(&TenantId::default(), &person.id).await.unwrap();
        let opened = open.iter().find(|session| session.id == tokens.session).unwrap();
        assert_eq!(opened.device.as_ref(), Some(&device.id));
        assert_eq!(opened.amr.iter().map(Amr::as_str).collect::<Vec<_>>(), ["swk"]);
        let logins = world.logins.all();
        assert_eq!(logins.last().unwrap().mode, LoginMode::GESTURE);

        let sign = to_sign_in(&world, &name, &device).await;
        let ends = at_once(vec![(); 4], |()| {
            block_on(Box::pin(enter(&world, &name, &sign))).map_err(|error| error.reason())
        });
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
    }
}

/// Whatever differs between what a sign was made for and what it is used for, nothing opens.
pub async fn a34_a_sign_counts_for_its_own_person_device_and_tenant(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let hers = phone(&world, GestureAlgorithm::Ed25519);
    let his = world.gestures.device("phone", GestureAlgorithm::Ed25519, 2);
    let alice = bound(&world, "alice", 1, &hers).await;
    bound(&world, "bob", 2, &his).await;
    // Her sign under his name, and one that says his name.
    is_shut(enter(&world, "bob", &to_sign_in(&world, "alice", &hers).await).await);
    is_shut(enter(&world, "bob", &to_sign_in(&world, "bob", &hers).await).await);
    is_shut(enter(&world, "alice", &to_sign_in(&world, "bob", &hers).await).await);
    is_shut(enter(&world, "alice", &to_sign_in(&world, " ", &hers).await).await);
    // A challenge of another device, of another tenant, and one to bind.
    let tablet = world.gestures.device("tablet", GestureAlgorithm::Ed25519, 1);
    let other = world.ciam.gesture_challenge(&TenantId::default(), &tablet.id).await.unwrap();
    is_shut(enter(&world, "alice", &hers.sign("alice", other.text.expose())).await);
    let tenant = TenantId::parse("other").unwrap();
    let other = world.ciam.gesture_challenge(&tenant, &hers.id).await.unwrap();
    is_shut(enter(&world, "alice", &hers.sign("alice", other.text.expose())).await);
    world.clock.advance(Duration::from_hours(2));
    let who = world.sign_in(&alice).await;
    is_shut(enter(&world, "alice", &to_bind(&world, &who, "alice", &hers).await).await);
    let elsewhere = SignInRequest { tenant, ..from(9) };
    let sign = to_sign_in(&world, "alice", &hers).await;
    is_shut(world.ciam.sign_in_by_gesture(&elsewhere, "alice", &sign).await);
    world.clock.advance(Duration::from_hours(2));
    come_in(&world, "alice", &hers).await.expect("her own");
    come_in(&world, "bob", &his).await.expect("his own");
}

/// A challenge is one that we handed out, less than a minute ago.
pub async fn a34_a_challenge_ends_on_time_and_is_ours(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::EcdsaP256);
    bound(&world, "alice", 1, &device).await;
    let late = to_sign_in(&world, "alice", &device).await;
    world.clock.advance(Duration::from_mins(1));
    is_shut(enter(&world, "alice", &late).await);
    let challenge = world.ciam.gesture_challenge(&TenantId::default(), &device.id).await.unwrap();
    let text = challenge.text.expose();
    let parts: Vec<&str> = text.split('~').collect();
    let later = (parts[1].parse::<i64>().unwrap() + 1_000_000).to_string();
    let forged = [
        String::from("made-up"),
        [parts[0], &later, parts[2], parts[3]].join("~"),
        [&"0".repeat(32), parts[1], parts[2], parts[3]].join("~"),
        [parts[0], parts[1], &"0".repeat(64), parts[3]].join("~"),
    ];
    for forged in &forged {
        let answer = enter(&world, "alice", &device.sign("alice", forged)).await;
        assert!(answer.is_err(), "{forged}");
    }
    world.clock.advance(Duration::from_hours(2));
    let in_time = to_sign_in(&world, "alice", &device).await;
    world.clock.advance(Duration::from_micros(59_999_999));
    done(enter(&world, "alice", &in_time).await.expect("just in time"));
}

/// No letter of a sign can be another one.
pub async fn a34_a_changed_sign_opens_nothing(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    bound(&world, "alice", 1, &device).await;
    let length = to_sign_in(&world, "alice", &device).await.expose().len();
    for place in (0..length).step_by(7) {
        let sign = to_sign_in(&world, "alice", &device).await;
        let mut bytes = sign.expose().as_bytes().to_vec();
        bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
        let changed = secret(std::str::from_utf8(&bytes).unwrap());
        assert!(enter(&world, "alice", &changed).await.is_err(), "the letter at {place}");
        world.clock.advance(Duration::from_hours(1));
    }
    for text in ["", " ", "x"] {
        assert!(enter(&world, "alice", &secret(text)).await.is_err());
    }
    world.clock.advance(Duration::from_hours(1));
    come_in(&world, "alice", &device).await.unwrap();
}

/// Whoever is named and whatever device is used: one answer, one look at the sign, the same pauses.
pub async fn a34_every_failure_has_one_answer(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    bound(&world, "alice", 1, &device).await;
    world.person("bob", 2).await;
    let wrong = world.gestures.device("phone", GestureAlgorithm::Ed25519, 9);
    for name in ["alice", "bob", "nobody", "alice@example.org.example"] {
        for _ in 0..5 {
            let (sign, asked) = (to_sign_in(&world, name, &wrong).await, world.gestures.asked());
            is_shut(enter(&world, name, &sign).await);
            assert_eq!(world.gestures.asked(), asked + 1, "{name}");
        }
        let error = come_in(&world, name, &wrong).await.unwrap_err();
        assert_eq!(error.reason(), "rate.too_many_attempts", "{name}");
    }
}

/// Five failures make a device wait for half a minute, doubling; fifty end it, its owner hears of it, and signs in
/// otherwise all the while.
pub async fn a34_failures_make_a_device_wait_and_then_end_it(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    let alice = bound(&world, "alice", 1, &device).await;
    relay_all(&world).await;
    let wrong = world.gestures.device("phone", GestureAlgorithm::Ed25519, 9);
    let paused = async || come_in(&world, "alice", &device).await.unwrap_err().reason();
    for _ in 0..5 {
        assert_eq!(come_in(&world, "alice", &wrong).await.unwrap_err().reason(), SHUT);
    }
    assert_eq!(paused().await, "rate.too_many_attempts");
    signed_in(&world, &alice).await;
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(come_in(&world, "alice", &wrong).await.unwrap_err().reason(), SHUT);
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(paused().await, "rate.too_many_attempts");
    world.clock.advance(Duration::from_secs(1));
    come_in(&world, "alice", &device).await.expect("a success begins anew");
    let before = world.mailbox.notices().len();
    for tried in 0..50 {
        assert!(world.user(&alice.id).await.gesture(&device.id).is_some(), "after {tried}");
        assert_eq!(come_in(&world, "alice", &wrong).await.unwrap_err().reason(), SHUT, "{tried}");
        world.clock.advance(Duration::from_hours(1));
    }
    assert!(world.user(&alice.id).await.gestures.is_empty());
    relay_all(&world).await;
    assert_eq!(world.mailbox.notices().len(), before + 2, "each address hears of it");
    assert_eq!(paused().await, "rate.too_many_attempts");
    signed_in(&world, &alice).await;
    bind(&world, &alice, "alice", &device).await;
    come_in(&world, "alice", &device).await.expect("bound anew it begins anew");
    assert!(refusals(&world, &alice).await.iter().any(|reason| reason == "gesture.wrong_sign"));
}

/// Where signs cannot be verified nobody comes in, and nothing is said of why.
pub async fn a34_a_failing_verifier_lets_nobody_in(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Aes256);
    bound(&world, "alice", 1, &device).await;
    let sign = to_sign_in(&world, "alice", &device).await;
    world.gestures.set_broken(true);
    let error = enter(&world, "alice", &sign).await.unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error:?}");
    world.gestures.set_broken(false);
    is_shut(enter(&world, "alice", &sign).await);
    come_in(&world, "alice", &device).await.unwrap();
}

/// Where the policy demands a second factor, a gesture is the first.
pub async fn a34_a_second_factor_comes_after_a_gesture(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let device = phone(&world, GestureAlgorithm::Ed25519);
    bound(&world, "alice", 1, &device).await;
    let sign = to_sign_in(&world, "alice", &device).await;
    let SignedIn::SecondFactor { flow, methods } = enter(&world, "alice", &sign).await.unwrap() else {
        unreachable!("no second factor")
    };
    assert!(!methods.is_empty());
    let tenant = TenantId::default();
    let on = super::sign_in::step(&tenant, &flow);
    is_shut(world.ciam.verify_sign_in_password(&on, &secret("wrong")).await);
    done(world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap());
}
