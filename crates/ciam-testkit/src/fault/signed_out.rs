//! One call of somebody who is not signed in, tried with every fault at every call of a port.

use std::cell::Cell;
use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::Outcome;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Method;
use ciam::ports::AuditQuery;
use ciam::{Error, SignedOutStep};
use futures_executor::block_on;

use super::signed_out_attack::{SignedOutAttack, attacks};
use super::{Fault, Faults, MakeBackend, Seen, told};
use crate::signed_out::{Answer, Secret, SignedOutCall, SignedOutStage, Standing, begun};
use crate::world::{SCOPE, World};

/// Tries a call by its name; it panics where a fault has an effect that it must not have.
pub fn check(name: &str, make: MakeBackend<'_>) {
    let call = SignedOutCall::named(name);
    let trial = Trial::new(call, make);
    block_on(Box::pin(trial.meant()));
    if matches!(call, SignedOutCall::SignIn | SignedOutCall::VerifyPassword) {
        trial.world.hasher.set_outdated(true);
        block_on(Box::pin(trial.meant()));
        trial.world.hasher.set_outdated(false);
    }
    for attack in attacks(call) {
        block_on(Box::pin(trial.attacked(*attack)));
    }
}

struct Trial {
    call: SignedOutCall,
    faults: Faults,
    world: World,
    host: World,
    number: Cell<u16>,
}

/// What one run came to.
struct Run {
    stage: SignedOutStage,
    before: Standing,
    after: Standing,
    answer: Option<Result<Answer, Error>>,
    seen: Seen,
    place: usize,
    mailed: usize,
}

impl Trial {
    fn new(call: SignedOutCall, make: MakeBackend<'_>) -> Self {
        let faults = Faults::default();
        let world = World::with(make(&faults), call.config());
        let host = faults.host(&world);
        Self { call, faults, world, host, number: Cell::new(0) }
    }

    async fn run(&self, attack: Option<SignedOutAttack>, strike: Option<(usize, Fault)>) -> Run {
        self.number.set(self.number.get() + 1);
        let mut stage = SignedOutStage::set(&self.world, self.call, self.number.get()).await;
        if let Some(attack) = attack {
            attack.prepare(&self.world, &mut stage).await;
        }
        let before = Standing::of(&self.world, &stage).await;
        let mailed = self.world.mailbox.codes().len();
        if let Some((place, fault)) = strike {
            self.faults.strike(place, fault);
        }
        let answer = self.faults.answer(Box::pin(stage.make(&self.host))).await;
        let seen = self.faults.end();
        let after = Standing::of(&self.world, &stage).await;
        let mailed = self.world.mailbox.codes().len() - mailed;
        Run { stage, before, after, answer, seen, place: strike.map_or(0, |(place, _)| place), mailed }
    }

    /// Every fault at every call of a port that the use case makes.
    async fn each_fault(
        &self,
        attack: Option<SignedOutAttack>,
        faults: &[Fault],
        judge: impl AsyncFn(&Run, &str),
    ) {
        for &fault in faults {
            for place in 0.. {
                let run = self.run(attack, Some((place, fault))).await;
                let Some(port) = run.seen.struck else {
                    assert!(place > 0, "{:?} asks no port", self.call);
                    break;
                };
                let scene =
                    format!("{:?} {attack:?}: {port} {fault:?}, answered {:?}", self.call, run.answer);
                tells_nothing(&run, &scene);
                judge(&run, &scene).await;
                while self.world.ciam.relay_once().await.unwrap().sent > 0 {}
            }
        }
    }

    /// A call that a fault interrupts is made or not made, and can be made again or begun anew.
    async fn meant(&self) {
        let sound = self.run(None, None).await;
        assert!(matches!(sound.answer, Some(Ok(_))), "{:?} {:?}", self.call, sound.answer);
        let (code, codes) = (sound.stage.code.as_str(), &sound.after.open.codes);
        assert!(code == "no code" || codes.is_empty(), "{:?} leaves a code: {codes:?}", self.call);
        self.each_fault(None, &Fault::ALL, async |run, scene| {
            is_before_or_after(run, &sound, scene);
            keeps_what_was_paid(run, &sound, scene);
            self.answers_what_stands(run, &sound, scene).await;
            self.works_once(run, &sound, scene).await;
            self.begins_anew(run, scene).await;
        })
        .await;
    }

