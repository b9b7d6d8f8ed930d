//! Sessions: put, replaced, ended.

use ciam_ports::Commit;
use ciam_ports::domain::session::{Amr, Session, SessionStage};
use ciam_ports::domain::source::Source;
use ciam_ports::domain::{DeviceId, SessionId, User};
use ciam_ports::store::SessionWrite;
use ciam_ports::{StepQuery, StoreError};

use super::Fixture;
use super::sample::{self, START, at};

async fn found(on: &Fixture, user: &User, id: &SessionId) -> Option<Session> {
    let query =
        StepQuery { session: Some(id.clone()), ..StepQuery::of(user.tenant.clone(), user.id.clone()) };
    on.read(&query).await.session.as_deref().cloned()
}

pub(super) async fn a_session_put_replaces_it(on: &Fixture) {
    let user = on.add("pina").await;
    let (first, other) = (on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await);
    let next = Session {
        stamp: sample::stamp("another"),
        amr: vec![Amr::Email, Amr::Otp, Amr::Other("hwk".into())],
        auth_time: at(5),
        expires_at: START.after(sample::TICK),
        ..first.clone()
    };
    on.write(Commit { session: SessionWrite::Put(next.clone().into()), ..sample::commit(&user) }).await;
    assert_eq!(found(on, &user, &first.id).await, Some(next));
    assert_eq!(found(on, &user, &other.id).await, Some(other), "other sessions stay as they are");
}

fn ends(user: &User, end: &Session) -> Commit {
    Commit { session: SessionWrite::End(end.clone().into()), ..sample::commit(user) }
}

pub(super) async fn an_ended_session_leaves_its_end(on: &Fixture) {
    let user = on.add("enno").await;
    let (session, other) = (on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await);
    let end = sample::end(&user, "s", at(5));
    on.write(ends(&user, &end)).await;
    assert_eq!(found(on, &user, &session.id).await, Some(end.clone()));
    assert_eq!(found(on, &user, &other.id).await, Some(other));
    let unknown = sample::end(&user, "elsewhere", at(5));
    on.write(ends(&user, &unknown)).await;
    assert_eq!(found(on, &user, &unknown.id).await, Some(unknown), "one that had no row");
    on.write(ends(&user, &end)).await;
}

pub(super) async fn an_end_is_not_undone(on: &Fixture) {
    let user = on.add("unda").await;
    let (session, end) = (sample::session(&user, "s"), sample::end(&user, "s", at(5)));
    on.write(Commit { session: SessionWrite::Put(end.clone().into()), ..sample::commit(&user) }).await;
    on.write(ends(&user, &sample::end(&user, "s", at(4)))).await;
    assert_eq!(found(on, &user, &session.id).await, Some(end.clone()), "a clock that ran back moves no end");
    let replaced = SessionWrite::Replace { expected: end.revision, session: session.clone().into() };
    let before = SessionWrite::Put(Session { auth_time: at(4), ..session.clone() }.into());
    for late in [replaced, before] {
        let refusal = on.refusal(Commit { session: late, ..sample::commit(&user) }).await;
        assert!(matches!(refusal, StoreError::Stale));
        assert_eq!(found(on, &user, &session.id).await, Some(end.clone()));
    }
    let anew = Session { auth_time: at(6), ..session };
    on.write(Commit { session: SessionWrite::Put(anew.clone().into()), ..sample::commit(&user) }).await;
    assert_eq!(found(on, &user, &anew.id).await, Some(anew), "a sign-in after the end is another session");
}

pub(super) async fn session_replace_needs_the_revision_read(on: &Fixture) {
    let user = on.add("rita").await;
    let read = on.sign_in(&user, "s").await;
    let refreshed = |n: u32| Session { revision: 1, generation: n, used_at: at(3), ..read.clone() };
    let replace = |session: Session| Commit {
        session: SessionWrite::Replace { expected: 0, session: session.into() },
        ..sample::commit(&user)
    };
    let ends = on.commit_at_once((1..=16).map(|n| replace(refreshed(n))).collect());
    let won: Vec<u32> = (1..).zip(&ends).filter(|(_, end)| end.is_ok()).map(|(n, _)| n).collect();
    assert_eq!(won.len(), 1, "one of 16 replacements from one revision succeeds");
    let mut lost = ends.into_iter().filter_map(Result::err);
    assert!(lost.all(|end| matches!(end, StoreError::Stale)));
    assert_eq!(found(on, &user, &read.id).await, Some(refreshed(won[0])));
    let never = Session { revision: 2, ..sample::session(&user, "never-opened") };
    let late = Commit {
        session: SessionWrite::Replace { expected: 0, session: never.clone().into() },
        ..sample::commit(&user)
    };
    assert!(matches!(on.refusal(late).await, StoreError::Stale), "what is not there does not come back");
    assert_eq!(found(on, &user, &never.id).await, None);
}

pub(super) async fn sessions_are_listed_for_their_person(on: &Fixture) {
    let (user, other) = (on.add("lina").await, on.add("olaf").await);
    let list = async |user: &User| on.store.sessions(&user.tenant, &user.id).await.expect("a list");
    assert_eq!(list(&user).await, []);
    let (first, theirs) = (on.sign_in(&user, "s").await, on.sign_in(&other, "s-3").await);
    let later = Session {
        auth_time: at(7),
        stamp: sample::stamp("former"),
        expires_at: START,
        idle_ends_at: Some(START),
        client: Some("app".to_owned()),
        scopes: vec!["openid".to_owned(), "user".to_owned()],
        device: Some(DeviceId::parse("phone").expect("an id")),
        source: Some(Source::new([2001, 0xdb8, 0, 0, 0, 0, 0, 7].into())),
        stage: SessionStage::Pending,
        ..sample::session(&user, "s-2")
    };
    on.write(Commit { session: SessionWrite::Put(later.clone().into()), ..sample::commit(&user) }).await;
    assert_eq!(list(&user).await, [later, first], "opened last first, dead ones too");
    assert_eq!(list(&other).await, [theirs]);
    let elsewhere = ciam_ports::domain::TenantId::parse("elsewhere").expect("an id");
    assert_eq!(on.store.sessions(&elsewhere, &user.id).await.expect("a list"), []);
}
