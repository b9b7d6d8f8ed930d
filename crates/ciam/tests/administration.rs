//! Administrators: what they may do, what is recorded of it, and who is none.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ciam::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam::domain::flow::Operation;
use ciam::domain::identifier::Username;
use ciam::domain::notice::NoticeKind;
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Status, User};
use ciam::domain::{SessionId, TenantId, UserId};
use ciam::ports::store::UserWrite;
use ciam::ports::{AuditOutcome, AuditQuery, Commit, DirectoryQuery, StepQuery};
use ciam::{ADMIN_SCOPE, Authority, Config, Error, NewUser, Principal};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::{Backend, Person, SCOPE, World, block_on};

fn world() -> World {
    let memory = Arc::new(MemoryStore::new());
    World::new(Backend::of(memory))
}

const DEEDS: [(Deed, Action); 10] = [
    (Deed::Create, Action::CreateUser),
    (Deed::Freeze, Action::SetStatus),
    (Deed::Reset, Action::DemandPasswordReset),
    (Deed::EndAll, Action::EndAllSessions),
    (Deed::EndOne, Action::EndSession),
    (Deed::Restore, Action::RestoreAccount),
    (Deed::View, Action::ViewUser),
    (Deed::ListSessions, Action::ListSessions),
    (Deed::ReadTrail, Action::ViewAuditTrail),
    (Deed::List, Action::ListUsers),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Create,
    Freeze,
    Reset,
    EndAll,
    EndOne,
    Restore,
    View,
    ListSessions,
    ReadTrail,
    List,
}

impl Deed {
    fn done<'a>(
        self,
        world: &'a World,
        by: Authority<'a>,
        (tenant, user): (&'a TenantId, &'a UserId),
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>> {
        let ciam = &world.ciam;
        Box::pin(async move {
            match self {
                Self::Create => {
                    let username = Some(Username::parse("newcomer").unwrap());
                    let new = NewUser { tenant: tenant.clone(), username, ..NewUser::default() };
                    ciam.create_user(by, new).await.map(drop)
                }
                Self::Freeze => ciam.set_status(by, tenant, user, Status::Frozen).await,
                Self::Reset => ciam.demand_password_reset(by, tenant, user).await,
                Self::EndAll => ciam.end_user_sessions(by, tenant, user).await,
                Self::EndOne => {
                    let session = SessionId::parse("one").unwrap();
                    ciam.end_user_session(by, tenant, user, &session).await
                }
                Self::Restore => ciam.restore_user(by, tenant, user).await,
                Self::View => ciam.view_user(by, tenant, user).await.map(drop),
                Self::ListSessions => ciam.user_sessions(by, tenant, user).await.map(drop),
                Self::List => ciam.users(by, &DirectoryQuery::first(tenant.clone(), 9)).await.map(drop),
                Self::ReadTrail => {
                    let query = AuditQuery::of(tenant.clone(), user.clone(), 10);
                    ciam.audit_trail(by, &query).await.map(drop)
                }
            }
        })
    }
}

async fn write(world: &World, user: User) {
    let expected = user.version;
    let commit = Commit::of(user.tenant.clone(), user.id.clone(), user.created_at);
    let user = User { version: expected.next(), ..user };
    let user = UserWrite::Replace { expected, user: Box::new(user) };
    world.backend.store.commit(Commit { user, ..commit }).await.unwrap();
}

async fn newest(world: &World, action: Action) -> AuditRecord {
    let query = AuditQuery { action: Some(action), ..AuditQuery::newest(TenantId::default(), 1) };
    world.backend.audit.records(&query).await.unwrap().records.remove(0)
}

async fn deleted(world: &World, person: &Person) {
    let who = world.sign_in(person).await;
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    world.ciam.delete_account(&who, &flow).await.unwrap();
}

