//! The contract of passkeys notices each fault of a verifier.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ciam_testkit::contract::{PASSKEY_RULES, PasskeyFixture, check_passkey};
use ciam_testkit::fake::{FakePasskeys, PasskeyCheck};

/// The checks, each with the rule that misses it.
const FAULTS: [(PasskeyCheck, &str); 13] = [
    (PasskeyCheck::Told, "a_passkey_that_was_made_signs"),
    (PasskeyCheck::Read, "an_answer_names_its_passkey_and_challenge"),
    (PasskeyCheck::Challenge, "another_challenge_is_refused"),
    (PasskeyCheck::Origin, "another_origin_is_refused"),
    (PasskeyCheck::Frame, "a_frame_elsewhere_is_refused"),
    (PasskeyCheck::Party, "another_relying_party_is_refused"),
    (PasskeyCheck::Ceremony, "the_other_ceremony_is_refused"),
    (PasskeyCheck::Presence, "an_absent_person_is_refused"),
    (PasskeyCheck::Verification, "an_unverified_person_is_refused_where_that_is_demanded"),
    (PasskeyCheck::Key, "another_passkey_signs_nothing"),
    (PasskeyCheck::Signature, "a_changed_answer_is_refused"),
    (PasskeyCheck::Algorithm, "an_algorithm_that_was_not_offered_is_refused"),
    (PasskeyCheck::Form, "what_is_no_answer_is_refused"),
];

fn fixture(make: fn(PasskeyCheck) -> FakePasskeys, check: PasskeyCheck) -> PasskeyFixture {
    let verifier = Arc::new(make(check));
    let (makers, signers) = (verifier.clone(), verifier.clone());
    PasskeyFixture {
        verifier,
        make: Arc::new(move |algorithm, number, scene| makers.authenticator(algorithm, number).make(scene)),
        sign: Arc::new(move |algorithm, number, scene| signers.authenticator(algorithm, number).sign(scene)),
    }
}

fn broken(make: fn(PasskeyCheck) -> FakePasskeys, check: PasskeyCheck) -> Vec<&'static str> {
    let breaks =
        |name: &str| catch_unwind(AssertUnwindSafe(|| check_passkey(name, &fixture(make, check)))).is_err();
    PASSKEY_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    let caught: Vec<_> = FAULTS.iter().map(|(_, rule)| *rule).collect();
    assert_eq!(caught, PASSKEY_RULES.iter().map(|rule| rule.name).collect::<Vec<_>>());
}

#[test]
fn a_sound_verifier_breaks_no_rule() {
    assert_eq!(broken(|_| FakePasskeys::default(), PasskeyCheck::Told), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (check, rule) in FAULTS {
        assert_eq!(broken(FakePasskeys::without, check), [rule]);
    }
}
