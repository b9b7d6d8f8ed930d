//! Authenticator apps: a code counts once, whoever has only a token enrols nothing, and a stolen row is worth nothing.

use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, NextStep, Operation, TwoFactor};
use ciam::domain::rate::RateScope;
use ciam::domain::user::Channel;
use ciam::domain::{FlowId, TenantId};
use ciam::ports::Clock;
use ciam::{Config, Error, Principal, Proven, SignedIn, TOTP_ENROLMENT};
use futures_executor::block_on;

use super::MakeWorld;
use super::doubt::offered;
use super::moves::{at_once, code, refused, secret, write_user};
use super::revert::{TICK, WEEK};
use super::sign_in::{done, from, step};
use super::watch::count;
use crate::fake::FakeAuthenticator;
use crate::world::{PASSWORD, Person, World};

pub(super) const STEP: Duration = Duration::from_secs(30);

/// Settings under which what is enrolled counts at once, and a sign-in asks for it.
pub(super) fn eager() -> Config {
    let mut config = Config::default();
    config.flow.recent_factor = Duration::ZERO;
    config.flow.sign_in = TwoFactor::Required;
    config
}

/// Puts an app in place in a session of just now, and waits for its next code.
pub(super) async fn enrol(world: &World, who: &Principal) -> FakeAuthenticator {
    let begun = world.ciam.begin_totp(who, Proven::FreshSession).await.unwrap();
    let app = FakeAuthenticator::scan(&begun.uri);
    world.ciam.confirm_totp(who, &app.code(world.clock.now())).await.unwrap();
    world.clock.advance(STEP);
    app
}

pub(super) async fn begun(world: &World, who: &Principal, operation: Operation) -> FlowId {
    world.ciam.check_operation(who, operation).await.unwrap().flow
}

pub(super) async fn present(
    world: &World,
    (who, flow): (&Principal, &FlowId),
    (method, code): (Method, &Code),
) -> Result<NextStep, Error> {
    world.ciam.verify_factor_code(who, flow, method, code).await
}

/// The flow of a sign-in whose password was right.
pub(super) async fn half_way(world: &World, person: &Person) -> FlowId {
    let name = person.email.canonical();
    match world.ciam.sign_in(&from(250), name, &secret(PASSWORD)).await.unwrap() {
        SignedIn::SecondFactor { flow, .. } => flow,
        other => unreachable!("{other:?}"),
    }
}

pub(super) async fn finish(
    world: &World,
    flow: &FlowId,
    method: Method,
    code: &Code,
) -> Result<SignedIn, Error> {
    world.ciam.verify_sign_in_code(&step(&TenantId::default(), flow), method, code).await
}

/// The code of one step, the one that confirmed included, is taken once: in no flow, of no operation, and at no sign-in
/// again, in whatever order.
pub async fn a38_a_code_of_an_app_is_taken_once(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let begin = world.ciam.begin_totp(&who, Proven::FreshSession).await.unwrap();
    let app = FakeAuthenticator::scan(&begin.uri);
    let first = app.code(world.clock.now());
    world.ciam.confirm_totp(&who, &first).await.unwrap();
    let flows = [
        begun(&world, &who, Operation::Unsubscribe).await,
        begun(&world, &who, Operation::UpdateEmail).await,
    ];
    refused(&world, &alice, "factor.wrong_code", present(&world, (&who, &flows[0]), (Method::Totp, &first)))
        .await;
    world.clock.advance(STEP);
    let second = app.code(world.clock.now());
    present(&world, (&who, &flows[0]), (Method::Totp, &second)).await.unwrap();
    refused(&world, &alice, "factor.wrong_code", present(&world, (&who, &flows[1]), (Method::Totp, &second)))
        .await;
    let signing_in = half_way(&world, &alice).await;
    for used in [&first, &second] {
        let replay = finish(&world, &signing_in, Method::Totp, used).await;
        assert_eq!(replay.unwrap_err().reason(), "sign_in.failed");
    }
    world.clock.advance(STEP);
    let third = app.code(world.clock.now());
    done(finish(&world, &signing_in, Method::Totp, &third).await.unwrap());
    refused(&world, &alice, "factor.wrong_code", present(&world, (&who, &flows[1]), (Method::Totp, &third)))
        .await;
}