/// Somebody who is no administrator of the tenant, and why.
async fn impostor(world: &World, case: usize) -> (Principal, &'static str) {
    let root = world.administrator(1).await;
    let admin = root.user().clone();
    match case {
        0 => (world.acting_as(&admin, &[SCOPE]).await, "access.insufficient_scope"),
        1 => {
            let plain = world.person("plain", 7).await;
            (world.acting_as(&plain.id, &[SCOPE, ADMIN_SCOPE]).await, "access.insufficient_scope")
        }
        2 => {
            // The flag goes as a host may take it, with the same stamp.
            let user = world.user(&admin).await;
            write(world, User { admin: false, ..user }).await;
            (root, "access.insufficient_scope")
        }
        3 => {
            let user = world.user(&admin).await;
            write(world, User { status: Status::Locked { until: None }, ..user }).await;
            (root, "access.locked")
        }
        _ => {
            world.ciam.end_all_sessions(&root).await.unwrap();
            (root, "access.invalid_token")
        }
    }
}

#[test]
fn whoever_is_no_administrator_is_refused_changes_nothing_and_is_recorded() {
    block_on(async {
        for (deed, action) in DEEDS {
            for case in 0..5 {
                let world = world();
                let alice = world.person("alice", 2).await;
                let who = world.sign_in(&alice).await;
                let (impostor, reason) = impostor(&world, case).await;
                let before = world.user(&alice.id).await;
                let about = (&TenantId::default(), &alice.id);
                let refused = deed.done(&world, Authority::Administrator(&impostor), about).await;
                assert_eq!(refused.unwrap_err().reason(), reason, "{deed:?} {case}");
                assert_eq!(world.user(&alice.id).await, before, "{deed:?} {case}");
                world.ciam.check_token(&who).await.unwrap();
                assert!(
                    world.mailbox.notices().is_empty() && world.ciam.relay_once().await.unwrap().sent == 0
                );
                let record = newest(&world, action).await;
                assert_eq!(record.actor, Actor::Administrator(impostor.user().clone()));
                assert_eq!(record.outcome, Outcome::Refused(reason.into()), "{deed:?} {case}");
                let about =
                    if [Deed::Create, Deed::List].contains(&deed) { impostor.user() } else { &alice.id };
                assert_eq!(record.user, *about, "{deed:?} {case}");
            }
        }
    });
}

#[test]
fn an_administrator_reaches_into_no_other_tenant() {
    block_on(async {
        let elsewhere = TenantId::parse("elsewhere").unwrap();
        for (deed, action) in DEEDS {
            let world = world();
            let root = world.administrator(1).await;
            let new = NewUser { tenant: elsewhere.clone(), ..NewUser::default() };
            let victim = world.ciam.create_user(Authority::Host, new).await.unwrap();
            let tried = deed.done(&world, Authority::Administrator(&root), (&elsewhere, &victim.id)).await;
            assert_eq!(tried.unwrap_err().reason(), "access.insufficient_scope", "{deed:?}");
            let query = StepQuery::of(elsewhere.clone(), victim.id.clone());
            let now = world.backend.store.load(&query).await.unwrap().unwrap();
            assert_eq!(*now.user, victim);
            let trail = AuditQuery::newest(elsewhere.clone(), 9);
            assert_eq!(world.backend.audit.records(&trail).await.unwrap().records.len(), 1, "{deed:?}");
            assert_eq!(newest(&world, action).await.detail.as_deref(), Some("another tenant"));
        }
    });
}

#[test]
fn a_deed_is_recorded_with_the_id_of_the_administrator() {
    block_on(async {
        for (deed, action) in DEEDS {
            let world = world();
            let alice = world.person("alice", 2).await;
            let root = world.administrator(1).await;
            let about = (&TenantId::default(), &alice.id);
            deed.done(&world, Authority::Administrator(&root), about).await.unwrap();
            let record = newest(&world, action).await;
            assert_eq!(record.actor, Actor::Administrator(root.user().clone()), "{deed:?}");
            assert_eq!((&record.outcome, record.session.as_ref()), (&Outcome::Done, root.session()));
            assert!([Deed::Create, Deed::List].contains(&deed) || record.user == alice.id, "{deed:?}");
        }
    });
}

