//! What makes a proper step a wrong one.

use std::time::Duration;

use ciam::domain::user::Channel;

use super::command::{COMMON, Call, Command, Guess, Id, TOO_SHORT, Wanted};
use super::enrol::{By, Enrol};
use super::state::Spot;

/// Whether a step presents a code or the password.
pub(super) const fn is_try(step: &Command) -> bool {
    use Call::{ChangeContact, VerifyCode, VerifyPassword};
    let Command::Call { call, .. } = step else { return false };
    matches!(
        call,
        VerifyCode(..)
            | VerifyPassword(..)
            | ChangeContact(..)
            | Call::Enrol(Enrol::ConfirmApp(_) | Enrol::Bind(..))
    )
}

/// Whether a step presents a code of an app.
pub(super) const fn is_of_app(step: &Command) -> bool {
    use Call::VerifyCode;
    matches!(
        step,
        Command::Call { call: VerifyCode(.., Guess::App(..)) | Call::Enrol(Enrol::ConfirmApp(_)), .. }
    )
}

pub(super) fn with_token(step: Command, other: usize) -> Command {
    match step {
        Command::Call { call, .. } => Command::once(other, call),
        rest => rest,
    }
}

pub(super) fn edited(step: Command, edit: impl FnOnce(&mut Call)) -> Command {
    match step {
        Command::Call { token, mut call, times, pause } => {
            edit(&mut call);
            Command::Call { token, call, times, pause }
        }
        rest => rest,
    }
}

pub(super) fn often(step: Command, times: u8, pause: Duration) -> Command {
    match step {
        Command::Call { token, call, .. } => Command::Call { token, call, times, pause },
        rest => rest,
    }
}

pub(super) fn set_flow(call: &mut Call, other: Id) {
    use Call::{Cancel, ChangeContact, ChangePassword, DeleteAccount, SendContact, SendFactor};
    use Call::{VerifyCode, VerifyPassword};
    match call {
        SendFactor(id, _)
        | SendContact(id, _)
        | ChangeContact(id, ..)
        | ChangePassword(id, _)
        | VerifyCode(id, ..)
        | VerifyPassword(id, _)
        | DeleteAccount(id)
        | Call::AskForKey(id)
        | Call::VerifyKey(id, _)
        | Cancel(id) => *id = other,
        Call::CheckToken
        | Call::Requirements(_)
        | Call::CheckOperation(_)
        | Call::EndOthers
        | Call::OwnSessions
        | Call::EndOne(_)
        | Call::EndAll
        | Call::BindSocial(..)
        | Call::AskToBind(_)
        | Call::OwnDevices
        | Call::OwnKeys
        | Call::UnbindSocial(_) => {}
        Call::Enrol(step) => {
            if step.by().is_some() {
                step.set_by(By::Flow(other));
            }
        }
    }
}

pub(super) fn set_guess(call: &mut Call, other: Guess) {
    if let Some(guess) = guess_of(call) {
        *guess = other;
        return;
    }
    match call {
        Call::VerifyPassword(_, password) => *password = if *password == 1 { 2 } else { 1 },
        Call::Enrol(step) if step.by().is_some() => step.set_by(By::Password(1)),
        _ => {}
    }
}

/// The code of an app of another time.
pub(super) const fn set_late(call: &mut Call, other: i8) {
    if let Some(Guess::App(_, late)) = guess_of(call) {
        *late = other;
    }
}

/// What a step presents as a code.
const fn guess_of(call: &mut Call) -> Option<&mut Guess> {
    match call {
        Call::VerifyCode(.., guess)
        | Call::ChangeContact(.., guess)
        | Call::Enrol(Enrol::ConfirmApp(guess)) => Some(guess),
        _ => None,
    }
}

/// Another address than the proper one, or another password than a good one.
pub(super) fn set_wanted(call: &mut Call, other: Wanted) {
    match call {
        Call::SendContact(_, wanted) => *wanted = other,
        Call::ChangePassword(_, password) => {
            *password = match other {
                Wanted::Spot(spot) => spot.number,
                Wanted::Malformed(_) => TOO_SHORT,
                Wanted::FarAway => COMMON,
            };
        }
        _ => {}
    }
}

/// A last step, or the one before it, of any operation on the flow of a step.
pub(super) fn set_step(call: &mut Call, other: usize, guess: Guess) {
    let Some(id) = id_of(call) else { return };
    let spot = |channel| Wanted::Spot(Spot { channel, number: 4 });
    *call = match other {
        0 => Call::ChangePassword(id, 3),
        1 => Call::DeleteAccount(id),
        2 => Call::ChangeContact(id, Channel::Sms, guess),
        3 => Call::ChangeContact(id, Channel::Email, guess),
        4 => Call::SendContact(id, spot(Channel::Sms)),
        _ => Call::SendContact(id, spot(Channel::Email)),
    };
}

fn id_of(call: &Call) -> Option<Id> {
    use Call::{Cancel, ChangeContact, ChangePassword, DeleteAccount, SendContact, SendFactor};
    use Call::{VerifyCode, VerifyPassword};
    match call {
        SendFactor(id, _)
        | SendContact(id, _)
        | ChangeContact(id, ..)
        | ChangePassword(id, _)
        | VerifyCode(id, ..)
        | VerifyPassword(id, _)
        | DeleteAccount(id)
        | Call::AskForKey(id)
        | Call::VerifyKey(id, _)
        | Cancel(id) => Some(*id),
        Call::CheckToken
        | Call::Requirements(_)
        | Call::CheckOperation(_)
        | Call::EndOthers
        | Call::OwnSessions
        | Call::EndOne(_)
        | Call::EndAll
        | Call::BindSocial(..)
        | Call::AskToBind(_)
        | Call::OwnDevices
        | Call::OwnKeys
        | Call::UnbindSocial(_) => None,
        Call::Enrol(step) => step.by().and_then(|by| if let By::Flow(id) = by { Some(id) } else { None }),
    }
}
