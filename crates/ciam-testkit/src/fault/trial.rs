//! One use case, tried with every fault at every call of a port.

use std::cell::Cell;
use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::Outcome;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Channel, Status};
use ciam::ports::store::UniqueField;
use ciam::ports::{AuditQuery, StoreError};
use ciam::{Config, ContactCodeRequest, Error, Failure, NewContact, Wording};
use futures_executor::block_on;

use super::attack::{Attack, attacks};
use super::{Fault, Faults, MakeBackend, Seen, told};
use crate::stage::{Call, NEW, Stage};
use crate::standing::{ATTEMPTS, Chosen, Standing};
use crate::world::{PASSWORD, World};

/// Tries the use case behind a method; it panics where a fault has an effect that it must not have.
pub fn check(method: &str, make: MakeBackend<'_>) {
    let (_, call) = Call::ALL.iter().find(|(name, _)| *name == method).expect("a use case of that name");
    let trial = Trial::new(*call, make);
    block_on(Box::pin(trial.meant()));
    if *call == Call::VerifyFactorPassword {
        trial.world.hasher.set_outdated(true);
        block_on(Box::pin(trial.meant()));
    }
    for attack in attacks(*call) {
        block_on(Box::pin(trial.attacked(*attack)));
    }
}

struct Trial {
    call: Call,
    faults: Faults,
    world: World,
    host: World,
    number: Cell<u16>,
}

/// What one run came to.
struct Run {
    stage: Stage,
    before: Standing,
    after: Standing,
    answer: Option<Result<(), Error>>,
    seen: Seen,
    mailed: usize,
}

impl Trial {
    fn new(call: Call, make: MakeBackend<'_>) -> Self {
        let faults = Faults::default();
        let mut config = Config::default();
        // With six digits a code may stand in an id by chance.
        config.flow.code.length = 10;
        let world = World::with(make(&faults), config);
        let host = faults.host(&world);
        Self { call, faults, world, host, number: Cell::new(0) }
    }

    async fn run(&self, attack: Option<Attack>, strike: Option<(usize, Fault)>) -> Run {
        self.number.set(self.number.get() + 1);
        let mut stage = Stage::set(&self.world, self.number.get()).await;
        if let Some(attack) = attack {
            attack.prepare(&self.world, self.call, &mut stage).await;
        }
        let before = Standing::of(&self.world, &stage).await;
        let mailed = self.world.mailbox.codes().len();
        if let Some((place, fault)) = strike {
            self.faults.strike(place, fault);
        }
        let answer = self.faults.answer(Box::pin(stage.make(&self.host, self.call))).await;
        let seen = self.faults.end();
        let after = Standing::of(&self.world, &stage).await;
        let mailed = self.world.mailbox.codes().len() - mailed;
        Run { stage, before, after, answer, seen, mailed }
    }

    /// Every fault at every call of a port that the use case makes.
    async fn each_fault(&self, attack: Option<Attack>, faults: &[Fault], judge: impl AsyncFn(&Run, &str)) {
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
        assert!(matches!(sound.answer, Some(Ok(()))), "{:?} {:?}", self.call, sound.answer);
        self.each_fault(None, &Fault::ALL, async |run, scene| {
            is_before_or_after(run, &sound, scene);
            answers_what_stands(run, &sound, scene);
            self.admits_what_it_skipped(run, scene).await;
            self.can_go_on(run, &sound, scene).await;
        })
        .await;
    }

    /// What must be refused has no effect, whatever fails meanwhile.
    async fn attacked(&self, attack: Attack) {
        let refused = self.run(Some(attack), None).await;
        let answer = refused.answer.as_ref().unwrap();
        let taken = Error::Failed(Failure::Store(StoreError::Conflict { field: UniqueField::Username }));
        let reason = answer.as_ref().expect_err("an attack that succeeds").reason();
        assert!(
            reason != "failure" || format!("{answer:?}") == format!("{:?}", Err::<(), _>(taken)),
            "{answer:?}"
        );
        has_no_effect(&refused, reason);
        // Whoever goes away gets no answer, and asks nothing further.
        let faults = [Fault::Fails, Fault::FailsLate];
        self.each_fault(Some(attack), &faults, async |run, scene| has_no_effect(run, scene)).await;
    }

    /// A use case may go on after few faults, and one that skips a check says so on the trail.
    async fn admits_what_it_skipped(&self, run: &Run, scene: &str) {
        let Some(Ok(())) = run.answer else { return };
        let note = match (run.seen.struck, self.call) {
            (Some("breach.is_breached"), _) => Some("breach check unavailable"),
            // A hash that is not renewed now is renewed another time.
            (Some("hasher.hash" | "store.commit" | "users.commit"), Call::VerifyFactorPassword) => {
                Some(Method::Password.as_str())
            }
            (Some("flows.commit"), _) => return,
            (port, _) => unreachable!("{scene}: goes on without {port:?}"),
        };
        let query = AuditQuery::newest(TenantId::default(), 1);
        let newest = self.world.backend.audit.records(&query).await.unwrap().records.remove(0);
        assert_eq!(newest.detail.as_deref(), note, "{scene}");
    }

