//! Captchas: where one is demanded nothing goes out without it, and one lets one code out.

use std::time::Duration;

use ciam::domain::captcha::CaptchaBinding;
use ciam::domain::challenge::{Code, Purpose};
use ciam::domain::flow::{Method, Operation};
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::user::Status;
use ciam::domain::{FlowId, TenantId};
use ciam::ports::{Clock, StepQuery};
use ciam::{
    CaptchaAnswer, Config, ContactCodeRequest, Error, FactorCodeRequest, Failure, NewContact, Principal,
    Wording,
};

use super::MakeWorld;
use super::moves::{refused, secret};
use super::watch::race;
use crate::fake::FakeCaptcha;
use crate::world::{Person, World};

const MINUTE: Duration = Duration::from_mins(1);
const LIFE: Duration = Duration::from_mins(5);
const TICK: Duration = Duration::from_micros(1);
const FRESH: &str = "new@example.org";

/// The two steps that send codes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Factor,
    Address,
}

/// A person about to have a code sent.
struct Desk {
    world: World,
    alice: Person,
    who: Principal,
    flow: FlowId,
    step: Step,
}

/// A host that demands a captcha for every code.
fn strict() -> Config {
    let mut config = Config::default();
    config.captcha.after_sends = 0;
    config
}

const fn purpose(step: Step) -> Purpose {
    match step {
        Step::Factor => Purpose::SecondFactor(Operation::UpdateEmail),
        Step::Address => Purpose::NewAddress(Operation::UpdateEmail),
    }
}

impl Desk {
    async fn set(world: World, step: Step) -> Self {
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = flow(&world, &who, step).await;
        Self { world, alice, who, flow, step }
    }

    async fn begin_anew(&mut self) {
        self.flow = flow(&self.world, &self.who, self.step).await;
    }

    fn binding(&self) -> CaptchaBinding {
        CaptchaBinding::flow(TenantId::default(), self.flow.key(), purpose(self.step))
    }

    fn made_for(&self, binding: &CaptchaBinding) -> CaptchaAnswer {
        self.world.captcha.solved(binding, self.world.clock.now().after(LIFE))
    }

    fn solved(&self) -> CaptchaAnswer {
        self.made_for(&self.binding())
    }

    async fn send(&self, captcha: Option<CaptchaAnswer>) -> Result<(), Error> {
        send(&self.world, &self.who, (&self.flow, self.step), captcha).await
    }

    /// Every count that a code to either address, or a try, would raise.
    async fn counts(&self) -> Vec<(RateKey, u32)> {
        let user = self.alice.id.as_str();
        let own = [RateScope::AccountSmsDay, RateScope::AccountEmailDay, RateScope::Password];
        let own = own.into_iter().chain([RateScope::CodeHour, RateScope::CodeDay]);
        let mut rates: Vec<_> = own.map(|scope| RateKey::new(scope, &[user])).collect();
        for to in [self.alice.phone.canonical(), FRESH] {
            let target = [RateScope::TargetHour, RateScope::TargetDay];
            rates.extend(target.map(|scope| RateKey::new(scope, &[to])));
            rates.push(RateKey::new(RateScope::ResendCooldown, &[user, to]));
        }
        let query = StepQuery { rates, ..StepQuery::of(TenantId::default(), self.alice.id.clone()) };
        let loaded = self.world.backend.store.load(&query).await.unwrap().unwrap();
        loaded.rates.into_iter().map(|(key, counter)| (key, counter.count)).collect()
    }

    /// The code is refused for this reason: nothing is sent, and no count of the person rises.
    async fn refuses(&self, reason: &str, captcha: Option<CaptchaAnswer>) {
        let before = self.counts().await;
        refused(&self.world, &self.alice, reason, self.send(captcha)).await;
        assert_eq!(self.counts().await, before, "{reason} costs nothing");
    }

    /// The captcha lets exactly one code out.
    async fn passes(&self, captcha: CaptchaAnswer) {
        let before = self.world.mailbox.codes().len();
        self.send(Some(captcha)).await.unwrap();
        assert_eq!(self.world.mailbox.codes().len(), before + 1);
    }
}

async fn flow(world: &World, who: &Principal, step: Step) -> FlowId {
    match step {
        Step::Factor => world.ciam.check_operation(who, Operation::UpdateEmail).await.unwrap().flow,
        Step::Address => world.proven(who, Operation::UpdateEmail).await,
    }
}

async fn send(
    world: &World,
    who: &Principal,
    (flow, step): (&FlowId, Step),
    captcha: Option<CaptchaAnswer>,
) -> Result<(), Error> {
    let wording = Wording::default();
    match step {
        Step::Factor => {
            let request = FactorCodeRequest { flow, method: Method::Sms, wording, captcha };
            world.ciam.send_factor_code(who, request).await
        }
        Step::Address => {
            let contact = NewContact::Email(FRESH);
            world.ciam.send_contact_code(who, ContactCodeRequest { flow, contact, wording, captcha }).await
        }
    }
}

