//! Calls of terms, consents and exports, tried with every fault at every call of a port.

use std::cell::Cell;
use std::time::Duration;

use ciam::domain::audit::{Action, Outcome};
use ciam::domain::terms::{Publication, TermsText, TermsVersion};
use ciam::domain::user::Status;
use ciam::domain::{Instant, TenantId, VersionId};
use ciam::ports::AuditQuery;
use ciam::{AgreementReport, Authority, Config, Error, NewDocument, NewVersion, Period, Principal};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend, Seen, told};
use crate::world::{Person, World};

/// Hands every use case of terms, consents and exports, by its method, to another macro. A new one is listed here
/// alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_consent_call {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            write_terms: WriteTerms, draft_terms: DraftTerms, publish_terms: PublishTerms,
            withdraw_terms: WithdrawTerms, all_terms: AllTerms, current_terms: CurrentTerms,
            agree_to_terms: AgreeToTerms, record_agreement: RecordAgreement, recall_consent: RecallConsent,
            consents: Consents, user_consents: UserConsents, open_terms: OpenTerms,
            consent_evidence: ConsentEvidence, export_own_data: ExportOwnData,
            export_personal_data: ExportPersonalData,
        }
    };
}

macro_rules! calls {
    (() $($method:ident: $call:ident,)*) => {
        /// A use case that is tried.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum ConsentCall {
            $($call,)*
        }

        impl ConsentCall {
            /// Every call, with the method behind it.
            pub(super) const ALL: &[(&str, Self)] = &[$((stringify!($method), Self::$call),)*];
        }
    };
}

each_consent_call! { [calls] () }

/// Why a call must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attack {
    /// The account may not act.
    Frozen,
    /// The account is gone.
    Erased,
    /// The sign-in was too long ago.
    Stale,
    /// The version is over.
    Expired,
    /// What is named is not there.
    Unknown,
    /// What is published would be rewritten.
    Forged,
}

impl ConsentCall {
    const fn attacks(self) -> &'static [Attack] {
        match self {
            Self::WriteTerms | Self::AllTerms | Self::CurrentTerms => &[],
            Self::DraftTerms => &[Attack::Forged, Attack::Unknown],
            Self::PublishTerms | Self::WithdrawTerms | Self::ConsentEvidence => &[Attack::Unknown],
            Self::AgreeToTerms => &[Attack::Frozen, Attack::Expired, Attack::Unknown],
            Self::RecordAgreement => &[Attack::Erased, Attack::Expired, Attack::Unknown],
            Self::RecallConsent => &[Attack::Frozen, Attack::Unknown],
            Self::Consents | Self::OpenTerms => &[Attack::Frozen],
            Self::UserConsents | Self::ExportPersonalData => &[Attack::Erased],
            Self::ExportOwnData => &[Attack::Frozen, Attack::Stale],
        }
    }

    /// What it does to terms or to a ledger, if anything.
    const fn effect(self) -> Option<Action> {
        match self {
            Self::WriteTerms | Self::DraftTerms => Some(Action::WriteTerms),
            Self::PublishTerms => Some(Action::PublishTerms),
            Self::WithdrawTerms => Some(Action::WithdrawTerms),
            Self::AgreeToTerms | Self::RecordAgreement => Some(Action::AgreeToTerms),
            Self::RecallConsent => Some(Action::RecallConsent),
            _ => None,
        }
    }
}

/// Somebody with terms to read, and what they would say to them.
struct Stage {
    person: Person,
    who: Principal,
    /// A version that is in force, and one that is written.
    version: VersionId,
    draft: VersionId,
    /// The document of both, and what a recall names.
    document: String,
    recalled: String,
    new: NewVersion,
}

impl Stage {
    async fn set(world: &World, number: u16) -> Self {
        let person = world.person(&format!("reader.{number}"), number).await;
        let who = world.sign_in(&person).await;
        let document = format!("privacy-{number}");
        let version = world.publish(&document, "v1").await.id;
        let draft = world.draft(World::version(&document, "v2")).await.id;
        let recalled = format!("ads-{number}");
        let ads = world.publish(&recalled, "v1").await.id;
        world.ciam.agree_to_terms(&who, &ads).await.unwrap();
        world.personal.keep(&person.id, 3);
        let new = World::version(&document, "v3");
        Self { person, who, version, draft, document, recalled, new }
    }

    async fn prepare(&mut self, world: &World, attack: Attack) {
        let unknown = "never-written";
        let tenant = TenantId::default();
        let set = |status| world.ciam.set_status(Authority::Host, &tenant, &self.person.id, status);
        match attack {
            Attack::Frozen => set(Status::Frozen).await.unwrap(),
            Attack::Erased => set(Status::Erased).await.unwrap(),
            Attack::Stale => world.clock.advance(Duration::from_mins(6)),
            Attack::Expired => {
                let named = (&tenant, &self.version);
                world.ciam.withdraw_terms(Authority::Host, named, Instant::EPOCH).await.unwrap();
            }
            Attack::Unknown => {
                self.version = VersionId::parse(unknown).unwrap();
                self.draft = self.version.clone();
                unknown.clone_into(&mut self.recalled);
                self.new.document = World::document(unknown).id;
                self.person.id = ciam::domain::UserId::parse(unknown).unwrap();
            }
            Attack::Forged => {
                let text = TermsText::parse("you owe us all").unwrap();
                self.new = NewVersion { text, ..World::version(&self.document, "v1") };
            }
        }
    }

