//! Which passkey is made or used next: a proper one, or one with a single thing wrong.

use ciam::domain::flow::{Method, Operation};
use proptest::prelude::*;
use proptest::sample::select;

use super::chance;
use super::command::{Call, Command, Id};
use super::enrol::{By, Enrol};
use super::keyring::{AUTHENTICATORS, Answer, Key};
use super::state::{Model, Stand, Token};
use super::visit::{On, Visit};

/// What a passkey answers to the newest question of that kind, in time or not.
fn own(model: &Model, account: usize, key: &Key, flow: Option<Id>) -> Option<Answer> {
    let tenant = model.accounts[account].tenant;
    let question = model.questions.iter().rposition(|asked| (asked.tenant, asked.flow) == (tenant, flow))?;
    let (handle, count) = (Some(account), key.count + 1);
    Some(Answer { of: key.of, question: Some(question), handle, count, lured: false })
}

fn is_live(model: &Model, answer: &Answer) -> bool {
    answer.question.is_some_and(|number| model.now < model.questions[number].ends)
}

/// What somebody who may act does about their passkeys.
pub(super) fn of(model: &Model, who: &Token, by: By) -> Vec<Call> {
    let ring = &model.accounts[who.account].kit.ring;
    let mut all = vec![Call::OwnKeys];
    all.extend([by, By::Fresh].map(|by| Call::Enrol(Enrol::BeginKey(by))));
    let remove = |key: &Key| [by, By::Fresh].map(|by| Call::Enrol(Enrol::RemoveKey(by, key.of)));
    all.extend(ring.keys.iter().flat_map(remove));
    all
}

/// What somebody began, confirmed in any session of theirs and however late.
pub(super) fn confirmed(model: &Model, who: &Token) -> Vec<Enrol> {
    let making = model.accounts[who.account].kit.ring.making.iter();
    let of = who.account % AUTHENTICATORS;
    making.map(|making| Enrol::ConfirmKey { number: Some(making.number), of, named: true }).collect()
}

/// What a flow about passkeys whose factor is proven is for.
pub(super) fn ends_of(model: &Model, account: usize, operation: Operation, flow: Id) -> Vec<Call> {
    let by = By::Flow(flow);
    if operation == Operation::BindPasskey {
        return vec![Call::Enrol(Enrol::BeginKey(by))];
    }
    let keys = model.accounts[account].kit.ring.keys.iter();
    keys.map(|key| Call::Enrol(Enrol::RemoveKey(by, key.of))).collect()
}

/// By a passkey in a flow of somebody signed in.
pub(super) fn in_flow(model: &Model, at: usize) -> Call {
    let (account, flow) = (model.flows[at].account, Some(at));
    let keys = &model.accounts[account].kit.ring.keys;
    let answer = keys.first().and_then(|key| own(model, account, key, Some(flow)));
    answer
        .filter(|answer| is_live(model, answer))
        .map_or(Call::AskForKey(flow), |answer| Call::VerifyKey(flow, answer))
}

/// By a passkey in the flow of somebody on their way in.
pub(super) fn on_way(model: &Model, on: On) -> Visit {
    let Some(at) = on.flow else { return Visit::AskKey { tenant: on.tenant } };
    let account = model.flows[at].account;
    let keys = &model.accounts[account].kit.ring.keys;
    let answer = keys.last().and_then(|key| own(model, account, key, Some(on.flow)));
    answer
        .filter(|answer| is_live(model, answer))
        .map_or(Visit::AskKeyIn(on), |answer| Visit::KeyIn(on, answer))
}

/// The next step of every passkey at the door.
pub(super) fn doors(model: &Model) -> Vec<Visit> {
    let mut all = Vec::new();
    for (at, account) in model.accounts.iter().enumerate() {
        let tenant = account.tenant;
        for key in &account.kit.ring.keys {
            match own(model, at, key, None).filter(|answer| is_live(model, answer)) {
                Some(answer) => all.extend(vec![Visit::ByKey { tenant, answer, source: None }; 3]),
                None => all.push(Visit::AskKey { tenant }),
            }
        }
    }
    all
}

fn question(model: &Model) -> BoxedStrategy<Option<usize>> {
    prop_oneof![5 => (0..model.questions.len().max(1)).prop_map(Some), 1 => Just(None)].boxed()
}

fn answer(model: &Model) -> BoxedStrategy<Answer> {
    let handle = prop_oneof![1 => Just(None), 3 => (0..model.accounts.len()).prop_map(Some)];
    let lured = proptest::bool::weighted(0.1);
    (0..AUTHENTICATORS, question(model), handle, 0_u32..6, lured)
        .prop_map(|(of, question, handle, count, lured)| Answer { of, question, handle, count, lured })
        .boxed()
}

