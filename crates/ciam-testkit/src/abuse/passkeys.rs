//! Passkeys of signed-in people: made, used as second factor, removed.

use std::time::Duration;

use ciam::domain::audit::Action;
use ciam::domain::flow::{Method, NextStep, Operation};
use ciam::domain::identifier::Username;
use ciam::domain::notice::NoticeKind;
use ciam::domain::rate::RateScope;
use ciam::domain::user::{PendingPasskey, User};
use ciam::domain::{FlowId, UserId};
use ciam::ports::{Clock, PasskeyAnswer};
use ciam::{Authority, Config, Error, NewUser, PASSKEY_TIME, PasskeyCreation, Principal, Proven};

use super::MakeWorld;
use super::moves::{relay_all, write_user};
use super::watch::{count, done, race};
use crate::contract::Scene;
use crate::fake::FakeSecurityKey;
use crate::world::{Person, SCOPE, World};

const DAY: Duration = Duration::from_hours(24);
const REJECTED: &str = "passkey.rejected";

/// Settings in which what was made just now proves its person.
pub(super) fn eager() -> Config {
    let mut config = Config::default();
    config.flow.recent_factor = Duration::ZERO;
    config
}

pub(super) async fn begin(world: &World, who: &Principal) -> PasskeyCreation {
    world.ciam.begin_passkey(who, Proven::FreshSession).await.unwrap()
}

/// Puts a passkey of this authenticator in place.
pub(super) async fn make(world: &World, who: &Principal, key: &FakeSecurityKey) {
    let begun = begin(world, who).await;
    world.ciam.confirm_passkey(who, "My phone", &key.create(&begun)).await.unwrap();
}

/// A person in a session, and their authenticator with a passkey.
pub(super) async fn owner(world: &World, name: &str, number: u8) -> (Person, Principal, FakeSecurityKey) {
    let person = world.person(name, number.into()).await;
    let who = world.sign_in(&person).await;
    let key = world.passkeys.authenticator(-7, number);
    make(world, &who, &key).await;
    (person, who, key)
}

pub(super) async fn flow(world: &World, who: &Principal) -> FlowId {
    world.ciam.check_operation(who, Operation::Unsubscribe).await.unwrap().flow
}

pub(super) async fn answer(
    world: &World,
    who: &Principal,
    flow: &FlowId,
    (key, count): (&FakeSecurityKey, u32),
) -> PasskeyAnswer {
    key.get(&world.ciam.ask_for_passkey(who, flow).await.unwrap(), None, count)
}

async fn present(world: &World, who: &Principal, flow: &FlowId, answer: &PasskeyAnswer) -> Result<(), Error> {
    world.ciam.verify_factor_passkey(who, flow, answer).await.map(drop)
}

/// The last thing that the trail says of an action.
async fn detail(world: &World, user: &UserId, action: Action) -> Option<String> {
    let trail = world.audit(user).await;
    trail.into_iter().find(|record| record.action == action)?.detail.map(std::borrow::Cow::into_owned)
}

/// What was begun is confirmed in its own session, in its time, once, by an answer to its own challenge, and proves nobody
/// before.
pub async fn a40_a_passkey_is_made_in_one_session_and_in_time(make: MakeWorld<'_>) {
    let world = make(eager());
    let alice = world.person("alice", 1).await;
    let (who, elsewhere) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let key = world.passkeys.authenticator(-7, 1);
    let confirm = async |who: &Principal, answer: &PasskeyAnswer| {
        world.ciam.confirm_passkey(who, "My phone", answer).await.map_err(|error| error.reason())
    };
    let first = begin(&world, &who).await;
    assert_eq!(confirm(&elsewhere, &key.create(&first)).await, Err("passkey.not_begun"));
    world.clock.advance(PASSKEY_TIME);
    assert_eq!(confirm(&who, &key.create(&first)).await, Err("passkey.not_begun"));
    let who = world.sign_in(&alice).await;
    let (first, second) = (begin(&world, &who).await, begin(&world, &who).await);
    assert_eq!(first.handle, second.handle, "authenticators know a person by one handle");
    assert_ne!(first.challenge, second.challenge);
    assert_eq!(confirm(&who, &key.create(&first)).await, Err(REJECTED), "a challenge that was replaced");
    assert_eq!(detail(&world, &alice.id, Action::BindPasskey).await.as_deref(), Some("challenge"));
    for name in ["", "  ", "a\nb", &"x".repeat(65)] {
        let named = world.ciam.confirm_passkey(&who, name, &key.create(&second)).await;
        assert_eq!(named.unwrap_err().reason(), "passkey.malformed_name");
    }
    assert!(world.user(&alice.id).await.passkeys.held.is_empty());
    assert_eq!(confirm(&who, &key.create(&second)).await, Ok(()));
    assert_eq!(confirm(&who, &key.create(&second)).await, Err("passkey.not_begun"), "once");
    assert!(world.ciam.own_passkeys(&elsewhere).await.is_err(), "other sessions end");
    let held = world.ciam.own_passkeys(&who).await.unwrap();
    assert_eq!((held.len(), held[0].name.as_str(), &held[0].id), (1, "My phone", &key.id));
    relay_all(&world).await;
    let told = world.mailbox.notices().into_iter().filter(|notice| notice.kind == NoticeKind::PasskeyAdded);
    assert_eq!(told.count(), 2, "each verified address is told once");
    let known = begin(&world, &who).await.known;
    assert_eq!(known.len(), 1, "what is there is not to be made again");
}

