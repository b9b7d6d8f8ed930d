//! Signing in: nothing is told, guesses are slow, and no stranger keeps the owner out.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation, TwoFactor};
use ciam::domain::password::PasswordHash;
use ciam::domain::session::Amr;
use ciam::domain::source::Source;
use ciam::domain::user::{Address, Status};
use ciam::domain::{SessionId, TenantId, UserId};
use ciam::ports::Clock;
use ciam::{Config, Error, LockPolicy, SignInRequest, SignedIn, SignedOutStep, Tokens, Wording};

use super::MakeWorld;
use super::moves::{at_once, secret, write_user};
use crate::world::{PASSWORD, Person, SCOPE, World};

const WRONG: &str = "not the password in use";

/// A request from a network of its own.
pub(super) fn from(network: u8) -> SignInRequest {
    SignInRequest {
        scopes: vec![SCOPE.to_owned()],
        source: Some(Source::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, network)))),
        ..SignInRequest::default()
    }
}

pub(super) fn done(signed_in: SignedIn) -> Tokens {
    match signed_in {
        SignedIn::Done(tokens) => tokens,
        other => unreachable!("{other:?}"),
    }
}

/// Signs in with the password, from a network nobody else uses.
pub(super) async fn signed_in(world: &World, person: &Person) -> Tokens {
    let name = person.email.canonical();
    done(world.ciam.sign_in(&from(250), name, &secret(PASSWORD)).await.unwrap())
}

pub(super) fn step<'a>(tenant: &'a TenantId, flow: &'a FlowId) -> SignedOutStep<'a> {
    SignedOutStep { tenant, flow, source: None }
}

async fn guess(world: &World, network: u8, name: &str, password: &str) -> Result<SignedIn, Error> {
    world.ciam.sign_in(&from(network), name, &secret(password)).await
}

/// Whatever is wrong: one error, one hash, one record that says what it was.
pub async fn a20_every_failure_has_one_answer_and_one_hash(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut number = 0;
    let mut errors = Vec::new();
    let later = world.clock.now().after(Duration::from_hours(1));
    let states: [(&str, Option<Status>, bool); 8] = [
        ("factor.wrong_password", None, false),
        ("access.locked", Some(Status::Locked { until: None }), true),
        ("access.frozen", Some(Status::Frozen), true),
        ("access.disabled", Some(Status::Disabled), true),
        ("access.deleted", Some(Status::PendingDeletion { erase_at: later }), true),
        ("factor.none", None, true),
        ("factor.none", None, true),
        ("access.unknown_user", None, true),
    ];
    for (place, (cause, status, right)) in states.into_iter().enumerate() {
        number += 1;
        let person = world.person(&format!("person.{number}"), number).await;
        let user = world.user(&person.id).await;
        write_user(&world, &user, |user| {
            user.status = status.unwrap_or(Status::Normal);
            match place {
                5 => user.password = None,
                6 => {
                    user.password.as_mut().unwrap().current =
                        PasswordHash::parse("$argon2id$garbled").unwrap();
                }
                _ => {}
            }
        })
        .await;
        let name = if place == 7 { "nobody@example.org" } else { person.email.canonical() };
        let before = world.hasher.calls();
        let error = guess(&world, 1, name, if right { PASSWORD } else { WRONG }).await.unwrap_err();
        assert_eq!(world.hasher.calls(), before + 1, "{cause}: one hash");
        assert_eq!(error.reason(), "sign_in.failed");
        errors.push(format!("{error} {error:?}"));
        let whose = if place == 7 { UserId::nobody() } else { person.id.clone() };
        let newest = world.audit(&whose).await.remove(0);
        assert_eq!(format!("{:?}", newest.outcome), format!("Refused({cause:?})"));
        world.clock.advance(Duration::from_hours(25));
    }
    errors.dedup();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let person = world.person("carla", 77).await;
    for name in [person.email.canonical(), person.phone.canonical(), "carla", "CARLA"] {
        done(guess(&world, 2, name, PASSWORD).await.unwrap());
    }
}

