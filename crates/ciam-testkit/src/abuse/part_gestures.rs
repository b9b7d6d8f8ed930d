//! The list of the cases of devices that sign in by gesture.

/// Hands the cases of gestures, by the module they are in, to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_gestures {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            gesture {
                a34_a_sign_opens_one_session a34_a_sign_counts_for_its_own_person_device_and_tenant
                a34_a_challenge_ends_on_time_and_is_ours a34_a_changed_sign_opens_nothing
                a34_every_failure_has_one_answer a34_failures_make_a_device_wait_and_then_end_it
                a34_a_failing_verifier_lets_nobody_in a34_a_second_factor_comes_after_a_gesture
            }
            between {
                a34_of_one_sign_twice_one_counts a34_an_unbound_device_opens_nothing
                a34_a_key_is_bound_by_its_own_sign
                a38_of_two_confirmations_one_counts a38_one_code_proves_one_of_two_flows
                a38_a_removed_app_proves_nothing
            }
            gesture_devices {
                a34_devices_are_changed_by_whoever_signed_in_just_now a34_a_key_opens_nothing_before_it_is_proven
                a34_a_sign_of_binding_names_its_own_person a34_stored_keys_sign_nothing
                a34_devices_end_with_recovery_and_deletion a34_devices_end_with_a_deletion_by_the_host
                a34_the_last_way_in_stays
                a34_unbinding_ends_what_the_device_opened a34_an_account_that_may_not_act_stays_shut
            }
        }
    };
}