    async fn make(&self, world: &World, call: ConsentCall) -> Result<(), Error> {
        let (ciam, host, tenant) = (&world.ciam, Authority::Host, TenantId::default());
        let user = &self.person.id;
        match call {
            ConsentCall::WriteTerms => {
                let new = World::document(&format!("new-{}", self.document));
                ciam.write_terms(host, NewDocument { tenant, ..new }).await.map(drop)
            }
            ConsentCall::DraftTerms => ciam.draft_terms(host, self.new.clone()).await.map(drop),
            ConsentCall::PublishTerms => {
                ciam.publish_terms(host, (&tenant, &self.draft), Period::default()).await.map(drop)
            }
            ConsentCall::WithdrawTerms => {
                ciam.withdraw_terms(host, (&tenant, &self.version), Instant::EPOCH).await.map(drop)
            }
            ConsentCall::AllTerms => ciam.all_terms(&tenant).await.map(drop),
            ConsentCall::CurrentTerms => ciam.current_terms(&tenant, None).await.map(drop),
            ConsentCall::AgreeToTerms => ciam.agree_to_terms(&self.who, &self.version).await.map(drop),
            ConsentCall::RecordAgreement => {
                let (user, version) = (user.clone(), self.version.clone());
                let report = AgreementReport { tenant, user, version, source: None, client: None };
                ciam.record_agreement(report).await.map(drop)
            }
            ConsentCall::RecallConsent => ciam.recall_consent(&self.who, &self.recalled).await,
            ConsentCall::Consents => ciam.consents(&self.who).await.map(drop),
            ConsentCall::UserConsents => ciam.user_consents(host, &tenant, user).await.map(drop),
            ConsentCall::OpenTerms => ciam.open_terms(&self.who, None).await.map(drop),
            ConsentCall::ConsentEvidence => ciam.consent_evidence(host, &tenant, user).await.map(drop),
            ConsentCall::ExportOwnData => ciam.export_own_data(&self.who).await.map(drop),
            ConsentCall::ExportPersonalData => ciam.export_personal_data(host, &tenant, user).await.map(drop),
        }
    }
}

/// What a call may change, told so that two people in the same position stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    acts: Vec<&'static str>,
    versions: Vec<(String, &'static str)>,
    documents: usize,
}

impl Standing {
    async fn of(world: &World, stage: &Stage) -> Self {
        let now = ciam::ports::Clock::now(&*world.clock);
        let all = world.ciam.all_terms(&TenantId::default()).await.unwrap();
        let own = all.iter().filter(|(held, _)| held.id.as_str().ends_with(&stage.document));
        let told =
            |version: &TermsVersion| (version.number.as_str().to_owned(), version.status(now).as_str());
        let mut versions: Vec<_> = own.clone().flat_map(|(_, versions)| versions).map(told).collect();
        versions.sort();
        let ledger = world.ledger(stage.who.user()).await;
        let acts = ledger.iter().map(|entry| entry.act.as_str()).collect();
        Self { acts, versions, documents: own.count() }
    }
}

/// What one run came to.
struct Run {
    stage: Stage,
    before: Standing,
    after: Standing,
    /// What was recorded meanwhile, oldest last.
    records: Vec<(Action, Outcome)>,
    answer: Option<Result<(), Error>>,
    seen: Seen,
}

struct Trial {
    call: ConsentCall,
    faults: Faults,
    world: World,
    host: World,
    number: Cell<u16>,
}

/// Tries a call by the name of its method; it panics where a fault has an effect that it must not have.
pub fn check(method: &str, make: MakeBackend<'_>) {
    let (_, call) =
        ConsentCall::ALL.iter().find(|(name, _)| *name == method).expect("a use case of that name");
    let faults = Faults::default();
    let world = World::with(make(&faults), Config::default());
    let host = faults.host(&world);
    let trial = Trial { call: *call, faults, world, host, number: Cell::new(0) };
    block_on(Box::pin(trial.meant()));
    for attack in call.attacks() {
        block_on(Box::pin(trial.attacked(*attack)));
    }
}

impl Trial {
    async fn records(&self) -> Vec<(Action, Outcome)> {
        let query = AuditQuery::newest(TenantId::default(), 10_000);
        let records = self.world.backend.audit.records(&query).await.unwrap().records;
        records.into_iter().map(|record| (record.action, record.outcome)).collect()
    }

    /// Nothing of an earlier run is in force, so that each makes as many calls of ports.
    async fn clear(&self) {
        for (_, versions) in self.world.ciam.all_terms(&TenantId::default()).await.unwrap() {
            for version in versions.iter().filter(|version| version.publication != Publication::Draft) {
                let named = (&version.tenant, &version.id);
                self.world.ciam.withdraw_terms(Authority::Host, named, Instant::EPOCH).await.unwrap();
            }
        }
    }