    /// What must be refused has no effect, whatever fails meanwhile.
    async fn attacked(&self, attack: SignedOutAttack) {
        let refused = self.run(Some(attack), None).await;
        match refused.answer.as_ref().unwrap() {
            Ok(_) => assert!(self.call.tells_nobody(), "{:?} {attack:?} succeeds", self.call),
            Err(error) => assert!(matches!(error, Error::Refused(_)), "{:?} {error:?}", self.call),
        }
        self.has_no_effect(&refused, "no fault").await;
        // Whoever goes away gets no answer, and asks nothing further.
        let faults = [Fault::Fails, Fault::FailsLate];
        let judge = async |run: &Run, scene: &str| self.has_no_effect(run, scene).await;
        self.each_fault(Some(attack), &faults, judge).await;
    }

    /// Success is told only of what stands, and what it gives opens what it says.
    async fn answers_what_stands(&self, run: &Run, sound: &Run, scene: &str) {
        let hangs = !matches!(run.seen.fault, Some(Fault::Fails | Fault::FailsLate));
        let stands = run.after.is_like(&sound.after);
        match &run.answer {
            Some(Ok(answer)) => {
                assert!(stands || is_between(run) && run.after.account == sound.after.account, "{scene}");
                self.admits_what_it_skipped(run, scene).await;
                if let (Answer::In(tokens), true) = (answer, stands) {
                    let who = self.world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
                    self.world.ciam.check_token(&who).await.expect(scene);
                }
            }
            Some(Err(Error::Failed(failure))) => assert!(failure.is_retryable(), "{scene}"),
            Some(Err(Error::Refused(_))) => unreachable!("{scene}: a fault is no refusal"),
            None => assert!(hangs, "{scene}"),
        }
        let counted = stands || is_between(run);
        assert!(run.mailed <= sound.mailed && (counted || run.mailed == 0), "{scene}: {} mailed", run.mailed);
    }

    /// A use case may go on after few faults, and one that skips a check says so on the trail.
    async fn admits_what_it_skipped(&self, run: &Run, scene: &str) {
        match (run.seen.struck, self.call) {
            (Some("breach.is_breached"), _) => {
                let query = AuditQuery::newest(TenantId::default(), 1);
                let newest = self.world.backend.audit.records(&query).await.unwrap().records.remove(0);
                assert_eq!(newest.detail.as_deref(), Some("breach check unavailable"), "{scene}");
            }
            // A hash that is not renewed now is renewed another time; it is the last that is done.
            (
                Some("hasher.hash" | "store.commit" | "users.commit"),
                SignedOutCall::SignIn | SignedOutCall::VerifyPassword,
            )
            | (Some("flows.commit"), _) => {}
            (port, _) => unreachable!("{scene}: goes on without {port:?}"),
        }
    }

    /// What was untouched may be asked for again; what was taken once is not taken twice.
    async fn works_once(&self, run: &Run, sound: &Run, scene: &str) {
        let again = run.stage.make(&self.world).await;
        let untouched = run.after.is_like(&sound.before);
        assert!(again.is_ok() || !untouched, "{scene}: then {again:?}");
        assert!(!matches!(again, Err(Error::Failed(_))), "{scene}: then {again:?}");
        if !self.call.is_once() {
            return;
        }
        let taken = run.after.is_like(&sound.after) || matches!(run.answer, Some(Ok(_)));
        assert!(again.is_err() || !taken, "{scene}: taken twice");
        let open = Standing::of(&self.world, &run.stage).await.open;
        assert!(open.sessions.len() <= sound.after.open.sessions.len(), "{scene}: {open:?}");
    }

    /// Nobody is locked out by a fault: the person begins anew and gets to the end.
    async fn begins_anew(&self, run: &Run, scene: &str) {
        let world = &self.world;
        world.clock.advance(Duration::from_hours(25));
        let mut stage = run.stage.anew();
        let standing = Standing::of(world, &stage).await.account;
        if standing.password == Secret::Chosen {
            stage.password.clone_from(&stage.chosen);
        }
        if standing.status == "access.deleted" {
            stage.flow = begun(stage.start_restore(world).await.expect(scene));
            stage.send(world).await;
            stage.verify(world).await.expect(scene);
        }
        let mut answer = stage.sign_in(world).await.expect(scene);
        if let Answer::Flow(flow) = answer {
            stage.flow = flow;
            stage.send(world).await;
            answer = stage.verify(world).await.expect(scene);
        }
        if let Answer::Flow(_) = answer {
            "nine otters under the pier".clone_into(&mut stage.chosen);
            answer = stage.choose(world).await.expect(scene);
        }
        let Answer::In(tokens) = answer else { unreachable!("{scene}: then {answer:?}") };
        let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
        world.ciam.check_token(&who).await.expect(scene);
    }

