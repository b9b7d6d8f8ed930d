//! Which device is bound or used next: a proper one, or one with a single thing wrong.

use ciam::domain::flow::Operation;
use ciam::domain::user::Channel;
use proptest::prelude::*;
use proptest::sample::select;

use super::command::{Call, Command, Id, PASSWORDS, SPOTS};
use super::enrol::{By, Enrol};
use super::gadget::{DEVICES, Gadget, KEYS, Knock, Owned, Sign};
use super::state::{Model, Spot, Token};
use super::visit::{NAMES, Name, Visit};
use super::{chance, twist};

/// How many devices are met often.
const FEW: usize = 3;

/// The sign of a device over the newest challenge for it, in time or not.
fn own(model: &Model, account: usize, owned: &Owned, binds: Option<usize>) -> Option<Sign> {
    let tenant = model.accounts[account].tenant;
    let device = owned.gadget.device;
    let fits = |challenge: &super::gadget::Challenge| {
        (challenge.tenant, challenge.device, challenge.binds) == (tenant, device, binds)
    };
    let challenge = model.challenges.iter().rposition(fits)?;
    let name = model.accounts[account].names().last().copied();
    Some(Sign { by: owned.gadget, challenge: Some(challenge), name })
}

fn is_live(model: &Model, sign: &Sign) -> bool {
    sign.challenge.is_some_and(|number| model.now < model.challenges[number].ends)
}

/// What somebody who may act does about their devices.
pub(super) fn of(model: &Model, who: &Token, by: By) -> Vec<Call> {
    let gadget = Gadget { device: who.account % FEW, key: who.account % KEYS };
    let mut all = vec![Call::OwnDevices, Call::Enrol(Enrol::Register(by, Some(gadget)))];
    for owned in &model.accounts[who.account].kit.devices {
        let device = owned.gadget.device;
        if owned.bound_at.is_some() {
            all.extend([by, By::Fresh].map(|by| Call::Enrol(Enrol::Unbind(by, device))));
        } else if own(model, who.account, owned, Some(who.account)).is_none_or(|sign| !is_live(model, &sign))
        {
            all.extend(vec![Call::AskToBind(device); 3]);
        }
    }
    all
}

/// What a flow about devices whose factor is proven is for.
pub(super) fn ends_of(model: &Model, account: usize, operation: Operation, flow: Id) -> Vec<Call> {
    let (by, devices) = (By::Flow(flow), &model.accounts[account].kit.devices);
    if operation == Operation::UnbindGesture {
        return devices.iter().map(|owned| Call::Enrol(Enrol::Unbind(by, owned.gadget.device))).collect();
    }
    let gadget = Gadget { device: account % FEW, key: account % KEYS };
    let mut all = vec![Call::Enrol(Enrol::Register(by, Some(gadget))), Call::AskToBind(gadget.device)];
    let signs = devices.iter().filter_map(|owned| own(model, account, owned, Some(account)));
    all.extend(signs.map(|sign| Call::Enrol(Enrol::Bind(by, Some(sign)))));
    all
}

/// What a device that is not bound yet signs to be.
pub(super) fn bindings(model: &Model, who: &Token) -> Vec<Enrol> {
    let devices = model.accounts[who.account].kit.devices.iter();
    let signs = devices.filter_map(|owned| own(model, who.account, owned, Some(who.account)));
    let by = if model.signed_in_lately(who) {
        By::Fresh
    } else {
        By::Password(model.accounts[who.account].passwords.first().copied().unwrap_or_default())
    };
    signs.map(|sign| Enrol::Bind(by, Some(sign))).collect()
}

/// The next step of every device that is bound.
pub(super) fn doors(model: &Model) -> Vec<Visit> {
    let mut all = Vec::new();
    for (at, account) in model.accounts.iter().enumerate() {
        for owned in account.kit.devices.iter().filter(|owned| owned.bound_at.is_some()) {
            let Some(name) = account.names().first().copied() else { continue };
            let (tenant, device) = (account.tenant, owned.gadget.device);
            match own(model, at, owned, None).filter(|sign| is_live(model, sign)) {
                Some(sign) => {
                    let knock = Knock { tenant, name, sign: Some(sign), source: None };
                    all.extend(vec![Visit::Knock(knock); 6]);
                }
                None => all.extend(vec![Visit::Ask { tenant, device }; 2]),
            }
        }
    }
    all
}

fn name() -> BoxedStrategy<Name> {
    let spot = (select(vec![Channel::Sms, Channel::Email]), 0..SPOTS);
    prop_oneof![
        3 => (0..NAMES.len()).prop_map(Name::User),
        3 => spot.prop_map(|(channel, number)| Name::Spot(Spot { channel, number })),
        1 => Just(Name::Junk),
    ]
    .boxed()
}

fn gadget() -> BoxedStrategy<Gadget> {
    let device = prop_oneof![6 => 0..FEW, 1 => 0..DEVICES.len()];
    (device, 0..KEYS).prop_map(|(device, key)| Gadget { device, key }).boxed()
}

