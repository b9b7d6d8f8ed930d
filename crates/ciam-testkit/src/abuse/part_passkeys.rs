//! The list of the cases of passkeys.

/// Hands the cases of passkeys, by the module they are in, to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_passkeys {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            passkeys {
                a40_a_passkey_is_made_in_one_session_and_in_time a40_an_id_is_one_persons
                a40_a_passkey_proves_its_person_in_one_flow a40_a_new_passkey_proves_nothing_beside_an_older_one
                a40_rejected_answers_are_counted a40_a_removed_passkey_ends_what_others_had_open
                a40_the_last_passkey_stays a40_sessions_at_once_change_passkeys_one_by_one
                a40_nobody_is_asked_for_what_nobody_verifies a40_passkeys_end_with_recovery_and_deletion
            }
            between_passkeys {
                a40_of_two_confirmations_one_counts a40_of_one_answer_twice_one_counts
                a40_a_removed_passkey_opens_nothing a40_a_removed_passkey_proves_nothing
            }
            passkey_sign_in {
                a40_a_passkey_opens_one_session a40_every_failure_has_one_answer
                a40_a_count_that_goes_back_is_refused_and_told a40_a_verified_person_needs_no_second_factor
                a40_a_passkey_comes_second a40_strangers_are_slowed_and_lock_nobody_out
                a40_an_account_that_may_not_act_stays_shut
            }
        }
    };
}
