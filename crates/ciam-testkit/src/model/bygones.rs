//! What happened before a journey with devices and passkeys.

use ciam::domain::flow::{Method, Operation};

use super::command::{Call, Command, Guess, NewStatus};
use super::enrol::{By, Enrol};
use super::gadget::{DEVICES, Gadget};
use super::keyring::{Answer, TIME};
use super::past::{PHONE, Past, TABLET, WEEK_AND_A_DAY, at_the_door, newcomer};
use super::state::{ALICE, BOB, CAROL, DAVE, JOINED, TWIN};
use super::visit::{Name, On, Visit};

/// With devices.
pub(super) fn with_devices() -> Vec<Past> {
    vec![
        handy(ALICE, 0),
        handy(ALICE, 0),
        handy(DAVE, 3),
        crossed(),
        crossed(),
        crowded(),
        cornered(),
        frozen(),
        dropped(),
        dropped(),
    ]
}

/// With passkeys.
pub(super) fn with_keys() -> Vec<Past> {
    vec![
        copied(),
        taken(),
        keyed(),
        old_and_new(),
        old_and_new(),
        mixed_up(),
        mixed_up(),
        late_key(false),
        late_key(true),
        guessed_at_key(),
        recovered(),
        deleted(),
    ]
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
    Past::default().with_device(ALICE, PHONE, Name::User(ALICE)).with_key(ALICE, 0).recovers(0, 0)
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
        .misnames(PHONE, name, Name::User(BOB))
        .after(Command::Forward(TIME))
        .call(Call::Enrol(Enrol::Register(By::Fresh, Some(TABLET))))
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
        .with_key(ALICE, 0)
        .signed_in(ALICE)
        .call(Call::CheckOperation(Operation::Unsubscribe))
        .call(Call::SendFactor(flow, Method::Sms))
        .call(Call::VerifyCode(flow, Method::Sms, Guess::Sent(0)))
        .call(Call::DeleteAccount(flow))
}

/// A device is unbound in the session that it opened, where it opens one by itself.
fn dropped() -> Past {
    let name = Name::User(3);
    let two_ways = Past::default().with_device(DAVE, PHONE, name).signed_in(DAVE);
    let mut past = two_ways.call(Call::BindSocial(0, Some(0))).knocks(PHONE, name);
    past.tokens += 1;
    past.call(Call::Enrol(Enrol::Unbind(By::Fresh, PHONE.device))).call(Call::CheckToken)
}

/// Who may not act gets no further by a device or a passkey.
fn frozen() -> Past {
    let with_both = Past::default().with_device(DAVE, PHONE, Name::User(3)).with_key(DAVE, 0);
    let frozen = with_both.after(Command::SetStatus { account: DAVE, status: NewStatus::Frozen });
    frozen.knocks(PHONE, Name::User(3)).comes_by_key(DAVE, 0, 2)
}

/// A passkey signs again, counts back, and is told to be somebody else's.
fn copied() -> Past {
    let again = Past::default().with_key(BOB, 0).comes_by_key(BOB, 0, 3);
    let answer = Answer { of: 0, question: Some(0), handle: Some(BOB), count: 9, lured: false };
    let replayed = again.after(Command::visit(Visit::ByKey { tenant: 0, answer, source: None }));
    let counted = replayed.comes_by_key(BOB, 0, 3).comes_by_key(BOB, 0, 0).after(Command::Relay);
    counted.comes_by_key(CAROL, 0, 4).comes_too_late(BOB, 0)
}

/// Two people want one passkey.
fn taken() -> Past {
    Past::default().with_key(BOB, 0).with_key(ALICE, 0).with_key(TWIN, 0)
}

/// Dave has no way in but a passkey.
fn keyed() -> Past {
    let remove = Enrol::RemoveKey(By::Fresh, 0);
    let alone = Past::default().with_key(DAVE, 0).enrol(DAVE, &[remove]);
    alone.call(Call::BindSocial(0, Some(0))).signed_in(DAVE).call(Call::UnbindSocial(0))
}

/// Alice has an old passkey and a new one, of which one counts in a flow.
fn old_and_new() -> Past {
    let both = Past::default().with_key(ALICE, 0).after(Command::Forward(WEEK_AND_A_DAY)).with_key(ALICE, 1);
    let begun = both.signed_in(ALICE).call(Call::CheckOperation(Operation::UpdateEmail));
    let wrong = begun.proves_by_key(ALICE, 1, 2).proves_by_key(ALICE, 0, 1);
    wrong.proves_by_key(ALICE, 0, 2).proves_by_key(ALICE, 0, 3)
}

/// A challenge of the door is nothing in a flow, nor the other way round, nor in another tenant.
fn mixed_up() -> Past {
    let on = On { tenant: 0, flow: Some(0) };
    let right =
        |question| Answer { of: 0, question: Some(question), handle: Some(JOINED), count: 2, lured: false };
    let by_key = |question| Visit::ByKey { tenant: 0, answer: right(question), source: None };
    let steps = [
        Visit::AskKey { tenant: 0 },
        Visit::KeyIn(on, right(0)),
        Visit::AskKeyIn(on),
        by_key(1),
        Visit::AskKey { tenant: 1 },
        by_key(2),
    ];
    let asked = newcomer().with_key(JOINED, 0).after(at_the_door());
    steps.into_iter().fold(asked, |past, step| past.after(Command::visit(step)))
}

/// A passkey is confirmed when its time is over, and in another session.
fn late_key(elsewhere: bool) -> Past {
    let confirm = Call::Enrol(Enrol::ConfirmKey { number: Some(0), of: 0, named: true });
    let begun = Past::default().enrol(BOB, &[Enrol::BeginKey(By::Fresh)]);
    let later = if elsewhere { begun.signed_in(BOB) } else { begun.after(Command::Forward(TIME)) };
    later.call(confirm)
}

/// Whoever knows the password guessed at a passkey; then its owner removed it.
fn guessed_at_key() -> Past {
    let on = On { tenant: 0, flow: Some(0) };
    let wrong = Answer { of: 1, question: None, handle: None, count: 2, lured: false };
    let asked = newcomer().with_key(JOINED, 0).signed_in(JOINED).after(at_the_door());
    asked.after(Command::visit(Visit::KeyIn(on, wrong))).call(Call::Enrol(Enrol::RemoveKey(By::Fresh, 0)))
}
