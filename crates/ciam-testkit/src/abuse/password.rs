//! Passwords: what is no good one, and what an old one is still good for.

use std::sync::Arc;

use ciam::domain::FlowId;
use ciam::domain::flow::Operation;
use ciam::domain::password::{Password, PasswordHash, PasswordPolicy};
use ciam::ports::PasswordHasher;
use ciam::{Ciam, Config, Error, NewUser, Principal};
use futures_executor::block_on;

use super::MakeWorld;
use super::broken::SlowHasher;
use super::moves::{NEW, at_once, over, refusals, refused, secret};
use crate::world::{PASSWORD, Person, World};

/// Length is counted in code points at both ends, and what is out of bounds costs no hash.
pub async fn a23_lengths_out_of_bounds_cost_no_hash(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut alice = Owner::of(&world, "alice", 1).await;
    for letter in ["~", "中", "é", "e\u{302}", "😀"] {
        for length in [8, 64, 128] {
            alice.change(&world, &letter.repeat(length)).await.unwrap();
        }
        for (length, reason) in [(0, "password.blank"), (7, "password.too_short"), (129, "password.too_long")]
        {
            alice.refused_for_free(&world, reason, &letter.repeat(length)).await;
        }
    }
    let huge = "a".repeat(1 << 20);
    alice.refused_for_free(&world, "password.too_long", &huge).await;
    let flow = world.ciam.check_operation(&alice.who, Operation::UpdatePassword).await.unwrap().flow;
    let calls = world.hasher.calls();
    for text in [huge.as_str(), &"~".repeat(129), ""] {
        let tried = async { world.ciam.verify_factor_password(&alice.who, &flow, &secret(text)).await };
        refused(&world, &alice.person, "factor.wrong_password", tried).await;
    }
    let new = NewUser { password: Some(secret(&huge)), ..NewUser::default() };
    assert_eq!(
        world.ciam.create_user(ciam::Authority::Host, new).await.unwrap_err().reason(),
        "password.too_long"
    );
    assert_eq!(world.hasher.calls(), calls);
}

/// No letter of a long password is cut off: 72 and 127 are where others stop.
pub async fn a23_the_end_of_a_long_password_counts(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut alice = Owner::of(&world, "alice", 1).await;
    for length in [72, 127] {
        let common = "~".repeat(length);
        alice.change(&world, &format!("{common}x")).await.unwrap();
        for other in [format!("{common}y"), format!("{common}X"), common.clone()] {
            alice.does_not_verify(&world, &other).await;
        }
        alice.change(&world, &format!("{common}y")).await.unwrap();
    }
}

/// Composed and decomposed spellings are one password; width, case and spaces make another one.
pub async fn a23_only_canonical_spellings_are_one_password(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut alice = Owner::of(&world, "alice", 1).await;
    let pairs = [
        ("caf\u{e9} on the quay", "cafe\u{301} on the quay"),
        ("n\u{1ed1}i l\u{1ea1}i nh\u{1ecb}p", "no\u{302}\u{301}i la\u{323}i nhi\u{323}p"),
    ];
    for (composed, decomposed) in pairs {
        alice.change(&world, composed).await.unwrap();
        alice.current = decomposed.to_owned();
        alice.change(&world, &format!("{decomposed}!")).await.unwrap();
        alice.current = format!("{composed}!");
    }
    for (set, other) in [
        ("Ａ long walk home", "A long walk home"),
        ("A long way home", "Ａ long way home"),
        (" padded phrase ", "padded phrase"),
        ("ﬁne weather today", "fine weather today"),
    ] {
        alice.change(&world, set).await.unwrap();
        alice.does_not_verify(&world, other).await;
        alice.does_not_verify(&world, &set.to_uppercase()).await;
    }
}

