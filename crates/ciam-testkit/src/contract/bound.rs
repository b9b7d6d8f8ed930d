//! Accounts elsewhere: one person's at a time, and a way to that person.

use ciam_ports::domain::{TenantId, User};
use ciam_ports::store::UniqueField;
use ciam_ports::{Handle, StoreError};

use super::Fixture;
use super::sample;

/// Somebody to whom an account elsewhere is bound.
async fn bound(on: &Fixture, name: &str, subject: &str) -> User {
    let user = User { social: vec![sample::link("a", subject)], ..sample::user(name) };
    on.write(sample::insert(&user)).await;
    user
}

fn is_taken(refusal: &StoreError) -> bool {
    matches!(refusal, StoreError::Conflict { field: UniqueField::Social })
}

pub(super) async fn a_bound_account_is_one_persons(on: &Fixture) {
    let owner = bound(on, "sara", "sara.there").await;
    let other = on.add("otto").await;
    let taking = |links| sample::changed(&other, |user| user.social = links);
    for source in ["a", "b"] {
        let links = vec![sample::link("c", "free"), sample::link(source, "sara.there")];
        let new = User { social: links.clone(), ..sample::user("newcomer") };
        assert!(is_taken(&on.refusal(sample::insert(&new)).await), "of a new account");
        assert!(is_taken(&on.refusal(sample::replace(&other, &taking(links))).await), "of a change");
    }
    assert_eq!(on.user(&other).await, other, "nothing of what was refused stands");
    let other_issuer = sample::link_of("https://another.example", "a", "sara.there");
    let both = taking(vec![other_issuer, sample::link("b", "SARA.there")]);
    on.write(sample::replace(&other, &both)).await;
    let elsewhere = TenantId::parse("elsewhere").expect("an id");
    let there = User { social: owner.social.clone(), ..sample::user_of(&elsewhere, "sara") };
    on.write(sample::insert(&there)).await;
    let renamed = sample::changed(&owner, |user| sample::rename(user, "renamed"));
    on.write(sample::replace(&owner, &renamed)).await;
    given_up(on, renamed).await;
    race(on).await;
}

async fn given_up(on: &Fixture, owner: User) {
    let without = sample::changed(&owner, |user| user.social.clear());
    on.write(sample::replace(&owner, &without)).await;
    let heir = bound(on, "heir", "sara.there").await;
    let back = sample::changed(&without, |user| user.social = vec![sample::link("a", "sara.there")]);
    assert!(is_taken(&on.refusal(sample::replace(&without, &back)).await));
    let erased = sample::changed(&heir, User::erase);
    on.write(sample::replace(&heir, &erased)).await;
    on.write(sample::replace(&without, &back)).await;
}

async fn race(on: &Fixture) {
    let mut racers = [on.add("first").await, on.add("second").await];
    for round in 0..20 {
        let link = sample::link("a", &format!("prize.{round}"));
        let next = racers.clone().map(|user| sample::changed(&user, |user| user.social = vec![link.clone()]));
        let commits = racers.iter().zip(&next).map(|(read, next)| sample::replace(read, next)).collect();
        let ends = on.commit_at_once(commits);
        assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "one of two gets it");
        for ((racer, next), end) in racers.iter_mut().zip(next).zip(ends) {
            match end {
                Ok(()) => *racer = next,
                Err(refusal) => assert!(is_taken(&refusal), "{refusal:?}"),
            }
        }
    }
}

pub(super) async fn a_bound_account_finds_its_person(on: &Fixture) {
    let find = async |tenant: &TenantId, subject: &str| {
        let link = sample::link("a", subject);
        on.store.find(tenant, &Handle::Social(link.issuer, link.subject)).await.expect("an answer")
    };
    let (here, elsewhere) = (TenantId::default(), TenantId::parse("elsewhere").expect("an id"));
    assert_eq!(find(&here, "sina.there").await, None, "it is nobody's yet");
    let owner = bound(on, "sina", "sina.there").await;
    assert_eq!(find(&here, "sina.there").await.as_ref(), Some(&owner.id));
    assert_eq!(find(&elsewhere, "sina.there").await, None, "what is bound in another tenant leads nowhere");
    assert_eq!(find(&here, "SINA.there").await, None, "another spelling is another account");
    let more = sample::changed(&owner, |user| user.social.push(sample::link("b", "sina.too")));
    on.write(sample::replace(&owner, &more)).await;
    for subject in ["sina.there", "sina.too"] {
        assert_eq!(find(&here, subject).await.as_ref(), Some(&owner.id), "{subject}");
    }
    let fewer = sample::changed(&more, |user| user.social = vec![sample::link("b", "sina.too")]);
    on.write(sample::replace(&more, &fewer)).await;
    assert_eq!(find(&here, "sina.there").await, None, "what was unbound leads nowhere");
    let gone = sample::changed(&fewer, User::erase);
    on.write(sample::replace(&fewer, &gone)).await;
    assert_eq!(find(&here, "sina.too").await, None, "nothing of an erased account is left");
}