/// Of many that present one code at once, in flows of two sessions, one is taken.
pub async fn a38_of_one_code_at_once_one_counts(make: MakeWorld<'_>) {
    let world = make(eager());
    for round in 0..10 {
        let alice = world.person(&format!("alice.{round}"), round).await;
        let app = enrol(&world, &world.sign_in(&alice).await).await;
        let mut tries = Vec::new();
        for _ in 0..2 {
            let who = world.sign_in(&alice).await;
            for operation in [Operation::Unsubscribe, Operation::UpdatePhone] {
                tries.push((who.clone(), begun(&world, &who, operation).await));
            }
        }
        let right = app.code(world.clock.now());
        let taken = at_once(tries, |(who, flow)| {
            block_on(present(&world, (&who, &flow), (Method::Totp, &right))).is_ok()
        });
        assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1, "in round {round}");
    }
}

/// Guesses at once, over flows, share one row of their own: five are compared, all are counted, and the right code comes
/// too late. Nothing else of the account is slowed down.
pub async fn a38_parallel_guesses_are_all_counted(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let app = enrol(&world, &world.sign_in(&alice).await).await;
    let who = world.sign_in(&alice).await;
    let mut tries = Vec::new();
    for operation in Operation::SELF_SERVICE {
        let flow = begun(&world, &who, operation).await;
        tries.extend((0..10).map(|_| FlowId::presented(flow.expose())));
    }
    let near = [TICK, STEP].map(|back| app.code(world.clock.now().before(back)).expose().to_owned());
    let wrong =
        ["000000", "111111", "222222"].into_iter().find(|wrong| near.iter().all(|near| near != wrong));
    let wrong = code(wrong.unwrap());
    let answers = at_once(tries, |flow| {
        block_on(present(&world, (&who, &flow), (Method::Totp, &wrong))).unwrap_err().reason()
    });
    let compared = answers.iter().filter(|reason| **reason == "factor.wrong_code").count();
    assert_eq!((compared, count(&world, &alice, RateScope::Totp).await), (5, 5), "{answers:?}");
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    let right = present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))).await;
    assert_eq!(right.unwrap_err().reason(), "rate.too_many_attempts");
    assert_eq!(count(&world, &alice, RateScope::CodeHour).await, 0);
    world.ciam.verify_factor_password(&who, &flow, &secret(PASSWORD)).await.unwrap();
    assert_eq!(count(&world, &alice, RateScope::Totp).await, 5, "another method clears nothing");
    world.clock.advance(STEP);
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))).await.unwrap();
    assert_eq!(count(&world, &alice, RateScope::Totp).await, 0);
}

/// Codes of the step now, of the one before and of the one after count, and no others.
pub async fn a38_codes_of_other_times_are_wrong(make: MakeWorld<'_>) {
    for (late, counts) in [(-2_i32, false), (-1, true), (0, true), (1, true), (2, false)] {
        let world = make(eager());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let app = enrol(&world, &who).await;
        world.clock.advance(STEP * 10);
        let (now, away) = (world.clock.now(), STEP * late.unsigned_abs());
        let shown = if late > 0 { now.after(away) } else { now.before(away) };
        let flow = begun(&world, &who, Operation::Unsubscribe).await;
        let answer = present(&world, (&who, &flow), (Method::Totp, &app.code(shown))).await;
        assert_eq!(answer.map_err(|error| error.reason()).is_ok(), counts, "{late} steps away");
    }
}

/// With the app goes what was begun to take its place.
pub async fn a38_a_removed_app_takes_what_was_begun_along(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    enrol(&world, &who).await;
    let next = world.ciam.begin_totp(&who, Proven::FreshSession).await.unwrap();
    world.ciam.remove_totp(&who, Proven::FreshSession).await.unwrap();
    let code = FakeAuthenticator::scan(&next.uri).code(world.clock.now());
    refused(&world, &alice, "factor.not_enrolled", world.ciam.confirm_totp(&who, &code)).await;
    assert_eq!(world.user(&alice.id).await.factors.pending_totp, None);
}