/// What is easy to guess is refused with its reason before anything is hashed; a long plain phrase is taken.
pub async fn a24_guessable_passwords_are_refused(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.password = PasswordPolicy::default().with_context_words(&["Harbourtown"]).unwrap();
    let world = make(config);
    let mut alice = Owner::of(&world, "wonderland", 4_321).await;
    let rows = [
        ("password.listed", vec!["password1", "PassWord1", "iloveyou", "12345678", "qwertyuiop"]),
        ("password.context_word", vec!["harbourtown rules", "my HARBOURTOWN", "xxＨarbourtownharbourtown"]),
        ("password.own_identifier", vec!["wonderland 2026", "in WonderLand again", "call 13800004321"]),
    ];
    for (reason, texts) in rows {
        for text in texts {
            alice.refused_for_free(&world, reason, text).await;
        }
    }
    alice.change(&world, "a slow barge drifts under the old stone bridge at dusk").await.unwrap();
}

/// The present password and the four before it are refused, in any normal form; the sixth most recent is taken.
pub async fn a24_the_last_five_do_not_come_back(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut alice = Owner::of(&world, "alice", 1).await;
    let row: Vec<_> = (1..=5).map(|n| format!("r\u{e9}sum\u{e9} number {n}")).collect();
    let other_form = |text: &str| text.replace('\u{e9}', "e\u{301}");
    for text in &row {
        alice.change(&world, text).await.unwrap();
    }
    for form in [row[4].clone(), other_form(&row[4])] {
        alice.refused(&world, "password.same", &form).await;
    }
    for text in &row[..4] {
        alice.refused(&world, "password.recurrent", text).await;
        alice.refused(&world, "password.recurrent", &other_form(text)).await;
    }
    alice.change(&world, PASSWORD).await.unwrap();
    alice.change(&world, &row[0]).await.unwrap();
}

/// A refused password leaves the flow as it is, five times; the fifth ends it.
pub async fn a24_a_flow_has_five_refused_passwords(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for (n, tries) in [(1, 4), (2, 5)] {
        let alice = Owner::of(&world, &format!("alice.{n}"), n).await;
        let flow = alice.proven(&world).await;
        let tried = ["short", "password1", PASSWORD, "", "1234567"];
        for text in &tried[..tries] {
            let call = async { world.ciam.change_password(&alice.who, &flow, &secret(text)).await };
            let reason = call.await.unwrap_err().reason();
            assert!(reason.starts_with("password."), "{reason}");
        }
        let last = async { world.ciam.change_password(&alice.who, &flow, &secret(NEW)).await };
        if tries < 5 {
            last.await.unwrap();
        } else {
            refused(&world, &alice.person, "flow.unknown", last).await;
        }
    }
}

/// Of two flows that change at once one wins; the old password is one row of history and does not come back.
pub async fn a24_two_flows_at_once_keep_the_history(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let slow = over(&world, |ports| ports.hasher = Arc::new(SlowHasher(world.hasher.clone())));
    for round in 1..=20 {
        let mut one = Owner::of(&world, &format!("alice.{round}"), round).await;
        let two = Owner { who: world.sign_in(&one.person).await, ..one.clone() };
        // In every other round the second flow asks for the password in use.
        let wanted = if round % 2 == 0 { PASSWORD } else { "nine otters in the mill race" };
        let flows = [(&one, one.proven(&world).await, NEW), (&two, two.proven(&world).await, wanted)];
        let change = |(owner, flow, new): &(&Owner, FlowId, &str)| {
            block_on(slow.change_password(&owner.who, flow, &secret(new)))
        };
        let answers = at_once(flows.iter().collect(), change);
        let done: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "in round {round}: {answers:?}");
        let (won, lost) = if done[0] { (NEW, wanted) } else { (wanted, NEW) };
        assert_ne!(won, PASSWORD, "the old password is refused whoever comes first");
        let credential = world.user(&one.person.id).await.password.unwrap();
        assert!(is_hash_of(&world, won, &credential.current).await);
        assert_eq!(credential.former.len(), 1, "no row is lost and none is written twice");
        assert!(is_hash_of(&world, PASSWORD, &credential.former[0]).await);
        one = Owner { who: world.sign_in(&one.person).await, current: won.to_owned(), ..one };
        one.refused(&world, "password.recurrent", PASSWORD).await;
        if lost != PASSWORD {
            one.change(&world, lost).await.unwrap();
        }
    }
}