/// Asking for a code, guessing at it and giving up look alike for an address that is somebody's and one that is not.
pub async fn a20_codes_do_not_tell_who_has_an_account(make: MakeWorld<'_>) {
    let world = make(Config::default());
    world.person("alice", 1).await;
    let frozen = world.person("fred", 2).await;
    world
        .ciam
        .set_status(ciam::Authority::Host, &TenantId::default(), &frozen.id, Status::Frozen)
        .await
        .unwrap();
    let mut stories = Vec::new();
    for (network, name) in (1..).zip(["alice@example.org", "nobody@example.org", "fred@example.org"]) {
        let mut story = Vec::new();
        let before = world.mailbox.codes().len();
        let flow = world.ciam.start_sign_in(&from(network), name, Wording::default()).await.unwrap();
        story.push(format!("{} {}", world.mailbox.codes().len() - before, flow.expose().len()));
        let soon = world.ciam.start_sign_in(&from(network), name, Wording::default()).await.unwrap_err();
        story.push(format!("{soon:?}"));
        let tenant = TenantId::default();
        let wrong = Code::presented("000000x");
        for _ in 0..7 {
            let error = world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &wrong).await;
            story.push(format!("{:?}", error.unwrap_err()));
        }
        let again =
            world.ciam.send_sign_in_code(&step(&tenant, &flow), Method::Email, Wording::default()).await;
        story.push(format!("{:?}", again.unwrap_err()));
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
    assert_eq!(stories[0], stories[2]);
    // The code that went to an address without an account opens nothing either.
    let tenant = TenantId::default();
    world.clock.advance(Duration::from_hours(25));
    for (network, name) in [(7, "nobody@example.org"), (8, "fred@example.org")] {
        let flow = world.ciam.start_sign_in(&from(network), name, Wording::default()).await.unwrap();
        let code = Code::presented(&world.mailbox.last_code(name).unwrap());
        let error = world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &code).await;
        assert_eq!(error.unwrap_err().reason(), "sign_in.failed");
    }
}

/// Five tries, then pauses that double; after each one try is compared, and the right one always gets in.
pub async fn a20_guesses_are_slowed_and_never_locked_for_good(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    for _ in 0..5 {
        assert_eq!(guess(&world, 1, "alice", WRONG).await.unwrap_err().reason(), "sign_in.failed");
    }
    let mut pause = Duration::from_secs(30);
    for _ in 0..12 {
        let before = world.hasher.calls();
        let error = guess(&world, 1, "alice", PASSWORD).await.unwrap_err();
        assert_eq!(error.reason(), "rate.too_many_attempts");
        assert_eq!(world.hasher.calls(), before, "nothing is compared");
        world.clock.advance(pause);
        assert_eq!(guess(&world, 1, "alice", WRONG).await.unwrap_err().reason(), "sign_in.failed");
        pause = (pause * 2).min(Duration::from_hours(1));
    }
    world.clock.advance(Duration::from_hours(1));
    done(guess(&world, 1, "alice", PASSWORD).await.unwrap());
    assert_eq!(world.user(&alice.id).await.status, Status::Normal);
    guess(&world, 1, "alice", WRONG).await.unwrap_err();
    done(guess(&world, 1, "alice", PASSWORD).await.unwrap());
}

/// A stranger uses up neither other networks, nor a known device, nor codes, nor what a signed-in person may do.
pub async fn a20_strangers_do_not_keep_the_owner_out(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let device = signed_in(&world, &alice).await.device.unwrap();
    for _ in 0..6 {
        guess(&world, 1, "alice@example.org", WRONG).await.unwrap_err();
    }
    done(guess(&world, 2, "alice@example.org", PASSWORD).await.unwrap());
    for network in 10..17 {
        for _ in 0..5 {
            guess(&world, network, "alice@example.org", WRONG).await.unwrap_err();
        }
    }
    let elsewhere = guess(&world, 3, "alice@example.org", PASSWORD).await.unwrap_err();
    assert_eq!(elsewhere.reason(), "rate.too_many_attempts", "from many networks guessing is slowed as well");
    let known = SignInRequest { device_token: Some(device), ..from(3) };
    done(world.ciam.sign_in(&known, "alice@example.org", &secret(PASSWORD)).await.unwrap());
    let flow = world.ciam.start_sign_in(&from(4), "alice@example.org", Wording::default()).await.unwrap();
    let tenant = TenantId::default();
    let code = world.code(&alice.email);
    done(world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &code).await.unwrap());
    let who = world.sign_in(&alice).await;
    world.proven(&who, Operation::UpdatePassword).await;
    for _ in 0..3 {
        world.clock.advance(Duration::from_mins(20));
        let flow = world.ciam.start_sign_in(&from(5), "alice@example.org", Wording::default()).await.unwrap();
        for _ in 0..5 {
            let wrong = world.wrong_code(&alice.email);
            world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &wrong).await.unwrap_err();
        }
    }
    let who = world.sign_in(&alice).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let code = world.code(&alice.phone);
    world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
}

