//! Moves that the cases share, and what "refused" means in each of them.

use std::sync::Barrier;

use ciam::domain::FlowId;
use ciam::domain::audit::Outcome;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Operation;
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Address, Channel, User};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit};
use ciam::{Ciam, ContactCodeRequest, CorePorts, Error, NewContact, Principal, Wording};

use crate::world::{Person, World};

/// A password that nobody had before.
pub(super) const NEW: &str = "seven herons cross the bay";

pub(super) fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// A phone number of mainland China.
pub(super) const fn phone(number: &str) -> NewContact<'_> {
    NewContact::Phone { number, region: Some("86") }
}

pub(super) const fn changes(channel: Channel) -> Operation {
    match channel {
        Channel::Sms => Operation::UpdatePhone,
        Channel::Email => Operation::UpdateEmail,
    }
}

/// Asks for a code to a new address.
pub(super) async fn ask(
    world: &World,
    who: &Principal,
    flow: &FlowId,
    contact: NewContact<'_>,
) -> Result<(), Error> {
    let request = ContactCodeRequest { flow, contact, wording: Wording::default(), captcha: None };
    world.ciam.send_contact_code(who, request).await
}

/// A proven flow with a code on its way to a new address.
pub(super) async fn asked(world: &World, who: &Principal, contact: NewContact<'_>) -> FlowId {
    let channel = match contact {
        NewContact::Phone { .. } => Channel::Sms,
        NewContact::Email(_) => Channel::Email,
    };
    let flow = world.proven(who, changes(channel)).await;
    ask(world, who, &flow, contact).await.unwrap();
    flow
}

/// Carries an operation out in a session of its own.
pub(super) async fn perform(world: &World, person: &Person, operation: Operation) {
    let who = world.sign_in(person).await;
    let flow = ready(world, &who, operation).await;
    act(world, &who, operation, &flow).await;
}

/// A flow of which only the last call is missing.
pub(super) async fn ready(world: &World, who: &Principal, operation: Operation) -> FlowId {
    match operation.changes() {
        Some(Channel::Sms) => asked(world, who, phone("13900000001")).await,
        Some(Channel::Email) => asked(world, who, NewContact::Email("new@example.org")).await,
        None => world.proven(who, operation).await,
    }
}

/// The last call of a flow, which succeeds.
pub(super) async fn act(world: &World, who: &Principal, operation: Operation, flow: &FlowId) {
    let done = match (operation, operation.changes()) {
        (_, Some(channel)) => {
            let sent = world.mailbox.codes().pop().unwrap();
            world.ciam.change_contact(who, flow, channel, &code(&sent.digits)).await
        }
        (Operation::Unsubscribe, None) => world.ciam.delete_account(who, flow).await,
        (_, None) => world.ciam.change_password(who, flow, &secret(NEW)).await,
    };
    done.unwrap();
}

/// Hands out every notice that is due.
pub(super) async fn relay_all(world: &World) {
    while world.ciam.relay_once().await.unwrap().sent > 0 {}
}

/// What could be seen to change by a call that should change nothing.
struct Standing {
    user: User,
    codes: usize,
    notices: usize,
    refusals: usize,
}

impl Standing {
    async fn of(world: &World, person: &Person) -> Self {
        relay_all(world).await;
        Self {
            user: world.user(&person.id).await,
            codes: world.mailbox.codes().len(),
            notices: world.mailbox.notices().len(),
            refusals: refusals(world, person).await.len(),
        }
    }
}

/// The reasons on the trail of a person, newest first.
pub(super) async fn refusals(world: &World, person: &Person) -> Vec<String> {
    let reason = |outcome| match outcome {
        Outcome::Refused(reason) => Some(reason.into_owned()),
        Outcome::Done => None,
    };
    world.audit(&person.id).await.into_iter().filter_map(|record| reason(record.outcome)).collect()
}

/// The call is refused for this reason: the account stays as it is, nothing is sent, and the trail grows by the
/// one record that says so.
pub(super) async fn refused<T>(
    world: &World,
    person: &Person,
    reason: &str,
    call: impl Future<Output = Result<T, Error>>,
) -> Error {
    let before = Standing::of(world, person).await;
    let error = call.await.err().expect("a refusal");
    assert!(matches!(error, Error::Refused(_)), "{error:?} instead of {reason}");
    assert_eq!(error.reason(), reason);
    let after = Standing::of(world, person).await;
    assert_eq!(after.user, before.user, "{reason} changes nothing");
    assert_eq!(after.codes, before.codes, "{reason} sends no code");
    assert_eq!(after.notices, before.notices, "{reason} sends no notice");
    assert_eq!(after.refusals, before.refusals + 1, "{reason} is recorded once");
    assert_eq!(refusals(world, person).await[0], reason);
    error
}

/// Makes one call for each item, all at the same time on threads of their own.
pub(super) fn at_once<I: Send, T: Send>(items: Vec<I>, call: impl Fn(I) -> T + Sync) -> Vec<T> {
    let (start, call) = (&Barrier::new(items.len()), &call);
    std::thread::scope(|scope| {
        let begin = |item| {
            scope.spawn(move || {
                start.wait();
                call(item)
            })
        };
        let running: Vec<_> = items.into_iter().map(begin).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Writes an account past the use cases, as a host with its own user table may.
pub(super) async fn write_user(world: &World, user: &User, change: impl FnOnce(&mut User)) {
    let mut next = user.clone();
    next.version = user.version.next();
    change(&mut next);
    let write = UserWrite::Replace { expected: user.version, user: Box::new(next) };
    let commit =
        Commit { user: write, ..Commit::of(user.tenant.clone(), user.id.clone(), world.clock.now()) };
    world.backend.store.commit(commit).await.unwrap();
}

pub(super) fn code(digits: &str) -> Code {
    Code::presented(digits)
}

/// The address in the spelling that messages go to.
pub(super) fn spelling(address: &Address) -> &str {
    match address {
        Address::Phone(phone) => phone.canonical(),
        Address::Email(email) => email.original(),
    }
}

/// The world's use cases over other ports.
pub(super) fn over(world: &World, change: impl FnOnce(&mut CorePorts)) -> Ciam {
    let mut ports = world.ports.clone();
    change(&mut ports);
    world.ciam_over(ports)
}
