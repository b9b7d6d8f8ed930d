//! The contract of the ports, one test for each rule, under the rule's name.
//!
//! An adapter joins with one line:
//!
//! ```ignore
//! ciam_testkit::store_contract!(|| Fixture::of(Arc::new(MemoryStore::new())));
//! ```
//!
//! A suite that needs a server says so: `store_contract!(#[ignore = "needs PostgreSQL"] fixture)`.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a contract suite asserts, as tests do")]

mod atomicity;
mod attribute_schema;
mod audit;
mod bound;
mod captcha;
mod charges;
mod codes;
mod consent_rules;
mod consents;
mod deletion;
mod directory;
mod durability;
mod fixture;
mod flows;
mod gesture;
mod held;
mod http;
mod login_history;
mod outbox;
mod passkey;
mod passkeys;
mod password_hasher;
mod personal_extract;
mod personal_records;
mod profile;
mod rates;
pub mod sample;
mod sessions;
mod social;
mod sweep;
mod terms_sample;
mod token;
mod users;
mod visibility;

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::Pin;

use futures_executor::block_on;

pub use attribute_schema::{
    SCHEMA_RULES, SchemaFixture, SchemaRule, check_schema, schemas_outlive_the_process,
};
pub use captcha::{CAPTCHA_RULES, CaptchaFixture, CaptchaRule, check_captcha};
pub(crate) use consents::record;
pub use consents::{
    CONSENT_RULES, ConsentFixture, ConsentRule, check_consents, consents_outlive_the_process,
};
pub use directory::{DIRECTORY_RULES, DirectoryFixture, DirectoryRule, check_directory};
pub use fixture::Fixture;
pub use gesture::{GESTURE_RULES, GestureFixture, GestureRule, SignAs, Signed, check_gesture};
pub(crate) use gesture::{NOBODYS_ED25519, NOBODYS_P256};
pub use http::{HTTP_RULES, HttpFixture, HttpRule, check_http};
pub use login_history::{
    LOGIN_HISTORY_RULES, LoginHistoryFixture, LoginHistoryRule, check_login_history,
    logins_outlive_the_process,
};
pub use passkey::{Answering, PASSKEY_RULES, PasskeyFixture, PasskeyRule, Scene, check_passkey, passkey_id};
pub use password_hasher::{HASHER_RULES, HasherFixture, HasherRule, check_hasher};
pub use personal_extract::{
    Keepsakes, PERSONAL_EXTRACT_RULES, PersonalExtractFixture, PersonalExtractRule, check_personal_extract,
};
pub use personal_records::{
    Belongings, PERSONAL_RECORDS_RULES, PersonalRecordsFixture, PersonalRecordsRule, check_personal_records,
    erasures_outlive_the_process,
};
pub use social::{
    SOCIAL_SOURCE_RULES, SocialSourceFixture, SocialSourceRule, check_social_sources, source as social_source,
};
pub use token::{TOKEN_RULES, TokenFixture, TokenRule, check_token};

/// A rule at work on a fixture; it panics where the rule is broken.
pub type Trial<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One rule of the contract.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, as in the documentation of the port.
    pub name: &'static str,
    /// Tries it on an empty store.
    pub run: for<'a> fn(&'a Fixture) -> Trial<'a>,
}

/// Hands every rule of the store, by the module it is in, to another macro. A new rule is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_store_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            visibility { load_finds_what_was_committed load_keeps_tenants_apart load_shows_only_the_persons_own }
            users {
                replace_needs_the_version_read identifiers_are_unique a_changed_identifier_is_free
                a_name_finds_its_account
            }
            profile { a_value_held_alone_is_nobody_elses a_value_given_up_is_free }
            held { a_held_address_is_nobody_elses a_hold_ends_on_time a_held_address_finds_its_account }
            bound { a_bound_account_is_one_persons a_bound_account_finds_its_person }
            passkeys { a_passkey_is_one_persons a_passkey_finds_its_person }
            atomicity { a_refused_commit_writes_nothing }
            flows {
                a_new_flow_supersedes_its_twin the_oldest_flow_over_the_cap_goes
                flow_replace_needs_the_revision_read a_flow_that_moved_on_is_not_finished
                a_removed_flow_takes_its_codes_along
                a_signed_out_flow_finds_its_person
            }
            codes { a_slot_holds_one_code }
            charges {
                a_charge_is_never_lost an_attempt_given_back_is_there_again a_charge_keeps_the_revision
                a_dead_flow_pays_nothing a_refused_charge_charges_nothing
            }
            rates { a_limit_refuses_the_commit a_window_ends_on_time a_cleared_count_begins_anew }
            sessions {
                a_session_put_replaces_it an_ended_session_leaves_its_end an_end_is_not_undone
                session_replace_needs_the_revision_read
                sessions_are_listed_for_their_person
            }
            deletion {
                a_tombstone_keeps_its_identifier a_tombstone_ends_on_time
                a_forgotten_person_leaves_nothing_open a_deletion_is_due_on_time
            }
            sweep { sweep_removes_only_what_is_over }
            outbox {
                a_due_notice_is_lent_to_one an_unsettled_notice_comes_back
                a_settled_notice_is_gone a_notice_waits_for_its_time
            }
            audit { audit_is_newest_first audit_filters_narrow_together audit_pages_meet }
        }
    };
}