/// A device is known by what it was given; what others were given, or what was made up, makes nobody known.
pub async fn a20_only_the_persons_own_device_is_known(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let own = signed_in(&world, &alice).await.device.unwrap().expose().to_owned();
    let theirs = signed_in(&world, &bob).await.device.unwrap().expose().to_owned();
    let flipped = format!("{}{}", if own.starts_with('0') { '1' } else { '0' }, &own[1..]);
    let cut = own.split('~').next().unwrap().to_owned();
    for _ in 0..5 {
        guess(&world, 9, "alice@example.org", WRONG).await.unwrap_err();
    }
    // Whoever was slowed down stays so: none of these has tries of its own.
    for token in [theirs, flipped, cut, String::new(), "a~b~c~d".to_owned()] {
        let request = SignInRequest { device_token: Some(secret(&token)), ..from(9) };
        let error = world.ciam.sign_in(&request, "alice@example.org", &secret(PASSWORD)).await.unwrap_err();
        assert_eq!(error.reason(), "rate.too_many_attempts", "{token}");
    }
    // The known device is slowed as well, by itself.
    for n in 0..6 {
        let request = SignInRequest { device_token: Some(secret(&own)), ..from(9) };
        let error = world.ciam.sign_in(&request, "alice@example.org", &secret(WRONG)).await.unwrap_err();
        assert_eq!(error.reason(), if n < 5 { "sign_in.failed" } else { "rate.too_many_attempts" });
    }
}

/// Of 40 guesses at once five are compared.
pub async fn a20_guesses_at_once_are_all_counted(make: MakeWorld<'_>) {
    let world = make(Config::default());
    world.person("alice", 1).await;
    let before = world.hasher.calls();
    let ends = at_once((0..40).collect(), |_: u32| {
        futures_executor::block_on(Box::pin(guess(&world, 1, "alice", WRONG)))
    });
    assert!(ends.iter().all(Result::is_err));
    assert_eq!(world.hasher.calls() - before, 5);
}

/// Where a host wants it, failures lock the account for a time, from wherever they come.
pub async fn a20_a_host_may_lock_after_failures(make: MakeWorld<'_>) {
    let mut config = Config::default();
    let (window, period) = (Duration::from_hours(1), Duration::from_mins(30));
    config.sign_in.lock = Some(LockPolicy { threshold: 3, window, period });
    let world = make(config);
    let alice = world.person("alice", 1).await;
    for network in 1..=2 {
        guess(&world, network, "alice", WRONG).await.unwrap_err();
    }
    assert_eq!(world.user(&alice.id).await.status, Status::Normal);
    world.clock.advance(window);
    let token = world.token(&alice).await;
    for network in 3..=5 {
        assert_eq!(guess(&world, network, "alice", WRONG).await.unwrap_err().reason(), "sign_in.failed");
    }
    let until = world.clock.now().after(period);
    assert_eq!(world.user(&alice.id).await.status, Status::Locked { until: Some(until) });
    assert_eq!(guess(&world, 6, "alice", PASSWORD).await.unwrap_err().reason(), "sign_in.failed");
    let who = world.ciam.principal(&token, SCOPE).await.unwrap();
    assert_eq!(world.ciam.check_token(&who).await.unwrap_err().reason(), "access.locked");
    world.clock.set(until);
    done(guess(&world, 7, "alice", PASSWORD).await.unwrap());
    assert_eq!(world.ciam.check_token(&who).await.unwrap_err().reason(), "access.invalid_token");
}

