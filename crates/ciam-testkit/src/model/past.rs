//! What happened before a journey, so that it has something at stake.

use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::Channel;
use proptest::prelude::*;
use proptest::sample::select;

use super::command::{Call, Command, For, Guess, NewStatus, Wanted};
use super::enrol::{By, Enrol, SHEET, TO_CONFIRM};
use super::erasure::{FIRST_PASSWORD, Newcomer};
use super::state::{ALICE, BOB, CAROL, DAVE, JOINED, Spot};
use super::visit::{Entry, Name, On, Visit};

/// The user name by number of somebody who joins.
const NEW_NAME: usize = 4;
/// What is as old as that is trusted.
const WEEK_AND_A_DAY: Duration = Duration::from_hours(8 * 24);

/// Commands of one person, each sign-in with a token of its own.
#[derive(Debug, Clone, Default)]
struct Past {
    commands: Vec<Command>,
    tokens: usize,
    apps: usize,
}

impl Past {
    fn after(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    fn signed_in(mut self, account: usize) -> Self {
        self.tokens += 1;
        self.after(Command::IssueToken { account, session: For::New, amr: Amr::Password })
    }

    /// By who signed in last.
    fn call(self, call: Call) -> Self {
        let token = self.tokens - 1;
        self.after(Command::once(token, call))
    }

    fn enrol(self, account: usize, steps: &[Enrol]) -> Self {
        let begun = self.signed_in(account);
        steps.iter().fold(begun, |past, step| past.call(Call::Enrol(*step)))
    }

    fn with_app(mut self, account: usize) -> Self {
        self.apps += 1;
        let shown = Guess::App(self.apps - 1, 0);
        self.enrol(account, &[Enrol::BeginApp(By::Fresh), Enrol::ConfirmApp(shown)])
    }

    fn with_sheet(self, account: usize) -> Self {
        self.enrol(account, &[Enrol::RenewSheet(By::Fresh)])
    }
}

pub(super) fn any() -> BoxedStrategy<Vec<Command>> {
    let past = prop_oneof![
        3 => Just(Past::default()),
        3 => equipped(),
        2 => Just(robbed()),
        2 => select(vec![worn(7), worn_out()]),
        3 => select(vec![idle(), gone(), guessed_at(Method::Totp), guessed_at(Method::RecoveryCode)]),
        2 => select(vec![replaced(), given_up(), late()]),
    ];
    past.prop_map(|past| past.commands).boxed()
}

/// Somebody has an app, a sheet or both, for so long that they are trusted, or not.
fn equipped() -> BoxedStrategy<Past> {
    let ago = select(vec![WEEK_AND_A_DAY, WEEK_AND_A_DAY, Duration::from_mins(1)]);
    (select(vec![ALICE, ALICE, BOB, DAVE]), ago, 0..3)
        .prop_map(|(account, ago, what)| {
            let past = if what == 1 { Past::default() } else { Past::default().with_app(account) };
            let past = if what == 0 { past } else { past.with_sheet(account) };
            past.after(Command::Forward(ago))
        })
        .boxed()
}

/// Whoever has alice's phone and session put an address, an app and codes of their own in place.
fn robbed() -> Past {
    let flow = Some(0);
    let own = Wanted::Spot(Spot { channel: Channel::Email, number: 4 });
    let changed = Past::default()
        .signed_in(ALICE)
        .call(Call::CheckOperation(Operation::UpdateEmail))
        .call(Call::SendFactor(flow, Method::Sms))
        .call(Call::VerifyCode(flow, Method::Sms, Guess::Sent(0)))
        .call(Call::SendContact(flow, own))
        .call(Call::ChangeContact(flow, Channel::Email, Guess::Sent(1)));
    changed.with_app(ALICE).with_sheet(ALICE)
}

/// Carol has had a sheet for long, and used most of it.
fn worn(used: usize) -> Past {
    let made = Past::default().with_sheet(CAROL).after(Command::Forward(WEEK_AND_A_DAY)).signed_in(CAROL);
    let used = (0..used).fold(made, |past, code| {
        past.call(Call::CheckOperation(Operation::UpdateEmail)).call(Call::VerifyCode(
            Some(code),
            Method::RecoveryCode,
            Guess::Paper(0, code),
        ))
    });
    used.after(Command::Relay)
}

/// The last code of a sheet proves as much as the first.
fn worn_out() -> Past {
    let to = Wanted::Spot(Spot { channel: Channel::Email, number: 4 });
    worn(SHEET).call(Call::SendContact(Some(SHEET - 1), to))
}

/// Somebody has a name, a password and a sheet.
fn newcomer() -> Past {
    let joined = Newcomer { tenant: 0, username: Some(NEW_NAME), phone: None, email: None };
    Past::default().after(Command::Join(joined)).with_sheet(JOINED)
}

fn at_the_door() -> Command {
    let name = Name::User(NEW_NAME);
    let entry = Entry { tenant: 0, name, password: FIRST_PASSWORD, device: None, source: None };
    Command::visit(Visit::SignIn(entry))
}

/// Nobody who has but a password and a sheet is asked for more than the password.
fn idle() -> Past {
    newcomer().after(at_the_door())
}

fn gone() -> Past {
    newcomer().with_app(JOINED).after(Command::SetStatus { account: JOINED, status: NewStatus::Erased })
}

/// Whoever knows the password guessed at a factor; then its owner removed it, or made it anew.
fn guessed_at(method: Method) -> Past {
    let on = On { tenant: 0, flow: Some(0) };
    let guess = Command::visit(Visit::VerifyCode(on, method, Guess::Wrong));
    let by = By::Fresh;
    let anew = if method == Method::Totp { Enrol::RemoveApp(by) } else { Enrol::RenewSheet(by) };
    let asked = newcomer().with_app(JOINED).signed_in(JOINED).after(at_the_door());
    asked.after(guess.clone()).after(guess).call(Call::Enrol(anew))
}

/// One app came after the other within a moment.
fn replaced() -> Past {
    Past::default().with_app(BOB).with_app(BOB)
}

/// An app was removed while another one was to take its place.
fn given_up() -> Past {
    let begun = Past::default().with_app(BOB).enrol(BOB, &[Enrol::BeginApp(By::Fresh)]);
    begun.call(Call::Enrol(Enrol::RemoveApp(By::Fresh)))
}

/// An app is confirmed when its time is over.
fn late() -> Past {
    let begun = Past::default().enrol(BOB, &[Enrol::BeginApp(By::Fresh)]);
    begun.after(Command::Forward(TO_CONFIRM)).call(Call::Enrol(Enrol::ConfirmApp(Guess::App(0, 0))))
}
