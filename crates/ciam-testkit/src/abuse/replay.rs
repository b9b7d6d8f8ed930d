//! A flow acts once.

use ciam::domain::FlowId;
use ciam::domain::audit::Action;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Operation;
use ciam::domain::notice::Notice;
use ciam::domain::password::Password;
use ciam::domain::user::{Channel, Status};
use ciam::{Config, Error, NewContact, Principal};

use super::MakeWorld;
use super::moves::{ask, secret};
use super::step::{NEW_EMAIL, NEW_PASSWORD, Step, complete};
use super::watch::{Watch, done, race};
use crate::world::{PASSWORD, Person, World};

const CALLERS: usize = 32;

/// A flow that has changed the password changes it no more: one row of history, one event.
pub async fn a04_replay_of_a_password_change(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let flow = world.proven(&who, Operation::UpdatePassword).await;
    complete(&world, &who, &flow, Operation::UpdatePassword).await;
    for body in [NEW_PASSWORD, "a ferry in the morning fog"] {
        let body = secret(body);
        watch.refuses(&who, "flow.unknown", world.ciam.change_password(&who, &flow, &body)).await;
    }
    assert_eq!(world.user(&alice.id).await.password.unwrap().former.len(), 1);
    assert!(has_password(&world, &alice, NEW_PASSWORD).await);
    assert_eq!(done(&world, &alice, Action::ChangePassword).await, 1);
    assert_one_event(&notices(&world).await, 2);
}

/// A flow that has changed an address changes it no more, neither with its code nor with another.
pub async fn a04_replay_of_a_contact_change(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let flow = world.proven(&who, Operation::UpdateEmail).await;
    complete(&world, &who, &flow, Operation::UpdateEmail).await;
    let used = world.mailbox.last_code(NEW_EMAIL).unwrap();
    for code in [used.as_str(), "000000"] {
        let code = Code::presented(code);
        for step in [Step::ChangeContact(Channel::Email), Step::SendContactCode(Channel::Email)] {
            watch.refuses(&who, "flow.unknown", step.take(&world, &who, &flow, &code)).await;
        }
    }
    assert_eq!(done(&world, &alice, Action::ChangeContact).await, 1);
    assert_one_event(&notices(&world).await, 2);
}

/// A flow that has deleted the account does nothing more.
pub async fn a04_replay_of_a_deletion(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let watch = Watch { world: &world, people: &[&alice] };
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    complete(&world, &who, &flow, Operation::Unsubscribe).await;
    watch.refuses(&who, "access.deleted", world.ciam.delete_account(&who, &flow)).await;
    assert_eq!(done(&world, &alice, Action::DeleteAccount).await, 1);
    assert_one_event(&notices(&world).await, 2);
}

/// Of many changes of password by one flow at once, one takes effect, and what is stored is its password.
pub async fn a05_double_spend_of_a_password_flow(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, Operation::UpdatePassword).await;
    let body = |turn: usize| format!("heron number {turn} crosses the bay");
    let (ciam, who, flow) = (&world.ciam, &who, &flow);
    let answers =
        race(CALLERS, |turn| async move { ciam.change_password(who, flow, &secret(&body(turn))).await });
    let winner = only_winner(&answers);
    assert!(has_password(&world, &alice, &body(winner)).await);
    assert_eq!(world.user(&alice.id).await.password.unwrap().former.len(), 1);
    assert_eq!(done(&world, &alice, Action::ChangePassword).await, 1);
    assert_one_event(&notices(&world).await, 2);
    ciam.check_token(who).await.unwrap();
}

/// Of changes of password by a flow in each of several sessions at once, one takes effect.
pub async fn a05_double_spend_over_many_sessions(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let mut flows: Vec<(Principal, FlowId)> = Vec::new();
    for _ in 0..5 {
        let who = world.sign_in(&alice).await;
        let flow = world.proven(&who, Operation::UpdatePassword).await;
        flows.push((who, flow));
    }
    let body = |turn: usize| format!("heron number {turn} crosses the bay");
    let (ciam, flows) = (&world.ciam, &flows);
    let answers = race(flows.len(), |turn| async move {
        let (who, flow) = &flows[turn];
        ciam.change_password(who, flow, &secret(&body(turn))).await
    });
    let winner = only_winner(&answers);
    assert!(has_password(&world, &alice, &body(winner)).await);
    assert_eq!(world.user(&alice.id).await.password.unwrap().former.len(), 1);
    assert_one_event(&notices(&world).await, 2);
}

/// Of many uses of one right code at once, one changes the address.
pub async fn a05_double_spend_of_a_contact_flow(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, Operation::UpdateEmail).await;
    ask(&world, &who, &flow, NewContact::Email(NEW_EMAIL)).await.unwrap();
    let digits = world.mailbox.last_code(NEW_EMAIL).unwrap();
    let (ciam, who, flow, digits) = (&world.ciam, &who, &flow, &digits);
    let answers = race(CALLERS, |_| async move {
        ciam.change_contact(who, flow, Channel::Email, &Code::presented(digits)).await
    });
    only_winner(&answers);
    assert_eq!(world.user(&alice.id).await.email.unwrap().address.canonical(), NEW_EMAIL);
    assert_eq!(done(&world, &alice, Action::ChangeContact).await, 1);
    let told = notices(&world).await;
    assert_one_event(&told, 2);
    assert!(told.iter().all(|notice| notice.to.canonical() != NEW_EMAIL));
    ciam.check_token(who).await.unwrap();
}

/// Of many deletions by one flow at once, one takes effect.
pub async fn a05_double_spend_of_a_deletion_flow(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    let (ciam, who, flow) = (&world.ciam, &who, &flow);
    let answers = race(CALLERS, |_| async move { ciam.delete_account(who, flow).await });
    only_winner(&answers);
    assert!(matches!(world.user(&alice.id).await.status, Status::PendingDeletion { .. }));
    assert_eq!(done(&world, &alice, Action::DeleteAccount).await, 1);
    assert_one_event(&notices(&world).await, 2);
}

/// The one caller who succeeded; every other one was refused by a rule.
fn only_winner(answers: &[Result<(), Error>]) -> usize {
    let winners: Vec<_> = (0..answers.len()).filter(|turn| answers[*turn].is_ok()).collect();
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        // Who comes after the winner finds the flow gone; the session or the account may have ended as well.
        let reasons = ["flow.unknown", "access.invalid_token", "access.deleted"];
        assert!(reasons.contains(&error.reason()), "{error:?}");
    }
    assert_eq!(winners.len(), 1, "{answers:?}");
    winners[0]
}

async fn has_password(world: &World, person: &Person, password: &str) -> bool {
    use ciam::ports::PasswordHasher;
    let current = world.user(&person.id).await.password.expect("a password").current;
    let matches = async |text: &str| {
        let password = Password::parse(text).expect("a password");
        world.hasher.verify(&password, &current).await.expect("a hasher").is_match()
    };
    matches(password).await && !matches(PASSWORD).await
}

async fn notices(world: &World) -> Vec<Notice> {
    world.ciam.relay_once().await.expect("an outbox");
    world.mailbox.notices()
}

/// One event, told to so many addresses.
fn assert_one_event(notices: &[Notice], addresses: usize) {
    assert_eq!(notices.len(), addresses, "{notices:?}");
    assert!(notices.iter().all(|notice| notice.id == notices[0].id), "{notices:?}");
}
