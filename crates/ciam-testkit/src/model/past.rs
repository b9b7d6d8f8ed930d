//! What happened before a journey, so that it has something at stake.

use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::Channel;
use proptest::prelude::*;
use proptest::sample::select;

use super::bygones;
use super::command::{Call, Command, For, Guess, NewStatus, Wanted};
use super::enrol::{By, Enrol, SHEET, TO_CONFIRM};
use super::erasure::{FIRST_PASSWORD, Newcomer};
use super::gadget::{Gadget, Knock, Sign};
use super::keyring::{Answer, TIME};
use super::state::{ALICE, BOB, CAROL, DAVE, Demand, JOINED, Model, Setting, Spot};
use super::visit::{Entry, Name, On, Visit};

/// The user name by number of somebody who joins.
const NEW_NAME: usize = 4;
pub(super) const PHONE: Gadget = Gadget { device: 0, key: 0 };
pub(super) const TABLET: Gadget = Gadget { device: 1, key: 1 };
/// What is as old as that is trusted.
pub(super) const WEEK_AND_A_DAY: Duration = Duration::from_hours(8 * 24);

/// Commands of one person, each sign-in with a token of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    commands: Vec<Command>,
    /// How many of each there are when the next one comes.
    pub(super) tokens: usize,
    apps: usize,
    challenges: usize,
    creations: usize,
    questions: usize,
}

impl Past {
    pub(super) fn after(mut self, command: Command) -> Self {
        self.commands.push(command);
        self
    }

    pub(super) fn signed_in(mut self, account: usize) -> Self {
        self.tokens += 1;
        self.after(Command::IssueToken { account, session: For::New, amr: Amr::Password })
    }

    /// By who signed in last.
    pub(super) fn call(self, call: Call) -> Self {
        let token = self.tokens - 1;
        self.after(Command::once(token, call))
    }

    pub(super) fn enrol(self, account: usize, steps: &[Enrol]) -> Self {
        let begun = self.signed_in(account);
        steps.iter().fold(begun, |past, step| past.call(Call::Enrol(*step)))
    }

    pub(super) fn with_app(mut self, account: usize) -> Self {
        self.apps += 1;
        let shown = Guess::App(self.apps - 1, 0);
        self.enrol(account, &[Enrol::BeginApp(By::Fresh), Enrol::ConfirmApp(shown)])
    }

    pub(super) fn with_device(mut self, account: usize, gadget: Gadget, name: Name) -> Self {
        let sign = Sign { by: gadget, challenge: Some(self.challenges), name: Some(name) };
        self.challenges += 1;
        self.enrol(account, &[Enrol::Register(By::Fresh, Some(gadget))])
            .call(Call::AskToBind(gadget.device))
            .call(Call::Enrol(Enrol::Bind(By::Fresh, Some(sign))))
    }

    pub(super) fn with_key(mut self, account: usize, of: usize) -> Self {
        let number = Some(self.creations);
        self.creations += 1;
        let confirm = Enrol::ConfirmKey { number, of, named: true };
        self.enrol(account, &[Enrol::BeginKey(By::Fresh), confirm])
    }

    pub(super) fn comes_by_key(mut self, account: usize, of: usize, count: u32) -> Self {
        let question = Some(self.questions);
        self.questions += 1;
        let answer = Answer { of, question, handle: Some(account), count, lured: false };
        self.after(Command::visit(Visit::AskKey { tenant: 0 })).after(Command::visit(Visit::ByKey {
            tenant: 0,
            answer,
            source: None,
        }))
    }

    pub(super) fn comes_too_late(self, account: usize, of: usize) -> Self {
        let question = Some(self.questions);
        let answer = Answer { of, question, handle: Some(account), count: 9, lured: false };
        self.after(Command::visit(Visit::AskKey { tenant: 0 }))
            .after(Command::Forward(TIME))
            .after(Command::visit(Visit::ByKey { tenant: 0, answer, source: None }))
    }

