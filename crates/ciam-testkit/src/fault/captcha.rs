//! Captchas whose service or whose neighbours fail: without a right answer nothing goes out, and one lets one out.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::captcha::CaptchaBinding;
use ciam::domain::challenge::Purpose;
use ciam::domain::flow::{Method, Operation};
use ciam::ports::{CaptchaChallenge, Clock};
use ciam::{CaptchaAnswer, Config, Error, FactorCodeRequest, Failure, Wording};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend};
use crate::stage::Stage;
use crate::world::World;

struct Worlds {
    faults: Faults,
    /// Demands none.
    free: World,
    host: World,
}

fn worlds(make: MakeBackend<'_>) -> Worlds {
    let faults = Faults::default();
    let mut config = Config::default();
    config.captcha.after_sends = 0;
    let free = World::with(make(&faults), config);
    let host = faults.host(&free);
    Worlds { faults, free, host }
}

impl Worlds {
    /// A captcha is drawn or not, and whoever gets none hears why.
    fn each_draw(&self, draw: &impl AsyncFn(&World, &Stage) -> Result<CaptchaChallenge, Error>) {
        let mut number = 0;
        for fault in Fault::ALL {
            for place in 0.. {
                number += 1;
                let stage = block_on(Stage::set(&self.free, number));
                self.faults.strike(place, fault);
                let answer = block_on(self.faults.answer(Box::pin(draw(&self.host, &stage))));
                let Some(port) = self.faults.end().struck else {
                    assert!(matches!(answer, Some(Ok(_))) && place > 0, "{answer:?}");
                    break;
                };
                match answer {
                    None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{port} {fault:?}"),
                    Some(Err(Error::Failed(failure))) => {
                        assert!(failure.is_retryable(), "{port}: {failure:?}");
                    }
                    Some(other) => unreachable!("{port} {fault:?}: {other:?}"),
                }
            }
        }
    }
}

/// Whatever fails, a captcha is drawn or the call fails.
pub fn draw_captcha(make: MakeBackend<'_>) {
    let draw = async |host: &World, stage: &Stage| host.ciam.draw_captcha(&stage.who, &stage.flows[0]).await;
    worlds(make).each_draw(&draw);
}

/// Whatever fails, a captcha for a sign-in is drawn or the call fails.
pub fn draw_sign_in_captcha(make: MakeBackend<'_>) {
    let draw =
        async |host: &World, _: &Stage| host.ciam.draw_sign_in_captcha(&TenantId::default(), "alice").await;
    worlds(make).each_draw(&draw);
}

fn solved(world: &World, stage: &Stage) -> CaptchaAnswer {
    let purpose = Purpose::SecondFactor(Operation::Unsubscribe);
    let binding = CaptchaBinding::flow(TenantId::default(), stage.flows[0].key(), purpose);
    world.captcha.solved(&binding, world.clock.now().after(Duration::from_mins(5)))
}

fn wrong(world: &World, stage: &Stage) -> CaptchaAnswer {
    let CaptchaAnswer { code, .. } = solved(world, stage);
    CaptchaAnswer { code, text: solved(world, stage).text }
}

async fn send(world: &World, stage: &Stage, captcha: CaptchaAnswer) -> Result<(), Error> {
    let (flow, method, wording) = (&stage.flows[0], Method::Sms, Wording::default());
    let request = FactorCodeRequest { flow, method, wording, captcha: Some(captcha) };
    world.ciam.send_factor_code(&stage.who, request).await
}

/// Whatever fails, a wrong captcha lets no code out, a right one lets out one at most, and a fresh one helps on.
pub fn captcha_before_a_code(make: MakeBackend<'_>) {
    let worlds = worlds(make);
    let mut number = 0;
    for (fault, right) in Fault::ALL.into_iter().flat_map(|fault| [(fault, true), (fault, false)]) {
        for place in 0.. {
            number += 1;
            if block_on(Box::pin(one_code(&worlds, (number, right), (place, fault)))) == Struck::Nothing {
                assert!(place > 4, "a captcha is paid for, compared, and a code is sent");
                break;
            }
        }
    }
}

#[derive(PartialEq)]
enum Struck {
    Port,
    Nothing,
}

async fn one_code(
    Worlds { faults, free, host }: &Worlds,
    (number, right): (u16, bool),
    (place, fault): (usize, Fault),
) -> Struck {
    let guarded = free.guarded();
    let stage = Stage::set(free, number).await;
    let before = free.mailbox.codes().len();
    let answer = if right { solved(free, &stage) } else { wrong(free, &stage) };
    let again = CaptchaAnswer { code: copy(&answer.code), text: copy(&answer.text) };
    faults.strike(place, fault);
    let sent = faults.answer(Box::pin(send(host, &stage, answer))).await;
    let seen = faults.end();
    free.backend.store.ping().await.unwrap();
    let scene = format!("{right} {:?} {fault:?}: {sent:?}", seen.struck);
    let out = || free.mailbox.codes().len() - before;
    let before_the_end = |port: &str| port.starts_with("captcha.") || !port.starts_with("otp.");
    assert!(seen.struck.is_none_or(|port| !before_the_end(port) || out() == 0), "{scene}: {} out", out());
    match &sent {
        Some(Ok(())) => assert!(right && seen.struck.is_none() && out() == 1, "{scene}"),
        Some(Err(Error::Refused(refusal))) => {
            assert!(!right && refusal.reason() == "captcha.wrong", "{scene}");
        }
        Some(Err(Error::Failed(failure))) => {
            let captcha = matches!(failure, Failure::Captcha(_));
            assert!(failure.is_retryable(), "{scene}");
            assert_eq!(captcha, seen.struck.is_some_and(|port| port.starts_with("captcha.")), "{scene}");
        }
        None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{scene}"),
    }
    free.clock.advance(Duration::from_mins(2));
    let second = send(&guarded, &stage, again).await;
    assert!(out() <= usize::from(right), "{scene}, then {second:?}: {} out", out());
    free.clock.advance(Duration::from_mins(2));
    let before = free.mailbox.codes().len();
    let fresh = send(&guarded, &stage, solved(free, &stage)).await;
    assert!(fresh.is_ok() && free.mailbox.codes().len() == before + 1, "{scene}, then {fresh:?}");
    if seen.struck.is_some() { Struck::Port } else { Struck::Nothing }
}

fn copy(text: &ciam::domain::secret::SecretText) -> ciam::domain::secret::SecretText {
    ciam::domain::secret::SecretText::new(text.expose().to_owned())
}
