//! Which road somebody takes who is not signed in: a proper one, one with a single thing wrong, or any.

use ciam::domain::flow::{Method, Operation};
use ciam::domain::user::{Channel, Status};
use proptest::prelude::*;
use proptest::sample::select;

use super::chance::{guess, id, pause};
use super::command::{Command, Guess, PASSWORDS, SPOTS};
use super::gadget::Knock;
use super::state::{ALICE, Model, Spot, Stand, Use};
use super::visit::{Entry, NAMES, Name, On, Visit};
use super::{knocks, touches, wishes};

/// A step that brings somebody further in, or back.
pub(super) fn proper(model: &Model) -> BoxedStrategy<Command> {
    let (steps, doors, passes) = (steps(model), doors(model), passes(model));
    let kinds = [(6, steps), (3, doors), (2, passes)];
    let kinds = kinds.into_iter().filter(|(_, visits)| !visits.is_empty());
    let kinds = kinds.map(|(weight, visits)| (weight, select(visits).boxed())).collect();
    proptest::strategy::Union::new_weighted(kinds).prop_map(Command::visit).boxed()
}

/// The next steps of the flows that are open.
fn steps(model: &Model) -> Vec<Visit> {
    let open = (0..model.flows.len()).filter(|at| {
        let flow = &model.flows[*at];
        flow.session.is_none() && !flow.untold && model.is_open(*at)
    });
    // Who began last goes on most often, so that journeys get somewhere.
    let mut newest: Vec<_> = open.collect();
    newest.reverse();
    let often = |place: usize, at: usize| match model.flows[at].operation {
        Operation::RestoreAccount | Operation::RenewPassword => 12,
        _ if place == 0 => 6,
        _ => 1,
    };
    let steps = newest.into_iter().enumerate();
    steps.flat_map(|(place, at)| vec![steps_of(model, at); often(place, at)].concat()).collect()
}

fn steps_of(model: &Model, at: usize) -> Vec<Visit> {
    let flow = &model.flows[at];
    let account = &model.accounts[flow.account];
    let on = On { tenant: account.tenant, flow: Some(at) };
    let code = |channel| {
        let mut codes = model.codes.iter().rev().filter(|code| code.flow == at && !code.gone);
        codes.find(|code| code.usage == Use::Factor && code.to.channel == channel).and_then(|code| code.mail)
    };
    match &flow.stand {
        Stand::Factor(methods) => {
            let step = |method: &Method| match method.channel() {
                None if *method == Method::Passkey => touches::on_way(model, on),
                None => wishes::at_home(model, flow.account, *method).map_or_else(
                    || Visit::VerifyPassword(on, account.passwords.first().copied().unwrap_or_default()),
                    |code| Visit::VerifyCode(on, *method, code),
                ),
                Some(channel) => code(channel).map_or(Visit::SendCode(on, *method), |mail| {
                    Visit::VerifyCode(on, *method, Guess::Sent(mail))
                }),
            };
            methods.iter().map(step).collect()
        }
        Stand::Ready(_) => (0..4).map(|password| Visit::SetPassword(on, password)).collect(),
        Stand::Address(_) => Vec::new(),
    }
}

/// Every way to begin that may lead somewhere.
fn doors(model: &Model) -> Vec<Visit> {
    let mut all = vec![Visit::Start {
        operation: Operation::SignIn,
        tenant: 0,
        name: Name::Spot(Spot { channel: Channel::Email, number: 4 }),
        source: None,
    }];
    for (at, account) in model.accounts.iter().enumerate().filter(|(_, account)| account.exists) {
        let tenant = account.tenant;
        let device = model.devices.iter().rposition(|owner| *owner == at);
        let waits = matches!(account.status, Status::PendingDeletion { .. });
        for name in account.names() {
            if let Some(password) = account.passwords.first().copied() {
                let entry = Entry { tenant, name, password, device, source: None };
                if waits {
                    all.extend(vec![Visit::Restore(entry); 4]);
                } else {
                    let far = Entry { device: None, source: Some(1), ..entry.clone() };
                    all.extend([Visit::SignIn(entry), Visit::SignIn(far)]);
                }
            }
            let begun = |operation| Visit::Start { operation, tenant, name, source: None };
            if matches!(name, Name::Spot(_)) && !waits {
                all.push(begun(Operation::SignIn));
                all.extend(vec![begun(Operation::RecoverPassword); 1 + usize::from(at == ALICE)]);
            }
        }
    }
    all.extend(knocks::doors(model));
    all.extend(touches::doors(model));
    all
}

