//! Agreements, recalls, terms and erasures at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use async_trait::async_trait;
use ciam::domain::audit::{Action, Outcome};
use ciam::domain::consent::{ConsentAct, ConsentEntry};
use ciam::domain::source::Source;
use ciam::domain::terms::{TermsDocument, TermsText, TermsVersion};
use ciam::domain::user::Status;
use ciam::domain::{Instant, TenantId, UserId, VersionId};
use ciam::ports::{ConsentCommit, ConsentErasure, ConsentStore, StoreError, TermsCommit, VersionFilter};
use ciam::{Authority, Error, Period, Principal};
use futures_executor::block_on;

use super::Told;
use crate::gap::{Gap, GappedStore};
use crate::world::{Backend, Person, World};

/// What is done with consents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Agrees to the first version.
    Agrees,
    /// Agrees to the second one.
    AgreesToTheNext,
    /// Agrees to the third one, which is a draft.
    AgreesToADraft,
    Recalls,
    /// Publishes the third version.
    Publishes,
    /// Ends the first one.
    Withdraws,
    Erases,
}

const DEEDS: [Deed; 7] = [
    Deed::Agrees,
    Deed::AgreesToTheNext,
    Deed::AgreesToADraft,
    Deed::Recalls,
    Deed::Publishes,
    Deed::Withdraws,
    Deed::Erases,
];

/// A call of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    AfterVersions,
    AfterLedger,
    BeforeAppend,
    AfterAppend,
    BeforeTerms,
    BeforeErasure,
    AfterErasure,
}

/// Where another comes between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    Accounts(Gap),
    Ledger(Moment),
}

const PLACES: [Between; 11] = [
    Between::Accounts(Gap::AfterLoad),
    Between::Accounts(Gap::AfterCharge),
    Between::Accounts(Gap::BeforeCommit),
    Between::Accounts(Gap::AfterCommit),
    Between::Ledger(Moment::AfterVersions),
    Between::Ledger(Moment::AfterLedger),
    Between::Ledger(Moment::BeforeAppend),
    Between::Ledger(Moment::AfterAppend),
    Between::Ledger(Moment::BeforeTerms),
    Between::Ledger(Moment::BeforeErasure),
    Between::Ledger(Moment::AfterErasure),
];

type Intruder = Box<dyn FnOnce() + Send>;

/// Lets something else happen, once, at a moment.
struct GappedLedger {
    inner: Arc<dyn ConsentStore>,
    intruder: Mutex<Option<(Moment, Intruder)>>,
}

impl GappedLedger {
    fn set(&self, intruder: Option<(Moment, Intruder)>) {
        *self.intruder.lock().unwrap_or_else(PoisonError::into_inner) = intruder;
    }

    fn reach(&self, moment: Moment) {
        let mut set = self.intruder.lock().unwrap_or_else(PoisonError::into_inner);
        let due = set.take_if(|(at, _)| *at == moment);
        drop(set);
        if let Some((_, intruder)) = due {
            thread::spawn(intruder).join().expect("an intruder that ends");
        }
    }
}

#[async_trait]
impl ConsentStore for GappedLedger {
    async fn write_terms(&self, commit: TermsCommit) -> Result<(), StoreError> {
        self.reach(Moment::BeforeTerms);
        self.inner.write_terms(commit).await
    }

    async fn documents(&self, tenant: &TenantId) -> Result<Vec<TermsDocument>, StoreError> {
        self.inner.documents(tenant).await
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        filter: &VersionFilter,
    ) -> Result<Vec<TermsVersion>, StoreError> {
        let found = self.inner.versions(tenant, filter).await;
        self.reach(Moment::AfterVersions);
        found
    }

    async fn text(&self, tenant: &TenantId, version: &VersionId) -> Result<Option<TermsText>, StoreError> {
        self.inner.text(tenant, version).await
    }

    async fn append(&self, commit: ConsentCommit) -> Result<(), StoreError> {
        self.reach(Moment::BeforeAppend);
        let appended = self.inner.append(commit).await;
        self.reach(Moment::AfterAppend);
        appended
    }

    async fn consents(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConsentEntry>, StoreError> {
        let found = self.inner.consents(tenant, user).await;
        self.reach(Moment::AfterLedger);
        found
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        user: &UserId,
        erasure: ConsentErasure,
    ) -> Result<u64, StoreError> {
        self.reach(Moment::BeforeErasure);
        let erased = self.inner.erase(tenant, user, erasure).await;
        self.reach(Moment::AfterErasure);
        erased
    }
}

/// Somebody, and the terms that are put to them.
struct Reader {
    person: Person,
    who: Principal,
    document: String,
    versions: [VersionId; 3],
}

impl Reader {
    async fn set(world: &World, number: u16, agreed: bool) -> Self {
        let document = format!("privacy-{number}");
        let versions = [
            world.publish(&document, "v1").await.id,
            world.publish(&document, "v2").await.id,
            world.draft(World::version(&document, "v3")).await.id,
        ];
        let person = world.person(&format!("reader.{number}"), number).await;
        let who = world.sign_in(&person).await.with_source(Source::new([192, 0, 2, 7].into()));
        if agreed {
            world.ciam.agree_to_terms(&who, &versions[0]).await.unwrap();
        }
        Self { person, who, document, versions }
    }

