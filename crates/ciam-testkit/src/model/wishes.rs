//! What people wish to enrol or to remove, and what they prove themselves by then.

use ciam::domain::flow::{Method, Operation};
use proptest::prelude::*;

use super::command::{Call, Guess, Id};
use super::enrol::{By, Enrol, SHEET, step_at};
use super::state::{Model, Token};
use super::{chance, knocks, touches};

/// What somebody who may act begins or confirms.
pub(super) fn of(model: &Model, who: &Token) -> Vec<Call> {
    let account = &model.accounts[who.account];
    let kit = &account.kit;
    let password = account.passwords.first().copied().unwrap_or_default();
    let by = if model.signed_in_lately(who) { By::Fresh } else { By::Password(password) };
    let mut all: Vec<_> = [by, By::Fresh, By::Password(password)].map(Enrol::BeginApp).to_vec();
    all.extend([by, By::Fresh].map(Enrol::RenewSheet));
    all.extend(kit.app.iter().flat_map(|_| [by, By::Fresh].map(Enrol::RemoveApp)));
    all.into_iter()
        .map(Call::Enrol)
        .chain(knocks::of(model, who, by))
        .chain(touches::of(model, who, by))
        .collect()
}

/// What somebody begun, confirmed in any session of theirs and however late.
pub(super) fn confirmed(model: &Model, who: &Token) -> Vec<Enrol> {
    let begun = model.accounts[who.account].kit.begun.iter();
    let apps = begun.map(|begun| Enrol::ConfirmApp(Guess::App(begun.number, 0)));
    apps.chain(knocks::bindings(model, who)).chain(touches::confirmed(model, who)).collect()
}

/// What a flow whose factor is proven is for.
pub(super) const fn end_of(operation: Operation, flow: Id) -> Option<Enrol> {
    let by = By::Flow(flow);
    Some(match operation {
        Operation::BindTotp => Enrol::BeginApp(by),
        Operation::UnbindTotp => Enrol::RemoveApp(by),
        Operation::RenewRecoveryCodes => Enrol::RenewSheet(by),
        _ => return None,
    })
}

/// The code that somebody has at home, where a method takes one.
pub(super) fn at_home(model: &Model, account: usize, method: Method) -> Option<Guess> {
    let kit = &model.accounts[account].kit;
    match method {
        Method::Totp => {
            let app = kit.app.as_ref()?;
            let late = (-1..=1).find(|late| step_at(model.now) + i64::from(*late) > app.last);
            Some(Guess::App(app.number, late.unwrap_or_default()))
        }
        Method::RecoveryCode => {
            let sheet = kit.sheet.as_ref()?;
            Some(Guess::Paper(sheet.number, *sheet.unused.first()?))
        }
        _ => None,
    }
}

/// Any call with anything.
pub(super) fn anything(model: &Model) -> BoxedStrategy<Call> {
    let by = || knocks::proof(model);
    prop_oneof![
        2 => by().prop_map(Enrol::BeginApp),
        3 => chance::guess(model).prop_map(Enrol::ConfirmApp),
        1 => by().prop_map(Enrol::RemoveApp),
        1 => by().prop_map(Enrol::RenewSheet),
    ]
    .prop_map(Call::Enrol)
    .boxed()
}

/// A code of an app, now or at another time, or of a sheet.
pub(super) fn guess(model: &Model) -> BoxedStrategy<Guess> {
    let app = (0..model.apps.max(1), -2_i8..=2).prop_map(|(app, late)| Guess::App(app, late));
    let paper = (0..model.sheets.max(1), 0..SHEET).prop_map(|(sheet, code)| Guess::Paper(sheet, code));
    prop_oneof![2 => app, 1 => paper].boxed()
}