/// The refresh tokens given out last, and those before them.
fn passes(model: &Model) -> Vec<Visit> {
    let newest = model.passes.iter().enumerate().rev().take(8);
    let refresh = |(at, pass): (usize, &super::visit::Pass)| {
        let row = model.sessions[pass.session].row.as_ref();
        let current = row.is_some_and(|row| row.generation == pass.generation);
        let visit = Visit::Refresh { tenant: model.accounts[pass.account].tenant, pass: Some(at) };
        vec![visit; 1 + 3 * usize::from(current)]
    };
    newest.flat_map(refresh).collect()
}

/// A proper step in another tenant or flow, with another secret, too often, or again.
pub(super) fn one_thing_wrong(model: &Model) -> BoxedStrategy<Command> {
    let (flows, devices) = (model.flows.len(), model.devices.len());
    let (steps, doors, passes) = (steps(model), doors(model), passes(model));
    let mut tries: Vec<_> = steps.iter().filter(|step| is_try(step)).cloned().collect();
    tries.extend(doors.iter().filter(|door| is_try(door)).cloned());
    let all: Vec<_> = steps.into_iter().chain(doors).chain(passes).collect();
    let tries = if tries.is_empty() { all.clone() } else { tries };
    let of_app = |visit: &&Visit| matches!(visit, Visit::VerifyCode(.., Guess::App(..)));
    let apps: Vec<_> = tries.iter().filter(of_app).cloned().collect();
    let apps = if apps.is_empty() { tries.clone() } else { apps };
    let times = || prop_oneof![Just(1_u8), 2_u8..7];
    prop_oneof![
        2 => select(all.clone()).prop_map(|visit| Command::visit(edited(visit, |_, tenant| *tenant = 1 - *tenant))),
        3 => (select(all.clone()), id(flows)).prop_map(|(visit, flow)| {
            Command::visit(match visit {
                Visit::Refresh { tenant, .. } => Visit::Refresh { tenant, pass: flow },
                other => edited(other, |id, _| *id = flow),
            })
        }),
        6 => (select(tries), guess(model), 0..PASSWORDS.len(), times(), pause()).prop_map(
            |(visit, guess, password, times, pause)| Command::Visit { visit: wrong(visit, guess, password), times, pause },
        ),
        1 => (select(apps), select(vec![-2, -1, 1, 2])).prop_map(|(visit, late)| Command::visit(match visit {
            Visit::VerifyCode(on, method, Guess::App(app, _)) => Visit::VerifyCode(on, method, Guess::App(app, late)),
            other => other,
        })),
        3 => (select(all.clone()), 2_u8..7, pause())
            .prop_map(|(visit, times, pause)| Command::Visit { visit, times, pause }),
        1 => (select(all), 0..devices.max(1)).prop_map(|(visit, device)| Command::visit(match visit {
            Visit::SignIn(entry) => Visit::SignIn(Entry { device: Some(device), ..entry }),
            other => other,
        })),
    ]
    .boxed()
}

const fn is_try(visit: &Visit) -> bool {
    matches!(
        visit,
        Visit::SignIn(_)
            | Visit::Restore(_)
            | Visit::VerifyCode(..)
            | Visit::VerifyPassword(..)
            | Visit::SetPassword(..)
    )
}

fn wrong(visit: Visit, guess: Guess, password: usize) -> Visit {
    match visit {
        Visit::SignIn(entry) => Visit::SignIn(Entry { password, ..entry }),
        Visit::Restore(entry) => Visit::Restore(Entry { password, ..entry }),
        Visit::VerifyCode(on, method, _) => Visit::VerifyCode(on, method, guess),
        Visit::VerifyPassword(on, _) => Visit::VerifyPassword(on, password),
        Visit::SetPassword(on, _) => Visit::SetPassword(on, password),
        other => other,
    }
}