    async fn has_no_effect(&self, run: &Run, scene: &str) {
        let (before, after) = (&run.before, &run.after);
        let answer = match &run.answer {
            Some(Ok(answer)) if self.call.tells_nobody() => Some(answer),
            Some(Ok(_)) => unreachable!("{scene}: went through"),
            _ => None,
        };
        assert!(after.open.is_within(&before.open), "{scene}: {after:?}");
        let mut account = after.account.clone();
        let fresh = account.audit.len() - before.account.audit.len();
        let refusals =
            account.audit.drain(..fresh).all(|(_, outcome)| matches!(outcome, Outcome::Refused(_)));
        assert!(refusals, "{scene}: {:?}", after.account.audit);
        assert_eq!(account, before.account, "{scene}");
        assert!(is_no_less(&after.counts.0, &before.counts.0), "{scene}: {:?}", after.counts);
        assert!(is_no_less(&after.counts.1, &before.counts.1), "{scene}: {:?}", after.counts);
        assert!(run.mailed == 0 || self.call.tells_nobody(), "{scene}: {} mailed", run.mailed);
        if let Some(Answer::Flow(flow)) = answer {
            let digits = self.world.mailbox.last_code(run.stage.person.email.canonical()).unwrap();
            let (tenant, code) = (TenantId::default(), Code::presented(&digits));
            let on = SignedOutStep { tenant: &tenant, flow, source: None };
            let opened = self.world.ciam.verify_sign_in_code(&on, Method::Email, &code).await;
            assert_eq!(opened.expect_err(scene).reason(), "sign_in.failed", "{scene}");
        }
    }
}

fn is_no_less(after: &[u32], before: &[u32]) -> bool {
    after.iter().zip(before).all(|(after, before)| after >= before)
}

fn tells_nothing(run: &Run, scene: &str) {
    let Some(Err(error)) = &run.answer else { return };
    let told = told(error);
    for secret in run.stage.secrets() {
        assert!(!told.contains(&secret), "{scene} tells {secret}: {told}");
    }
}

/// Whether the fault came between the two halves of a store.
fn is_between(run: &Run) -> bool {
    let of_halves = |port: &&str| port.starts_with("users.") || port.starts_with("flows.");
    let interrupted = run.seen.fault == Some(Fault::Interrupted) && run.seen.calls.iter().any(of_halves);
    interrupted || run.seen.struck.as_ref().is_some_and(of_halves)
}

/// All of it or nothing; between two halves nothing is open that the whole would not have opened, and an account
/// that has changed has at most that open.
fn is_before_or_after(run: &Run, sound: &Run, scene: &str) {
    assert_eq!(run.before, sound.before, "{scene}: another beginning");
    let (after, account) = (&run.after, &run.after.account);
    let whole = after.is_like(&sound.before) || after.is_like(&sound.after);
    let closed = if *account == sound.after.account {
        after.open.is_within(&sound.after.open)
    } else {
        *account == sound.before.account && after.open == sound.after.open
    };
    assert!(whole || is_between(run) && closed, "{scene}: {after:?}");
    assert!(is_no_less(&after.counts.1, &sound.before.counts.1), "{scene}: {:?}", after.counts);
    let ceiling = if whole && after.is_like(&sound.before) && !is_between(run) {
        &sound.before.counts.1
    } else {
        &sound.after.counts.1
    };
    assert!(is_no_less(ceiling, &after.counts.1), "{scene}: {:?}", after.counts);
}

/// An attempt that was paid for before the fault stays paid, unless the call succeeded.
fn keeps_what_was_paid(run: &Run, sound: &Run, scene: &str) {
    let Some(payment) = run.stage.call.payment() else { return };
    let halves = run.seen.calls.iter().any(|port| port.starts_with("flows."));
    let paying = format!("{}.{payment}", if halves { "flows" } else { "store" });
    let late = matches!(run.seen.fault, Some(Fault::FailsLate | Fault::HangsLate));
    let place = run.seen.calls.iter().position(|port| *port == paying);
    let paid = place.is_some_and(|place| place < run.place || place == run.place && late);
    let succeeded = run.after.is_like(&sound.after) || is_between(run);
    let sum = |standing: &Standing| standing.counts.0.iter().sum::<u32>();
    assert!(!paid || succeeded || sum(&run.after) > sum(&run.before), "{scene}: {:?}", run.after.counts);
}
