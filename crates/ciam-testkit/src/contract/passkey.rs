//! The contract of passkeys: what an authenticator answers to one question, and nothing else.

use std::sync::Arc;

use ciam_ports::domain::Instant;
use ciam_ports::domain::passkey::{
    Backup, CredentialId, PasskeyName, RelyingParty, Transport, UserHandle, UserVerification,
};
use ciam_ports::domain::user::Passkey;
use ciam_ports::{NewPasskey, PasskeyAnswer, PasskeyQuestion, PasskeyVerifier, SignedPasskey};
use futures_executor::block_on;

use super::Trial;
use crate::fake::FakePasskeys;

/// The circumstances in which an authenticator answers.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a circumstance of its own")]
pub struct Scene {
    /// The challenge.
    pub challenge: Vec<u8>,
    /// The page that asks.
    pub origin: &'static str,
    /// The page around it, where that is of another origin.
    pub framed_by: Option<&'static str>,
    /// What the passkey is for.
    pub party: &'static str,
    /// Whether the client says that it was the other ceremony.
    pub of_the_other_ceremony: bool,
    /// Whether somebody is present.
    pub present: bool,
    /// Whether they are verified.
    pub verified: bool,
    /// How often it signed.
    pub sign_count: u32,
    /// Whether the passkey lives on one device alone.
    pub backup: Backup,
    /// What it knows its person by, where it tells.
    pub handle: Option<UserHandle>,
    /// The passkey that the client says it is of, where that is another.
    pub told_id: Option<u8>,
    /// The algorithm that the key is said to be of, where that is another.
    pub told_algorithm: Option<i32>,
    /// Whether the key is spoilt.
    pub spoilt: bool,
}

impl Scene {
    /// All as it should be.
    #[must_use]
    pub fn right() -> Self {
        Self {
            challenge: vec![7; 32],
            origin: "https://login.example.org",
            framed_by: None,
            party: "example.org",
            of_the_other_ceremony: false,
            present: true,
            verified: true,
            sign_count: 5,
            backup: Backup::DeviceBound,
            handle: None,
            told_id: None,
            told_algorithm: None,
            spoilt: false,
        }
    }
}

/// What a client sends for the authenticator of an algorithm and a number.
pub type Answering = dyn Fn(i32, u8, &Scene) -> String + Send + Sync;

/// A verifier, and authenticators by algorithm and number.
#[derive(Clone)]
pub struct PasskeyFixture {
    /// The verifier.
    pub verifier: Arc<dyn PasskeyVerifier>,
    /// A new passkey; the id follows from the number.
    pub make: Arc<Answering>,
    /// What it signs.
    pub sign: Arc<Answering>,
}

/// One rule of passkeys.
#[derive(Clone, Copy)]
pub struct PasskeyRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a PasskeyFixture) -> Trial<'a>,
}

/// Hands every rule of passkeys to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_passkey_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            passkey {
                a_passkey_that_was_made_signs an_answer_names_its_passkey_and_challenge
                another_challenge_is_refused another_origin_is_refused a_frame_elsewhere_is_refused
                another_relying_party_is_refused the_other_ceremony_is_refused an_absent_person_is_refused
                an_unverified_person_is_refused_where_that_is_demanded another_passkey_signs_nothing
                a_changed_answer_is_refused an_algorithm_that_was_not_offered_is_refused
                what_is_no_answer_is_refused
            }
        }
    };
}

