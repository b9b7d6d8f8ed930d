//! What a rule is tried on.

use std::any::Any;
use std::sync::{Arc, Barrier};
use std::thread;

use ciam_ports::domain::User;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::rate::{Counter, RateKey};
use ciam_ports::domain::session::Session;
use ciam_ports::store::SessionWrite;
use ciam_ports::{
    AuditQuery, AuditTrail, Charge, Charged, Commit, DeletionQueue, Loaded, Outbox, StepQuery, Store,
    StoreError,
};
use futures_executor::block_on;

use super::sample;

/// An empty store with its outbox and audit trail.
#[derive(Clone)]
pub struct Fixture {
    /// The store.
    pub store: Arc<dyn Store>,
    /// What it gives back of notices.
    pub outbox: Arc<dyn Outbox>,
    /// What it gives back of audit records.
    pub audit: Arc<dyn AuditTrail>,
    /// What it gives back of deletions.
    pub deletions: Arc<dyn DeletionQueue>,
    kept: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Fixture {
    /// A fixture of a store and of whatever gives back what it holds.
    #[must_use]
    pub fn new<S: Outbox + AuditTrail + DeletionQueue>(store: Arc<dyn Store>, held: Arc<S>) -> Self {
        Self { store, outbox: held.clone(), audit: held.clone(), deletions: held, kept: Vec::new() }
    }

    /// A fixture of an adapter that is all of it at once.
    #[must_use]
    pub fn of<S: Store + Outbox + AuditTrail + DeletionQueue>(adapter: Arc<S>) -> Self {
        Self::new(adapter.clone(), adapter)
    }

    /// Keeps something, such as a temporary directory, alive as long as the fixture.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Arc::new(guard));
        self
    }

    pub(crate) async fn write(&self, commit: Commit) {
        self.store.commit(commit).await.expect("a commit that nothing speaks against");
    }

    pub(crate) async fn refusal(&self, commit: Commit) -> StoreError {
        self.store.commit(commit).await.expect_err("a commit that must be refused")
    }

    pub(crate) async fn add(&self, name: &str) -> User {
        let user = sample::user(name);
        self.write(sample::insert(&user)).await;
        user
    }

    pub(crate) async fn sign_in(&self, user: &User, id: &str) -> Session {
        let session = sample::session(user, id);
        let put = SessionWrite::Put(session.clone().into());
        self.write(Commit { session: put, ..sample::commit(user) }).await;
        session
    }

    pub(crate) async fn open(&self, user: &User, flow: &Flow) {
        let commit = Commit { flow: sample::open(flow), now: flow.opened_at(), ..sample::commit(user) };
        self.write(commit).await;
    }

    pub(crate) async fn read(&self, query: &StepQuery) -> Loaded {
        self.store.load(query).await.expect("a load").expect("the person")
    }

    pub(crate) async fn user(&self, user: &User) -> User {
        self.read(&StepQuery::of(user.tenant.clone(), user.id.clone())).await.user.as_ref().clone()
    }

    pub(crate) async fn counter(&self, user: &User, key: RateKey) -> Option<Counter> {
        let query = StepQuery { rates: vec![key], ..StepQuery::of(user.tenant.clone(), user.id.clone()) };
        let rates = self.read(&query).await.rates;
        assert!(rates.len() < 2, "one count was asked for");
        rates.into_iter().find(|(found, _)| *found == key).map(|(_, counter)| counter)
    }

    pub(crate) async fn charged(&self, charge: &Charge) -> Charged {
        self.store.charge(charge).await.expect("a charge").expect("the person")
    }

    /// Attempts paid with this one, or nothing where the charge was refused.
    pub(crate) async fn attempts(&self, charge: &Charge) -> Option<u8> {
        match self.charged(charge).await {
            Charged::Paid { attempts, .. } => Some(attempts),
            _ => None,
        }
    }

    pub(crate) async fn records(&self, user: &User) -> Vec<AuditRecord> {
        let query = AuditQuery::of(user.tenant.clone(), user.id.clone(), 100);
        self.audit.records(&query).await.expect("audit records").records
    }

    /// Commits from as many threads at once, and gives back how each ended.
    pub(crate) fn commit_at_once(&self, commits: Vec<Commit>) -> Vec<Result<(), StoreError>> {
        race(commits, |commit| block_on(self.store.commit(commit)))
    }
}

/// Does something with each value, all at once.
pub(crate) fn race<V: Send, T: Send>(values: Vec<V>, act: impl Fn(V) -> T + Sync) -> Vec<T> {
    let (start, act) = (&Barrier::new(values.len()), &act);
    thread::scope(|scope| {
        let run = |value| {
            scope.spawn(move || {
                start.wait();
                act(value)
            })
        };
        let racers: Vec<_> = values.into_iter().map(run).collect();
        racers.into_iter().map(|racer| racer.join().expect("a racer that ends")).collect()
    })
}
