//! What strangers do under somebody's name uses up nothing that the owner needs.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::flow::{Method, TwoFactor};
use ciam::{Config, PasswordSet, SignedIn, Wording};

use super::MakeWorld;
use super::moves::{NEW, secret, write_user};
use super::sign_in::{done, from, step};
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
    for person in [&alice, &bare] {
        let user = world.user(&person.id).await;
        write_user(&world, &user, |user| {
            user.password.as_mut().unwrap().must_change = true;
            if person.id == bare.id {
                (user.phone, user.email) = (None, None);
            }
        })
        .await;
    }
    let alone = world.ciam.sign_in(&from(1), "bare", &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(alone.reason(), "sign_in.failed", "one factor is too few");
    let tenant = TenantId::default();
    let flow = world.ciam.start_sign_in(&from(2), "alice@example.org", Wording::default()).await.unwrap();
    let on = step(&tenant, &flow);
    let code = world.code(&alice.email);
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