/// Another flow or another tenant.
fn edited(visit: Visit, edit: impl Fn(&mut Option<usize>, &mut usize)) -> Visit {
    let on = |mut on: On| {
        edit(&mut on.flow, &mut on.tenant);
        on
    };
    let elsewhere = |mut tenant: usize| {
        edit(&mut None, &mut tenant);
        tenant
    };
    let entry = |entry: Entry| Entry { tenant: elsewhere(entry.tenant), ..entry };
    match visit {
        Visit::SignIn(known) => Visit::SignIn(entry(known)),
        Visit::Restore(known) => Visit::Restore(entry(known)),
        Visit::Start { operation, tenant, name, source } => {
            Visit::Start { operation, tenant: elsewhere(tenant), name, source }
        }
        Visit::SendCode(step, method) => Visit::SendCode(on(step), method),
        Visit::VerifyCode(step, method, guess) => Visit::VerifyCode(on(step), method, guess),
        Visit::VerifyPassword(step, password) => Visit::VerifyPassword(on(step), password),
        Visit::SetPassword(step, password) => Visit::SetPassword(on(step), password),
        Visit::Refresh { tenant, pass } => Visit::Refresh { tenant: elsewhere(tenant), pass },
        Visit::Ask { tenant, device } => Visit::Ask { tenant: elsewhere(tenant), device },
        Visit::AskKey { tenant } => Visit::AskKey { tenant: elsewhere(tenant) },
        Visit::AskKeyIn(step) => Visit::AskKeyIn(on(step)),
        Visit::KeyIn(step, answer) => Visit::KeyIn(on(step), answer),
        Visit::ByKey { tenant, answer, source } => Visit::ByKey { tenant: elsewhere(tenant), answer, source },
        Visit::Knock(knock) => Visit::Knock(Knock { tenant: elsewhere(knock.tenant), ..knock }),
    }
}

fn name() -> BoxedStrategy<Name> {
    let spot = (select(vec![Channel::Sms, Channel::Email]), 0..SPOTS);
    prop_oneof![
        3 => (0..NAMES.len()).prop_map(Name::User),
        6 => spot.prop_map(|(channel, number)| Name::Spot(Spot { channel, number })),
        1 => Just(Name::Junk),
    ]
    .boxed()
}

/// Any call with any ids.
pub(super) fn anything(model: &Model) -> BoxedStrategy<Command> {
    let (flows, passes) = (model.flows.len(), model.passes.len());
    let on = || (0_usize..2, id(flows)).prop_map(|(tenant, flow)| On { tenant, flow });
    let password = || 0..PASSWORDS.len();
    let method = || select(Method::ALL.to_vec());
    let device = prop_oneof![2 => Just(None), 1 => (0..model.devices.len().max(1)).prop_map(Some)];
    let source = || select(vec![None, Some(1), Some(2)]);
    let entry = (0_usize..2, name(), password(), device, source()).prop_map(
        |(tenant, name, password, device, source)| Entry { tenant, name, password, device, source },
    );
    let operation = select(vec![Operation::SignIn, Operation::RecoverPassword]);
    let visit = prop_oneof![
        2 => entry.clone().prop_map(Visit::SignIn),
        1 => entry.prop_map(Visit::Restore),
        2 => (operation, 0_usize..2, name(), source())
            .prop_map(|(operation, tenant, name, source)| Visit::Start { operation, tenant, name, source }),
        1 => (on(), method()).prop_map(|(on, method)| Visit::SendCode(on, method)),
        1 => (on(), method(), guess(model)).prop_map(|(on, method, guess)| Visit::VerifyCode(on, method, guess)),
        1 => (on(), password()).prop_map(|(on, password)| Visit::VerifyPassword(on, password)),
        1 => (on(), password()).prop_map(|(on, password)| Visit::SetPassword(on, password)),
        1 => (0_usize..2, prop_oneof![4 => (0..passes.max(1)).prop_map(Some), 1 => Just(None)])
            .prop_map(|(tenant, pass)| Visit::Refresh { tenant, pass }),
    ];
    let times = prop_oneof![3 => Just(1_u8), 1 => 2_u8..7];
    (visit, times, pause()).prop_map(|(visit, times, pause)| Command::Visit { visit, times, pause }).boxed()
}
