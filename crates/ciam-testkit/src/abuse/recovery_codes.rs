//! Recovery codes: each counts once, for its person, beside another factor, until new ones are made.

use ciam::Proven;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::notice::NoticeKind;
use ciam::domain::secret::SecretText;
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, code, refused, relay_all, secret, write_user};
use super::sign_in::done;
use super::totp::{begun, eager, finish, half_way, present};
use crate::world::{PASSWORD, Person, World};

async fn made(world: &World, person: &Person) -> Vec<SecretText> {
    let who = world.sign_in(person).await;
    world.ciam.renew_recovery_codes(&who, Proven::FreshSession).await.unwrap()
}

async fn left(world: &World, person: &Person) -> usize {
    world.user(&person.id).await.factors.recovery_codes_left()
}

/// A code is taken once: in no other flow, and at no sign-in again. Each use is told, and that few are left.
pub async fn a39_a_recovery_code_counts_once(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let codes = made(&world, &alice).await;
    let who = world.sign_in(&alice).await;
    for (used, right) in codes.iter().enumerate() {
        let right = code(right.expose());
        let flow = begun(&world, &who, Operation::Unsubscribe).await;
        let offers = world.ciam.requirements(&who, Operation::Unsubscribe).await.unwrap().methods;
        let shown = offers.iter().find(|offer| offer.method == Method::RecoveryCode).unwrap();
        assert_eq!((shown.left, shown.enrolled_at.is_some()), (Some(10 - used), true));
        if used % 2 == 0 {
            present(&world, (&who, &flow), (Method::RecoveryCode, &right)).await.unwrap();
        } else {
            let signing_in = half_way(&world, &alice).await;
            done(finish(&world, &signing_in, Method::RecoveryCode, &right).await.unwrap());
        }
        assert_eq!(left(&world, &alice).await, 9 - used);
        let flow = begun(&world, &who, Operation::UpdateEmail).await;
        let again =
            present(&world, (&who, &flow), (Method::RecoveryCode, &right)).await.unwrap_err().reason();
        assert_eq!(again, if used == 9 { "factor.unsupported" } else { "factor.wrong_code" });
        let signing_in = half_way(&world, &alice).await;
        let again = finish(&world, &signing_in, Method::RecoveryCode, &right).await;
        assert_eq!(again.unwrap_err().reason(), "sign_in.failed");
        // A success ends the row of wrong ones, but for the last, after which there is none.
        world.clock.advance(std::time::Duration::from_mins(1));
    }
    relay_all(&world).await;
    let told: Vec<_> = world.mailbox.notices().into_iter().map(|notice| notice.kind).collect();
    let times = |kind| told.iter().filter(|told| **told == kind).count();
    assert_eq!(times(NoticeKind::RecoveryCodesRenewed), 2, "phone and e-mail");
    assert_eq!((times(NoticeKind::RecoveryCodeUsed), times(NoticeKind::RecoveryCodesLow)), (12, 8));
    let offers = world.ciam.requirements(&who, Operation::Unsubscribe).await.unwrap().methods;
    assert!(offers.iter().all(|offer| offer.method != Method::RecoveryCode), "none is left");
}

/// Of many that present one code at once, in flows of two sessions, one is taken; of two codes at once both may be.
pub async fn a39_of_one_recovery_code_at_once_one_counts(make: MakeWorld<'_>) {
    let world = make(eager());
    for round in 0..10 {
        let alice = world.person(&format!("alice.{round}"), round).await;
        let codes = made(&world, &alice).await;
        let mut tries = Vec::new();
        for _ in 0..2 {
            let who = world.sign_in(&alice).await;
            for operation in [Operation::Unsubscribe, Operation::UpdatePhone] {
                tries.push((who.clone(), begun(&world, &who, operation).await));
            }
        }
        let right = code(codes[3].expose());
        let taken = at_once(tries, |(who, flow)| {
            block_on(present(&world, (&who, &flow), (Method::RecoveryCode, &right))).is_ok()
        });
        assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1, "in round {round}");
        assert_eq!(left(&world, &alice).await, 9);
    }
}