/// However many former passwords are tried at once on one flow, five answers at most tell anything; that holds
/// too where all of them begin at the last try.
pub async fn a24_parallel_tries_reveal_five_answers(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let slow = over(&world, |ports| ports.hasher = Arc::new(SlowHasher(world.hasher.clone())));
    for spent in [0, 4] {
        let mut alice = Owner::of(&world, &format!("alice.{spent}"), spent).await;
        let mut former = vec![PASSWORD.to_owned()];
        for n in 1..=4 {
            former.push(format!("lighthouse number {n}"));
            alice.change(&world, &former[n]).await.unwrap();
        }
        let (who, flow) = (&alice.who, &alice.proven(&world).await);
        let attempt = async |ciam: &Ciam, text: &str| ciam.change_password(who, flow, &secret(text)).await;
        for _ in 0..spent {
            assert_eq!(attempt(&world.ciam, PASSWORD).await.unwrap_err().reason(), "password.recurrent");
        }
        let storm = (0..32).map(|n| former[n % 5].as_str()).collect();
        let answers = at_once(storm, |text| block_on(attempt(&slow, text)).unwrap_err().reason());
        let telling = usize::from(spent) + answers.iter().filter(|reason| tells(reason)).count();
        assert!((1..=5).contains(&telling), "{answers:?}");
        assert!(answers.iter().all(|reason| tells(reason) || *reason == "flow.unknown"));
        let told = refusals(&world, &alice.person).await;
        assert_eq!(told.len(), 32 + usize::from(spent), "each is recorded once");
        assert_eq!(told.iter().filter(|reason| tells(reason)).count(), telling);
        for _ in telling..5 {
            assert_eq!(attempt(&world.ciam, PASSWORD).await.unwrap_err().reason(), "password.recurrent");
        }
        refused(&world, &alice.person, "flow.unknown", attempt(&world.ciam, NEW)).await;
    }
}

fn tells(reason: &str) -> bool {
    reason.starts_with("password.")
}

/// Somebody who knows their password.
#[derive(Clone)]
struct Owner {
    person: Person,
    who: Principal,
    current: String,
}

impl Owner {
    async fn of(world: &World, name: &str, number: u16) -> Self {
        let person = world.person(name, number).await;
        let who = world.sign_in(&person).await;
        Self { person, who, current: PASSWORD.to_owned() }
    }

    /// A flow that lacks the new password alone.
    async fn proven(&self, world: &World) -> FlowId {
        let flow = world.ciam.check_operation(&self.who, Operation::UpdatePassword).await.unwrap().flow;
        world.ciam.verify_factor_password(&self.who, &flow, &secret(&self.current)).await.unwrap();
        flow
    }

    async fn change(&mut self, world: &World, new: &str) -> Result<(), Error> {
        let flow = self.proven(world).await;
        world.ciam.change_password(&self.who, &flow, &secret(new)).await?;
        new.clone_into(&mut self.current);
        Ok(())
    }

    async fn refused(&self, world: &World, reason: &str, new: &str) {
        let flow = self.proven(world).await;
        let call = async { world.ciam.change_password(&self.who, &flow, &secret(new)).await };
        refused(world, &self.person, reason, call).await;
    }

    async fn refused_for_free(&self, world: &World, reason: &str, new: &str) {
        let flow = self.proven(world).await;
        let calls = world.hasher.calls();
        let call = async { world.ciam.change_password(&self.who, &flow, &secret(new)).await };
        refused(world, &self.person, reason, call).await;
        assert_eq!(world.hasher.calls(), calls, "{reason} costs no hash");
    }

    async fn does_not_verify(&self, world: &World, other: &str) {
        let flow = world.ciam.check_operation(&self.who, Operation::UpdatePassword).await.unwrap().flow;
        let call = async { world.ciam.verify_factor_password(&self.who, &flow, &secret(other)).await };
        refused(world, &self.person, "factor.wrong_password", call).await;
    }
}

async fn is_hash_of(world: &World, text: &str, hash: &PasswordHash) -> bool {
    let password = Password::parse(text).unwrap();
    world.hasher.verify(&password, hash).await.unwrap().is_match()
}