/// Where a second factor is demanded, the first opens nothing, and the same one does not count twice.
pub async fn a20_a_second_factor_comes_first_where_it_is_demanded(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let tenant = TenantId::default();
    let SignedIn::SecondFactor { flow, methods } = guess(&world, 1, "alice", PASSWORD).await.unwrap() else {
        unreachable!("a second factor comes first")
    };
    assert_eq!(methods.iter().map(|offer| offer.method).collect::<Vec<_>>(), [Method::Sms, Method::Email]);
    let shown = format!("{methods:?}");
    assert!(!shown.contains(alice.phone.canonical()) && !shown.contains(alice.email.canonical()), "{shown}");
    let on = step(&tenant, &flow);
    let again = world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(again.reason(), "sign_in.failed", "the password was the first factor");
    assert!(live(&world, &alice).await.is_empty(), "nothing is open yet");
    world.ciam.send_sign_in_code(&on, Method::Sms, Wording::default()).await.unwrap();
    let wrong = world.wrong_code(&alice.phone);
    world.ciam.verify_sign_in_code(&on, Method::Sms, &wrong).await.unwrap_err();
    let code = world.code(&alice.phone);
    let tokens = done(world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap());
    let sessions = live(&world, &alice).await;
    assert_eq!(sessions, [(tokens.session.clone(), vec![Amr::Password, Amr::Sms])]);
    let replayed = world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap_err();
    assert_eq!(replayed.reason(), "sign_in.failed");
    let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
    world.ciam.check_token(&who).await.unwrap();
    assert_eq!(tokens.session_ends_at, world.clock.now().after(Duration::from_hours(1)));
}

async fn live(world: &World, person: &Person) -> Vec<(SessionId, Vec<Amr>)> {
    let user = world.user(&person.id).await;
    let sessions = world.backend.store.sessions(&TenantId::default(), &person.id).await.unwrap();
    let now = world.clock.now();
    let alive = sessions.into_iter().filter(|session| session.is_alive(&user.stamp, now));
    alive.map(|session| (session.id, session.amr)).collect()
}

/// A code that signs in may be followed by the password, in the same flow.
pub async fn a20_after_a_code_the_password_may_be_demanded(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::WhenAvailable;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let tenant = TenantId::default();
    let phone = alice.phone.canonical();
    let flow = world.ciam.start_sign_in(&from(1), phone, Wording::default()).await.unwrap();
    let on = step(&tenant, &flow);
    let early = world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(early.reason(), "sign_in.failed", "the code comes first");
    let code = world.code(&alice.phone);
    let SignedIn::SecondFactor { flow: same, methods } =
        world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap()
    else {
        unreachable!("a second factor comes first")
    };
    assert_eq!(same.expose(), flow.expose());
    assert!(methods.iter().all(|offer| offer.method != Method::Sms), "{methods:?}");
    assert!(live(&world, &alice).await.is_empty());
    assert_eq!(
        world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap_err().reason(),
        "sign_in.failed"
    );
    let tokens = done(world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap());
    assert_eq!(live(&world, &alice).await, [(tokens.session, vec![Amr::Sms, Amr::Password])]);
}

/// Many right answers at once open one session; codes of other purposes and channels open none.
pub async fn a20_a_code_opens_one_session(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let tenant = TenantId::default();
    let flow = world.ciam.start_sign_in(&from(1), "alice@example.org", Wording::default()).await.unwrap();
    let digits = world.mailbox.last_code("alice@example.org").unwrap();
    let other = Code::presented(&digits);
    let by_sms = world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Sms, &other).await;
    assert_eq!(by_sms.unwrap_err().reason(), "sign_in.failed");
    let ends = at_once((0..16).collect(), |_: u32| {
        let code = Code::presented(&digits);
        let on = step(&tenant, &flow);
        futures_executor::block_on(Box::pin(world.ciam.verify_sign_in_code(&on, Method::Email, &code)))
            .is_ok()
    });
    assert_eq!(ends.into_iter().filter(|end| *end).count(), 1);
    assert_eq!(live(&world, &alice).await.len(), 1);
    let Address::Email(_) = &alice.email else { unreachable!("an e-mail address") };
}
