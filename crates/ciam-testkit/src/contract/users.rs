//! Accounts: one write from one version, one owner for each identifier.

use ciam_ports::domain::identifier::Login;
use ciam_ports::domain::user::{Address, Contact, Version};
use ciam_ports::domain::{TenantId, User};
use ciam_ports::store::UniqueField;
use ciam_ports::{Handle, StoreError};

use super::Fixture;
use super::profile;
use super::sample::{self, START};

pub(super) async fn replace_needs_the_version_read(on: &Fixture) {
    let read = on.add("rosa").await;
    let named = |n: usize| sample::changed(&read, |user| sample::rename(user, &n.to_string()));
    let commits = (0..32).map(|n| sample::replace(&read, &named(n))).collect();
    let ends = on.commit_at_once(commits);
    let won: Vec<usize> = (0..32).filter(|n| ends[*n].is_ok()).collect();
    assert_eq!(won.len(), 1, "one of 32 replacements from one version succeeds");
    let lost = ends.into_iter().filter_map(Result::err);
    assert!(lost.into_iter().all(|end| matches!(end, StoreError::Stale)));
    assert_eq!(on.user(&read).await, named(won[0]), "the winner's write stands, its version included");

    assert!(matches!(on.refusal(sample::replace(&read, &named(99))).await, StoreError::Stale));
    let ahead = User { version: Version::from_number(40), ..read.clone() };
    assert!(matches!(on.refusal(sample::replace(&ahead, &named(99))).await, StoreError::Stale));
    let nobody = sample::user("nobody");
    assert!(matches!(on.refusal(sample::replace(&nobody, &nobody)).await, StoreError::Stale));
}

type Take = (UniqueField, fn(&mut User, &str));

/// Each identifier that is unique, and how a person takes the one of a name.
const TAKES: [Take; 3] = [
    (UniqueField::Username, |user, name| user.username = Some(sample::username(name))),
    (UniqueField::Phone, |user, name| user.change_contact(Address::Phone(sample::phone(name)), START)),
    (UniqueField::Email, |user, name| {
        user.email = Some(Contact { address: sample::email(name), verified_at: None });
    }),
];

fn conflicts_in(refusal: &StoreError, expected: UniqueField) -> bool {
    matches!(refusal, StoreError::Conflict { field } if *field == expected)
}

pub(super) async fn identifiers_are_unique(on: &Fixture) {
    let (owner, other) = (on.add("uma").await, on.add("otto").await);
    assert!(conflicts_in(&on.refusal(sample::insert(&owner)).await, UniqueField::Id));
    for (field, take) in TAKES {
        let mut new = sample::user("newcomer");
        take(&mut new, "uma");
        assert!(conflicts_in(&on.refusal(sample::insert(&new)).await, field), "{field:?} of a new account");
        let next = sample::changed(&other, |user| take(user, "uma"));
        assert!(
            conflicts_in(&on.refusal(sample::replace(&other, &next)).await, field),
            "{field:?} of a change"
        );
    }
    let shouting = sample::changed(&other, |user| user.username = Some(sample::username("UMA")));
    let refusal = on.refusal(sample::replace(&other, &shouting)).await;
    assert!(conflicts_in(&refusal, UniqueField::Username), "spellings of one name are one name");
    let same = sample::changed(&owner, |user| sample::rename(user, "uma"));
    on.write(sample::replace(&owner, &same)).await;
    profile::a_taken_name_is_told_first(on).await;
    race_for_one_address(on).await;
}

async fn race_for_one_address(on: &Fixture) {
    let mut racers = [on.add("first").await, on.add("second").await];
    for round in 0..50 {
        let (field, take) = TAKES[round % TAKES.len()];
        let name = format!("prize.{round}");
        let next = racers.clone().map(|user| sample::changed(&user, |user| take(user, &name)));
        let commits = racers.iter().zip(&next).map(|(read, next)| sample::replace(read, next)).collect();
        let ends = on.commit_at_once(commits);
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "one of two gets {field:?}");
        for ((racer, next), end) in racers.iter_mut().zip(next).zip(ends) {
            match end {
                Ok(()) => *racer = next,
                Err(refusal) => assert!(conflicts_in(&refusal, field), "{refusal:?}"),
            }
        }
    }
}

pub(super) async fn a_changed_identifier_is_free(on: &Fixture) {
    let (mut owner, mut heir) = (on.add("olga").await, on.add("hans").await);
    for (_, take) in TAKES {
        let moved = sample::changed(&owner, |user| take(user, "olga.new"));
        on.write(sample::replace(&owner, &moved)).await;
        let grown = sample::changed(&heir, |user| take(user, "olga"));
        on.write(sample::replace(&heir, &grown)).await;
        (owner, heir) = (moved, grown);
    }
    let erased = sample::changed(&heir, User::erase);
    on.write(sample::replace(&heir, &erased)).await;
    assert!(conflicts_in(&on.refusal(sample::insert(&heir)).await, UniqueField::Id), "an id is never free");
    let mut new = sample::user("newcomer");
    for (_, take) in TAKES {
        take(&mut new, "olga");
    }
    on.write(sample::insert(&new)).await;
}

pub(super) async fn a_name_finds_its_account(on: &Fixture) {
    let user = on.add("nina").await;
    let named = |name: &str| {
        [
            Login::Username(sample::username(name)),
            Login::Phone(sample::phone(name)),
            Login::Email(sample::email(name)),
        ]
    };
    let find =
        async |login: Login| on.store.find(&user.tenant, &Handle::Login(login)).await.expect("an answer");
    for login in named("nadia") {
        assert_eq!(find(login).await, None, "nobody has the name yet");
    }
    let mut read = user.clone();
    for (_, take) in TAKES {
        let next = sample::changed(&read, |user| take(user, "nadia"));
        on.write(sample::replace(&read, &next)).await;
        read = next;
    }
    for login in named("nadia") {
        assert_eq!(find(login.clone()).await, Some(user.id.clone()));
        let elsewhere = TenantId::parse("elsewhere").expect("an id");
        let there = on.store.find(&elsewhere, &Handle::Login(login)).await.expect("an answer");
        assert_eq!(there, None, "names of another tenant lead nowhere");
    }
    let loud = Login::Username(sample::username("NADIA"));
    assert_eq!(find(loud).await, Some(user.id.clone()), "another spelling of the name");
    let moved = sample::changed(&read, |user| {
        for (_, take) in TAKES {
            take(user, "nora");
        }
    });
    on.write(sample::replace(&read, &moved)).await;
    for (old, new) in named("nadia").into_iter().zip(named("nora")) {
        assert_eq!(find(old).await, None, "a former name leads nowhere");
        assert_eq!(find(new).await, Some(user.id.clone()));
    }
}
