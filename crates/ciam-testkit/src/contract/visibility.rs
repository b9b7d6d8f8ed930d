//! What a load finds, and what it never finds.

use ciam_ports::domain::TenantId;
use ciam_ports::domain::challenge::{Purpose, Slot};
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::user::{Address, Channel, Contact, PasswordCredential, Status, User};
use ciam_ports::store::{ChallengeWrite, FlowWrite, SessionWrite};
use ciam_ports::{Charged, Commit, StepQuery, StoreError};

use super::sample::{self, START, at};
use super::{Fixture, held};

pub(super) async fn load_finds_what_was_committed(on: &Fixture) {
    for user in people() {
        on.write(sample::insert(&user)).await;
        let found = on.user(&user).await;
        assert_eq!(found, user);
        assert_eq!(spellings(&found), spellings(&user), "spellings are kept as given");
        let next = sample::changed(&user, |user| sample::rename(user, "another"));
        on.write(sample::replace(&user, &next)).await;
        assert_eq!(on.user(&user).await, next, "the later of two writes is found");
    }
    let nobody = StepQuery::of(TenantId::default(), sample::user("nobody").id);
    assert_eq!(on.store.load(&nobody).await.expect("a load"), None);
    finds_every_part(on).await;
}

async fn finds_every_part(on: &Fixture) {
    let user = on.add("ines").await;
    let session = sample::session(&user, "s-ines");
    for flow in flows(&user) {
        let email = Slot { purpose: Purpose::SecondFactor(flow.operation()), channel: Channel::Email };
        let codes = [
            sample::challenge(&flow, sample::slot(&flow), "123456"),
            sample::challenge(&flow, email, "654321"),
        ];
        let rate = sample::window(&format!("{:?}", flow.key()), 3, sample::HOUR);
        let first = Commit {
            session: SessionWrite::Put(session.clone().into()),
            flow: sample::open(&flow),
            challenge: ChallengeWrite::Put(Box::new(codes[0].clone())),
            rates: vec![rate],
            ..sample::commit(&user)
        };
        on.write(first).await;
        on.write(Commit {
            challenge: ChallengeWrite::Put(Box::new(codes[1].clone())),
            ..sample::commit(&user)
        })
        .await;
        let loaded = on.read(&StepQuery { rates: vec![rate.key], ..sample::query(&user, &flow) }).await;
        assert_eq!(loaded.session.as_deref(), Some(&session));
        assert_eq!(loaded.flow.as_ref(), Some(&flow));
        assert_eq!(loaded.challenges.len(), 2);
        assert!(codes.iter().all(|code| loaded.challenges.contains(code)));
        assert_eq!(loaded.rates, [(rate.key, rate.rule.admit(None, START).expect("the first"))]);
    }
}

fn people() -> Vec<User> {
    let statuses = [
        Status::Normal,
        Status::Locked { until: None },
        Status::Locked { until: Some(at(60).after(sample::TICK)) },
        Status::Frozen,
        Status::Disabled,
        Status::PendingDeletion { erase_at: at(3_600) },
    ];
    let mut people: Vec<User> = statuses.into_iter().enumerate().map(|(n, status)| full(n, status)).collect();
    let mut erased = sample::user("erased");
    erased.erase();
    people.push(erased);
    people
}

fn full(n: usize, status: Status) -> User {
    let name = format!("Person.{n}");
    let former = vec![sample::password_hash("newer"), sample::password_hash("older")];
    User {
        status,
        stamped_at: at(1).after(sample::TICK),
        email: Some(Contact { address: sample::email(&name), verified_at: None }),
        password: Some(PasswordCredential {
            current: sample::password_hash(&name),
            set_at: at(2),
            former,
            must_change: true,
        }),
        held: vec![
            held::hold(Address::Email(sample::email(&format!("Former.{n}"))), at(5)),
            held::hold(Address::Phone(sample::phone(&format!("former.{n}"))), at(4)),
        ],
        contacts_paused_until: Some(at(9).after(sample::TICK)),
        gestures: sample::gestures(),
        factors: sample::factors(&format!("s-{n}")),
        passkeys: sample::passkeys(&format!("s-{n}")),
        profile: sample::profile(&format!("type-{n}")),
        social: vec![sample::link("b", &format!("there.{n}")), sample::link("a", &format!("too.{n}"))],
        admin: true,
        created_at: at(3),
        ..sample::user(&name)
    }
}