    async fn run(&self, attack: Option<Attack>, strike: Option<(usize, Fault)>) -> Run {
        self.number.set(self.number.get() + 1);
        self.clear().await;
        let mut stage = Stage::set(&self.world, self.number.get()).await;
        if let Some(attack) = attack {
            stage.prepare(&self.world, attack).await;
        }
        let before = Standing::of(&self.world, &stage).await;
        let recorded = self.records().await.len();
        if let Some((place, fault)) = strike {
            self.faults.strike(place, fault);
        }
        let answer = self.faults.answer(Box::pin(stage.make(&self.host, self.call))).await;
        let seen = self.faults.end();
        // A store answers in order: whatever it was still at is done now.
        self.world.backend.store.ping().await.unwrap();
        let after = Standing::of(&self.world, &stage).await;
        let mut records = self.records().await;
        records.truncate(records.len() - recorded);
        Run { stage, before, after, records, answer, seen }
    }

    /// A call that a fault interrupts is made or not made, and can be made again.
    async fn meant(&self) {
        let sound = self.run(None, None).await;
        assert!(matches!(sound.answer, Some(Ok(()))), "{:?} {:?}", self.call, sound.answer);
        assert_eq!(sound.before != sound.after, self.call.effect().is_some(), "{:?}", self.call);
        for fault in Fault::ALL {
            for place in 0.. {
                let run = self.run(None, Some((place, fault))).await;
                let Some(port) = run.seen.struck else {
                    assert!(place > 0, "{:?} asks no port", self.call);
                    break;
                };
                let scene = format!("{:?}: {port} {fault:?}, answered {:?}", self.call, run.answer);
                self.judge(&run, &sound, &scene);
                self.can_go_on(&run, &sound, &scene).await;
            }
        }
    }

    fn judge(&self, run: &Run, sound: &Run, scene: &str) {
        let stands = run.after == sound.after;
        assert!(stands || run.after == sound.before, "{scene}: {:?}", run.after);
        if let Some(effect) = self.call.effect() {
            let done = run.records.iter().filter(|record| **record == (effect, Outcome::Done)).count();
            assert_eq!(done, usize::from(stands), "{scene}: a record with the deed: {:?}", run.records);
        }
        match &run.answer {
            Some(Ok(())) => assert!(stands && run.records == sound.records, "{scene}: {:?}", run.records),
            Some(Err(Error::Failed(failure))) => assert!(failure.is_retryable(), "{scene}"),
            Some(Err(Error::Refused(_))) => unreachable!("{scene}: a fault is no refusal"),
            None => assert!(!matches!(run.seen.fault, Some(Fault::Fails | Fault::FailsLate)), "{scene}"),
        }
        if let Some(Err(error)) = &run.answer {
            let told = told(error);
            for personal in ["example.org", "13800", "what you tell us"] {
                assert!(!told.contains(personal), "{scene} tells {told}");
            }
        }
    }

    /// The same call again comes to what one sound call comes to, with one record of it.
    async fn can_go_on(&self, run: &Run, sound: &Run, scene: &str) {
        let recorded = self.records().await.len();
        let again = run.stage.make(&self.world, self.call).await;
        let published = self.call == ConsentCall::PublishTerms && run.after == sound.after;
        assert_eq!(again.is_err(), published, "{scene}: then {again:?}");
        assert_eq!(Standing::of(&self.world, &run.stage).await, sound.after, "{scene}: then");
        if let Some(effect) = self.call.effect() {
            let mut records = self.records().await;
            records.truncate(records.len() - recorded);
            records.extend(run.records.iter().cloned());
            let done = records.iter().filter(|record| **record == (effect, Outcome::Done)).count();
            assert_eq!(done, 1, "{scene}: then {records:?}");
        }
    }

    /// What must be refused has no effect, whatever fails meanwhile.
    async fn attacked(&self, attack: Attack) {
        let refused = self.run(Some(attack), None).await;
        assert!(matches!(refused.answer, Some(Err(Error::Refused(_)))), "{attack:?} {:?}", refused.answer);
        has_no_effect(&refused, &format!("{:?} {attack:?}", self.call));
        for fault in [Fault::Fails, Fault::FailsLate] {
            for place in 0.. {
                let run = self.run(Some(attack), Some((place, fault))).await;
                let Some(port) = run.seen.struck else { break };
                has_no_effect(&run, &format!("{:?} {attack:?}: {port} {fault:?}", self.call));
            }
        }
    }
}

fn has_no_effect(run: &Run, scene: &str) {
    assert!(!matches!(run.answer, Some(Ok(()))), "{scene}: went through");
    assert_eq!(run.after, run.before, "{scene}");
    let refusals = run.records.iter().all(|(_, outcome)| matches!(outcome, Outcome::Refused(_)));
    assert!(refusals, "{scene}: {:?}", run.records);
}
