//! Passkeys at the door: an answer counts once, for its person, tenant and challenge, and tells nothing of others.

use std::time::Duration;

use ciam::domain::audit::Action;
use ciam::domain::flow::{Method, TwoFactor};
use ciam::domain::login_history::LoginMode;
use ciam::domain::notice::NoticeKind;
use ciam::domain::passkey::{UserHandle, UserVerification};
use ciam::domain::session::Amr;
use ciam::domain::user::Status;
use ciam::domain::{TenantId, UserId};
use ciam::ports::PasskeyAnswer;
use ciam::{Authority, Ciam, Error, PASSKEY_TIME, PasskeyRequest, SignInRequest, SignedIn, Tokens};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, relay_all, secret};
use super::passkeys::{eager, owner};
use super::recovery::recovering;
use super::sign_in::{done, from, step};
use crate::contract::Scene;
use crate::fake::{FakePasskeys, FakeSecurityKey};
use crate::world::{PASSWORD, Person, SCOPE, World};

const SHUT: &str = "sign_in.failed";

/// Sets a new password by a code to the e-mail address.
pub(super) async fn recover(world: &World, person: &Person) {
    let (tenant, flow) = (TenantId::default(), recovering(world, person).await);
    world.ciam.set_new_password(&step(&tenant, &flow), &secret("nine otters under the pier")).await.unwrap();
}

/// The same world as a host of it that verifies people where their authenticators can.
fn lax(world: &World) -> World {
    let ciam = Ciam::new(world.ports.clone(), world.ciam.config().clone()).unwrap();
    let party = FakePasskeys::party(UserVerification::Preferred);
    let ciam = ciam.with_issuer(world.tokens.clone()).with_passkeys(world.passkeys.clone(), party);
    world.hosted_by(ciam)
}

pub(super) async fn handle(world: &World, person: &Person) -> Option<UserHandle> {
    world.user(&person.id).await.passkeys.handle
}

pub(super) async fn challenge(world: &World) -> PasskeyRequest {
    let request = world.ciam.passkey_challenge(&TenantId::default()).await.unwrap();
    assert!(request.known.is_empty(), "nobody is named");
    request
}

pub(super) async fn enter(world: &World, answer: &PasskeyAnswer) -> Result<SignedIn, Error> {
    world.ciam.sign_in_by_passkey(&from(9), answer).await
}

/// Signs in by a fresh challenge, with the count that the authenticator tells.
pub(super) async fn come_in(
    world: &World,
    person: &Person,
    (key, count): (&FakeSecurityKey, u32),
) -> Result<Tokens, Error> {
    let handle = handle(world, person).await;
    enter(world, &key.get(&challenge(world).await, handle, count)).await.map(done)
}

/// What the trail says of the last try to sign in.
async fn flaw(world: &World, user: &UserId) -> Option<String> {
    let trail = world.audit(user).await.into_iter();
    let tries = trail.filter(|record| record.action == Action::SignInByPasskey);
    tries.map(|record| record.detail.map(std::borrow::Cow::into_owned)).next().flatten()
}

/// How the session of these tokens was opened.
async fn opened(world: &World, tokens: &Tokens) -> Vec<Amr> {
    let held = world.backend.store.sessions(&TenantId::default(), &tokens.user).await.unwrap();
    held.into_iter().find(|session| session.id == tokens.session).unwrap().amr
}

async fn sessions(world: &World, person: &Person) -> usize {
    world.backend.store.sessions(&TenantId::default(), &person.id).await.unwrap().len()
}

/// Of one answer used again and again, one after the other or at once, one opens a session: that of a verified person.
pub async fn a40_a_passkey_opens_one_session(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, _, key) = owner(&world, "alice", 1).await;
    let answer = key.get(&challenge(&world).await, handle(&world, &alice).await, 2);
    let tokens = enter(&world, &answer).await.map(done).unwrap();
    let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
    world.ciam.check_token(&who).await.unwrap();
    assert_eq!(enter(&world, &answer).await.unwrap_err().reason(), SHUT);
    assert_eq!(flaw(&world, &alice.id).await.as_deref(), Some("challenge"));
    assert_eq!(opened(&world, &tokens).await, [Amr::Passkey, Amr::several()]);
    assert_eq!(world.logins.all().last().unwrap().mode, LoginMode::PASSKEY);
    let before = sessions(&world, &alice).await;
    let answer = key.get(&challenge(&world).await, handle(&world, &alice).await, 3);
    let ends = at_once(vec![answer; 4], |answer| block_on(enter(&world, &answer)).is_ok());
    assert_eq!(ends.into_iter().filter(|opened| *opened).count(), 1);
    assert_eq!(sessions(&world, &alice).await, before + 1);
}

