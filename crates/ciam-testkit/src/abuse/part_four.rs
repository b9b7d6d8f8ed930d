//! The list of the cases of credentials beside the password, and of profiles.

/// Hands the cases of accounts elsewhere and profiles, by the module they are in, to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_four {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            one_call {
                a02_a_call_without_a_flow_takes_its_own_proof_alone a07_a_sign_in_proves_until_its_time_is_over
                a09_a_password_of_one_call_is_paid_for
            }
            social {
                a32_a_proof_works_once a32_a_proof_that_is_rejected_changes_nothing
                a32_a_provider_that_is_down_lets_nobody_in a32_an_account_elsewhere_is_one_persons
                a32_two_people_at_once_do_not_both_bind_it a32_proofs_are_counted
                a32_what_is_not_offered_is_not_asked a10_the_list_tells_of_bound_accounts_alone
            }
            social_sign_in {
                a32_an_address_links_nothing a20_every_social_failure_has_one_answer
                a20_a_second_factor_follows_an_account_elsewhere a32_sign_ins_from_a_network_are_counted
                a32_an_account_unbound_on_the_way_in_opens_nothing
            }
            social_sources {
                a32_sources_are_set_by_the_host_alone a32_a_source_is_well_formed_and_one_of_few
            }
            last_credential {
                a33_the_last_way_in_stays a33_two_sessions_do_not_remove_the_last_two
                a33_what_is_switched_off_is_no_way_in a33_a_passkey_is_a_way_in
                a33_what_nobody_can_ask_is_no_way_in a33_what_is_bound_by_a_removed_source_can_go
                a26_bindings_are_told_to_every_address
                a27_a_binding_ends_everything_else
            }
            profile {
                a29_somebody_elses_profile_is_unknown a29_an_update_keeps_what_is_open
                a29_of_eight_updates_at_once_all_are_done
                a30_one_forbidden_field_refuses_all a30_two_people_race_for_a_unique_value
                a31_a_mask_that_comes_back_leaves_the_value a31_a_new_account_has_no_mask
                a31_only_a_scope_of_its_own_unmasks
            }
        }
    };
}