    /// The client may ask again, or begin anew; nobody is locked out by a fault.
    async fn can_go_on(&self, run: &Run, sound: &Run, scene: &str) {
        let again = run.stage.make(&self.world, self.call).await;
        let untouched = run.after.is_like(&sound.before) && !sound.before.is_like(&sound.after);
        assert!(again.is_ok() || !untouched, "{scene}: then {again:?}");
        let taken = matches!(again, Err(Error::Failed(Failure::Store(StoreError::Conflict { .. }))));
        assert!(!matches!(again, Err(Error::Failed(_))) || taken, "{scene}: then {again:?}");
        assert_eq!(taken, self.call == Call::CreateUser && run.after.account.newcomer.is_some(), "{scene}");
        self.begins_anew(&run.stage, scene).await;
    }

    async fn begins_anew(&self, stage: &Stage, scene: &str) {
        let world = &self.world;
        let paused = world.user(&stage.person.id).await.contacts_paused_until;
        if let Some(until) = paused {
            world.clock.set(until);
        }
        world.clock.advance(Duration::from_mins(16));
        let standing = Standing::of(world, stage).await.account;
        match standing.status {
            "access.deleted" => return,
            "normal" => {}
            _ => world
                .ciam
                .set_status(ciam::Authority::Host, &TenantId::default(), &stage.person.id, Status::Normal)
                .await
                .unwrap(),
        }
        let password = if standing.password == Some(Chosen::New) { NEW } else { PASSWORD };
        let who = world.sign_in(&stage.person).await;
        let flow = world.ciam.check_operation(&who, Operation::UpdateEmail).await.expect(scene).flow;
        let password = SecretText::new(password.to_owned());
        // One that must be changed proves nothing any more.
        if world.user(&stage.person.id).await.password.is_some_and(|held| held.must_change) {
            world.send_factor(&who, &flow, Method::Sms).await.expect(scene);
            let code = world.code(&stage.person.phone);
            world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.expect(scene);
        } else {
            world.ciam.verify_factor_password(&who, &flow, &password).await.expect(scene);
        }
        let anew = stage.wanted.replace("new.", "anew.");
        let contact = NewContact::Email(&anew);
        let request = ContactCodeRequest { flow: &flow, contact, wording: Wording::default(), captcha: None };
        world.ciam.send_contact_code(&who, request).await.expect(scene);
        let code = Code::presented(&world.mailbox.last_code(&anew).expect(scene));
        world.ciam.change_contact(&who, &flow, Channel::Email, &code).await.expect(scene);
    }
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

fn is_before_or_after(run: &Run, sound: &Run, scene: &str) {
    assert_eq!(run.before, sound.before, "{scene}: another beginning");
    let after = &run.after;
    let whole = after.is_like(&sound.before) || after.is_like(&sound.after);
    assert!(whole || is_between(run) && fails_closed(run, sound), "{scene}: {after:?}");
    let counted = if after.is_like(&sound.after) { &sound.after.counts } else { &sound.before.counts };
    for (place, (count, expected)) in after.counts.iter().zip(counted).enumerate() {
        let paid = u32::from(place < ATTEMPTS || is_between(run));
        assert!((*expected..=expected + paid).contains(count), "{scene}: counts {:?}", after.counts);
    }
}

/// Between two halves: where the account has changed, nothing is open that should not be; where it has not,
/// flows and counts may have moved on without their record.
fn fails_closed(run: &Run, sound: &Run) -> bool {
    let (account, open) = (&run.after.account, &run.after.open);
    if *account == sound.after.account {
        open.is_within(&sound.after.open)
    } else {
        *account == sound.before.account && *open == sound.after.open
    }
}

/// Success is told only of what stands; what a store reported too late stands with its records and notices.
fn answers_what_stands(run: &Run, sound: &Run, scene: &str) {
    let hangs = !matches!(run.seen.fault, Some(Fault::Fails | Fault::FailsLate));
    let late = matches!(run.seen.fault, Some(Fault::FailsLate | Fault::HangsLate));
    let stands =
        run.after.is_like(&sound.after) || is_between(run) && run.after.account == sound.after.account;
    match &run.answer {
        Some(Ok(())) => assert!(stands, "{scene}"),
        Some(Err(Error::Failed(failure))) => assert!(failure.is_retryable(), "{scene}"),
        Some(Err(Error::Refused(_))) => unreachable!("{scene}: a fault is no refusal"),
        None => assert!(hangs, "{scene}"),
    }
    // Whoever has no flow pays by a commit of its own, which says nothing about what comes after it.
    let commits = run.seen.calls.iter().filter(|port| **port == "store.commit").count();
    let pays_first = run.seen.calls.contains(&"store.find") || sound.seen.calls.contains(&"social.verify");
    let paying = pays_first && commits == 1;
    let committed = run.seen.struck == Some("store.commit") && !paying;
    assert!(stands || !committed || !late, "{scene}: what was committed stands");
    assert!(run.mailed <= sound.mailed && (stands || run.mailed == 0), "{scene}: {} mailed", run.mailed);
}

fn has_no_effect(run: &Run, scene: &str) {
    let (before, after) = (&run.before, &run.after);
    assert!(!matches!(run.answer, Some(Ok(()))), "{scene}: went through");
    assert!(after.open.is_within(&before.open), "{scene}: {after:?}");
    let mut account = after.account.clone();
    let fresh = account.audit.len() - before.account.audit.len();
    let refusals = account.audit.drain(..fresh).all(|(_, outcome)| matches!(outcome, Outcome::Refused(_)));
    assert!(refusals, "{scene}: {:?}", after.account.audit);
    assert_eq!(account, before.account, "{scene}");
    assert!(after.counts.iter().zip(&before.counts).all(|(after, before)| after >= before), "{scene}");
    assert_eq!(run.mailed, 0, "{scene}");
}
