//! All of a commit, or nothing of it.

use ciam_ports::domain::User;
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::rate::Rate;
use ciam_ports::store::{ChallengeWrite, FlowWrite, SessionWrite, UserWrite};
use ciam_ports::{Commit, StepQuery};

use super::Fixture;
use super::sample::{self, HOUR, START};

struct Scene {
    user: User,
    flow: Flow,
    spent: Rate,
}

async fn set(on: &Fixture) -> Scene {
    let user = on.add("mara").await;
    let session = on.sign_in(&user, "s").await;
    let flow = sample::flow(&user, &session, Operation::UpdateEmail, START);
    on.open(&user, &flow).await;
    let spent = sample::window("spent", 1, HOUR);
    on.write(Commit { rates: vec![spent], ..sample::commit(&user) }).await;
    Scene { user, flow, spent }
}

/// A commit of which every part would show.
fn full(scene: &Scene) -> Commit {
    let code = sample::challenge(&scene.flow, sample::slot(&scene.flow), "123456");
    Commit {
        session: SessionWrite::Put(sample::session(&scene.user, "s-new").into()),
        flow: FlowWrite::Replace {
            expected: scene.flow.revision(),
            flow: Box::new(sample::proven(&scene.flow, &scene.user)),
        },
        challenge: ChallengeWrite::Put(Box::new(code)),
        rates: vec![sample::window("fresh", 1, HOUR)],
        cleared: vec![scene.spent.key],
        audit: vec![sample::record(&scene.user, "e-new")],
        outbox: vec![sample::notice(&scene.user, "e-new")],
        ..sample::commit(&scene.user)
    }
}

/// The full commit, each time with one thing that speaks against it.
fn refused(scene: &Scene) -> [(&'static str, Commit); 5] {
    let mut next = sample::changed(&scene.user, |user| sample::rename(user, "new"));
    let expected = scene.user.version.next();
    let stale = UserWrite::Replace { expected, user: Box::new(next.clone()) };
    next.username = Some(sample::username("owner"));
    let taken = UserWrite::Replace { expected: scene.user.version, user: Box::new(next) };
    let proven = Box::new(sample::proven(&scene.flow, &scene.user));
    let revised = FlowWrite::Replace { expected: 9, flow: proven };
    let foreign = SessionWrite::Put(sample::session(&scene.user, "s-owner").into());
    let limited = vec![sample::window("fresh", 1, HOUR), scene.spent];
    [
        ("another version", Commit { user: stale, ..full(scene) }),
        ("a taken name", Commit { user: taken, ..full(scene) }),
        ("another revision", Commit { flow: revised, ..full(scene) }),
        ("another's session", Commit { session: foreign, ..full(scene) }),
        ("a limit", Commit { rates: limited, cleared: Vec::new(), ..full(scene) }),
    ]
}

pub(super) async fn a_refused_commit_writes_nothing(on: &Fixture) {
    let owner = on.add("owner").await;
    on.sign_in(&owner, "s-owner").await;
    let scene = set(on).await;
    for (reason, commit) in refused(&scene) {
        // Whether it is refused is for other rules.
        if on.store.commit(commit).await.is_ok() {
            return;
        }
        shows_nothing(on, &scene, reason).await;
    }
}

async fn shows_nothing(on: &Fixture, scene: &Scene, reason: &str) {
    let Scene { user, flow, spent } = scene;
    let fresh = sample::window("fresh", 1, HOUR);
    let new = sample::session(user, "s-new");
    let query =
        StepQuery { session: Some(new.id), rates: vec![fresh.key, spent.key], ..sample::query(user, flow) };
    let loaded = on.read(&query).await;
    assert_eq!(loaded.user.profile, user.profile, "{reason}: the person");
    assert_eq!(loaded.session, None, "{reason}: the session");
    assert_eq!(loaded.flow.as_ref(), Some(flow), "{reason}: the flow");
    assert_eq!(loaded.challenges, Vec::new(), "{reason}: the code");
    let counted: Vec<_> = loaded.rates.iter().map(|(key, counter)| (*key, counter.count)).collect();
    assert_eq!(counted, [(spent.key, 1)], "{reason}: the counts");
    assert_eq!(on.records(user).await, Vec::new(), "{reason}: the audit trail");
    let due = on.outbox.take(START.after(HOUR), HOUR, 10).await.expect("the outbox");
    assert_eq!(due, Vec::new(), "{reason}: the outbox");
}
