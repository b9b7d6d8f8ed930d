//! Captchas at sign-in: machines are stopped before anything is compared or sent, and people get through.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::captcha::CaptchaBinding;
use ciam::ports::Clock;
use ciam::{CaptchaAnswer, Config, Error, SignInRequest, SignedIn, Wording};

use super::MakeWorld;
use super::moves::{at_once, secret};
use super::sign_in::{done, from};
use crate::world::{PASSWORD, World};

const WRONG: &str = "not the password in use";

fn solved(world: &World, name: &str) -> CaptchaAnswer {
    let binding = CaptchaBinding::sign_in(TenantId::default(), name);
    world.captcha.solved(&binding, world.clock.now().after(Duration::from_mins(5)))
}

async fn guess(
    world: &World,
    (network, name, password): (u8, &str, &str),
    captcha: Option<CaptchaAnswer>,
) -> Result<SignedIn, Error> {
    let request = SignInRequest { captcha, ..from(network) };
    world.ciam.sign_in(&request, name, &secret(password)).await
}

/// After three tries a captcha comes first, for anybody's name and nobody's, and before any password is compared.
pub async fn a22_a_captcha_comes_before_the_fourth_password(make: MakeWorld<'_>) {
    let world = make(Config::default()).guarded();
    world.person("alice", 1).await;
    for name in ["alice", "nobody"] {
        for network in 1..=3 {
            let error = guess(&world, (network, name, WRONG), None).await.unwrap_err();
            assert_eq!(error.reason(), "sign_in.failed");
        }
        let hashed = world.hasher.calls();
        for network in 4..=9 {
            let error = guess(&world, (network, name, PASSWORD), None).await.unwrap_err();
            assert_eq!(error.reason(), "captcha.required", "{name}");
        }
        assert_eq!(world.hasher.calls(), hashed, "nothing is compared");
        let error = guess(&world, (10, name, WRONG), Some(solved(&world, name))).await.unwrap_err();
        assert_eq!(error.reason(), "sign_in.failed");
        assert_eq!(world.hasher.calls(), hashed + 1);
    }
    done(guess(&world, (11, "ALICE", PASSWORD), Some(solved(&world, "alice"))).await.unwrap());
    done(guess(&world, (11, "alice", PASSWORD), None).await.expect("a success begins anew"));
}

/// A captcha is used up by one try, holds for its own name and time, and its failing stops everybody.
pub async fn a22_a_captcha_of_a_sign_in_works_once_for_its_name(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.captcha.after_failures = 0;
    let world = make(config).guarded();
    world.person("alice", 1).await;
    let wrong = async |answer: CaptchaAnswer| {
        let before = world.hasher.calls();
        let error = guess(&world, (1, "alice", PASSWORD), Some(answer)).await.unwrap_err();
        assert_eq!((error.reason(), world.hasher.calls()), ("captcha.wrong", before));
    };
    wrong(solved(&world, "bob")).await;
    let CaptchaAnswer { code, .. } = solved(&world, "alice");
    wrong(CaptchaAnswer { code, text: secret("another text") }).await;
    let late = solved(&world, "alice");
    world.clock.advance(Duration::from_mins(5));
    wrong(late).await;
    let once = solved(&world, "alice");
    let again = CaptchaAnswer { code: secret(once.code.expose()), text: secret(once.text.expose()) };
    done(guess(&world, (2, "alice", PASSWORD), Some(once)).await.unwrap());
    wrong(again).await;
    let many = solved(&world, "alice");
    let (code, text) = (many.code.expose(), many.text.expose());
    let ends = at_once((10..26).collect(), |network: u8| {
        let answer = CaptchaAnswer { code: secret(code), text: secret(text) };
        let tried = guess(&world, (network, "alice", WRONG), Some(answer));
        futures_executor::block_on(Box::pin(tried)).unwrap_err().reason()
    });
    assert_eq!(ends.iter().filter(|reason| **reason == "sign_in.failed").count(), 1, "{ends:?}");
    assert!(ends.iter().all(|reason| ["sign_in.failed", "captcha.wrong"].contains(reason)), "{ends:?}");
    let answer = solved(&world, "alice");
    world.captcha.set_broken(true);
    let before = world.hasher.calls();
    let error = guess(&world, (3, "alice", PASSWORD), Some(answer)).await.unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error:?}");
    assert_eq!(world.hasher.calls(), before);
}

/// Machines that guess at a name from everywhere hold up neither a known device nor whoever solves a captcha.
pub async fn a22_machines_do_not_hold_people_up(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.captcha.after_failures = 100;
    let world = make(config).guarded();
    world.person("alice", 1).await;
    for network in 1..=6 {
        for _ in 0..5 {
            guess(&world, (network, "alice", WRONG), None).await.unwrap_err();
        }
    }
    let held_up = guess(&world, (7, "alice", PASSWORD), None).await.unwrap_err();
    assert_eq!(held_up.reason(), "rate.too_many_attempts");
    done(guess(&world, (7, "alice", PASSWORD), Some(solved(&world, "alice"))).await.unwrap());
}

/// Two codes an hour go to an address for the asking; then a captcha comes first, whoever's it is, and lifts nothing.
pub async fn a22_codes_of_people_signed_out_need_a_captcha_too(make: MakeWorld<'_>) {
    let world = make(Config::default()).guarded();
    world.person("alice", 1).await;
    for name in ["alice@example.org", "nobody@example.org"] {
        let ask = async |captcha: Option<CaptchaAnswer>| {
            let request = SignInRequest { captcha, ..from(1) };
            world.ciam.start_sign_in(&request, name, Wording::default()).await
        };
        for _ in 0..2 {
            ask(None).await.unwrap();
            world.clock.advance(Duration::from_mins(3));
        }
        let sent = world.mailbox.codes().len();
        assert_eq!(ask(None).await.unwrap_err().reason(), "captcha.required");
        assert_eq!(ask(Some(solved(&world, "bob@example.org"))).await.unwrap_err().reason(), "captcha.wrong");
        assert_eq!(world.mailbox.codes().len(), sent, "nothing goes out");
        ask(Some(solved(&world, name))).await.unwrap();
        let soon = ask(Some(solved(&world, name))).await.unwrap_err();
        assert_eq!(soon.reason(), "rate.too_many_codes", "the distance between codes stays");
        assert_eq!(world.mailbox.codes().len(), sent + 1);
    }
}