/// Nobody has a passkey of an id that somebody has.
pub async fn a40_an_id_is_one_persons(make: MakeWorld<'_>) {
    let world = make(eager());
    let (_, who, key) = owner(&world, "alice", 1).await;
    let bob = world.person("bob", 2).await;
    let thief = world.sign_in(&bob).await;
    for who in [&who, &thief] {
        let begun = begin(&world, who).await;
        let taken = world.ciam.confirm_passkey(who, "Mine", &key.create(&begun)).await;
        assert_eq!(taken.unwrap_err().reason(), "passkey.taken");
    }
    assert!(world.user(&bob.id).await.passkeys.held.is_empty());
}

/// An answer counts once, in the flow that it was asked for in, by a passkey of its own person, and in its time.
pub async fn a40_a_passkey_proves_its_person_in_one_flow(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, key) = owner(&world, "alice", 1).await;
    let (_, other, others) = owner(&world, "bob", 2).await;
    let first = flow(&world, &who).await;
    let of_first = answer(&world, &who, &first, (&key, 2)).await;
    assert!(world.ciam.delete_account(&who, &first).await.is_err(), "nothing is proven yet");
    let elsewhere = flow(&world, &other).await;
    let of_another = answer(&world, &other, &elsewhere, (&key, 2)).await;
    let wrong = answer(&world, &who, &first, (&others, 2)).await;
    let door = world.ciam.passkey_challenge(who.tenant()).await.unwrap();
    for (presented, flaw) in [
        (of_another, "challenge"),
        (wrong, "unknown"),
        (key.get(&door, None, 2), "challenge"),
        (PasskeyAnswer::new("{}".to_owned()), "malformed"),
    ] {
        assert_eq!(present(&world, &who, &first, &presented).await.unwrap_err().reason(), REJECTED);
        assert_eq!(detail(&world, &alice.id, Action::VerifyFactor).await.as_deref(), Some(flaw));
    }
    present(&world, &who, &first, &of_first).await.unwrap();
    let held = world.user(&alice.id).await.passkeys.held[0].clone();
    assert_eq!((held.sign_count, held.used_at), (2, Some(world.clock.now())));
    let second = flow(&world, &who).await;
    assert_eq!(present(&world, &who, &second, &of_first).await.unwrap_err().reason(), REJECTED, "used");
    let late = answer(&world, &who, &second, (&key, 3)).await;
    world.clock.advance(PASSKEY_TIME);
    assert_eq!(present(&world, &who, &second, &late).await.unwrap_err().reason(), REJECTED, "too late");
    let right = answer(&world, &who, &second, (&key, 3)).await;
    present(&world, &who, &second, &right).await.unwrap();
    world.ciam.delete_account(&who, &second).await.unwrap();
    assert_eq!(done(&world, &alice, Action::DeleteAccount).await, 1);
}

/// Whoever has stolen a session and made a passkey there does not prove to be its owner by it.
pub async fn a40_a_new_passkey_proves_nothing_beside_an_older_one(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, who, old) = owner(&world, "alice", 1).await;
    let flow_now = flow(&world, &who).await;
    let refused = world.ciam.ask_for_passkey(&who, &flow_now).await.unwrap_err();
    assert_eq!(refused.reason(), "factor.unsupported", "other factors are older");
    world.clock.advance(DAY * 8);
    let who = world.sign_in(&alice).await;
    let new = world.passkeys.authenticator(-8, 7);
    self::make(&world, &who, &new).await;
    let asked = flow(&world, &who).await;
    let request = world.ciam.ask_for_passkey(&who, &asked).await.unwrap();
    assert_eq!(request.known.iter().map(|known| &known.id).collect::<Vec<_>>(), [&old.id]);
    let by_new = present(&world, &who, &asked, &new.get(&request, None, 2)).await;
    assert_eq!(by_new.unwrap_err().reason(), REJECTED);
    assert_eq!(detail(&world, &alice.id, Action::VerifyFactor).await.as_deref(), Some("not_allowed"));
    let by_old = answer(&world, &who, &asked, (&old, 2)).await;
    present(&world, &who, &asked, &by_old).await.unwrap();
}