/// New codes put an end to the old ones, to every other session and to every flow.
pub async fn a27_new_recovery_codes_end_the_old_ones(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let old = made(&world, &alice).await;
    let (who, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    let new = world.ciam.renew_recovery_codes(&who, Proven::Password(&secret(PASSWORD))).await.unwrap();
    assert_eq!(world.ciam.check_token(&other).await.unwrap_err().reason(), "access.invalid_token");
    refused(&world, &alice, "flow.unknown", world.ciam.delete_account(&who, &flow)).await;
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(
        &world,
        &alice,
        "factor.wrong_code",
        present(&world, (&who, &flow), (Method::RecoveryCode, &code(old[0].expose()))),
    )
    .await;
    present(&world, (&who, &flow), (Method::RecoveryCode, &code(new[9].expose()))).await.unwrap();
}

/// Whoever has a token and neither a fresh sign-in nor a factor makes none.
pub async fn a39_a_thief_of_the_token_makes_no_codes(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let thief = world.sign_in(&alice).await;
    world.clock.advance(std::time::Duration::from_mins(5));
    let stale = world.ciam.renew_recovery_codes(&thief, Proven::FreshSession);
    refused(&world, &alice, "access.stale_authentication", stale).await;
    let unproven = begun(&world, &thief, Operation::RenewRecoveryCodes).await;
    let of_another = world.proven(&thief, Operation::BindTotp).await;
    for flow in [&unproven, &of_another] {
        let call = world.ciam.renew_recovery_codes(&thief, Proven::Flow(flow));
        refused(&world, &alice, "flow.unknown", call).await;
    }
    let flow = world.proven(&thief, Operation::RenewRecoveryCodes).await;
    world.ciam.renew_recovery_codes(&thief, Proven::Flow(&flow)).await.unwrap();
    refused(&world, &alice, "flow.unknown", world.ciam.renew_recovery_codes(&thief, Proven::Flow(&flow)))
        .await;
}

/// What is stored holds no code, and is nothing beside another account.
pub async fn a39_a_stolen_row_gives_no_code(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, mallory) = (world.person("alice", 1).await, world.person("mallory", 2).await);
    let codes = made(&world, &mallory).await;
    let of_mallory = world.user(&mallory.id).await;
    let shown = format!("{:?}", of_mallory.factors);
    assert!(codes.iter().all(|code| !shown.contains(code.expose()) && !shown.contains(&code.expose()[..4])));
    let of_alice = world.user(&alice.id).await;
    write_user(&world, &of_alice, |user| user.factors = of_mallory.factors.clone()).await;
    let who = world.sign_in(&alice).await;
    let flow = begun(&world, &who, Operation::Unsubscribe).await;
    refused(
        &world,
        &alice,
        "factor.wrong_code",
        present(&world, (&who, &flow), (Method::RecoveryCode, &code(codes[0].expose()))),
    )
    .await;
}

/// Whoever uses the last code up gets to the end of what it was for.
pub async fn a39_the_last_code_proves_as_much_as_the_first(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let codes = made(&world, &alice).await;
    let who = world.sign_in(&alice).await;
    for used in &codes[..9] {
        let flow = begun(&world, &who, Operation::Unsubscribe).await;
        present(&world, (&who, &flow), (Method::RecoveryCode, &code(used.expose()))).await.unwrap();
    }
    let flow = begun(&world, &who, Operation::UpdatePassword).await;
    present(&world, (&who, &flow), (Method::RecoveryCode, &code(codes[9].expose()))).await.unwrap();
    assert_eq!(left(&world, &alice).await, 0);
    let new = secret("seven herons cross the bay");
    world.ciam.change_password(&who, &flow, &new).await.unwrap();
}

/// Wrong codes of who got past the password keep nobody waiting who made new ones.
pub async fn a39_new_codes_end_the_row_of_wrong_ones_wherever_they_were_tried(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    made(&world, &alice).await;
    let wrong = code("0000-0000-0000-0000");
    let thief = half_way(&world, &alice).await;
    for _ in 0..5 {
        finish(&world, &thief, Method::RecoveryCode, &wrong).await.unwrap_err();
    }
    let codes = made(&world, &alice).await;
    let signing_in = half_way(&world, &alice).await;
    done(finish(&world, &signing_in, Method::RecoveryCode, &code(codes[0].expose())).await.unwrap());
}
