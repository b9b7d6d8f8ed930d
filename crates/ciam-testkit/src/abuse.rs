//! What somebody with a stolen token, a foreign mailbox or bad luck tries, and must not get.
//!
//! The cases are numbered as in `docs/security`; each holds for every storage adapter, which joins with one
//! line:
//!
//! ```ignore
//! ciam_testkit::abuse_suite!(|| Backend::of(adapter));
//! ```
//!
//! A suite that needs a server says so: `abuse_suite!(#[ignore = "needs PostgreSQL"] backend)`. What is made
//! must be an empty storage each time.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "an abuse suite asserts, as tests do"
)]

pub mod between;
pub mod between_passkeys;
pub mod binding;
mod broken;
pub mod budget;
pub mod captcha;
pub mod consents;
pub mod contact;
pub mod contact_target;
pub mod doubt;
pub mod export;
pub mod foreign_sessions;
pub mod gesture;
pub mod gesture_devices;
pub mod guesses;
pub mod last_credential;
pub mod limits;
mod log;
mod moves;
pub mod notices;
pub mod one_call;
pub mod order;
#[macro_use]
mod part_gestures;
#[macro_use]
mod part_passkeys;
#[macro_use]
mod part_two;
#[macro_use]
mod part_three;
#[macro_use]
mod part_four;
#[macro_use]
mod part_five;
#[macro_use]
mod part_factors;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod password;
pub mod profile;
pub mod proven_flow;
pub mod purge;
pub mod purpose;
pub mod recovery;
pub mod recovery_codes;
pub mod replay;
pub mod revert;
pub mod revert_code;
pub mod revocation;
pub mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_captcha;
pub mod sign_in_lockout;
pub mod social;
pub mod social_sign_in;
pub mod social_sources;
pub mod spelling;
mod spy;
pub mod status;
mod step;
pub mod time_limits;
pub mod tombstones;
pub mod totp;
mod watch;

use std::pin::Pin;

use ciam::Config;
use futures_executor::block_on;

use crate::world::{Backend, World};

/// Makes worlds over empty storages of the adapter under test; settings are the case's own.
pub type MakeWorld<'a> = &'a dyn Fn(Config) -> World;

/// A case being tried; it panics where the abuse succeeds.
pub type Trial<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One case of abuse.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its number and name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(MakeWorld<'a>) -> Trial<'a>,
}

/// Hands the cases of flows and codes, by the module they are in, to another macro. A new one is listed here
/// alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_one {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            binding {
                a01_foreign_flow a01_foreign_flow_outlives_a_frozen_stranger a02_wrong_operation_matrix
                a06_another_session_of_the_same_person a06_another_session_that_is_over
                a06_refreshed_token_of_the_same_session a06_second_check_supersedes_the_first
            }
            order { a03_step_skipped a03_step_taken_by_a_method_that_is_not_offered }
            replay {
                a04_replay_of_a_password_change a04_replay_of_a_contact_change a04_replay_of_a_deletion
                a05_double_spend_of_a_password_flow a05_double_spend_over_many_sessions
                a05_double_spend_of_a_contact_flow a05_double_spend_of_a_deletion_flow
            }
            time_limits {
                a07_flow_ends_on_time a07_nothing_lengthens_a_flow a07_proof_ends_on_time
                a07_factor_code_ends_on_time a07_address_code_ends_on_time
            }
            budget {
                a08_budget_of_a_factor_code a08_budget_of_an_address_code a08_right_code_works_once
                a09_resend_keeps_the_count a09_accounts_count_over_flows a09_accounts_count_over_a_day
                a10_count_survives_restarts a10_count_survives_failed_steps
            }
            guesses {
                a11_parallel_guesses_with_the_right_code a11_parallel_guesses_are_all_counted
                a11_parallel_guesses_over_flows
            }
            purpose {
                a12_only_the_newest_code a12_one_code_over_sessions a13_code_of_another_purpose_or_channel
                a13_factor_and_address_codes_are_apart a13_moved_record
            }
            contact_target {
                a14_target_bound_to_its_code a14_target_bound_to_its_code_in_every_interleaving
            }
        }
    };
}

macro_rules! table {
    ($name:ident $($area:ident { $($case:ident)* })*) => {
        const $name: &[Case] =
            &[$($(Case { name: stringify!($case), run: |make| Box::pin($area::$case(make)) },)*)*];
    };
}

abuse_part_one! { [table] PART_ONE }
abuse_part_two! { [table] PART_TWO }
abuse_part_three! { [table] PART_THREE }
abuse_part_four! { [table] PART_FOUR }
abuse_part_five! { [table] PART_FIVE }
abuse_part_factors! { [table] PART_FACTORS }
abuse_part_gestures! { [table] PART_GESTURES }
abuse_part_passkeys! { [table] PART_PASSKEYS }

/// Every case.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let parts =
        [PART_ONE, PART_TWO, PART_THREE, PART_FOUR, PART_FIVE, PART_FACTORS, PART_GESTURES, PART_PASSKEYS];
    parts.into_iter().flatten()
}

/// Tries the case of a name over storages that `backend` makes; it panics where the abuse succeeds, or there
/// is none of that name.
pub fn check(name: &str, backend: &dyn Fn() -> Backend) {
    let case = cases().find(|case| case.name == name).expect("a case of that name");
    block_on((case.run)(&|config| World::with(backend(), config)));
}

/// One test for each case of abuse; `make` is called for a fresh [`Backend`](crate::Backend) each time.
#[macro_export]
macro_rules! abuse_suite {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::abuse_part_one! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_two! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_three! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_four! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_five! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_factors! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_gestures! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
        $crate::abuse_part_passkeys! { [$crate::abuse_tests] ([$(#[$attr])*] $make) }
    };
}

/// One test for each case that it is handed.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_tests {
    ($args:tt $($area:ident { $($case:ident)* })*) => {
        $($($crate::abuse_test! { $case $args })*)*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! abuse_test {
    ($case:ident ([$(#[$attr:meta])*] $make:expr)) => {
        $(#[$attr])*
        #[test]
        fn $case() {
            $crate::abuse::check(stringify!($case), &$make);
        }
    };
}