/// Rejected answers end the flow and slow the account down; other methods are counted apart.
pub async fn a40_rejected_answers_are_counted(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, key) = owner(&world, "alice", 1).await;
    let asked = flow(&world, &who).await;
    for _ in 0..5 {
        let spoilt = Scene { sign_count: 9, ..Scene::right() };
        let wrong = PasskeyAnswer::new(key.sign(&spoilt));
        assert_eq!(present(&world, &who, &asked, &wrong).await.unwrap_err().reason(), REJECTED);
    }
    let next = flow(&world, &who).await;
    let right = answer(&world, &who, &next, (&key, 2)).await;
    assert_eq!(present(&world, &who, &asked, &right).await.unwrap_err().reason(), "flow.unknown");
    assert_eq!(present(&world, &who, &next, &right).await.unwrap_err().reason(), "rate.too_many_attempts");
    assert_eq!(count(&world, &alice, RateScope::Passkey).await, 5);
    world.clock.advance(Duration::from_secs(30));
    present(&world, &who, &next, &right).await.unwrap();
    assert_eq!(count(&world, &alice, RateScope::Passkey).await, 0);
    let refused =
        world.ciam.verify_factor_code(&who, &next, Method::Passkey, &world.wrong_code(&alice.phone)).await;
    assert_eq!(refused.unwrap_err().reason(), "factor.unsupported", "it is no code");
}

/// A passkey is removed by whoever signed in just now; it proves nothing more, and other sessions end.
pub async fn a40_a_removed_passkey_ends_what_others_had_open(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, key) = owner(&world, "alice", 1).await;
    let elsewhere = world.sign_in(&alice).await;
    let open = flow(&world, &elsewhere).await;
    let pending = answer(&world, &elsewhere, &open, (&key, 2)).await;
    world.clock.advance(Duration::from_mins(5));
    let stale = world.ciam.remove_passkey(&who, Proven::FreshSession, &key.id).await;
    assert_eq!(stale.unwrap_err().reason(), "access.stale_authentication");
    let flow = world.proven(&who, Operation::UnbindPasskey).await;
    let of_another = world.proven(&who, Operation::BindPasskey).await;
    let wrong = world.ciam.remove_passkey(&who, Proven::Flow(&of_another), &key.id).await;
    assert_eq!(wrong.unwrap_err().reason(), "flow.unknown");
    world.ciam.remove_passkey(&who, Proven::Flow(&flow), &key.id).await.unwrap();
    assert!(present(&world, &elsewhere, &open, &pending).await.is_err());
    let again = world.sign_in(&alice).await;
    let gone = world.ciam.remove_passkey(&again, Proven::FreshSession, &key.id).await;
    assert_eq!(gone.unwrap_err().reason(), "passkey.unknown");
    relay_all(&world).await;
    let told = world.mailbox.notices().into_iter().filter(|notice| notice.kind == NoticeKind::PasskeyRemoved);
    assert_eq!(told.count(), 2);
}

/// Who signs in by passkeys alone keeps one.
pub async fn a40_the_last_passkey_stays(make: MakeWorld<'_>) {
    let world = make(eager());
    let new = NewUser { username: Some(Username::parse("drifter").unwrap()), ..NewUser::default() };
    let user = world.ciam.create_user(Authority::Host, new).await.unwrap().id;
    let who = world.acting_as(&user, &[SCOPE]).await;
    let keys = [1, 2].map(|number| world.passkeys.authenticator(-7, number));
    for key in &keys {
        self::make(&world, &who, key).await;
    }
    world.ciam.remove_passkey(&who, Proven::FreshSession, &keys[0].id).await.unwrap();
    let last = world.ciam.remove_passkey(&who, Proven::FreshSession, &keys[1].id).await;
    assert_eq!(last.unwrap_err().reason(), "credential.last");
    assert_eq!(world.user(&user).await.passkeys.held.len(), 1);
}