#[test]
fn nobody_acts_on_an_account_that_is_none_or_is_erased() {
    block_on(async {
        let nobody = UserId::parse("nobody").unwrap();
        for (deed, action) in DEEDS {
            if [Deed::Create, Deed::ReadTrail, Deed::List].contains(&deed) {
                continue;
            }
            let world = world();
            let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
            let mut user = world.user(&alice.id).await;
            user.erase();
            write(&world, user).await;
            for by in [Authority::Host, Authority::Administrator(&root)] {
                for (id, reason) in [(&nobody, "access.unknown_user"), (&alice.id, "access.deleted")] {
                    let tried = deed.done(&world, by, (&TenantId::default(), id)).await.unwrap_err();
                    assert_eq!(tried.reason(), reason, "{deed:?}");
                    let record = newest(&world, action).await;
                    assert_eq!((&record.user, &record.outcome), (id, &Outcome::Refused(reason.into())));
                }
            }
        }
    });
}

#[test]
fn a_demanded_reset_ends_every_session_and_tells_each_address() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let who = world.sign_in(&alice).await;
        let by = Authority::Administrator(&root);
        world.ciam.demand_password_reset(by, &TenantId::default(), &alice.id).await.unwrap();
        assert!(world.user(&alice.id).await.password.unwrap().must_change);
        assert_eq!(world.ciam.check_token(&who).await.unwrap_err().reason(), "access.invalid_token");
        world.ciam.relay_once().await.unwrap();
        let notices = world.mailbox.notices();
        let told: Vec<_> = notices.iter().map(|notice| (notice.kind, notice.to.clone())).collect();
        let kind = NoticeKind::PasswordResetDemanded;
        assert_eq!(told, [(kind, alice.phone.clone()), (kind, alice.email.clone())]);
        assert!(notices.iter().all(|notice| notice.to != alice.phone || notice.at == notices[0].at));
        assert_eq!(newest(&world, Action::DemandPasswordReset).await.id, notices[0].id);
        let bare = world.ciam.create_user(Authority::Host, NewUser::default()).await.unwrap();
        let none = world.ciam.demand_password_reset(by, &TenantId::default(), &bare.id).await.unwrap_err();
        assert_eq!(none.reason(), "factor.none");
    });
}

#[test]
fn one_session_is_ended_or_all_of_them() {
    block_on(async {
        let world = world();
        let (alice, bob) = (world.person("alice", 2).await, world.person("bob", 3).await);
        let [one, two, three] =
            [world.sign_in(&alice).await, world.sign_in(&alice).await, world.sign_in(&bob).await];
        let (by, tenant) = (Authority::Host, TenantId::default());
        let listed = async || world.ciam.user_sessions(by, &tenant, &alice.id).await.unwrap().len();
        assert_eq!(listed().await, 2);
        let strange = three.session().unwrap();
        world.ciam.end_user_session(by, &tenant, &alice.id, strange).await.unwrap();
        world.ciam.check_token(&three).await.unwrap();
        world.ciam.end_user_session(by, &tenant, &alice.id, one.session().unwrap()).await.unwrap();
        assert!(world.ciam.check_token(&one).await.is_err());
        world.ciam.check_token(&two).await.unwrap();
        assert_eq!(listed().await, 1);
        world.ciam.end_user_sessions(by, &tenant, &alice.id).await.unwrap();
        assert!(world.ciam.check_token(&two).await.is_err());
        assert_eq!(listed().await, 0);
        world.ciam.check_token(&three).await.unwrap();
    });
}