    /// A password recovered by a text message, in the flow of this number, with the code of this place.
    pub(super) fn recovers(self, flow: usize, mail: usize) -> Self {
        let name = Name::Spot(Spot { channel: Channel::Sms, number: 0 });
        let (on, operation) = (On { tenant: 0, flow: Some(flow) }, Operation::RecoverPassword);
        self.after(Command::visit(Visit::Start { operation, tenant: 0, name, source: None }))
            .after(Command::visit(Visit::VerifyCode(on, Method::Sms, Guess::Sent(mail))))
            .after(Command::visit(Visit::SetPassword(on, 2)))
    }

    /// In the first flow.
    pub(super) fn proves_by_key(mut self, account: usize, of: usize, count: u32) -> Self {
        let question = Some(self.questions);
        self.questions += 1;
        let answer = Answer { of, question, handle: Some(account), count, lured: false };
        self.call(Call::AskForKey(Some(0))).call(Call::VerifyKey(Some(0), answer))
    }

    /// At the door, by the sign of a device.
    pub(super) fn knocks(self, by: Gadget, name: Name) -> Self {
        self.knocks_with(Command::visit(Visit::Ask { tenant: 0, device: by.device }), by, name)
    }

    /// The same over a challenge that was asked for in whatever way.
    pub(super) fn knocks_with(mut self, asked: Command, by: Gadget, name: Name) -> Self {
        let sign = Some(Sign { by, challenge: Some(self.challenges), name: Some(name) });
        self.challenges += 1;
        let knock = Knock { tenant: 0, name, sign, source: None };
        self.after(asked).after(Command::visit(Visit::Knock(knock)))
    }

    /// Under one name, by a sign that says another.
    pub(super) fn misnames(mut self, by: Gadget, name: Name, signed: Name) -> Self {
        let sign = Some(Sign { by, challenge: Some(self.challenges), name: Some(signed) });
        self.challenges += 1;
        self.after(Command::visit(Visit::Ask { tenant: 0, device: by.device }))
            .after(Command::visit(Visit::Knock(Knock { tenant: 0, name, sign, source: None })))
    }

    pub(super) fn binds_with(mut self, asked: Command, by: Gadget, name: Name) -> Self {
        let sign = Some(Sign { by, challenge: Some(self.challenges), name: Some(name) });
        self.challenges += 1;
        self.after(asked).call(Call::Enrol(Enrol::Bind(By::Fresh, sign)))
    }

    pub(super) fn with_sheet(self, account: usize) -> Self {
        self.enrol(account, &[Enrol::RenewSheet(By::Fresh)])
    }
}

/// Every past that is not drawn, under each of a few settings.
pub(super) fn each() -> Vec<(Setting, Vec<Command>)> {
    let mut pasts = vec![
        robbed(),
        given_back(),
        worn(7),
        worn_out(),
        idle(),
        gone(),
        replaced(),
        given_up(),
        late(),
        shown_twice(),
    ];
    pasts.extend([Method::Totp, Method::RecoveryCode].map(guessed_at));
    pasts.extend([locked_out(None), locked_out(Some(NewStatus::Frozen)), half_way()]);
    pasts.extend([true, false].map(forgotten));
    pasts.extend(bygones::with_devices().into_iter().chain(bygones::with_keys()));
    let settings = [(Demand::Off, true), (Demand::WhenAvailable, false), (Demand::Required, true)];
    let settings = settings.map(|(sign_in, locks)| Setting { sign_in, locks, ..Model::begin().setting });
    settings.iter().flat_map(|setting| pasts.iter().map(|past| (*setting, past.commands.clone()))).collect()
}