/// A host that verifies no passkeys, or none as a second factor, asks nobody for one.
pub async fn a40_nobody_is_asked_for_what_nobody_verifies(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, _) = owner(&world, "alice", 1).await;
    let mut config = eager();
    config.flow.methods = config.flow.methods.without(Method::Passkey);
    let asks = async |ciam: &ciam::Ciam| {
        let next = ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().next;
        let NextStep::SecondFactor(methods) = next else { unreachable!("{next:?}") };
        methods.contains(Method::Passkey)
    };
    assert!(asks(&world.ciam).await);
    assert!(!asks(&world.guarded().ciam).await, "there is no verifier");
    let world = world.restarted(config);
    assert!(!asks(&world.ciam).await, "the policy leaves them out");
    assert_eq!(world.user(&alice.id).await.passkeys.held.len(), 1);
}

/// Of two sessions that each remove one of the last two, one is refused; of two that confirm at once, one does.
pub async fn a40_sessions_at_once_change_passkeys_one_by_one(make: MakeWorld<'_>) {
    let world = make(eager());
    for round in 0..10 {
        let name = format!("drifter.{round}");
        let new = NewUser { username: Some(Username::parse(&name).unwrap()), ..NewUser::default() };
        let user = world.ciam.create_user(Authority::Host, new).await.unwrap().id;
        let who = world.acting_as(&user, &[SCOPE]).await;
        let keys = [1, 2, 3].map(|number| world.passkeys.authenticator_of(round * 3 + number));
        for key in &keys[..2] {
            self::make(&world, &who, key).await;
        }
        let sessions = [who, world.acting_as(&user, &[SCOPE]).await];
        let (world, sessions, keys) = (&world, &sessions, &keys);
        let removed = race(2, |turn| async move {
            world.ciam.remove_passkey(&sessions[turn], Proven::FreshSession, &keys[turn].id).await
        });
        assert_eq!(removed.iter().filter(|answer| answer.is_ok()).count(), 1, "{removed:?}");
        let who = &world.acting_as(&user, &[SCOPE]).await;
        let answer = &keys[2].create(&begin(world, who).await);
        let confirmed = race(2, |_| async move { world.ciam.confirm_passkey(who, "Mine", answer).await });
        assert_eq!(confirmed.iter().filter(|answer| answer.is_ok()).count(), 1, "{confirmed:?}");
        assert_eq!(world.user(&user).await.passkeys.held.len(), 2);
    }
}

/// Whoever knew the password, or had the session, may have made a passkey: it does not outlive what takes the account back.
pub async fn a40_passkeys_end_with_recovery_and_deletion(make: MakeWorld<'_>) {
    let world = make(eager());
    let (alice, who, _) = owner(&world, "alice", 1).await;
    let deleted = world.proven(&who, Operation::Unsubscribe).await;
    let user = world.user(&alice.id).await;
    assert_eq!(user.passkeys.held.len(), 1);
    let mut reverted: User = user.clone();
    let held = ciam::domain::user::HeldContact {
        address: alice.email.clone(),
        verified_at: user.created_at,
        since: user.created_at.before(DAY),
        until: user.created_at.after(DAY),
        key: ciam::domain::challenge::KeyId::new("k1"),
    };
    reverted.held = vec![held];
    let session = ciam::domain::SessionId::parse("s").unwrap();
    let until = user.created_at.after(DAY);
    reverted.passkeys.pending = Some(PendingPasskey { challenge: [1; 32], session, until });
    reverted.factors.recovery_codes = Some(ciam::domain::recovery_code::RecoveryCodes {
        key: ciam::domain::challenge::KeyId::new("k1"),
        made_at: user.created_at,
        unused: Vec::new(),
    });
    assert!(reverted.revert_contact(&alice.email, world.clock.now()));
    assert!(reverted.factors.is_empty(), "what was enrolled since goes too");
    assert!(
        reverted.passkeys.held.is_empty() && reverted.passkeys.pending.is_none(),
        "an address taken back"
    );
    world.ciam.delete_account(&who, &deleted).await.unwrap();
    let after = world.user(&alice.id).await.passkeys;
    assert!(after.held.is_empty() && after.handle.is_some(), "a deletion");
    let (bob, _, key) = owner(&world, "bob", 2).await;
    super::passkey_sign_in::recover(&world, &bob).await;
    assert!(world.user(&bob.id).await.passkeys.held.is_empty(), "a recovery");
    let user = world.user(&bob.id).await;
    write_user(&world, &user, |user| user.passkeys.pending = None).await;
    let shut = super::passkey_sign_in::come_in(&world, &bob, (&key, 9)).await;
    assert_eq!(shut.unwrap_err().reason(), "sign_in.failed");
}