/// Whoever has a token and neither a fresh sign-in nor a factor begins nothing; what another session began is nothing to
/// confirm, nor what was begun too long ago.
pub async fn a38_a_thief_of_the_token_enrols_nothing(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (thief, own) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let begun_by_owner = world.ciam.begin_totp(&own, Proven::FreshSession).await.unwrap();
    let app = FakeAuthenticator::scan(&begun_by_owner.uri);
    refused(
        &world,
        &alice,
        "factor.not_enrolled",
        world.ciam.confirm_totp(&thief, &app.code(world.clock.now())),
    )
    .await;
    world.clock.advance(Duration::from_mins(5));
    let stale = world.ciam.begin_totp(&thief, Proven::FreshSession);
    refused(&world, &alice, "access.stale_authentication", stale).await;
    let nothing = secret("not the password in use");
    let guess = world.ciam.begin_totp(&thief, Proven::Password(&nothing)).await;
    assert_eq!(guess.unwrap_err().reason(), "factor.wrong_password");
    let unproven = begun(&world, &thief, Operation::BindTotp).await;
    let of_another = world.proven(&thief, Operation::UnbindTotp).await;
    let of_bob = world.proven(&world.sign_in(&bob).await, Operation::BindTotp).await;
    for flow in [&unproven, &of_another, &of_bob, &FlowId::presented("")] {
        refused(&world, &alice, "flow.unknown", world.ciam.begin_totp(&thief, Proven::Flow(flow))).await;
    }
    world.clock.set(begun_by_owner.until);
    refused(
        &world,
        &alice,
        "factor.not_enrolled",
        world.ciam.confirm_totp(&own, &app.code(world.clock.now())),
    )
    .await;
    assert_eq!(TOTP_ENROLMENT, Duration::from_mins(10));
    assert_eq!(world.user(&alice.id).await.factors.totp, None);
}

/// An app that waits for its first code proves nothing, and takes nothing from the one in use; then that one is over.
pub async fn a38_an_app_proves_nothing_before_its_first_code(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let waiting = world.ciam.begin_totp(&who, Proven::FreshSession).await.unwrap();
    assert!(!offered(&world, &who, Operation::Unsubscribe).await.contains(&Method::Totp));
    let app = FakeAuthenticator::scan(&waiting.uri);
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(
        &world,
        &alice,
        "factor.unsupported",
        present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))),
    )
    .await;
    world.ciam.confirm_totp(&who, &app.code(world.clock.now())).await.unwrap();
    let next = world.ciam.begin_totp(&who, Proven::FreshSession).await.unwrap();
    let next = FakeAuthenticator::scan(&next.uri);
    world.clock.advance(STEP);
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(&world, &alice, "factor.wrong_code", world.ciam.confirm_totp(&who, &app.code(world.clock.now())))
        .await;
    present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))).await.unwrap();
    world.ciam.confirm_totp(&who, &next.code(world.clock.now())).await.unwrap();
    world.clock.advance(STEP);
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(
        &world,
        &alice,
        "factor.wrong_code",
        present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))),
    )
    .await;
    present(&world, (&who, &flow), (Method::Totp, &next.code(world.clock.now()))).await.unwrap();
}

/// With an app put in place or removed every other session, flow and code is dead, and each address is told.
pub async fn a27_a_change_of_the_app_ends_everything_else(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    for removes in [false, true] {
        let other = world.sign_in(&alice).await;
        let flow = world.proven(&who, Operation::Unsubscribe).await;
        if removes {
            world.ciam.remove_totp(&who, Proven::Password(&secret(PASSWORD))).await.unwrap();
            let twice = world.ciam.remove_totp(&who, Proven::FreshSession);
            refused(&world, &alice, "factor.not_enrolled", twice).await;
        } else {
            enrol(&world, &who).await;
        }
        world.ciam.check_token(&who).await.unwrap();
        assert_eq!(world.ciam.check_token(&other).await.unwrap_err().reason(), "access.invalid_token");
        refused(&world, &alice, "flow.unknown", world.ciam.delete_account(&who, &flow)).await;
    }
    super::moves::relay_all(&world).await;
    let told: Vec<_> =
        world.mailbox.notices().into_iter().map(|notice| (notice.kind.as_str(), notice.to)).collect();
    let both = |kind| [(kind, alice.phone.clone()), (kind, alice.email.clone())];
    assert_eq!(told, [both("totp_added"), both("totp_removed")].concat());
}