/// Whatever is wrong, the answer is one, and says nothing of who has which passkey.
pub async fn a40_every_failure_has_one_answer(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, key) = owner(&world, "alice", 1).await;
    let (bob, _, bobs) = owner(&world, "bob", 2).await;
    let stranger = world.passkeys.authenticator(-7, 99);
    let (hers, his) = (handle(&world, &alice).await, handle(&world, &bob).await);
    assert_ne!(hers, his);
    let flow =
        world.ciam.check_operation(&who, ciam::domain::flow::Operation::Unsubscribe).await.unwrap().flow;
    let in_flow = world.ciam.ask_for_passkey(&who, &flow).await.unwrap();
    let elsewhere = world.ciam.passkey_challenge(&TenantId::parse("elsewhere").unwrap()).await.unwrap();
    let late = challenge(&world).await;
    world.clock.advance(PASSKEY_TIME);
    let changed = |text: String| PasskeyAnswer::new(format!("{}0", &text[..text.len() - 1]));
    let signed = |challenge: PasskeyRequest| Scene {
        challenge: challenge.challenge,
        handle: hers,
        origin: "https://example.org",
        sign_count: 5,
        ..Scene::right()
    };
    let absent = Scene { present: false, ..signed(challenge(&world).await) };
    let spoilt = signed(challenge(&world).await);
    let elsewhere_made = Scene { origin: "https://evil.test", ..signed(challenge(&world).await) };
    let wrong = [
        stranger.get(&challenge(&world).await, None, 5),
        stranger.get(&challenge(&world).await, hers, 5),
        key.get(&challenge(&world).await, None, 5),
        key.get(&challenge(&world).await, his, 5),
        bobs.get(&challenge(&world).await, hers, 5),
        key.get(&in_flow, hers, 5),
        key.get(&elsewhere, hers, 5),
        key.get(&late, hers, 5),
        PasskeyAnswer::new(String::new()),
        PasskeyAnswer::new(key.sign(&absent)),
        PasskeyAnswer::new(key.sign(&elsewhere_made)),
        changed(key.sign(&spoilt)),
    ];
    let before = (world.user(&alice.id).await, sessions(&world, &alice).await);
    for answer in &wrong {
        let asked = world.passkeys.asked();
        let refused = enter(&world, answer).await.map(drop).unwrap_err();
        assert_eq!(refused.reason(), SHUT);
        assert!(matches!(refused, Error::Refused(_)));
        let read = !answer.as_str().is_empty();
        assert_eq!(world.passkeys.asked() - asked, usize::from(read), "as much work for nobody's passkey");
    }
    assert_eq!((world.user(&alice.id).await, sessions(&world, &alice).await), before);
    world.passkeys.set_broken(true);
    assert!(
        matches!(come_in(&world, &alice, (&key, 5)).await, Err(Error::Failed(failure)) if failure.is_retryable())
    );
    world.passkeys.set_broken(false);
    come_in(&world, &alice, (&key, 5)).await.unwrap();
    come_in(&world, &bob, (&bobs, 5)).await.unwrap();
}

/// A count that does not rise is a sign of a copy: nobody comes in, and the person hears of it. Who does not hold the key
/// brings nobody to hear of anything.
pub async fn a40_a_count_that_goes_back_is_refused_and_told(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, key) = owner(&world, "alice", 1).await;
    come_in(&world, &alice, (&key, 7)).await.unwrap();
    relay_all(&world).await;
    let told =
        || world.mailbox.notices().into_iter().filter(|one| one.kind == NoticeKind::PasskeyCopied).count();
    let forged = key.get(&challenge(&world).await, handle(&world, &alice).await, 1);
    let text = forged.as_str();
    enter(&world, &PasskeyAnswer::new(format!("{}z", &text[..text.len() - 1]))).await.unwrap_err();
    relay_all(&world).await;
    assert_eq!((flaw(&world, &alice.id).await.as_deref(), told()), (Some("signature"), 0));
    for (number, count) in (1..).zip([7, 6, 0]) {
        assert_eq!(come_in(&world, &alice, (&key, count)).await.unwrap_err().reason(), SHUT);
        assert_eq!(flaw(&world, &alice.id).await.as_deref(), Some("counter"));
        relay_all(&world).await;
        assert_eq!(told(), 2 * number, "each verified address");
    }
    let flow =
        world.ciam.check_operation(&who, ciam::domain::flow::Operation::Unsubscribe).await.unwrap().flow;
    let asked = world.ciam.ask_for_passkey(&who, &flow).await.unwrap();
    let back = world.ciam.verify_factor_passkey(&who, &flow, &key.get(&asked, None, 7)).await;
    assert_eq!(back.unwrap_err().reason(), "passkey.rejected");
    assert_eq!(world.user(&alice.id).await.passkeys.held[0].sign_count, 7);
    come_in(&world, &alice, (&key, 8)).await.unwrap();
}

