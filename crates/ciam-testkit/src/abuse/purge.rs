//! The end of a deleted account: on its time, as a whole, once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::flow::Operation;
use ciam::domain::login_history::{LoginMode, LoginOutcome, LoginRecord};
use ciam::domain::profile::Profile;
use ciam::domain::user::{Status, User};
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::store::{StoreError, UniqueField, UserWrite};
use ciam::ports::{Clock, Commit, LoginHistoryStore, LoginQuery};
use ciam::{Ciam, Config, LoginReport, PurgeOutcome, PurgeReport, Purged};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, over, perform};
use crate::fake::FakeLoginHistory;
use crate::world::{Person, World};

const TICK: Duration = Duration::from_micros(1);

pub(super) async fn purge(world: &World) -> PurgeReport {
    world.ciam.purge_due(&*world.backend.deletions, 100).await.unwrap()
}

/// A person of whom the host keeps rows too, who has deleted the account.
async fn leaver(world: &World, name: &str, number: u16) -> (Person, Instant) {
    let person = world.person(name, number).await;
    world.personal.keep(&person.id, 8);
    world.sign_in(&person).await;
    perform(world, &person, Operation::Unsubscribe).await;
    (person, world.clock.now().after(world.ciam.config().deletion.grace))
}

async fn erasures(world: &World, person: &Person) -> Vec<AuditRecord> {
    let trail = world.audit(&person.id).await;
    trail.into_iter().filter(|record| record.action == Action::EraseAccount).collect()
}

fn lines(purged: &Purged) -> Vec<(&str, u64)> {
    purged.steps.iter().map(|step| (&*step.name, step.rows)).collect()
}

async fn is_erased(world: &World, person: &Person) {
    let user = world.user(&person.id).await;
    let mut blank = User::new(TenantId::default(), person.id.clone(), user.stamp, user.created_at);
    blank.erase();
    (blank.version, blank.stamped_at) = (user.version, user.stamped_at);
    assert_eq!(user, blank, "nothing but the id and its times is left");
    // Names and nicknames are no part of how an account shows itself.
    assert_eq!(user.profile, Profile::new());
    assert_eq!(world.personal.of(&person.id), 0);
    assert_eq!(world.backend.store.sessions(&TenantId::default(), &person.id).await.unwrap(), []);
}

/// Nothing is erased a microsecond before the grace is over; then everything is, and the trail says who and when.
pub async fn a27_an_account_is_erased_on_time_and_not_before(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, erase_at) = leaver(&world, "alice", 1).await;
    let bob = world.person("bob", 2).await;
    world.personal.keep(&bob.id, 3);
    world.clock.set(erase_at.before(TICK));
    assert_eq!(purge(&world).await, PurgeReport::default());
    let early = world.ciam.purge(&TenantId::default(), &alice.id).await;
    assert_eq!(early.outcome, PurgeOutcome::NotDue);
    assert_eq!((world.personal.asked(), world.personal.of(&alice.id)), (0, 8));
    world.clock.set(erase_at);
    let report = purge(&world).await;
    let [purged] = &report.accounts[..] else { unreachable!("{report:?}") };
    assert_eq!((&purged.user, &purged.outcome), (&alice.id, &PurgeOutcome::Erased));
    let [("access", open), ("logins", 0), ("consents", 0), ("rows", 8), ("account", 1)] = lines(purged)[..]
    else {
        unreachable!("{purged:?}")
    };
    assert!(open > 0, "at least the other session went");
    is_erased(&world, &alice).await;
    let [record] = &erasures(&world, &alice).await[..] else { unreachable!("one record") };
    assert_eq!((&record.actor, record.at, &record.outcome), (&Actor::System, erase_at, &Outcome::Done));
    assert_eq!((record.session.as_ref(), record.flow, record.source), (None, None, None));
    assert_eq!(purge(&world).await, PurgeReport::default(), "what is erased is due no more");
    assert_eq!((world.personal.of(&bob.id), world.user(&bob.id).await.status), (3, Status::Normal));
    let again = world.ciam.purge(&TenantId::default(), &alice.id).await;
    assert_eq!((again.outcome, again.steps), (PurgeOutcome::AlreadyErased, Vec::new()));
    let stays = world.ciam.purge(&TenantId::default(), &bob.id).await;
    assert_eq!((stays.outcome, world.personal.of(&bob.id)), (PurgeOutcome::NotDue, 3));
}

/// Where a store of personal data fails, the account stays shut and says so, others go on, and the next run ends it.
pub async fn a27_a_step_that_fails_keeps_the_account_for_the_next_run(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, _) = leaver(&world, "alice", 1).await;
    let (bob, erase_at) = leaver(&world, "bob", 2).await;
    world.personal.hold(&alice.id);
    world.clock.set(erase_at);
    for tries in 1..=3 {
        let report = purge(&world).await;
        let of = |person: &Person| report.accounts.iter().find(|purged| purged.user == person.id);
        let failed = of(&alice).expect("alice is due");
        let PurgeOutcome::Failed { step, cause } = &failed.outcome else { unreachable!("{failed:?}") };
        assert_eq!((&**step, *cause), ("rows", "the store is unavailable"));
        assert_eq!(failed.steps.len(), 3, "access, logins and consents are done");
        assert!(!format!("{report:?}").contains("example.org"), "{report:?}");
        assert_eq!(of(&bob).is_some(), tries == 1, "bob is erased at once");
        assert!(matches!(world.user(&alice.id).await.status, Status::Purging { .. }));
        world.clock.advance(Duration::from_mins(1));
    }
    is_erased(&world, &bob).await;
    assert_eq!(erasures(&world, &alice).await, [], "nothing is recorded before it is done");
    assert_eq!(
        world.user(&alice.id).await.email.map(|email| email.address.canonical().to_owned()),
        Some("alice@example.org".to_owned()),
        "the account goes last"
    );
    world.personal.let_go();
    assert_eq!(purge(&world).await.accounts[0].outcome, PurgeOutcome::Erased);
    is_erased(&world, &alice).await;
    assert_eq!(erasures(&world, &alice).await.len(), 1);
}

