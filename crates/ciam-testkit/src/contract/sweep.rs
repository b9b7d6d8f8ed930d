//! The clean-up of what is over.

use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::rate::RateKey;
use ciam_ports::domain::session::Session;
use ciam_ports::domain::{Instant, User};
use ciam_ports::store::{ChallengeWrite, SessionWrite, UniqueField};
use ciam_ports::{Commit, StepQuery, StoreError};

use super::Fixture;
use super::deletion::{bury, claim};
use super::sample::{self, HOUR, START, TICK};

/// Two of everything: one that is over at `now`, one that is not.
struct Scene {
    now: Instant,
    flows: [Flow; 2],
    sessions: [Session; 2],
    counts: [RateKey; 3],
}

async fn set(on: &Fixture, user: &User) -> Scene {
    let home = sample::session(user, "home");
    let over = sample::flow(user, &home, Operation::UpdateEmail, START);
    let live = sample::flow(user, &home, Operation::UpdatePhone, START.after(TICK));
    let now = over.expires_at();
    let ends = |id, expires_at| Session { expires_at, ..sample::session(user, id) };
    let sessions = [ends("s-over", now), ends("s-live", now.after(TICK))];
    let rates =
        [sample::window("over", 1, HOUR / 60), sample::window("live", 1, HOUR), sample::backoff("kept")];
    on.write(Commit { rates: rates.to_vec(), ..sample::commit(user) }).await;
    for session in [&home, &sessions[0], &sessions[1]] {
        on.write(Commit { session: SessionWrite::Put(session.clone().into()), ..sample::commit(user) }).await;
    }
    for flow in [&over, &live] {
        on.open(user, flow).await;
        let code = Box::new(sample::challenge(flow, sample::slot(flow), "123456"));
        on.write(Commit { challenge: ChallengeWrite::Put(code), ..sample::commit(user) }).await;
    }
    Scene { now, flows: [over, live], sessions, counts: rates.map(|rate| rate.key) }
}

pub(super) async fn sweep_removes_only_what_is_over(on: &Fixture) {
    let user = on.add("swen").await;
    let Scene { now, flows, sessions, counts } = set(on, &user).await;
    bury(on, &user, "over", now).await;
    bury(on, &user, "live", now.after(TICK)).await;
    let effects = Commit {
        audit: vec![sample::record(&user, "e")],
        outbox: vec![sample::notice(&user, "e")],
        ..sample::commit(&user)
    };
    on.write(effects).await;

    assert_eq!(on.store.sweep(START).await.expect("a sweep"), 0, "nothing is over yet");
    assert!(
        on.store.sweep(now).await.expect("a sweep") >= 4,
        "a flow, a session, a count and a tombstone are over"
    );
    assert_eq!(on.store.sweep(now).await.expect("a sweep"), 0, "what is over goes at once");

    let claims = vec![claim(UniqueField::Username, "live")];
    let taking = Commit { now, claims, ..sample::insert(&sample::user("newcomer")) };
    assert!(matches!(on.refusal(taking).await, StoreError::Conflict { .. }), "a tombstone stays to its end");

    let [over, live] = flows;
    let query = |flow, session: &Session| StepQuery {
        session: Some(session.id.clone()),
        rates: counts.to_vec(),
        ..sample::query(&user, flow)
    };
    let loaded = on.read(&query(&over, &sessions[0])).await;
    assert_eq!((loaded.session, loaded.flow, loaded.challenges), (None, None, Vec::new()));
    let kept: Vec<RateKey> = loaded.rates.into_iter().map(|(key, _)| key).collect();
    assert!(kept.len() == 2 && kept.contains(&counts[1]) && kept.contains(&counts[2]), "{kept:?}");
    let loaded = on.read(&query(&live, &sessions[1])).await;
    assert_eq!((loaded.session.as_deref(), loaded.flow), (Some(&sessions[1]), Some(live)));
    assert_eq!((loaded.challenges.len(), loaded.user.id == user.id), (1, true));
    assert_eq!(on.records(&user).await.len(), 1, "the audit trail stays");
    assert_eq!(on.outbox.take(now, HOUR, 9).await.expect("the outbox").len(), 1, "the outbox stays");
}