/// A passkey that verified its person is two factors; one that did not is one.
pub async fn a40_a_verified_person_needs_no_second_factor(make: MakeWorld<'_>) {
    let mut config = eager();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let (alice, _, key) = owner(&world, "alice", 1).await;
    come_in(&world, &alice, (&key, 2)).await.unwrap();
    let lax = lax(&world);
    let request = lax.ciam.passkey_challenge(&TenantId::default()).await.unwrap();
    let scene = Scene {
        challenge: request.challenge,
        handle: handle(&world, &alice).await,
        origin: "https://example.org",
        verified: false,
        sign_count: 3,
        ..Scene::right()
    };
    let answer = PasskeyAnswer::new(key.sign(&scene));
    match lax.ciam.sign_in_by_passkey(&from(9), &answer).await.unwrap() {
        SignedIn::SecondFactor { methods, .. } => {
            assert!(!methods.is_empty());
            assert!(
                methods.iter().all(|offer| offer.method != Method::Passkey),
                "the same again is no second"
            );
        }
        other => unreachable!("{other:?}"),
    }
    assert_eq!(world.user(&alice.id).await.passkeys.held[0].sign_count, 3, "what was signed counts");
}

/// After the password a passkey is a second factor, in the flow that the password opened alone.
pub async fn a40_a_passkey_comes_second(make: MakeWorld<'_>) {
    let mut config = eager();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let (alice, _, key) = owner(&world, "alice", 1).await;
    let (_, _, bobs) = owner(&world, "bob", 2).await;
    let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..from(7) };
    let begun = world.ciam.sign_in(&request, "alice", &secret(PASSWORD)).await.unwrap();
    let SignedIn::SecondFactor { flow, methods } = begun else { unreachable!("{begun:?}") };
    assert!(methods.iter().any(|offer| offer.method == Method::Passkey));
    let tenant = TenantId::default();
    let on = step(&tenant, &flow);
    let asked = world.ciam.sign_in_factor_passkey(&on).await.unwrap();
    assert!(asked.known.is_empty(), "a flow tells nothing of its person");
    let nobodys = ciam::domain::FlowId::presented("nobodys");
    world.ciam.sign_in_factor_passkey(&step(&tenant, &nobodys)).await.unwrap();
    let of_the_door = key.get(&challenge(&world).await, handle(&world, &alice).await, 2);
    for wrong in [of_the_door, bobs.get(&asked, None, 2), PasskeyAnswer::new(String::new())] {
        assert_eq!(world.ciam.verify_sign_in_passkey(&on, &wrong).await.unwrap_err().reason(), SHUT);
    }
    let asked = world.ciam.sign_in_factor_passkey(&on).await.unwrap();
    let right = key.get(&asked, handle(&world, &alice).await, 2);
    let tokens = done(world.ciam.verify_sign_in_passkey(&on, &right).await.unwrap());
    assert_eq!(opened(&world, &tokens).await, [Amr::Password, Amr::Passkey]);
    assert_eq!(world.ciam.verify_sign_in_passkey(&on, &right).await.unwrap_err().reason(), SHUT);
    let recovery =
        world.ciam.start_recovery(&from(7), alice.email.canonical(), ciam::Wording::default()).await.unwrap();
    let on = step(&tenant, &recovery);
    let asked = world.ciam.sign_in_factor_passkey(&on).await.unwrap();
    let first = world.ciam.verify_sign_in_passkey(&on, &key.get(&asked, None, 9)).await;
    assert_eq!(first.unwrap_err().reason(), SHUT, "it recovers nothing");
}

/// Tries are counted for the network that they come from, so that nobody who knows an id keeps its owner out.
pub async fn a40_strangers_are_slowed_and_lock_nobody_out(make: MakeWorld<'_>) {
    let mut config = eager();
    config.sign_in.per_source_hour = 8;
    let world = make(config);
    let (alice, _, key) = owner(&world, "alice", 1).await;
    let forged = async || {
        let scene =
            Scene { handle: handle(&world, &alice).await, origin: "https://evil.test", ..Scene::right() };
        PasskeyAnswer::new(key.sign(&Scene { challenge: challenge(&world).await.challenge, ..scene }))
    };
    for _ in 0..8 {
        let answer = forged().await;
        assert_eq!(world.ciam.sign_in_by_passkey(&from(66), &answer).await.unwrap_err().reason(), SHUT);
    }
    let more = world.ciam.sign_in_by_passkey(&from(66), &forged().await).await.unwrap_err();
    assert_eq!(more.reason(), "rate.too_many_attempts");
    come_in(&world, &alice, (&key, 9)).await.unwrap();
}

/// Whom a status keeps out comes in by no passkey, and is told nothing.
pub async fn a40_an_account_that_may_not_act_stays_shut(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, _, key) = owner(&world, "alice", 1).await;
    for (count, status) in (2..).zip([Status::Locked { until: None }, Status::Frozen, Status::Disabled]) {
        let tenant = TenantId::default();
        world.ciam.set_status(Authority::Host, &tenant, &alice.id, status).await.unwrap();
        assert_eq!(come_in(&world, &alice, (&key, count)).await.unwrap_err().reason(), SHUT);
    }
    world.clock.advance(Duration::from_hours(1));
    world.ciam.set_status(Authority::Host, &TenantId::default(), &alice.id, Status::Normal).await.unwrap();
    come_in(&world, &alice, (&key, 9)).await.unwrap();
}