#[test]
fn a_deletion_is_undone_within_its_grace_and_not_by_a_status() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let (by, tenant) = (Authority::Administrator(&root), TenantId::default());
        world.ciam.restore_user(by, &tenant, &alice.id).await.unwrap();
        assert_eq!(newest(&world, Action::RestoreAccount).await.detail.as_deref(), Some("not deleted"));
        deleted(&world, &alice).await;
        let stamp = world.user(&alice.id).await.stamp;
        let status = world.ciam.set_status(by, &tenant, &alice.id, Status::Normal).await.unwrap_err();
        assert_eq!(status.reason(), "access.deleted");
        world.ciam.restore_user(by, &tenant, &alice.id).await.unwrap();
        let user = world.user(&alice.id).await;
        assert_eq!(user.status, Status::Normal);
        assert_ne!(user.stamp, stamp);
        world.ciam.relay_once().await.unwrap();
        let restored = |kind: NoticeKind| kind == NoticeKind::AccountRestored;
        assert_eq!(world.mailbox.notices().iter().filter(|notice| restored(notice.kind)).count(), 2);
        deleted(&world, &alice).await;
        world.clock.advance(Config::default().deletion.grace);
        let late = world.ciam.restore_user(Authority::Host, &tenant, &alice.id).await.unwrap_err();
        assert_eq!(late.reason(), "access.deleted");
    });
}

#[test]
fn a_locked_administrator_cannot_lift_the_own_lock_and_none_deletes_anybody() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let (by, tenant) = (Authority::Administrator(&root), TenantId::default());
        for status in
            [Status::Erased, Status::PendingDeletion { erase_at: world.user(&alice.id).await.created_at }]
        {
            let refused = world.ciam.set_status(by, &tenant, &alice.id, status).await.unwrap_err();
            assert_eq!(refused.reason(), "access.insufficient_scope");
        }
        let lock = Status::Locked { until: None };
        world.ciam.set_status(by, &tenant, root.user(), lock).await.unwrap();
        let refused = world.ciam.set_status(by, &tenant, root.user(), Status::Normal).await.unwrap_err();
        assert_eq!(refused.reason(), "access.locked");
        assert_eq!(world.user(root.user()).await.status, lock);
    });
}

#[test]
fn a_password_that_the_policy_refuses_makes_no_account_and_is_recorded() {
    block_on(async {
        let world = world();
        let root = world.administrator(1).await;
        let password = Some(SecretText::new("short".to_owned()));
        let new = NewUser { password, ..NewUser::default() };
        let refused = world.ciam.create_user(Authority::Administrator(&root), new).await.unwrap_err();
        assert_eq!(refused.reason(), "password.too_short");
        let record = newest(&world, Action::CreateUser).await;
        assert_eq!(record.outcome, Outcome::Refused("password.too_short".into()));
    });
}

#[test]
fn the_trail_is_read_in_pages_and_narrowed() {
    block_on(async {
        let world = world();
        let (alice, root) = (world.person("alice", 2).await, world.administrator(1).await);
        let (by, tenant) = (Authority::Administrator(&root), TenantId::default());
        for _ in 0..3 {
            world.clock.advance(Duration::from_secs(1));
            world.ciam.set_status(by, &tenant, &alice.id, Status::Frozen).await.unwrap();
        }
        let frozen = AuditQuery {
            action: Some(Action::SetStatus),
            outcome: Some(AuditOutcome::Done),
            ..AuditQuery::of(tenant.clone(), alice.id.clone(), 2)
        };
        let first = world.ciam.audit_trail(by, &frozen).await.unwrap();
        let next = AuditQuery { before: first.next, ..frozen };
        let second = world.ciam.audit_trail(by, &next).await.unwrap();
        assert_eq!((first.records.len(), second.records.len(), second.next), (2, 1, None));
        assert_eq!(newest(&world, Action::ViewAuditTrail).await.user, alice.id);
        world.ciam.audit_trail(by, &AuditQuery::newest(tenant, 1)).await.unwrap();
        assert_eq!(newest(&world, Action::ViewAuditTrail).await.user, *root.user());
    });
}