macro_rules! table {
    (() $($area:ident { $($rule:ident)* })*) => {
        /// Every rule of the store.
        pub const RULES: &[Rule] =
            &[$($(Rule { name: stringify!($rule), run: |on| Box::pin($area::$rule(on)) },)*)*];
    };
}

each_store_rule! { [table] () }

/// The rules that the source of a port names, one at the head of each line of its list.
#[must_use]
pub fn rules_named_in(port: &str) -> BTreeSet<&str> {
    let lines = port.lines().filter_map(|line| line.strip_prefix("/// - `"));
    lines.filter_map(|line| line.split('`').next()).collect()
}

/// Tries the rule of a name on a fixture; it panics where the rule is broken, or there is none of that name.
pub fn check(name: &str, on: &Fixture) {
    let rule = RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// Opens the store of a directory, for the first time or again.
pub type Reopening<'a> = dyn Fn(&Path) -> Fixture + 'a;

/// One rule of stores that outlive their process.
#[derive(Clone, Copy)]
pub struct DurabilityRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it in an empty directory.
    pub run: for<'a> fn(&'a Reopening<'a>, &'a Path) -> Trial<'a>,
}

/// Hands every rule of stores that outlive their process to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_durability_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            durability {
                users_outlive_the_process sessions_outlive_the_process flows_outlive_the_process
                paid_attempts_outlive_the_process codes_outlive_the_process counts_outlive_the_process
                notices_outlive_the_process the_audit_trail_outlives_the_process
                tombstones_outlive_the_process
            }
        }
    };
}

macro_rules! durability_table {
    (() $($area:ident { $($rule:ident)* })*) => {
        /// Every rule of stores that outlive their process.
        pub const DURABILITY_RULES: &[DurabilityRule] = &[$($(DurabilityRule {
            name: stringify!($rule),
            run: |open, directory| Box::pin($area::$rule(open, directory)),
        },)*)*];
    };
}

each_durability_rule! { [durability_table] () }

/// Tries a rule of stores that outlive their process, in a temporary directory; it panics where the rule is
/// broken, or there is none of that name.
pub fn check_durability(name: &str, open: &Reopening<'_>) {
    let rule = DURABILITY_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    let directory = tempfile::tempdir().expect("a temporary directory");
    block_on((rule.run)(open, directory.path()));
}

/// One test for each rule of stores that outlive their process; `open` is called with a directory that is empty
/// at first, and again with the same one after the [`Fixture`](crate::contract::Fixture) was dropped.
#[macro_export]
macro_rules! store_durability_contract {
    ($(#[$attr:meta])* $open:expr) => {
        $crate::each_durability_rule! { [$crate::durability_tests] ([$(#[$attr])*] $open) }
    };
}

/// One test for each rule of the store; `make` is called for a fresh [`Fixture`](crate::contract::Fixture) each time.
#[macro_export]
macro_rules! store_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_store_rule! { [$crate::contract_tests] (($crate::contract::check) [$(#[$attr])*] $make) }
    };
}

/// One test for each rule that it is handed.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($args:tt $($area:ident { $($rule:ident)* })*) => {
        $($($crate::contract_test! { $rule $args })*)*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_test {
    ($rule:ident (($check:path) [$(#[$attr:meta])*] $make:expr)) => {
        $(#[$attr])*
        #[test]
        fn $rule() {
            $check(stringify!($rule), &($make)());
        }
    };
}

/// One test for each rule that it is handed.
#[doc(hidden)]
#[macro_export]
macro_rules! durability_tests {
    ($args:tt $($area:ident { $($rule:ident)* })*) => {
        $($($crate::durability_test! { $rule $args })*)*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! durability_test {
    ($rule:ident ([$(#[$attr:meta])*] $open:expr)) => {
        $(#[$attr])*
        #[test]
        fn $rule() {
            $crate::contract::check_durability(stringify!($rule), &$open);
        }
    };
}