/// An answer with one thing wrong.
fn spoilt(model: &Model, right: Answer) -> BoxedStrategy<Answer> {
    let of = (0..AUTHENTICATORS).prop_map(move |of| Answer { of, ..right });
    let question = question(model).prop_map(move |question| Answer { question, ..right });
    let handle = (0..model.accounts.len()).prop_map(move |whose| Answer { handle: Some(whose), ..right });
    let count = select(vec![0, right.count.saturating_sub(1), right.count + 1]);
    let count = count.prop_map(move |count| Answer { count, ..right });
    prop_oneof![
        2 => of,
        3 => question,
        2 => handle,
        1 => Just(Answer { handle: None, ..right }),
        3 => count,
        1 => Just(Answer { lured: true, ..right }),
    ]
    .boxed()
}

/// A proper use of a passkey with one thing wrong, or again, or any.
pub(super) fn one_thing_wrong(model: &Model) -> BoxedStrategy<Command> {
    let mut uses: Vec<Command> = doors(model).into_iter().map(Command::visit).collect();
    for (at, flow) in model.flows.iter().enumerate().filter(|(at, _)| model.is_open(*at)) {
        let asks = matches!(&flow.stand, Stand::Factor(methods) if methods.contains(&Method::Passkey));
        if asks && flow.session.is_none() {
            uses.push(Command::visit(on_way(
                model,
                On { tenant: model.accounts[flow.account].tenant, flow: Some(at) },
            )));
        } else if asks {
            let mut tokens = model.tokens.iter().enumerate().rev();
            let token = tokens.find(|(_, who)| model.claim(who, Some(at)).is_ok());
            uses.extend(token.map(|(token, _)| Command::once(token, in_flow(model, at))));
        }
    }
    let is_use = |command: &Command| {
        matches!(
            command,
            Command::Visit { visit: Visit::ByKey { .. } | Visit::KeyIn(..), .. }
                | Command::Call { call: Call::VerifyKey(..), .. }
        )
    };
    uses.retain(is_use);
    if uses.is_empty() {
        return anything(model);
    }
    let known = uses[model.questions.len() % uses.len()].clone();
    let right = match &known {
        Command::Visit { visit: Visit::ByKey { answer, .. } | Visit::KeyIn(_, answer), .. }
        | Command::Call { call: Call::VerifyKey(_, answer), .. } => *answer,
        _ => return anything(model),
    };
    let (wrong, again) = (known.clone(), known);
    prop_oneof![
        5 => spoilt(model, right).prop_map(move |answer| with(wrong.clone(), answer)),
        2 => (2_u8..4).prop_map(move |times| often(again.clone(), times)),
    ]
    .boxed()
}

fn with(command: Command, other: Answer) -> Command {
    let mut command = command;
    match &mut command {
        Command::Visit { visit: Visit::ByKey { answer, .. } | Visit::KeyIn(_, answer), .. }
        | Command::Call { call: Call::VerifyKey(_, answer), .. } => *answer = other,
        _ => {}
    }
    command
}

fn often(command: Command, often: u8) -> Command {
    let mut command = command;
    match &mut command {
        Command::Visit { times, .. } | Command::Call { times, .. } => *times = often,
        _ => {}
    }
    command
}

/// Any answer at any door.
fn anything(model: &Model) -> BoxedStrategy<Command> {
    let on = (0_usize..2, chance::id(model.flows.len())).prop_map(|(tenant, flow)| On { tenant, flow });
    let source = select(vec![None, Some(1), Some(2)]);
    let visit = prop_oneof![
        2 => (0_usize..2, answer(model), source)
            .prop_map(|(tenant, answer, source)| Visit::ByKey { tenant, answer, source }),
        1 => (0_usize..2).prop_map(|tenant| Visit::AskKey { tenant }),
        1 => on.clone().prop_map(Visit::AskKeyIn),
        1 => (on, answer(model)).prop_map(|(on, answer)| Visit::KeyIn(on, answer)),
    ];
    visit.prop_map(Command::visit).boxed()
}

/// Any call about passkeys.
pub(super) fn any(model: &Model, by: BoxedStrategy<By>) -> BoxedStrategy<Call> {
    let of = || 0..AUTHENTICATORS;
    let number = proptest::option::weighted(0.8, 0..model.creations.max(1));
    let named = proptest::bool::weighted(0.8);
    let ids = || chance::id(model.flows.len());
    prop_oneof![
        1 => by.clone().prop_map(|by| Call::Enrol(Enrol::BeginKey(by))),
        2 => (number, of(), named)
            .prop_map(|(number, of, named)| Call::Enrol(Enrol::ConfirmKey { number, of, named })),
        2 => (by, of()).prop_map(|(by, of)| Call::Enrol(Enrol::RemoveKey(by, of))),
        1 => ids().prop_map(Call::AskForKey),
        1 => (ids(), answer(model)).prop_map(|(id, answer)| Call::VerifyKey(id, answer)),
        1 => Just(Call::OwnKeys),
    ]
    .boxed()
}
