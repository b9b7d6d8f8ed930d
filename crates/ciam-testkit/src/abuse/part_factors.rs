//! The list of the cases of what people enrol.

/// Hands the cases of authenticator apps and recovery codes, by the module they are in, to another macro. A new one is
/// listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_factors {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            totp {
                a38_a_code_of_an_app_is_taken_once a38_of_one_code_at_once_one_counts
                a38_parallel_guesses_are_all_counted a38_codes_of_other_times_are_wrong
                a38_a_thief_of_the_token_enrols_nothing a38_an_app_proves_nothing_before_its_first_code
                a27_a_change_of_the_app_ends_everything_else a38_a_stolen_row_gives_no_code
                a37_what_was_enrolled_lately_proves_nothing_for_a_week a38_a_code_counts_as_what_it_is
                a38_strangers_present_no_code_of_an_app a38_a_removed_app_takes_what_was_begun_along
            }
            recovery_codes {
                a39_a_recovery_code_counts_once a39_of_one_recovery_code_at_once_one_counts
                a27_new_recovery_codes_end_the_old_ones a39_a_thief_of_the_token_makes_no_codes
                a39_a_stolen_row_gives_no_code a39_the_last_code_proves_as_much_as_the_first
                a39_new_codes_end_the_row_of_wrong_ones_wherever_they_were_tried
            }
        }
    };
}
