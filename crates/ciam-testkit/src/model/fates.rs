//! What befalls accounts as a whole: deletion and what follows it, passwords that must change, those who come after.

use ciam::domain::Instant;
use ciam::domain::user::{Channel, Status};
use proptest::prelude::*;
use proptest::sample::select;

use super::command::{Command, NewStatus, SPOTS};
use super::erasure::Newcomer;
use super::state::{CAROL, Held, JOINED, Model, Spot};
use super::visit::{NAMES, Name};

/// How many accounts there are at most.
const MOST: usize = JOINED + 3;

/// What brings an account nearer to its end, or somebody after it.
pub(super) fn next(model: &Model) -> BoxedStrategy<Command> {
    let mut all = vec![Command::Purge { whom: None, stuck: false }];
    for (account, who) in model.accounts.iter().enumerate().filter(|(at, who)| *at <= CAROL && who.exists) {
        match who.status {
            Status::Normal if who.must_change => {}
            Status::Normal => {
                all.push(Command::SetStatus { account, status: NewStatus::Deleted });
                if !who.passwords.is_empty() {
                    all.extend(vec![Command::DemandReset { account }; 2]);
                }
            }
            Status::PendingDeletion { erase_at } => {
                all.extend(deadline(model, erase_at));
                all.extend([false, true].map(|stuck| Command::Purge { whom: Some(account), stuck }));
            }
            _ => {}
        }
    }
    all.extend(model.accounts.iter().flat_map(|account| {
        let right = |held: &Held| Command::Revert { tenant: account.tenant, wanted: held.spot, right: true };
        account.held.iter().map(right)
    }));
    let begun = model.accounts.iter().filter_map(|account| account.kit.begun.as_ref());
    all.extend(begun.flat_map(|begun| deadline(model, begun.until)));
    let after = model.tombs.iter().map(|tomb| Command::Join(successor(tomb.tenant, tomb.name)));
    all.extend(after.filter(|_| model.accounts.len() < MOST));
    select(all).boxed()
}

/// The moment itself, and the one before it.
fn deadline(model: &Model, end: Instant) -> Vec<Command> {
    let place = model.deadlines().iter().position(|at| *at == end);
    let until = |early| place.map(|deadline| Command::Until { deadline, early });
    [until(true), until(false), until(false)].into_iter().flatten().collect()
}

fn successor(tenant: usize, name: Name) -> Newcomer {
    let nobody = Newcomer { tenant, username: None, phone: None, email: None };
    match name {
        Name::User(number) => Newcomer { username: Some(number), ..nobody },
        Name::Spot(Spot { channel: Channel::Sms, number }) => Newcomer { phone: Some(number), ..nobody },
        Name::Spot(Spot { channel: Channel::Email, number }) => Newcomer { email: Some(number), ..nobody },
        Name::Junk => nobody,
    }
}

/// Mostly of all that are due.
pub(super) fn purge(model: &Model) -> BoxedStrategy<Command> {
    let whom = prop_oneof![3 => Just(None), 1 => (0..model.accounts.len()).prop_map(Some)];
    let stuck = prop_oneof![4 => Just(false), 1 => Just(true)];
    (whom, stuck).prop_map(|(whom, stuck)| Command::Purge { whom, stuck }).boxed()
}

/// Somebody new, who may want what others have or had.
pub(super) fn join(model: &Model) -> BoxedStrategy<Command> {
    if model.accounts.len() >= MOST {
        return Just(Command::Relay).boxed();
    }
    let number = |end: usize| prop_oneof![1 => Just(None), 2 => (0..end).prop_map(Some)];
    let tenant = prop_oneof![4 => Just(0_usize), 1 => Just(1_usize)];
    let who = (tenant, number(NAMES.len()), number(SPOTS), number(SPOTS));
    who.prop_map(|(tenant, username, phone, email)| {
        Command::Join(Newcomer { tenant, username, phone, email })
    })
    .boxed()
}
