//! The list of the cases of passkeys.

/// Hands the cases of passkeys, by the module they are in, to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_passkeys {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            passkeys {
                a35_a_passkey_is_made_in_one_session_and_in_time a35_an_id_is_one_persons
                a35_a_passkey_proves_its_person_in_one_flow a35_a_new_passkey_proves_nothing_beside_an_older_one
                a35_rejected_answers_are_counted a35_a_removed_passkey_ends_what_others_had_open
                a35_the_last_passkey_stays a35_sessions_at_once_change_passkeys_one_by_one
                a35_nobody_is_asked_for_what_nobody_verifies a35_passkeys_end_with_recovery_and_deletion
            }
            passkey_sign_in {
                a35_a_passkey_opens_one_session a35_every_failure_has_one_answer
                a35_a_count_that_goes_back_is_refused_and_told a35_a_verified_person_needs_no_second_factor
                a35_a_passkey_comes_second a35_strangers_are_slowed_and_lock_nobody_out
                a35_an_account_that_may_not_act_stays_shut
            }
        }
    };
}