fn challenge(model: &Model) -> BoxedStrategy<Option<usize>> {
    prop_oneof![4 => (0..model.challenges.len().max(1)).prop_map(Some), 1 => Just(None)].boxed()
}

fn sign(model: &Model) -> BoxedStrategy<Option<Sign>> {
    let sign = (gadget(), challenge(model), proptest::option::weighted(0.9, name()));
    let sign = sign.prop_map(|(by, challenge, name)| Some(Sign { by, challenge, name }));
    prop_oneof![8 => sign, 1 => Just(None)].boxed()
}

/// A sign with one thing wrong.
fn spoilt(model: &Model, sign: Sign) -> BoxedStrategy<Option<Sign>> {
    let key = (0..KEYS).prop_map(move |key| Some(Sign { by: Gadget { key, ..sign.by }, ..sign }));
    let by = gadget().prop_map(move |by| Some(Sign { by, ..sign }));
    let other = challenge(model).prop_map(move |challenge| Some(Sign { challenge, ..sign }));
    let name = proptest::option::weighted(0.8, name()).prop_map(move |name| Some(Sign { name, ..sign }));
    prop_oneof![3 => key, 2 => by, 4 => other, 3 => name, 1 => Just(None)].boxed()
}

/// A proper sign at the door with one thing wrong, or again, or of anything.
pub(super) fn one_thing_wrong(model: &Model) -> BoxedStrategy<Command> {
    let doors = doors(model);
    let knocks = doors.iter().filter_map(|door| match door {
        Visit::Knock(knock) => knock.sign.map(|sign| (*knock, sign)),
        _ => None,
    });
    let knocks: Vec<_> = knocks.collect();
    if knocks.is_empty() {
        return anything(model);
    }
    let (knock, known) = knocks[model.challenges.len() % knocks.len()];
    let again = move |times| Command::Visit { visit: Visit::Knock(knock), times, pause: chance::NO_PAUSE };
    prop_oneof![
        4 => spoilt(model, known)
            .prop_map(move |sign| Command::visit(Visit::Knock(Knock { sign, ..knock }))),
        1 => name().prop_map(move |name| Command::visit(Visit::Knock(Knock { name, ..knock }))),
        1 => Just(Command::visit(Visit::Knock(Knock { tenant: 1 - knock.tenant, ..knock }))),
        2 => (2_u8..7).prop_map(again),
    ]
    .boxed()
}

/// Any sign at any door.
fn anything(model: &Model) -> BoxedStrategy<Command> {
    let source = select(vec![None, Some(1), Some(2)]);
    let knock = (0_usize..2, name(), sign(model), source)
        .prop_map(|(tenant, name, sign, source)| Visit::Knock(Knock { tenant, name, sign, source }));
    let ask = (0_usize..2, 0..FEW).prop_map(|(tenant, device)| Visit::Ask { tenant, device });
    let times = prop_oneof![3 => Just(1_u8), 1 => 2_u8..7];
    (prop_oneof![2 => knock, 1 => ask], times, chance::pause())
        .prop_map(|(visit, times, pause)| Command::Visit { visit, times, pause })
        .boxed()
}

/// Any call about devices.
pub(super) fn any(model: &Model, by: BoxedStrategy<By>) -> BoxedStrategy<Call> {
    let gadget = proptest::option::weighted(0.9, gadget());
    prop_oneof![
        2 => (by.clone(), gadget).prop_map(|(by, gadget)| Call::Enrol(Enrol::Register(by, gadget))),
        2 => (by.clone(), sign(model)).prop_map(|(by, sign)| Call::Enrol(Enrol::Bind(by, sign))),
        2 => (by, 0..FEW).prop_map(|(by, device)| Call::Enrol(Enrol::Unbind(by, device))),
        1 => (0..FEW).prop_map(Call::AskToBind),
        1 => Just(Call::OwnDevices),
    ]
    .boxed()
}

/// The sign of a step that binds, with one thing wrong.
pub(super) fn wrong_binding(model: &Model, steps: &[Command]) -> Option<BoxedStrategy<Command>> {
    let binding = steps.iter().rev().find_map(|step| match step {
        Command::Call { call: Call::Enrol(Enrol::Bind(_, Some(sign))), .. } => Some((step.clone(), *sign)),
        _ => None,
    });
    let (step, known) = binding?;
    let edit = move |sign| {
        twist::edited(step.clone(), |call| {
            if let Call::Enrol(Enrol::Bind(_, signed)) = call {
                *signed = sign;
            }
        })
    };
    Some(spoilt(model, known).prop_map(edit).boxed())
}

/// Whatever proves somebody, or does not.
pub(super) fn proof(model: &Model) -> BoxedStrategy<By> {
    let flow = chance::id(model.flows.len()).prop_map(By::Flow);
    prop_oneof![2 => Just(By::Fresh), 2 => (0..PASSWORDS.len()).prop_map(By::Password), 3 => flow].boxed()
}