    async fn make(&self, world: &World, deed: Deed) -> Told {
        let (tenant, host) = (TenantId::default(), Authority::Host);
        let [first, next, draft] = &self.versions;
        let done: Result<(), Error> = match deed {
            Deed::Agrees => world.ciam.agree_to_terms(&self.who, first).await.map(drop),
            Deed::AgreesToTheNext => world.ciam.agree_to_terms(&self.who, next).await.map(drop),
            Deed::AgreesToADraft => world.ciam.agree_to_terms(&self.who, draft).await.map(drop),
            Deed::Recalls => world.ciam.recall_consent(&self.who, &self.document).await,
            Deed::Publishes => {
                world.ciam.publish_terms(host, (&tenant, draft), Period::default()).await.map(drop)
            }
            Deed::Withdraws => {
                world.ciam.withdraw_terms(host, (&tenant, first), Instant::EPOCH).await.map(drop)
            }
            Deed::Erases => world.ciam.set_status(host, &tenant, &self.person.id, Status::Erased).await,
        };
        done.into()
    }
}

/// How it ended: what each was told, the lines by version, act and whether an address stands there, and how many records
/// there are of lines.
#[derive(Debug, PartialEq)]
struct End {
    told: (Told, Told),
    lines: Vec<(usize, ConsentAct, bool)>,
    records: usize,
    erased: bool,
}

async fn end(world: &World, reader: &Reader, told: (Told, Told)) -> End {
    let ledger = world.ledger(&reader.person.id).await;
    let place = |line: &ConsentEntry| reader.versions.iter().position(|id| *id == line.version).unwrap();
    let lines: Vec<_> = ledger.iter().map(|line| (place(line), line.act, line.source.is_some())).collect();
    let of_lines = [Action::AgreeToTerms, Action::RecallConsent];
    let trail = world.audit(&reader.person.id).await;
    let done = trail.iter().filter(|record| record.outcome == Outcome::Done);
    let records = done.filter(|record| of_lines.contains(&record.action)).count();
    let erased = world.user(&reader.person.id).await.status == Status::Erased;
    assert!(
        !erased || lines.iter().all(|(.., address)| !address),
        "an address outlives its person: {lines:?}"
    );
    assert_eq!(records, lines.len(), "each line has its record: {lines:?}");
    End { told, lines, records, erased }
}

/// Whatever two do to the consents of one person at once, it ends as if one had come after the other; it panics where it
/// does not.
pub fn check(make: &dyn Fn() -> Backend) {
    let mut came = 0;
    for call in DEEDS {
        for rival in DEEDS {
            for agreed in [false, true] {
                came += block_on(Box::pin(every_place(make(), (call, rival, agreed))));
            }
        }
    }
    assert!(came > 200, "one came between the other {came} times");
}

async fn every_place(backend: Backend, (call, rival, agreed): (Deed, Deed, bool)) -> usize {
    let world = Arc::new(World::new(backend));
    let (store, ledger, host) = gapped(&world);
    let mut number = 0..;
    let mut scene = async || Reader::set(&world, number.next().unwrap(), agreed).await;
    let mut orders = Vec::new();
    for (first, second) in [(call, rival), (rival, call)] {
        let reader = scene().await;
        let one = reader.make(&world, first).await;
        let other = reader.make(&world, second).await;
        let told = if orders.is_empty() { (one, other) } else { (other, one) };
        orders.push(end(&world, &reader, told).await);
    }
    let mut came = 0;
    for place in PLACES {
        let reader = Arc::new(scene().await);
        let told = Arc::new(Mutex::new(None));
        let (others, its, answer) = (world.clone(), reader.clone(), told.clone());
        let intruder = move || *answer.lock().unwrap() = Some(block_on(its.make(&others, rival)));
        match place {
            Between::Accounts(gap) => store.at(gap, intruder),
            Between::Ledger(moment) => ledger.set(Some((moment, Box::new(intruder)))),
        }
        let answer = reader.make(&host, call).await;
        store.close();
        ledger.set(None);
        let Some(rivals) = told.lock().unwrap().take() else { continue };
        came += 1;
        let end = end(&world, &reader, (answer, rivals)).await;
        assert!(
            orders.contains(&end),
            "{call:?}, {rival:?} {place:?}, agreed before: {agreed}: {end:#?} of {orders:#?}"
        );
    }
    came
}

/// The same world as a host of it sees it between whose calls another comes.
fn gapped(world: &World) -> (Arc<GappedStore>, Arc<GappedLedger>, World) {
    let store = GappedStore::over(world.ports.store.clone());
    let inner = world.backend.consents.clone();
    let ledger = Arc::new(GappedLedger { inner, intruder: Mutex::new(None) });
    let mut ports = world.ports.clone();
    ports.store = store.clone();
    let ciam = world.ciam_over(ports).with_consents(ledger.clone());
    let host = world.hosted_by(ciam);
    (store, ledger, host)
}
