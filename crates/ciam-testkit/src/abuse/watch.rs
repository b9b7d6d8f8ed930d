//! What a refusal must not do, and what may be read behind a refusal.

use std::pin::Pin;
use std::sync::Barrier;
use std::thread;

use ciam::domain::TenantId;
use ciam::domain::audit::{Action, AuditRecord, Outcome};
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::user::User;
use ciam::ports::StepQuery;
use ciam::{Error, Principal};
use futures_executor::block_on;

use crate::world::{Person, World};

/// A call under way, kept off the stack.
pub(super) type Call<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The people whom a refusal must leave as they are.
pub(super) struct Watch<'a> {
    pub(super) world: &'a World,
    pub(super) people: &'a [&'a Person],
}

impl Watch<'_> {
    /// Makes a call that must be refused for a reason: accounts stay as they are, nothing is sent, and the
    /// caller's audit trail grows by one record with that reason.
    pub(super) fn refuses<'call, T>(
        &'call self,
        who: &'call Principal,
        reason: &'call str,
        call: impl Future<Output = Result<T, Error>> + 'call,
    ) -> Call<'call, Error> {
        Box::pin(async move {
            let sent = self.world.mailbox.codes().len();
            let accounts = self.accounts().await;
            let trails = self.trails().await;
            let Err(error) = call.await else {
                unreachable!("a call that must be refused was not: {reason}")
            };
            assert_eq!(error.reason(), reason, "{error:?}");
            assert_eq!(self.world.mailbox.codes().len(), sent, "a refused call sent a code");
            assert!(self.accounts().await == accounts, "a refused call changed an account");
            for ((person, before), after) in self.people.iter().zip(trails).zip(self.trails().await) {
                let refused = [Outcome::Refused(reason.to_owned().into())];
                let expected = if person.id == *who.user() { refused.as_slice() } else { &[] };
                let fresh = &after[..after.len() - before.len()];
                assert!(fresh.iter().map(|record| &record.outcome).eq(expected), "{reason}: {fresh:?}");
            }
            error
        })
    }

    async fn accounts(&self) -> Vec<User> {
        let mut accounts = Vec::new();
        for person in self.people {
            accounts.push(self.world.user(&person.id).await);
        }
        accounts
    }

    async fn trails(&self) -> Vec<Vec<AuditRecord>> {
        let mut trails = Vec::new();
        for person in self.people {
            trails.push(self.world.audit(&person.id).await);
        }
        trails
    }
}

/// How many records of an effect a person's audit trail has.
pub(super) async fn done(world: &World, person: &Person, action: Action) -> usize {
    let trail = world.audit(&person.id).await;
    trail.iter().filter(|record| record.action == action && record.outcome == Outcome::Done).count()
}

/// What a person's count stands at.
pub(super) async fn count(world: &World, person: &Person, scope: RateScope) -> u32 {
    let key = RateKey::new(scope, &[person.id.as_str()]);
    let query = StepQuery { rates: vec![key], ..StepQuery::of(TenantId::default(), person.id.clone()) };
    let loaded = world.backend.store.load(&query).await.expect("a store").expect("an account");
    loaded.rates.first().map_or(0, |(_, counter)| counter.count)
}

/// Makes a call on `callers` threads at once and gives every answer.
pub(super) fn race<T: Send, F: Future<Output = T>>(
    callers: usize,
    call: impl Fn(usize) -> F + Sync,
) -> Vec<T> {
    let (start, call) = (&Barrier::new(callers), &call);
    thread::scope(|scope| {
        let runners: Vec<_> = (0..callers)
            .map(|turn| {
                scope.spawn(move || {
                    start.wait();
                    block_on(call(turn))
                })
            })
            .collect();
        runners.into_iter().map(|runner| runner.join().expect("a caller that answers")).collect()
    })
}