/// Accounts that keep failing do not keep others from their turn.
pub async fn a27_accounts_that_keep_failing_let_others_pass(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for number in 1..=3 {
        let (stuck, _) = leaver(&world, &format!("stuck.{number}"), number).await;
        world.personal.hold(&stuck.id);
        world.clock.advance(Duration::from_mins(2));
    }
    let (alice, erase_at) = leaver(&world, "alice", 9).await;
    world.clock.set(erase_at);
    for _ in 0..2 {
        world.clock.advance(Duration::from_mins(1));
        world.ciam.purge_due(&*world.backend.deletions, 3).await.unwrap();
    }
    is_erased(&world, &alice).await;
}

/// Of many purges at once each step is safe, and one erasure is recorded.
pub async fn a27_purges_at_once_record_one_erasure(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut leavers = Vec::new();
    for number in 1..=4 {
        leavers.push(leaver(&world, &format!("leaver.{number}"), number).await);
    }
    world.clock.set(leavers[3].1);
    at_once((0..4).collect(), |_: u8| block_on(purge(&world)));
    purge(&world).await;
    for (person, _) in &leavers {
        is_erased(&world, person).await;
        assert_eq!(erasures(&world, person).await.len(), 1);
    }
}

/// Without a grace period the deletion stands although its erasure fails, and the next run ends it.
pub async fn a27_a_deletion_stands_where_its_erasure_fails(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.deletion.grace = Duration::ZERO;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    world.personal.hold(&alice.id);
    world.personal.keep(&alice.id, 8);
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    world.ciam.delete_account(&who, &flow).await.unwrap();
    assert_eq!(world.ciam.check_token(&who).await.unwrap_err().reason(), "access.deleted");
    let status = world.user(&alice.id).await.status;
    assert!(!status.can_be_restored(world.clock.now()), "{status:?} is past calling back");
    world.personal.let_go();
    assert_eq!(purge(&world).await.accounts[0].outcome, PurgeOutcome::Erased);
    is_erased(&world, &alice).await;
    assert_eq!(erasures(&world, &alice).await.len(), 1);
}

/// An id is never given out twice, not even with the identifiers of somebody else.
pub async fn a27_an_erased_id_is_never_used_again(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, erase_at) = leaver(&world, "alice", 1).await;
    world.clock.set(erase_at);
    purge(&world).await;
    let erased = world.user(&alice.id).await;
    let again = User::new(TenantId::default(), alice.id.clone(), erased.stamp, erase_at);
    let user = UserWrite::Insert(Box::new(again));
    let commit = Commit { user, ..Commit::of(TenantId::default(), alice.id.clone(), erase_at) };
    let refusal = world.backend.store.commit(commit).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Conflict { field: UniqueField::Id }), "{refusal:?}");
    assert_eq!(world.user(&alice.id).await, erased);
}

/// A login history in which a purge comes before each record.
struct Overtaken {
    inner: Arc<FakeLoginHistory>,
    purging: Arc<Ciam>,
    person: UserId,
}

#[async_trait]
impl LoginHistoryStore for Overtaken {
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError> {
        self.purging.purge(&TenantId::default(), &self.person).await;
        self.inner.append(record).await
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        self.inner.records(query).await
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        self.inner.erase(tenant, user).await
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        self.inner.forget(before).await
    }
}

fn login(person: &Person) -> LoginReport {
    LoginReport {
        tenant: TenantId::default(),
        user: person.id.clone(),
        mode: LoginMode::SMS,
        outcome: LoginOutcome::Failed,
        source: None,
        location: None,
        client: None,
        device: None,
    }
}

/// What the host reports while an account is being erased, or just before, is not there afterwards.
pub async fn a27_no_login_is_kept_that_comes_during_a_purge(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, erase_at) = leaver(&world, "alice", 1).await;
    world.ciam.record_login(login(&alice)).await.unwrap();
    world.personal.hold(&alice.id);
    world.clock.set(erase_at);
    purge(&world).await;
    assert!(matches!(world.user(&alice.id).await.status, Status::Purging { .. }));
    let during = world.ciam.record_login(login(&alice)).await.unwrap_err();
    assert_eq!((during.reason(), world.logins.all().len()), ("access.deleted", 0));
    world.personal.let_go();
    purge(&world).await;
    assert_eq!(world.logins.all(), []);

    let (bob, erase_at) = leaver(&world, "bob", 2).await;
    world.clock.set(erase_at);
    let history =
        Overtaken { inner: world.logins.clone(), purging: world.ciam.clone(), person: bob.id.clone() };
    let overtaken = over(&world, |_| {}).with_login_history(Arc::new(history));
    let late = overtaken.record_login(login(&bob)).await.unwrap_err();
    assert_eq!((late.reason(), world.logins.all().len()), ("access.deleted", 0));
    is_erased(&world, &bob).await;
}
