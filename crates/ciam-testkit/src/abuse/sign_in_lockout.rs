//! What strangers do under somebody's name uses up nothing that the owner needs.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, TwoFactor};
use ciam::domain::identifier::EmailAddress;
use ciam::domain::user::Status;
use ciam::{Authority, Config, LockPolicy, NewUser, PasswordSet, SignInRequest, SignedIn, Wording};

use super::MakeWorld;
use super::moves::{NEW, over, secret, spelling, write_user};
use super::sign_in::{done, from, signed_in, step};
use super::spy::CountedStore;
use crate::world::PASSWORD;

/// Wrong codes and passwords in flows that a stranger began cost the owner neither codes nor the password.
pub async fn a20_strangers_use_up_no_factor_of_the_owner(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let tenant = TenantId::default();
    for n in 0..24 {
        let flow = world.ciam.start_sign_in(&from(n), "alice@example.org", Wording::default()).await;
        world.clock.advance(Duration::from_hours(3));
        let Ok(flow) = flow else { continue };
        let fresh = world.ciam.start_sign_in(&from(n), "alice@example.org", Wording::default()).await;
        let on = step(&tenant, fresh.as_ref().unwrap_or(&flow));
        let wrong = world.wrong_code(&alice.email);
        for _ in 0..5 {
            let tried = world.ciam.verify_sign_in_password(&on, &secret("junk that is no password")).await;
            assert_eq!(tried.unwrap_err().reason(), "sign_in.failed");
            let tried = world.ciam.verify_sign_in_code(&on, Method::Email, &wrong).await;
            assert_eq!(tried.unwrap_err().reason(), "sign_in.failed");
        }
    }
    world.clock.advance(Duration::from_mins(16));
    let begun = world.ciam.sign_in(&from(99), "alice", &secret(PASSWORD)).await.unwrap();
    let SignedIn::SecondFactor { flow, .. } = begun else { unreachable!("{begun:?}") };
    let on = step(&tenant, &flow);
    world.ciam.send_sign_in_code(&on, Method::Sms, Wording::default()).await.unwrap();
    let code = world.code(&alice.phone);
    done(world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap());
    let flow = world.ciam.start_sign_in(&from(99), alice.phone.canonical(), Wording::default()).await;
    world.clock.advance(Duration::from_mins(2));
    let flow = match flow {
        Ok(flow) => flow,
        Err(_) => {
            world.ciam.start_sign_in(&from(99), alice.phone.canonical(), Wording::default()).await.unwrap()
        }
    };
    let on = step(&tenant, &flow);
    let code = world.code(&alice.phone);
    world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap();
    done(world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap());
}