fn copy(answer: &CaptchaAnswer) -> CaptchaAnswer {
    let [code, text] = [&answer.code, &answer.text].map(|part| secret(part.expose()));
    CaptchaAnswer { code, text }
}

/// The third code to an address within the hour needs a captcha, and so does any after three failures.
pub async fn a22_much_sent_or_failed_lately_demands_a_captcha(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let mut desk = Desk::set(make(Config::default()).guarded(), step).await;
        for pause in [1, 2] {
            desk.send(None).await.unwrap();
            desk.world.clock.advance(MINUTE * pause);
        }
        desk.refuses("captcha.required", None).await;
        desk.begin_anew().await;
        desk.refuses("captcha.required", None).await;
        desk.passes(desk.solved()).await;
        desk.world.clock.advance(MINUTE * 57);
        desk.begin_anew().await;
        desk.send(None).await.unwrap();
    }
    for wrong in [[true, true, true], [false, false, false], [true, false, true]] {
        let mut desk = Desk::set(make(Config::default()).guarded(), Step::Factor).await;
        for code in wrong {
            let (ciam, who, flow) = (&desk.world.ciam, &desk.who, &desk.flow);
            let answer = if code {
                ciam.verify_factor_code(who, flow, Method::Sms, &Code::presented("wrong")).await
            } else {
                ciam.verify_factor_password(who, flow, &secret("not the password")).await
            };
            answer.unwrap_err();
        }
        desk.refuses("captcha.required", None).await;
        desk.world.clock.advance(MINUTE * 60);
        desk.begin_anew().await;
        desk.send(None).await.unwrap();
    }
}

/// Missing, blank, wrong, expired, used, or made for another flow, step or a sign-in: nothing goes out.
pub async fn a22_only_the_own_fresh_captcha_passes(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let desk = Desk::set(make(strict()).guarded(), step).await;
        desk.refuses("captcha.required", None).await;
        for (code, text) in [("", ""), ("captcha-1", ""), ("", "Text1")] {
            let blank = CaptchaAnswer { code: secret(code), text: secret(text) };
            desk.refuses("captcha.required", Some(blank)).await;
        }
        let CaptchaAnswer { code, .. } = desk.solved();
        desk.refuses("captcha.wrong", Some(CaptchaAnswer { code: secret(code.expose()), text: secret("x") }))
            .await;
        let own_now = desk.solved();
        desk.refuses("captcha.wrong", Some(CaptchaAnswer { code, text: own_now.text })).await;
        let made_up = CaptchaAnswer { code: secret("no-such-captcha"), text: secret("Text1") };
        desk.refuses("captcha.wrong", Some(made_up)).await;
        let other = if step == Step::Factor { Step::Address } else { Step::Factor };
        let elsewhere = desk.world.sign_in(&desk.alice).await;
        let second = flow(&desk.world, &elsewhere, step).await;
        for foreign in [
            CaptchaBinding::flow(TenantId::default(), second.key(), purpose(step)),
            CaptchaBinding::flow(TenantId::default(), desk.flow.key(), purpose(other)),
            CaptchaBinding::flow(TenantId::parse("acme").unwrap(), desk.flow.key(), purpose(step)),
            CaptchaBinding::sign_in(TenantId::default(), "alice"),
        ] {
            desk.refuses("captcha.wrong", Some(desk.made_for(&foreign))).await;
        }
        let end = desk.world.clock.now().after(MINUTE);
        let [expired, in_time] = [(), ()].map(|()| desk.world.captcha.solved(&desk.binding(), end));
        desk.world.clock.advance(MINUTE);
        desk.refuses("captcha.wrong", Some(expired)).await;
        desk.world.clock.set(desk.world.clock.now().before(TICK));
        let again = copy(&in_time);
        desk.passes(in_time).await;
        desk.world.clock.advance(MINUTE);
        desk.refuses("captcha.wrong", Some(again)).await;
    }
}

/// Of thirty-two uses of one captcha at once one lets a code out; a wrong answer uses the captcha up as well.
pub async fn a22_one_captcha_at_once_lets_one_through(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let desk = Desk::set(make(strict()).guarded(), step).await;
        let answer = desk.solved();
        let answers = race(32, |_| desk.send(Some(copy(&answer))));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        let refusals = answers.iter().filter_map(|answer| answer.as_ref().err());
        assert!(refusals.map(Error::reason).all(|reason| reason == "captcha.wrong"), "{answers:?}");
        assert_eq!((desk.world.mailbox.codes().len(), desk.world.captcha.asked()), (1, 1));
        desk.world.clock.advance(MINUTE);
        let answer = desk.solved();
        desk.refuses("captcha.wrong", Some(CaptchaAnswer { code: copy(&answer).code, text: secret("x") }))
            .await;
        desk.refuses("captcha.wrong", Some(answer)).await;
    }
}

