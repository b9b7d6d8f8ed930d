//! The list of the cases of people who are not signed in yet, and of their sessions.

/// Hands the cases of sign-in, sessions and recovery, by the module they are in, to another macro. A new one is
/// listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_three {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            sign_in {
                a20_every_failure_has_one_answer_and_one_hash a20_codes_do_not_tell_who_has_an_account
                a20_guesses_are_slowed_and_never_locked_for_good a20_strangers_do_not_keep_the_owner_out
                a20_only_the_persons_own_device_is_known a20_guesses_at_once_are_all_counted
                a20_a_host_may_lock_after_failures a20_a_second_factor_comes_first_where_it_is_demanded
                a20_after_a_code_the_password_may_be_demanded a20_a_code_opens_one_session
            }
            sign_in_captcha {
                a22_a_captcha_comes_before_the_fourth_password a22_a_captcha_of_a_sign_in_works_once_for_its_name
                a22_machines_do_not_hold_people_up a22_codes_of_people_signed_out_need_a_captcha_too
            }
            sign_in_lockout {
                a20_strangers_use_up_no_factor_of_the_owner a20_a_password_that_must_change_is_no_factor
                a20_any_number_of_known_devices_have_one_budget
                a20_with_a_lock_every_failure_writes_alike a17_a_sign_in_code_goes_to_the_stored_spelling
            }
            sessions {
                a27_a_refresh_token_works_once a27_refreshes_at_once_do_not_both_live
                a27_a_refresh_token_is_bound_to_all_that_it_names a27_refresh_tokens_die_with_their_session
                a27_sessions_end_on_time a27_a_lost_answer_may_be_asked_for_again a27_own_sessions_alone
            }
            foreign_sessions {
                a27_an_ended_foreign_session_is_dead a27_an_ended_foreign_session_begins_anew_by_a_sign_in_alone
            }
            recovery {
                a27_recovery_ends_everything_else a27_who_may_recover a27_recovery_takes_its_own_code
                a27_a_password_that_must_change_opens_nothing a27_a_deletion_is_called_back_by_password_and_code
                a27_a_deletion_that_is_over_is_over
            }
        }
    };
}