macro_rules! table {
    (() passkey { $($rule:ident)* }) => {
        /// Every rule of passkeys.
        pub const PASSKEY_RULES: &[PasskeyRule] =
            &[$(PasskeyRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_passkey_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_passkey(name: &str, on: &PasskeyFixture) {
    let rule = PASSKEY_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of passkeys; `make` is called for a fresh
/// [`PasskeyFixture`](crate::contract::PasskeyFixture) each time.
#[macro_export]
macro_rules! passkey_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_passkey_rule! { [$crate::contract_tests] (($crate::contract::check_passkey) [$(#[$attr])*] $make) }
    };
}

/// A verifier with the question that it asks.
struct Asked<'a> {
    on: &'a PasskeyFixture,
    party: RelyingParty,
}

impl Asked<'_> {
    async fn made(&self, algorithm: i32, number: u8, scene: &Scene) -> Option<NewPasskey> {
        let answer = PasskeyAnswer::new((self.on.make)(algorithm, number, scene));
        self.on.verifier.verify_new(self.question(), &answer).await.expect("a verifier").ok()
    }

    async fn signed(&self, by: &Passkey, answer: String) -> Option<SignedPasskey> {
        let answer = PasskeyAnswer::new(answer);
        self.on.verifier.verify(self.question(), by, &answer).await.expect("a verifier").ok()
    }

    /// A passkey that is as it should be.
    async fn passkey(&self, algorithm: i32, number: u8) -> Passkey {
        stored(self.made(algorithm, number, &Scene::right()).await.expect("a passkey"))
    }

    fn question(&self) -> PasskeyQuestion<'_> {
        PasskeyQuestion { party: &self.party, challenge: &[7; 32] }
    }
}

fn asked(on: &PasskeyFixture) -> Asked<'_> {
    Asked { on, party: FakePasskeys::party(UserVerification::Required) }
}

fn stored(made: NewPasskey) -> Passkey {
    let NewPasskey { id, key, sign_count, backup, transports } = made;
    let name = PasskeyName::parse("a passkey").expect("a name");
    Passkey { id, key, sign_count, name, created_at: Instant::EPOCH, used_at: None, backup, transports }
}

/// Both ceremonies, of every algorithm, refuse what the scene shows.
async fn refused(on: &PasskeyFixture, scene: &Scene) {
    let asked = asked(on);
    for algorithm in on.verifier.algorithms() {
        assert!(asked.made(algorithm, 1, scene).await.is_none(), "made with {algorithm}: {scene:?}");
        let passkey = asked.passkey(algorithm, 1).await;
        let answer = (on.sign)(algorithm, 1, scene);
        assert!(asked.signed(&passkey, answer).await.is_none(), "signed with {algorithm}: {scene:?}");
    }
}

async fn a_passkey_that_was_made_signs(on: &PasskeyFixture) {
    let asked = asked(on);
    assert!(on.verifier.algorithms().len() > 1);
    for algorithm in on.verifier.algorithms() {
        for (sign_count, backup) in
            [(0, Backup::DeviceBound), (5, Backup::Eligible), (u32::MAX, Backup::BackedUp)]
        {
            let scene = Scene { sign_count, backup, ..Scene::right() };
            let made = asked.made(algorithm, 1, &scene).await.expect("a passkey");
            assert_eq!((made.sign_count, made.backup), (sign_count, backup), "{algorithm}");
            assert_eq!(made.transports, [Transport::Internal], "{algorithm}");
            let passkey = stored(made);
            let answer = (on.sign)(algorithm, 1, &scene);
            let signed = asked.signed(&passkey, answer.clone()).await;
            assert_eq!(
                signed,
                Some(SignedPasskey { sign_count, user_verified: true, backup }),
                "{algorithm}"
            );
            on.verifier.verify_nothing(&PasskeyAnswer::new(answer)).await.expect("a verifier");
        }
    }
}

async fn an_answer_names_its_passkey_and_challenge(on: &PasskeyFixture) {
    let asked = asked(on);
    for algorithm in on.verifier.algorithms() {
        let ids = [asked.passkey(algorithm, 1).await.id, asked.passkey(algorithm, 2).await.id];
        assert_ne!(ids[0], ids[1]);
        for handle in [None, Some(UserHandle::from_random([9; 32]))] {
            for challenge in [vec![7; 32], b"0f1e~1800000060000000~00ff~k1".to_vec(), vec![0; 500]] {
                let scene = Scene { challenge: challenge.clone(), handle, ..Scene::right() };
                let answer = PasskeyAnswer::new((on.sign)(algorithm, 1, &scene));
                let read = on.verifier.read(&answer).expect("an answer");
                assert_eq!((&read.id, read.challenge, read.handle), (&ids[0], challenge, handle));
            }
        }
    }
}

async fn another_challenge_is_refused(on: &PasskeyFixture) {
    for challenge in [vec![8; 32], vec![7; 31], vec![7; 33], Vec::new()] {
        refused(on, &Scene { challenge, ..Scene::right() }).await;
    }
}

async fn another_origin_is_refused(on: &PasskeyFixture) {
    for origin in [
        "https://example.org.evil.test",
        "https://evil.test",
        "http://login.example.org",
        "https://login.example.org:8443",
        "https://login.example.org/",
        "https://LOGIN.example.org",
        "https://other.example.org",
        "null",
        "",
    ] {
        refused(on, &Scene { origin, ..Scene::right() }).await;
    }
}

async fn a_frame_elsewhere_is_refused(on: &PasskeyFixture) {
    for framed_by in ["https://evil.test", "https://login.example.org"] {
        refused(on, &Scene { framed_by: Some(framed_by), ..Scene::right() }).await;
    }
}

async fn another_relying_party_is_refused(on: &PasskeyFixture) {
    for party in ["login.example.org", "evil.test", "org"] {
        refused(on, &Scene { party, ..Scene::right() }).await;
    }
}

async fn the_other_ceremony_is_refused(on: &PasskeyFixture) {
    refused(on, &Scene { of_the_other_ceremony: true, ..Scene::right() }).await;
}

async fn an_absent_person_is_refused(on: &PasskeyFixture) {
    refused(on, &Scene { present: false, ..Scene::right() }).await;
}

async fn an_unverified_person_is_refused_where_that_is_demanded(on: &PasskeyFixture) {
    let scene = Scene { verified: false, ..Scene::right() };
    refused(on, &scene).await;
    let lax = Asked { on, party: FakePasskeys::party(UserVerification::Preferred) };
    for algorithm in on.verifier.algorithms() {
        let passkey = stored(lax.made(algorithm, 1, &scene).await.expect("a passkey"));
        let signed = lax.signed(&passkey, (on.sign)(algorithm, 1, &scene)).await.expect("an answer");
        assert!(!signed.user_verified, "{algorithm}");
    }
}

async fn another_passkey_signs_nothing(on: &PasskeyFixture) {
    let (asked, scene) = (asked(on), Scene::right());
    for made_with in on.verifier.algorithms() {
        let answer = (on.sign)(made_with, 1, &scene);
        let own = asked.passkey(made_with, 1).await;
        for algorithm in on.verifier.algorithms() {
            for number in [1, 2] {
                let other = asked.passkey(algorithm, number).await;
                // The key alone is exchanged: what the answer says of itself stays true.
                let swapped = Passkey { key: other.key.clone(), ..own.clone() };
                let same = algorithm == made_with && number == 1;
                let signed = asked.signed(&swapped, answer.clone()).await;
                assert_eq!(signed.is_some(), same, "{made_with} verified with {algorithm} {number}");
            }
        }
        let told = Scene { told_id: Some(2), ..Scene::right() };
        assert!(asked.signed(&own, (on.sign)(made_with, 1, &told)).await.is_none(), "of another id");
        let of_two = asked.passkey(made_with, 2).await;
        assert!(asked.signed(&of_two, (on.sign)(made_with, 1, &told)).await.is_none(), "of another key");
        assert!(asked.made(made_with, 1, &told).await.is_none(), "made with another id");
    }
}

async fn a_changed_answer_is_refused(on: &PasskeyFixture) {
    let asked = asked(on);
    for algorithm in on.verifier.algorithms() {
        let (passkey, answer) = (asked.passkey(algorithm, 1).await, (on.sign)(algorithm, 1, &Scene::right()));
        let told = asked.signed(&passkey, answer.clone()).await;
        assert!(told.is_some());
        let named = on.verifier.read(&PasskeyAnswer::new(answer.clone()));
        let letters: Vec<char> = answer.chars().collect();
        for place in 0..letters.len() {
            let cut: String = letters[..place].iter().collect();
            assert_eq!(asked.signed(&passkey, cut).await, None, "{algorithm}: cut at {place}");
            for other in ['A', 'b', '0', '-'] {
                let mut letters = letters.clone();
                letters[place] = other;
                let changed: String = letters.into_iter().collect();
                // What still passes says the same: a client may write more than anybody reads.
                if let Some(signed) = asked.signed(&passkey, changed.clone()).await {
                    assert_eq!(Some(signed), told, "{changed}");
                    assert_eq!(
                        on.verifier.read(&PasskeyAnswer::new(changed)),
                        named,
                        "{algorithm} at {place}"
                    );
                }
            }
        }
    }
}

async fn an_algorithm_that_was_not_offered_is_refused(on: &PasskeyFixture) {
    let asked = asked(on);
    for algorithm in on.verifier.algorithms() {
        // RS1, ES512, ES256K, a symmetric one, none, and each that the key is not of.
        let others = on.verifier.algorithms().into_iter().filter(|other| *other != algorithm);
        for told in [-65535, -36, -47, 5, 0].into_iter().chain(others) {
            let scene = Scene { told_algorithm: Some(told), ..Scene::right() };
            assert!(asked.made(algorithm, 1, &scene).await.is_none(), "{algorithm} told as {told}");
        }
        let spoilt = Scene { spoilt: true, ..Scene::right() };
        assert!(asked.made(algorithm, 1, &spoilt).await.is_none(), "{algorithm} with a spoilt key");
    }
}

async fn what_is_no_answer_is_refused(on: &PasskeyFixture) {
    let asked = asked(on);
    let passkey = asked.passkey(on.verifier.algorithms()[0], 1).await;
    let deep = "[".repeat(10_000);
    for text in
        ["", " ", "x", "\0", "é", "{}", "[]", "null", "{\"response\":{}}", &deep, &"A".repeat(100_000)]
    {
        let answer = PasskeyAnswer::new(text.to_owned());
        assert!(on.verifier.read(&answer).is_none(), "{text:.20?} is read");
        assert!(on.verifier.verify_new(asked.question(), &answer).await.expect("a verifier").is_err());
        assert!(asked.signed(&passkey, text.to_owned()).await.is_none());
        on.verifier.verify_nothing(&answer).await.expect("a verifier");
    }
}

/// The id of the passkey of a number, for authenticators of tests.
#[must_use]
pub fn passkey_id(number: u8) -> CredentialId {
    CredentialId::new(&[number; 16]).expect("an id")
}