/// While the service fails nothing goes out and nothing is counted; afterwards a fresh captcha passes.
pub async fn a22_a_failing_service_lets_nobody_through(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let desk = Desk::set(make(strict()).guarded(), step).await;
        let before = desk.counts().await;
        desk.world.captcha.set_broken(true);
        for _ in 0..3 {
            let answer = desk.send(Some(desk.solved())).await;
            assert!(matches!(answer, Err(Error::Failed(Failure::Captcha(_)))), "{answer:?}");
        }
        let drawn = desk.world.ciam.draw_captcha(&desk.who, &desk.flow).await;
        assert!(matches!(drawn, Err(Error::Failed(Failure::Captcha(_)))), "{drawn:?}");
        assert_eq!((desk.world.mailbox.codes(), desk.counts().await), (Vec::new(), before));
        desk.world.captcha.set_broken(false);
        desk.passes(desk.solved()).await;
    }
}

/// A host without a verifier demands none, draws none, and does not look at what is presented.
pub async fn a22_without_a_verifier_none_is_demanded(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let desk = Desk::set(make(strict()), step).await;
        let drawn = desk.world.ciam.draw_captcha(&desk.who, &desk.flow).await;
        assert!(matches!(drawn, Err(Error::Failed(Failure::NotOffered))), "{drawn:?}");
        for pause in [1, 2, 4] {
            let made_up = CaptchaAnswer { code: secret("no-such-captcha"), text: secret("x") };
            desk.send(if pause == 1 { None } else { Some(made_up) }).await.unwrap();
            desk.world.clock.advance(MINUTE * pause);
        }
        assert_eq!((desk.world.mailbox.codes().len(), desk.world.captcha.asked()), (3, 0));
    }
}

/// With a right captcha each, codes go out no faster and no more often than without.
pub async fn a22_a_captcha_buys_nothing_beyond_the_limits(make: MakeWorld<'_>) {
    for step in [Step::Factor, Step::Address] {
        let mut desk = Desk::set(make(strict()).guarded(), step).await;
        for pause in [1, 2, 4] {
            desk.passes(desk.solved()).await;
            if pause < 4 {
                desk.refuses("rate.too_many_codes", Some(desk.solved())).await;
            }
            desk.world.clock.advance(MINUTE * pause);
        }
        desk.begin_anew().await;
        desk.passes(desk.solved()).await;
        desk.world.clock.advance(MINUTE * 8);
        desk.begin_anew().await;
        desk.passes(desk.solved()).await;
        desk.world.clock.advance(MINUTE * 15);
        desk.begin_anew().await;
        desk.refuses("rate.too_many_codes", Some(desk.solved())).await;
        assert_eq!(desk.world.mailbox.codes().len(), 5, "an address gets five in an hour");
    }
}

/// Whoever may not send a code gets no captcha for it; the drawn one passes for the step that it was drawn in.
pub async fn a22_a_captcha_is_drawn_for_the_own_flow_alone(make: MakeWorld<'_>) {
    let desk = Desk::set(make(strict()).guarded(), Step::Factor).await;
    let (ciam, world) = (&desk.world.ciam, &desk.world);
    let bob = world.person("bob", 2).await;
    let (thief, elsewhere) = (world.sign_in(&bob).await, world.sign_in(&desk.alice).await);
    refused(world, &bob, "flow.unknown", ciam.draw_captcha(&thief, &desk.flow)).await;
    refused(world, &desk.alice, "flow.unknown", ciam.draw_captcha(&elsewhere, &desk.flow)).await;
    let ready = world.proven(&desk.who, Operation::UpdatePassword).await;
    refused(world, &desk.alice, "flow.unknown", ciam.draw_captcha(&desk.who, &ready)).await;
    let early = FakeCaptcha::read(&ciam.draw_captcha(&desk.who, &desk.flow).await.unwrap());
    desk.passes(FakeCaptcha::read(&ciam.draw_captcha(&desk.who, &desk.flow).await.unwrap())).await;
    let code = world.code(&desk.alice.phone);
    ciam.verify_factor_code(&desk.who, &desk.flow, Method::Sms, &code).await.unwrap();
    let desk = Desk { step: Step::Address, ..desk };
    desk.refuses("captcha.wrong", Some(early)).await;
    let drawn = desk.world.ciam.draw_captcha(&desk.who, &desk.flow).await.unwrap();
    assert_eq!(drawn.expires_at, desk.world.clock.now().after(LIFE));
    desk.passes(FakeCaptcha::read(&drawn)).await;
    let drawn = desk.world.ciam.draw_sign_in_captcha(&TenantId::default(), "nobody").await.unwrap();
    desk.world.clock.advance(MINUTE);
    desk.refuses("captcha.wrong", Some(FakeCaptcha::read(&drawn))).await;
    desk.world
        .ciam
        .set_status(ciam::Authority::Host, &TenantId::default(), &desk.alice.id, Status::Frozen)
        .await
        .unwrap();
    let draw = desk.world.ciam.draw_captcha(&desk.who, &desk.flow);
    refused(&desk.world, &desk.alice, "access.frozen", draw).await;
}