/// A password that must be changed is no factor anywhere, and renewing it takes no less than signing in does.
pub async fn a20_a_password_that_must_change_is_no_factor(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let (alice, bare) = (world.person("alice", 1).await, world.person("bare", 2).await);
    let mailed = world.person("mailed", 3).await;
    for person in [&alice, &bare, &mailed] {
        let user = world.user(&person.id).await;
        write_user(&world, &user, |user| {
            user.password.as_mut().unwrap().must_change = true;
            if person.id == bare.id {
                (user.phone, user.email) = (None, None);
            }
            if person.id == mailed.id {
                user.phone = None;
            }
        })
        .await;
    }
    let alone = world.ciam.sign_in(&from(1), "bare", &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(alone.reason(), "sign_in.failed", "one factor is too few");
    let tenant = TenantId::default();
    let flow = world.ciam.start_sign_in(&from(2), "mailed@example.org", Wording::default()).await.unwrap();
    let on = step(&tenant, &flow);
    let code = world.code(&mailed.email);
    let next = world.ciam.verify_sign_in_code(&on, Method::Email, &code).await.unwrap_err();
    assert_eq!(next.reason(), "sign_in.failed", "nothing but the old password would follow");
    let old = world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(old.reason(), "sign_in.failed");

    let begun = world.ciam.sign_in(&from(3), "alice", &secret(PASSWORD)).await.unwrap();
    let SignedIn::NewPassword { flow, .. } = begun else { unreachable!("{begun:?}") };
    let on = step(&tenant, &flow);
    world.ciam.send_sign_in_code(&on, Method::Sms, Wording::default()).await.unwrap();
    let code = world.code(&alice.phone);
    world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap();
    let set = world.ciam.set_new_password(&on, &secret(NEW)).await.unwrap();
    let PasswordSet::SignedIn(tokens) = set else { unreachable!("{set:?}") };
    let unused = tokens.session_ends_at.since(tokens.access_expires_at);
    assert_eq!(
        unused,
        Duration::from_mins(45),
        "a session of two factors, which ends after an hour without use"
    );
}

/// Whoever gathers devices of somebody gets no more tries by that, and slows down neither the owner elsewhere nor codes.
pub async fn a20_any_number_of_known_devices_have_one_budget(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let mut devices = Vec::new();
    for _ in 0..12 {
        devices.push(signed_in(&world, &alice).await.device.unwrap());
    }
    let before = world.hasher.calls();
    let mut last = "";
    for (n, device) in devices.iter().enumerate() {
        let name = ["alice", alice.email.canonical(), alice.phone.canonical()][n % 3];
        for _ in 0..5 {
            let token = secret(device.expose());
            let request = SignInRequest { device_token: Some(token), ..from(u8::try_from(n).unwrap()) };
            last =
                world.ciam.sign_in(&request, name, &secret("no such password")).await.unwrap_err().reason();
        }
    }
    assert_eq!(last, "rate.too_many_attempts");
    assert_eq!(world.hasher.calls() - before, 30, "as many as strangers have from everywhere");
    done(world.ciam.sign_in(&from(99), "alice", &secret(PASSWORD)).await.unwrap());
    let known = |n: u8| SignInRequest { device_token: Some(secret(devices[11].expose())), ..from(n) };
    world.clock.advance(Duration::from_secs(30));
    done(world.ciam.sign_in(&known(1), "alice", &secret(PASSWORD)).await.unwrap());
    world.ciam.sign_in(&known(2), "alice", &secret("no such password")).await.unwrap_err();
    done(world.ciam.sign_in(&known(3), "alice", &secret(PASSWORD)).await.unwrap());
}

/// Where failures lock, who has an account, and one that may act, is not told by the number of writes either.
pub async fn a20_with_a_lock_every_failure_writes_alike(make: MakeWorld<'_>) {
    let mut config = Config::default();
    let hour = Duration::from_hours(1);
    config.sign_in.lock = Some(LockPolicy { threshold: 3, window: hour, period: hour });
    let world = make(config);
    let (alice, fred) = (world.person("alice", 1).await, world.person("fred", 2).await);
    world.ciam.set_status(Authority::Host, &TenantId::default(), &fred.id, Status::Frozen).await.unwrap();
    let store = CountedStore::over(world.ports.store.clone());
    let counted = over(&world, |ports| ports.store = store.clone());
    let mut spent = Vec::new();
    for (name, password) in [
        ("alice", "no such password"),
        ("nobody", PASSWORD),
        ("fred", PASSWORD),
        ("fred", "no such password"),
    ] {
        for _ in 0..2 {
            let before = store.calls();
            let failed = counted.sign_in(&from(1), name, &secret(password)).await.unwrap_err();
            assert_eq!(failed.reason(), "sign_in.failed", "{name}");
            spent.push(store.calls() - before);
        }
    }
    spent.dedup();
    assert_eq!(spent.len(), 1, "{spent:?}");
    // What locks nothing is not held against anybody later, and refuses nobody.
    for network in 10..20 {
        counted.sign_in(&from(network), "nobody", &secret(PASSWORD)).await.unwrap_err();
        counted.sign_in(&from(network), "fred", &secret(PASSWORD)).await.unwrap_err();
    }
    world.ciam.set_status(Authority::Host, &TenantId::default(), &fred.id, Status::Normal).await.unwrap();
    counted.sign_in(&from(30), "fred", &secret("no such password")).await.unwrap_err();
    assert_eq!(world.user(&fred.id).await.status, Status::Normal);
    done(counted.sign_in(&from(31), "alice", &secret(PASSWORD)).await.unwrap());
    assert_eq!(world.user(&alice.id).await.status, Status::Normal);
}

/// However an address is written that a code is asked for, it goes where its owner has proven to read.
pub async fn a17_a_sign_in_code_goes_to_the_stored_spelling(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let stored = EmailAddress::parse("Dora.Kim@Example.org").unwrap();
    let new = NewUser { email: Some(stored.clone()), ..NewUser::default() };
    world.ciam.create_user(Authority::Host, new).await.unwrap();
    for (n, written) in (1..).zip(["dora.kim@example.org", "DORA.KIM@EXAMPLE.ORG"]) {
        world.clock.advance(Duration::from_hours(1));
        let flow = world.ciam.start_sign_in(&from(n), written, Wording::default()).await.unwrap();
        let sent = world.mailbox.codes().pop().unwrap();
        assert_eq!(spelling(&sent.to), "Dora.Kim@Example.org");
        let tenant = TenantId::default();
        let code = Code::presented(&sent.digits);
        done(world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &code).await.unwrap());
    }
    world.ciam.start_sign_in(&from(9), "Nobody@example.org", Wording::default()).await.unwrap();
    assert_eq!(spelling(&world.mailbox.codes().pop().unwrap().to), "Nobody@example.org");
}
