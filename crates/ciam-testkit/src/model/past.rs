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
use super::gadget::{DEVICES, Gadget, Knock, Sign};
use super::state::{ALICE, BOB, CAROL, DAVE, JOINED, Spot};
use super::visit::{Entry, Name, On, Visit};

/// The user name by number of somebody who joins.
const NEW_NAME: usize = 4;
const PHONE: Gadget = Gadget { device: 0, key: 0 };
const TABLET: Gadget = Gadget { device: 1, key: 1 };
/// What is as old as that is trusted.
const WEEK_AND_A_DAY: Duration = Duration::from_hours(8 * 24);

/// Commands of one person, each sign-in with a token of its own.
#[derive(Debug, Clone, Default)]
struct Past {
    commands: Vec<Command>,
    tokens: usize,
    apps: usize,
    challenges: usize,
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

    fn with_device(mut self, account: usize, gadget: Gadget, name: Name) -> Self {
        let sign = Sign { by: gadget, challenge: Some(self.challenges), name: Some(name) };
        self.challenges += 1;
        self.enrol(account, &[Enrol::Register(By::Fresh, Some(gadget))])
            .call(Call::AskToBind(gadget.device))
            .call(Call::Enrol(Enrol::Bind(By::Fresh, Some(sign))))
    }

    /// At the door, by the sign of a device.
    fn knocks(self, by: Gadget, name: Name) -> Self {
        self.knocks_with(Command::visit(Visit::Ask { tenant: 0, device: by.device }), by, name)
    }

    /// The same over a challenge that was asked for in whatever way.
    fn knocks_with(mut self, asked: Command, by: Gadget, name: Name) -> Self {
        let sign = Some(Sign { by, challenge: Some(self.challenges), name: Some(name) });
        self.challenges += 1;
        let knock = Knock { tenant: 0, name, sign, source: None };
        self.after(asked).after(Command::visit(Visit::Knock(knock)))
    }

    fn binds_with(mut self, asked: Command, by: Gadget, name: Name) -> Self {
        let sign = Some(Sign { by, challenge: Some(self.challenges), name: Some(name) });
        self.challenges += 1;
        self.after(asked).call(Call::Enrol(Enrol::Bind(By::Fresh, sign)))
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
        3 => select(vec![cornered(), cornered(), deleted(), dropped(), dropped()]),
        3 => select(vec![handy(ALICE, 0), handy(DAVE, 3), crossed(), crossed(), crowded(), recovered()]),
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
    changed.with_app(ALICE).with_sheet(ALICE).with_device(ALICE, TABLET, Name::User(ALICE))
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

/// Somebody has bound a device, came in by it, and failed to.
fn handy(account: usize, name: usize) -> Past {
    let wrong = Gadget { key: 2, ..PHONE };
    let name = Name::User(name);
    Past::default().with_device(account, PHONE, name).knocks(wrong, name).knocks(PHONE, name)
}

/// Somebody has made as many devices known as they may, and one more.
fn crowded() -> Past {
    let gadgets = (0..DEVICES.len()).map(|device| Gadget { device, key: 0 });
    let all: Vec<_> = gadgets.map(|gadget| Enrol::Register(By::Fresh, Some(gadget))).collect();
    Past::default().enrol(BOB, &all)
}

/// A device was bound, and the password recovered.
fn recovered() -> Past {
    let begun = Past::default().with_device(ALICE, PHONE, Name::User(ALICE));
    let (on, name) = (On { tenant: 0, flow: Some(0) }, Name::Spot(Spot { channel: Channel::Sms, number: 0 }));
    let operation = Operation::RecoverPassword;
    begun
        .after(Command::visit(Visit::Start { operation, tenant: 0, name, source: None }))
        .after(Command::visit(Visit::VerifyCode(on, Method::Sms, Guess::Sent(0))))
        .after(Command::visit(Visit::SetPassword(on, 2)))
}

/// Dave's devices sign challenges that are for something else.
fn crossed() -> Past {
    let (ask, name) = (|tenant, device| Command::visit(Visit::Ask { tenant, device }), Name::User(3));
    let to_bind = |token| Command::once(token, Call::AskToBind(PHONE.device));
    Past::default()
        .signed_in(ALICE)
        .with_device(DAVE, PHONE, name)
        .enrol(DAVE, &[Enrol::Register(By::Fresh, Some(TABLET))])
        .knocks(TABLET, name)
        .knocks_with(to_bind(1), PHONE, name)
        .knocks_with(ask(1, PHONE.device), PHONE, name)
        .knocks_with(ask(0, TABLET.device), PHONE, name)
        .binds_with(ask(0, TABLET.device), TABLET, name)
        .binds_with(Command::once(0, Call::AskToBind(TABLET.device)), TABLET, name)
        .enrol(DAVE, &[TABLET, PHONE].map(|gadget| Enrol::Register(By::Fresh, Some(gadget))))
}

/// Dave has no way in but a device, and then one more for a while.
fn cornered() -> Past {
    let unbind = Enrol::Unbind(By::Fresh, PHONE.device);
    Past::default()
        .with_device(DAVE, PHONE, Name::User(3))
        .enrol(DAVE, &[unbind])
        .call(Call::BindSocial(0, Some(0)))
        .signed_in(DAVE)
        .call(Call::UnbindSocial(0))
        .enrol(DAVE, &[unbind])
}

/// Alice deleted her account, with all that she signed in by.
fn deleted() -> Past {
    let flow = Some(0);
    Past::default()
        .with_device(ALICE, PHONE, Name::User(ALICE))
        .signed_in(ALICE)
        .call(Call::CheckOperation(Operation::Unsubscribe))
        .call(Call::SendFactor(flow, Method::Sms))
        .call(Call::VerifyCode(flow, Method::Sms, Guess::Sent(0)))
        .call(Call::DeleteAccount(flow))
}

/// A device is unbound in the session that it opened, where it opens one by itself.
fn dropped() -> Past {
    let name = Name::User(ALICE);
    let mut past = Past::default().with_device(ALICE, PHONE, name).knocks(PHONE, name);
    past.tokens += 1;
    past.call(Call::Enrol(Enrol::Unbind(By::Fresh, PHONE.device)))
}
