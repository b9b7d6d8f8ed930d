//! The list of the cases of contacts, passwords, secrets, notices and status.

/// Hands the cases of contacts, passwords, secrets, notices and status, by the module they are in, to another
/// macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_two {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            contact {
                a15_a_second_factor_goes_to_the_stored_contact a15_an_unproven_contact_receives_no_second_factor
                a15_anything_but_one_bare_address_is_malformed a16_two_users_one_address
                a19_asking_does_not_tell_who_has_an_address a19_texts_of_the_store_are_never_told
            }
            spelling {
                a17_email_spelling a17_messages_go_to_the_stored_spelling
                a18_phone_spelling a18_no_input_stops_the_host
            }
            limits {
                a21_the_cooldown_doubles a21_a_flow_sends_three a21_a_target_gets_five_an_hour_and_ten_a_day
                a21_an_account_sends_ten_texts_and_twenty_mails_a_day a21_a_failed_gateway_call_still_counts
                a21_nothing_the_caller_varies_helps a21_a_source_asks_for_twenty_an_hour
                a21_known_and_unknown_targets_are_limited_alike
            }
            captcha {
                a22_much_sent_or_failed_lately_demands_a_captcha a22_only_the_own_fresh_captcha_passes
                a22_one_captcha_at_once_lets_one_through a22_a_failing_service_lets_nobody_through
                a22_without_a_verifier_none_is_demanded a22_a_captcha_buys_nothing_beyond_the_limits
                a22_a_captcha_is_drawn_for_the_own_flow_alone
            }
            notices {
                a26_every_proven_address_hears_of_it_once a26_the_new_address_is_not_told
                a26_an_unproven_address_is_not_told
                a26_a_broken_mailer_delays_the_notice_only a26_a_notice_survives_the_relay_that_took_it
                a26_relays_at_once_do_not_send_twice
            }
            password {
                a23_lengths_out_of_bounds_cost_no_hash a23_the_end_of_a_long_password_counts
                a23_only_canonical_spellings_are_one_password a24_guessable_passwords_are_refused
                a24_the_last_five_do_not_come_back a24_a_flow_has_five_refused_passwords
                a24_two_flows_at_once_keep_the_history a24_parallel_tries_reveal_five_answers
            }
            secrets { a25_secrets_stay_inside a25_text_of_people_breaks_no_line }
            revocation {
                a27_everything_else_is_dead_at_once a27_ending_the_others_ends_what_they_began
                a27_the_acting_session_ends_by_configuration a27_a_dead_session_is_not_woken_by_its_name
                a27_nothing_opens_an_erased_account a27_foreign_tokens_die_by_their_age
                a27_a_token_without_a_session_opens_nothing_sensitive
            }
            revert {
                a36_the_holder_of_the_old_address_gets_everything_back
                a36_a_held_address_is_nobody_elses_until_its_time_is_over
                a36_two_accounts_race_for_a_held_address a36_the_older_address_wins a36_going_back_ends_the_hold
                a36_a_lock_keeps_nobody_from_their_address a36_an_erased_account_holds_nothing
                a36_a_host_may_hold_nothing a36_an_address_changed_before_has_a_code_of_its_own
            }
            revert_code {
                a36_a_code_is_good_for_its_address_alone a36_a_code_works_once
                a36_a_refusal_does_not_tell_who_held_an_address a36_guesses_are_counted_before_they_are_compared
                a36_a_code_dies_with_its_key a36_a_code_is_stored_nowhere a36_addresses_rest_after_a_revert
            }
            proven_flow {
                a08_right_answers_at_once_leave_the_flow_its_attempts a08_a_failure_of_before_ends_no_proven_flow
            }
            doubt {
                a37_the_address_that_is_changed_proves_nothing a37_a_new_address_proves_nothing_for_a_week
                a37_who_has_nothing_else_is_not_locked_out a37_a_host_may_trust_new_addresses
            }
            status {
                a28_every_use_case_is_refused_by_status a28_a_lock_with_a_time_ends_by_itself
                a28_a_flow_tried_while_locked_is_over
            }
            purge {
                a27_an_account_is_erased_on_time_and_not_before
                a27_a_step_that_fails_keeps_the_account_for_the_next_run
                a27_accounts_that_keep_failing_let_others_pass a27_purges_at_once_record_one_erasure
                a27_a_deletion_stands_where_its_erasure_fails a27_an_erased_id_is_never_used_again
                a27_no_login_is_kept_that_comes_during_a_purge
            }
            tombstones {
                a16_identifiers_of_an_erased_account_are_kept_for_a_time
                a16_a_change_takes_no_identifier_of_an_erased_account a16_a_tombstone_binds_its_tenant_alone
                a16_tombstones_outlive_a_rotation_of_keys a16_a_broken_vault_frees_nothing
                a16_without_tombstones_identifiers_are_free_at_once
            }
        }
    };
}
