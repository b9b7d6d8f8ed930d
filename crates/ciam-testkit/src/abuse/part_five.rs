//! The list of the cases of consents and of what is told of a person.

/// Hands the cases of consents and exports, by the module they are in, to another macro. A new one is listed here
/// alone.
#[doc(hidden)]
#[macro_export]
macro_rules! abuse_part_five {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            consents {
                a35_nobody_recalls_somebody_elses_consent a35_a_recall_is_one_event
                a35_only_what_is_in_force_is_agreed_to a35_the_recorded_digest_is_of_the_published_text
                a35_the_history_survives_edits_of_the_account
                a35_a_recalled_consent_is_current_by_a_new_record_alone
                a35_an_agreement_races_the_end_of_its_version a35_who_may_not_act_has_no_say
                a35_a_full_ledger_takes_recalls_alone a35_an_erasure_leaves_evidence_that_names_nobody
                a35_the_trail_tells_who_recorded_an_agreement
            }
            export {
                a25_an_export_holds_no_secret a25_an_export_tells_of_factors_and_no_secret a29_an_export_takes_a_fresh_sign_in a29_an_export_is_of_one_person
            }
        }
    };
}
