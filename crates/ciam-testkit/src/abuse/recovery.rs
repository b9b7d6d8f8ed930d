//! New passwords and restored accounts: by the person's own code alone, and with everything else ended.

use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::Status;
use ciam::domain::{FlowId, TenantId};
use ciam::ports::Clock;
use ciam::{Config, LockPolicy, PasswordSet, SignedIn, Wording};

use super::MakeWorld;
use super::moves::{NEW, perform, relay_all, secret, write_user};
use super::sign_in::{done, from, signed_in, step};
use crate::world::{PASSWORD, Person, SCOPE, World};

const TICK: Duration = Duration::from_micros(1);

/// A recovery of which only the new password is missing.
pub(super) async fn recovering(world: &World, person: &Person) -> FlowId {
    let address = person.email.canonical();
    let flow = world.ciam.start_recovery(&from(1), address, Wording::default()).await.unwrap();
    let tenant = TenantId::default();
    let code = world.code(&person.email);
    let next = world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &code).await.unwrap();
    let SignedIn::NewPassword { flow: same, methods } = next else { unreachable!("{next:?}") };
    assert!(methods.is_empty() && same.expose() == flow.expose());
    flow
}

/// After a recovery the old password, sessions, flows and refresh tokens are dead; every address hears of it.
pub async fn a27_recovery_ends_everything_else(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let tokens = signed_in(&world, &alice).await;
    let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
    let open = world.proven(&who, Operation::UpdatePassword).await;
    let (tenant, flow) = (TenantId::default(), recovering(&world, &alice).await);
    let on = step(&tenant, &flow);
    for refused in ["short", PASSWORD] {
        let error = world.ciam.set_new_password(&on, &secret(refused)).await.unwrap_err();
        assert!(error.reason().starts_with("password."), "{error:?}");
    }
    let set = world.ciam.set_new_password(&on, &secret(NEW)).await.unwrap();
    assert!(matches!(set, PasswordSet::Recovered));
    let again = world.ciam.set_new_password(&on, &secret("nine otters under the pier")).await.unwrap_err();
    assert_eq!(again.reason(), "sign_in.failed");
    assert_eq!(world.ciam.check_token(&who).await.unwrap_err().reason(), "access.invalid_token");
    let dead = world.ciam.change_password(&who, &open, &secret("nine otters under the pier")).await;
    assert_eq!(dead.unwrap_err().reason(), "access.invalid_token");
    let old = world.ciam.refresh_session(&tenant, &tokens.refresh, None).await.unwrap_err();
    assert_eq!(old.reason(), "sign_in.refresh_token");
    let old = world.ciam.sign_in(&from(2), "alice", &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(old.reason(), "sign_in.failed");
    done(world.ciam.sign_in(&from(2), "alice", &secret(NEW)).await.unwrap());
    relay_all(&world).await;
    let told = world.mailbox.notices();
    assert_eq!(told.iter().map(|notice| notice.to.clone()).collect::<Vec<_>>(), [alice.phone, alice.email]);
    assert!(told.iter().all(|notice| notice.kind == NoticeKind::PasswordChanged));
}

/// A lock does not stop a recovery, and one that failures brought about ends with it; anything else stops it.
pub async fn a27_who_may_recover(make: MakeWorld<'_>) {
    let mut config = Config::default();
    let (window, period) = (Duration::from_hours(1), Duration::from_hours(1));
    config.sign_in.lock = Some(LockPolicy { threshold: 9, window, period });
    let world = make(config);
    let later = world.clock.now().after(Duration::from_hours(10));
    let states = [
        (Status::Locked { until: Some(later) }, true, Status::Normal),
        (Status::Locked { until: None }, true, Status::Locked { until: None }),
        (Status::Frozen, false, Status::Frozen),
        (Status::Disabled, false, Status::Disabled),
        (Status::PendingDeletion { erase_at: later }, false, Status::PendingDeletion { erase_at: later }),
    ];
    let tenant = TenantId::default();
    for (number, (status, may, after)) in (1..).zip(states) {
        let person = world.person(&format!("person.{number}"), number).await;
        world.ciam.set_status(ciam::Authority::Host, &tenant, &person.id, status).await.unwrap();
        let address = person.email.canonical();
        let flow = world.ciam.start_recovery(&from(9), address, Wording::default()).await.unwrap();
        let code = world.code(&person.email);
        let verified = world.ciam.verify_sign_in_code(&step(&tenant, &flow), Method::Email, &code).await;
        assert_eq!(verified.is_ok(), may, "{status:?}");
        let set = world.ciam.set_new_password(&step(&tenant, &flow), &secret(NEW)).await;
        assert_eq!(set.is_ok(), may, "{status:?}");
        assert_eq!(world.user(&person.id).await.status, after);

        // In mid-flow: whoever is frozen after the code is out.
        let other = world.person(&format!("other.{number}"), number + 50).await;
        let flow = recovering(&world, &other).await;
        world.ciam.set_status(ciam::Authority::Host, &tenant, &other.id, status).await.unwrap();
        let late = world.ciam.set_new_password(&step(&tenant, &flow), &secret(NEW)).await.unwrap_err();
        assert_eq!(late.reason(), "sign_in.failed", "a new status ends every flow");
        world.clock.advance(Duration::from_secs(1));
    }
}

/// A recovery takes neither the code of a sign-in nor a step that was left out, and opens no session.
pub async fn a27_recovery_takes_its_own_code(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (tenant, address) = (TenantId::default(), alice.email.canonical());
    let signing_in = world.ciam.start_sign_in(&from(1), address, Wording::default()).await.unwrap();
    let digits = world.mailbox.last_code(address).unwrap();
    world.clock.advance(Duration::from_mins(2));
    let recovery = world.ciam.start_recovery(&from(1), address, Wording::default()).await.unwrap();
    let newer = world.mailbox.last_code(address).unwrap();
    for (flow, digits) in [(&recovery, &digits), (&signing_in, &newer)] {
        let (on, code) = (step(&tenant, flow), Code::presented(digits));
        let verified = world.ciam.verify_sign_in_code(&on, Method::Email, &code);
        assert_eq!(verified.await.unwrap_err().reason(), "sign_in.failed");
    }
    for flow in [&recovery, &signing_in] {
        let set = world.ciam.set_new_password(&step(&tenant, flow), &secret(NEW)).await.unwrap_err();
        assert_eq!(set.reason(), "sign_in.failed", "no factor is proven");
    }
    let who = world.sign_in(&alice).await;
    let own = world.ciam.change_password(&who, &recovery, &secret(NEW)).await.unwrap_err();
    assert_eq!(own.reason(), "flow.unknown", "a token opens no flow that takes none");
    for operation in Operation::SIGNED_OUT {
        let checked = world.ciam.check_operation(&who, operation).await.unwrap_err();
        assert_eq!(checked.reason(), "flow.unknown");
    }
    let mine = world.proven(&who, Operation::UpdatePassword).await;
    let set = world.ciam.set_new_password(&step(&tenant, &mine), &secret(NEW)).await.unwrap_err();
    assert_eq!(set.reason(), "sign_in.failed", "nor does a flow of a token go without it");
    assert!(world.ciam.sign_in(&from(3), "alice", &secret(PASSWORD)).await.is_ok());
}

/// A password that must be changed opens nothing but the way to a new one, with another factor where there is one.
pub async fn a27_a_password_that_must_change_opens_nothing(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let tenant = TenantId::default();
    for (number, has_addresses) in [(1, true), (2, false)] {
        let person = world.person(&format!("person.{number}"), number).await;
        let user = world.user(&person.id).await;
        write_user(&world, &user, |user| {
            user.password.as_mut().unwrap().must_change = true;
            if !has_addresses {
                (user.phone, user.email) = (None, None);
            }
        })
        .await;
        let name = format!("person.{number}");
        let begun = world.ciam.sign_in(&from(1), &name, &secret(PASSWORD)).await.unwrap();
        let SignedIn::NewPassword { flow, methods } = begun else { unreachable!("{begun:?}") };
        let on = step(&tenant, &flow);
        assert_eq!(methods.is_empty(), !has_addresses);
        if has_addresses {
            let early = world.ciam.set_new_password(&on, &secret(NEW)).await.unwrap_err();
            assert_eq!(early.reason(), "sign_in.failed", "another factor comes first");
            world.ciam.send_sign_in_code(&on, Method::Sms, Wording::default()).await.unwrap();
            let code = world.code(&person.phone);
            let next = world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap();
            assert!(matches!(next, SignedIn::NewPassword { .. }), "{next:?}");
        }
        let same = world.ciam.set_new_password(&on, &secret(PASSWORD)).await.unwrap_err();
        assert_eq!(same.reason(), "password.same");
        let set = world.ciam.set_new_password(&on, &secret(NEW)).await.unwrap();
        let PasswordSet::SignedIn(tokens) = set else { unreachable!("{set:?}") };
        let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
        world.ciam.check_token(&who).await.unwrap();
        world.ciam.refresh_session(&tenant, &tokens.refresh, None).await.unwrap();
        done(world.ciam.sign_in(&from(2), &name, &secret(NEW)).await.unwrap());
        world.clock.advance(Duration::from_hours(1));
    }
}

/// Within its grace a deletion is called back by password and code together; neither alone, and no old token, does.
pub async fn a27_a_deletion_is_called_back_by_password_and_code(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let tokens = signed_in(&world, &alice).await;
    perform(&world, &alice, Operation::Unsubscribe).await;
    let tenant = TenantId::default();
    let plain = world.ciam.sign_in(&from(1), "alice", &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(plain.reason(), "sign_in.failed");
    for (name, password) in [("alice", NEW), ("bob", PASSWORD), ("nobody", PASSWORD)] {
        let refused = world.ciam.start_restore(&from(1), name, &secret(password)).await.unwrap_err();
        assert_eq!(refused.reason(), "sign_in.failed", "{name}");
    }
    let (flow, methods) = world.ciam.start_restore(&from(1), "alice", &secret(PASSWORD)).await.unwrap();
    assert_eq!(methods.len(), 2);
    let on = step(&tenant, &flow);
    let by_password = world.ciam.verify_sign_in_password(&on, &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(by_password.reason(), "sign_in.failed");
    world.ciam.send_sign_in_code(&on, Method::Email, Wording::default()).await.unwrap();
    let wrong = world.wrong_code(&alice.email);
    world.ciam.verify_sign_in_code(&on, Method::Email, &wrong).await.unwrap_err();
    assert!(matches!(world.user(&alice.id).await.status, Status::PendingDeletion { .. }));
    let code = world.code(&alice.email);
    let restored = world.ciam.verify_sign_in_code(&on, Method::Email, &code).await.unwrap();
    assert!(matches!(restored, SignedIn::Restored), "{restored:?}");
    assert_eq!(world.user(&alice.id).await.status, Status::Normal);
    let old = world.ciam.refresh_session(&tenant, &tokens.refresh, None).await.unwrap_err();
    assert_eq!(old.reason(), "sign_in.refresh_token", "what was open stays dead");
    done(world.ciam.sign_in(&from(2), "alice", &secret(PASSWORD)).await.unwrap());
    relay_all(&world).await;
    let restored =
        world.mailbox.notices().into_iter().filter(|note| note.kind == NoticeKind::AccountRestored);
    assert_eq!(restored.count(), 2);
    done(world.ciam.sign_in(&from(3), "bob", &secret(PASSWORD)).await.unwrap());
    let _ = bob;
}

/// Once its grace is over a deletion stands, erased yet or not: at the last moment too.
pub async fn a27_a_deletion_that_is_over_is_over(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.deletion.grace = Duration::from_mins(4);
    let world = make(config);
    let alice = world.person("alice", 1).await;
    perform(&world, &alice, Operation::Unsubscribe).await;
    let end = world.clock.now().after(Duration::from_mins(4));
    let tenant = TenantId::default();
    let (flow, _) = world.ciam.start_restore(&from(1), "alice", &secret(PASSWORD)).await.unwrap();
    let on = step(&tenant, &flow);
    world.ciam.send_sign_in_code(&on, Method::Sms, Wording::default()).await.unwrap();
    let code = world.code(&alice.phone);
    world.clock.set(end);
    let late = world.ciam.start_restore(&from(2), "alice", &secret(PASSWORD)).await.unwrap_err();
    assert_eq!(late.reason(), "sign_in.failed");
    let late = world.ciam.verify_sign_in_code(&on, Method::Sms, &code).await.unwrap_err();
    assert_eq!(late.reason(), "sign_in.failed");
    world.clock.set(end.before(TICK));
    assert!(matches!(world.user(&alice.id).await.status, Status::PendingDeletion { .. }));
}
