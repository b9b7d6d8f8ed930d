//! One feature, one name: a use-case file and a page.

use std::collections::BTreeSet;

use crate::tree;

/// What the use cases share, and what the host does on its own word: no features.
const SHARED: [&str; 24] = [
    "attempt",
    "authority",
    "code",
    "config",
    "core_ports",
    "error",
    "gesture_challenge",
    "handle",
    "lib",
    "limits",
    "one_shot",
    "passkey_challenge",
    "passkey_factor",
    "presented_code",
    "principal",
    "purge_report",
    "sessions",
    "sign_in_factor",
    "sign_in_limits",
    "signed_out",
    "social",
    "step",
    "tombstones",
    "users",
];

fn stems(directory: &str, ending: &str) -> BTreeSet<String> {
    tree::files(directory, ending).iter().map(|file| file.stem().to_owned()).collect()
}

#[test]
fn every_use_case_has_a_page_and_every_page_a_use_case() {
    let mut use_cases = stems("crates/ciam/src", "rs");
    for shared in SHARED {
        assert!(use_cases.remove(shared), "{shared} is no file of ciam any more");
    }
    assert_eq!(stems("docs/features", "md"), use_cases);
}

#[test]
fn every_page_of_a_feature_says_what_it_does_and_what_it_does_not() {
    for page in tree::files("docs/features", "md") {
        for heading in ["# ", "## Calls", "## Rules", "## Refusals", "## Defaults", "## Not done"] {
            let found = page.text.lines().any(|line| line.starts_with(heading));
            assert!(found, "{} has no {heading:?}", page.path);
        }
    }
}