fn spellings(user: &User) -> (Option<&str>, Option<&str>) {
    let username = user.username.as_ref().map(ciam_ports::domain::identifier::Username::original);
    (username, user.email.as_ref().map(|contact| contact.address.original()))
}

/// One flow in each state.
fn flows(user: &User) -> Vec<Flow> {
    let mut session = sample::session(user, "s-ines");
    session.amr = vec![Amr::Sms, Amr::Otp, Amr::Other("hwk".into())];
    let begun = |operation| sample::flow(user, &session, operation, START);
    let proven = sample::proven(&begun(Operation::UpdateEmail), user);
    let to = Address::Email(sample::email("new"));
    let other = sample::proven(&begun(Operation::Unsubscribe), user);
    vec![begun(Operation::UpdatePhone), other, sample::awaiting(&proven, user, to)]
}

pub(super) async fn load_keeps_tenants_apart(on: &Fixture) {
    let here = on.add("ida").await;
    let tenant = TenantId::parse("elsewhere").expect("an id");
    let mut there = sample::user_of(&tenant, "ida");
    sample::rename(&mut there, "there");
    on.write(sample::insert(&there)).await;
    let session = on.sign_in(&here, "s").await;
    let flow = sample::flow(&here, &session, Operation::UpdateEmail, START);
    on.open(&here, &flow).await;
    let rate = sample::window("ida", 3, sample::HOUR);
    on.write(Commit { rates: vec![rate], audit: vec![sample::record(&here, "e")], ..sample::commit(&here) })
        .await;

    let loaded = on.read(&StepQuery { rates: vec![rate.key], ..sample::query(&there, &flow) }).await;
    assert_eq!(*loaded.user, there);
    assert_eq!((loaded.session, loaded.flow, loaded.rates), (None, None, Vec::new()));
    assert!(matches!(on.charged(&sample::charge(&there, &flow)).await, Charged::NoFlow { .. }));
    assert_eq!(on.records(&there).await, Vec::new());
    let nowhere = StepQuery::of(TenantId::parse("nowhere").expect("an id"), here.id.clone());
    assert_eq!(on.store.load(&nowhere).await.expect("a load"), None);
}

pub(super) async fn load_shows_only_the_persons_own(on: &Fixture) {
    let (alice, bob) = (on.add("alice").await, on.add("bob").await);
    let session = on.sign_in(&alice, "s").await;
    let flow = sample::flow(&alice, &session, Operation::UpdateEmail, START);
    on.open(&alice, &flow).await;
    let code = Box::new(sample::challenge(&flow, sample::slot(&flow), "123456"));
    on.write(Commit { challenge: ChallengeWrite::Put(code), ..sample::commit(&alice) }).await;

    let loaded = on.read(&sample::query(&bob, &flow)).await;
    assert_eq!((loaded.session, loaded.flow, loaded.challenges), (None, None, Vec::new()));
    assert!(matches!(on.charged(&sample::charge(&bob, &flow)).await, Charged::NoFlow { .. }));

    on.write(Commit {
        session: SessionWrite::End(sample::end(&bob, "s", START).into()),
        ..sample::commit(&bob)
    })
    .await;
    on.write(Commit { flow: FlowWrite::Remove(*flow.key()), ..sample::commit(&bob) }).await;
    let taken = SessionWrite::Put(sample::session(&bob, "s").into());
    let refusal = on.refusal(Commit { session: taken, ..sample::commit(&bob) }).await;
    assert!(matches!(refusal, StoreError::Stale), "a session id of another person is not taken over");
    let loaded = on.read(&sample::query(&alice, &flow)).await;
    assert_eq!((loaded.session.as_deref(), loaded.flow), (Some(&session), Some(flow)));
    assert_eq!(loaded.challenges.len(), 1);
}