/// Rows of somebody who is read, and rows that are moved to another account, give no code that counts.
pub async fn a38_a_stolen_row_gives_no_code(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, mallory) = (world.person("alice", 1).await, world.person("mallory", 2).await);
    let begin = world.ciam.begin_totp(&world.sign_in(&mallory).await, Proven::FreshSession).await.unwrap();
    let plain = begin.secret.expose().to_owned();
    let app = enrol(&world, &world.sign_in(&mallory).await).await;
    let of_mallory = world.user(&mallory.id).await;
    let stored = of_mallory.factors.totp.clone().unwrap().secret.to_bytes();
    assert!(!format!("{of_mallory:?} {stored:?}").contains(&plain));
    // Who can write rows puts an app of their own beside somebody else's account.
    let of_alice = world.user(&alice.id).await;
    write_user(&world, &of_alice, |user| user.factors = of_mallory.factors.clone()).await;
    let who = world.sign_in(&alice).await;
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(
        &world,
        &alice,
        "factor.wrong_code",
        present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))),
    )
    .await;
}

/// What was enrolled lately proves nothing to who is signed in while another method is there; a sign-in takes it at once.
pub async fn a37_what_was_enrolled_lately_proves_nothing_for_a_week(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::WhenAvailable;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let end = world.clock.now().after(WEEK);
    let app = enrol(&world, &who).await;
    let codes = world.ciam.renew_recovery_codes(&who, Proven::FreshSession).await.unwrap();
    let end_of_codes = world.clock.now().after(WEEK);
    let flow = begun(&world, &who, Operation::UpdatePhone).await;
    refused(
        &world,
        &alice,
        "factor.unsupported",
        present(&world, (&who, &flow), (Method::Totp, &app.code(world.clock.now()))),
    )
    .await;
    refused(
        &world,
        &alice,
        "factor.unsupported",
        present(&world, (&who, &flow), (Method::RecoveryCode, &code(codes[0].expose()))),
    )
    .await;
    let signing_in = half_way(&world, &alice).await;
    done(finish(&world, &signing_in, Method::Totp, &app.code(world.clock.now())).await.unwrap());
    world.clock.set(end.before(TICK));
    let who = world.sign_in(&alice).await;
    assert_eq!(offered(&world, &who, Operation::UpdatePhone).await, [Method::Email, Method::Password]);
    world.clock.set(end_of_codes);
    let who = world.sign_in(&alice).await;
    let all = [Method::Email, Method::Totp, Method::Password, Method::RecoveryCode];
    assert_eq!(offered(&world, &who, Operation::UpdatePhone).await, all);
}

/// A code of an app is nothing as a code that was sent, nor the other way round; each failure counts where it belongs.
pub async fn a38_a_code_counts_as_what_it_is(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let app = enrol(&world, &who).await;
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let (sent, shown) = (world.code(alice.address(Channel::Sms)), app.code(world.clock.now()));
    for (method, presented) in [(Method::Sms, &shown), (Method::Totp, &sent), (Method::RecoveryCode, &shown)]
    {
        let wrong = present(&world, (&who, &flow), (method, presented)).await.unwrap_err().reason();
        let expected =
            if method == Method::RecoveryCode { "factor.unsupported" } else { "factor.wrong_code" };
        assert_eq!(wrong, expected, "{method:?}");
    }
    assert_eq!(count(&world, &alice, RateScope::CodeHour).await, 1);
    assert_eq!(count(&world, &alice, RateScope::Totp).await, 1);
    present(&world, (&who, &flow), (Method::Totp, &shown)).await.unwrap();
    assert_eq!(count(&world, &alice, RateScope::CodeHour).await, 1, "success clears its own kind alone");
}

/// Before a first factor nobody is asked for a code of an app or a recovery code, and nobody's tries are counted.
pub async fn a38_strangers_present_no_code_of_an_app(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let app = enrol(&world, &world.sign_in(&alice).await).await;
    let by_code =
        world.ciam.start_sign_in(&from(7), alice.email.canonical(), ciam::Wording::default()).await.unwrap();
    let recovery =
        world.ciam.start_recovery(&from(8), alice.phone.canonical(), ciam::Wording::default()).await.unwrap();
    for flow in [&by_code, &recovery] {
        for method in [Method::Totp, Method::RecoveryCode] {
            let answer = finish(&world, flow, method, &app.code(world.clock.now())).await;
            assert_eq!(answer.unwrap_err().reason(), "sign_in.failed");
        }
    }
    assert_eq!(count(&world, &alice, RateScope::Totp).await, 0);
    let right = world.code(&alice.email);
    let signed_in = finish(&world, &by_code, Method::Email, &right).await.unwrap();
    assert!(matches!(signed_in, SignedIn::SecondFactor { .. }), "{signed_in:?}");
}
