//! The contract suite notices: each broken store is caught by the rule it breaks, and by no other.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{DURABILITY_RULES, Fixture, RULES, check, check_durability};
use ciam_testkit::saboteur::{DURABILITY_SABOTEURS, SABOTEURS, Saboteur};

fn sound() -> Fixture {
    Fixture::of(Arc::new(MemoryStore::new()))
}

/// The rules that a store breaks.
fn broken(make: impl Fn() -> Fixture) -> Vec<&'static str> {
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check(name, &make()))).is_err();
    RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

/// The rules that a durable store breaks which `reopened` changes when it is opened again.
fn broken_by_reopening(reopened: impl Fn(&Fixture) -> Fixture) -> Vec<&'static str> {
    let opened: Mutex<HashMap<PathBuf, Fixture>> = Mutex::default();
    let open = |directory: &Path| {
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        match opened.get(directory) {
            Some(fixture) => reopened(fixture),
            None => opened.entry(directory.to_owned()).or_insert_with(sound).clone(),
        }
    };
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check_durability(name, &open))).is_err();
    DURABILITY_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

/// The rules that saboteurs stand for, those of one rule side by side.
fn rules(saboteurs: &[Saboteur]) -> Vec<&'static str> {
    let mut rules: Vec<_> = saboteurs.iter().map(|saboteur| saboteur.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn every_rule_has_a_saboteur() {
    assert_eq!(rules(SABOTEURS), RULES.iter().map(|rule| rule.name).collect::<Vec<_>>());
    let durable: Vec<_> = DURABILITY_RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(rules(DURABILITY_SABOTEURS), durable);
}

#[test]
fn a_sound_store_breaks_no_rule() {
    assert_eq!(broken(sound), [""; 0]);
    assert_eq!(broken_by_reopening(Fixture::clone), [""; 0]);
}

#[test]
fn a_saboteur_is_caught_by_its_rule_alone() {
    for saboteur in SABOTEURS {
        assert_eq!(broken(|| saboteur.spoil(&sound())), [saboteur.rule]);
    }
}

#[test]
fn what_is_lost_by_closing_is_caught_by_its_rule_alone() {
    for saboteur in DURABILITY_SABOTEURS {
        assert_eq!(broken_by_reopening(|fixture| saboteur.spoil(fixture)), [saboteur.rule]);
    }
    assert_eq!(
        broken_by_reopening(|_| sound()).len(),
        DURABILITY_RULES.len(),
        "a store that forgets everything"
    );
}

/// The names of three words or more that a documentation shows as code: the rules of a port.
fn documented(port: &str) -> impl Iterator<Item = &str> {
    let lines = port.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|name| {
        name.matches('_').count() > 1 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    })
}

#[test]
fn the_rules_are_those_that_the_ports_name() {
    let ports = [
        include_str!("../../ciam-ports/src/store.rs"),
        include_str!("../../ciam-ports/src/outbox.rs"),
        include_str!("../../ciam-ports/src/deletion.rs"),
    ];
    let named: BTreeSet<&str> = ports.into_iter().flat_map(documented).collect();
    assert_eq!(named, RULES.iter().map(|rule| rule.name).collect());
}