pub(super) fn any() -> BoxedStrategy<Vec<Command>> {
    let past = prop_oneof![
        3 => Just(Past::default()),
        3 => equipped(),
        2 => Just(robbed()),
        2 => select(vec![worn(7), worn_out()]),
        3 => select(vec![idle(), idle(), gone(), gone(), guessed_at(Method::Totp), guessed_at(Method::RecoveryCode)]),
        7 => select(bygones::with_devices()),
        10 => select(bygones::with_keys()),
        3 => select(vec![replaced(), given_up(), late(), shown_twice(), shown_twice()]),
        7 => select(vec![
            locked_out(None),
            locked_out(None),
            locked_out(None),
            locked_out(Some(NewStatus::Frozen)),
            forgotten(true),
            forgotten(false),
            half_way(),
            half_way(),
        ]),
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
    changed.with_app(ALICE).with_sheet(ALICE).with_device(ALICE, TABLET, Name::User(ALICE)).with_key(ALICE, 3)
}

/// Alice has her address back, and whatever came since is gone.
fn given_back() -> Past {
    let wanted = Spot { channel: Channel::Email, number: 0 };
    robbed().after(Command::Revert { tenant: 0, wanted, right: true })
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
pub(super) fn newcomer() -> Past {
    let joined = Newcomer { tenant: 0, username: Some(NEW_NAME), phone: None, email: None };
    Past::default().after(Command::Join(joined)).with_sheet(JOINED)
}

pub(super) fn at_the_door() -> Command {
    let name = Name::User(NEW_NAME);
    let entry = Entry { tenant: 0, name, password: FIRST_PASSWORD, device: None, source: None };
    Command::visit(Visit::SignIn(entry))
}

/// Nobody who has but a password and a sheet is asked for more than the password.
fn idle() -> Past {
    newcomer().after(at_the_door())
}

fn gone() -> Past {
    let erased = |account| Command::SetStatus { account, status: NewStatus::Erased };
    let nobody = Newcomer { tenant: 0, username: None, phone: None, email: None };
    let all = newcomer().with_app(JOINED).with_key(JOINED, 0).after(erased(JOINED)).after(erased(BOB));
    all.after(Command::Join(Newcomer { username: Some(NEW_NAME), ..nobody.clone() }))
        .after(Command::Join(Newcomer { email: Some(BOB), ..nobody }))
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

/// Alice is locked for a while, or may not act at all, and recovers the password.
fn locked_out(status: Option<NewStatus>) -> Past {
    let status = status.unwrap_or(NewStatus::LockedFor(Duration::from_hours(1)));
    Past::default().after(Command::SetStatus { account: ALICE, status }).recovers(0, 0)
}

/// Whoever knows alice's password guessed at her app, and then the password was recovered or changed.
fn forgotten(recovered: bool) -> Past {
    let entry = |password| {
        let name = Name::User(ALICE);
        Command::visit(Visit::SignIn(Entry { tenant: 0, name, password, device: None, source: None }))
    };
    let guess =
        Command::visit(Visit::VerifyCode(On { tenant: 0, flow: Some(0) }, Method::Totp, Guess::Wrong));
    let tried =
        Past::default().with_app(ALICE).signed_in(ALICE).after(entry(0)).after(guess.clone()).after(guess);
    if recovered {
        return tried.recovers(1, 0);
    }
    let flow = Some(1);
    tried
        .call(Call::CheckOperation(Operation::UpdatePassword))
        .call(Call::SendFactor(flow, Method::Sms))
        .call(Call::VerifyCode(flow, Method::Sms, Guess::Sent(0)))
        .call(Call::ChangePassword(flow, 2))
}

/// Whoever reads alice's mail guessed at her password, and then it was recovered.
fn half_way() -> Past {
    let (on, name) =
        (On { tenant: 0, flow: Some(0) }, Name::Spot(Spot { channel: Channel::Email, number: 0 }));
    let guess = Command::visit(Visit::VerifyPassword(on, 1));
    Past::default()
        .after(Command::visit(Visit::Start { operation: Operation::SignIn, tenant: 0, name, source: None }))
        .after(Command::visit(Visit::VerifyCode(on, Method::Email, Guess::Sent(0))))
        .after(guess.clone())
        .after(guess)
        .recovers(1, 1)
}

/// Dave has nothing but an app, and shows one code of it in two flows.
fn shown_twice() -> Past {
    let next = |flow| Call::VerifyCode(Some(flow), Method::Totp, Guess::App(0, 1));
    Past::default()
        .with_app(DAVE)
        .signed_in(DAVE)
        .call(Call::CheckOperation(Operation::Unsubscribe))
        .call(next(0))
        .call(Call::CheckOperation(Operation::UpdateEmail))
        .call(next(1))
}
