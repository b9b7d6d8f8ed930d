//! Sessions: put, replaced, ended.

use ciam_ports::Commit;
use ciam_ports::StepQuery;
use ciam_ports::domain::session::{Amr, Session};
use ciam_ports::domain::{SessionId, User};
use ciam_ports::store::SessionWrite;

use super::Fixture;
use super::sample::{self, START, at};

async fn found(on: &Fixture, user: &User, id: &SessionId) -> Option<Session> {
    let query =
        StepQuery { session: Some(id.clone()), ..StepQuery::of(user.tenant.clone(), user.id.clone()) };
    on.read(&query).await.session
}

pub(super) async fn a_session_put_replaces_it(on: &Fixture) {
    let user = on.add("pina").await;
    let (first, other) = (on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await);
    let next = Session {
        stamp: sample::stamp("another"),
        amr: vec![Amr::Otp, Amr::Other("hwk".into())],
        auth_time: at(5),
        expires_at: START.after(sample::TICK),
        ..first.clone()
    };
    on.write(Commit { session: SessionWrite::Put(next.clone()), ..sample::commit(&user) }).await;
    assert_eq!(found(on, &user, &first.id).await, Some(next));
    assert_eq!(found(on, &user, &other.id).await, Some(other), "other sessions stay as they are");
}

pub(super) async fn an_ended_session_is_gone(on: &Fixture) {
    let user = on.add("enno").await;
    let (session, other) = (on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await);
    let end = Commit { session: SessionWrite::End(session.id.clone()), ..sample::commit(&user) };
    on.write(end.clone()).await;
    assert_eq!(found(on, &user, &session.id).await, None);
    assert_eq!(found(on, &user, &other.id).await, Some(other));
    on.write(end).await;
}
