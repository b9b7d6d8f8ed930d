//! Saboteurs: for each rule of the contract a store that breaks it, and nothing else.
//!
//! They prove that the contract suite notices.

mod atomicity;
mod audit;
mod bound;
mod broken;
mod charges;
mod codes;
mod deletion;
mod durability;
mod flows;
mod held;
mod notes;
mod outbox;
mod passkeys;
mod profile;
mod rates;
mod sabotage;
mod sessions;
mod sweep;
mod users;
mod visibility;

use std::sync::Arc;

use crate::contract::Fixture;
use broken::Broken;
use sabotage::Sabotage;

/// What turns a sound store into one that breaks a rule.
#[derive(Clone, Copy)]
pub struct Saboteur {
    /// The rule that is broken.
    pub rule: &'static str,
    sabotage: fn() -> Arc<dyn Sabotage>,
}

impl Saboteur {
    /// The store of a fixture with the rule broken.
    #[must_use]
    pub fn spoil(&self, sound: &Fixture) -> Fixture {
        Fixture::of(Arc::new(Broken::new(sound.clone(), (self.sabotage)())))
    }
}

macro_rules! saboteurs {
    ($($area:ident { $($rule:ident: $sabotage:ident,)* })*) => {
        &[$($(Saboteur {
            rule: stringify!($rule),
            sabotage: || Arc::new($area::$sabotage::default()),
        },)*)*]
    };
}

/// One or more for each rule of the store.
pub const SABOTEURS: &[Saboteur] = saboteurs! {
    visibility {
        load_finds_what_was_committed: ForgetsFormerPasswords,
        load_finds_what_was_committed: CutsMoments,
        load_finds_what_was_committed: ForgetsHolds,
        load_finds_what_was_committed: ForgetsDevices,
        load_finds_what_was_committed: ForgetsSignatures,
        load_finds_what_was_committed: ForgetsUpdates,
        load_finds_what_was_committed: ForgetsBindings,
        load_keeps_tenants_apart: MixesTenants,
        load_shows_only_the_persons_own: ShowsOthers,
    }
    users {
        replace_needs_the_version_read: LastWriteWins,
        identifiers_are_unique: SharesIdentifiers,
        a_changed_identifier_is_free: HoardsIdentifiers,
        a_name_finds_its_account: RemembersFormerNames,
    }
    profile {
        a_value_held_alone_is_nobody_elses: SharesValues,
        a_value_given_up_is_free: HoardsValues,
    }
    held {
        a_held_address_is_nobody_elses: IgnoresHolds,
        a_hold_ends_on_time: HoldsForGood,
        a_held_address_finds_its_account: FindsFormerHolders,
    }
    bound {
        a_bound_account_is_one_persons: SharesBindings,
        a_bound_account_is_one_persons: KeepsBindingsOfTheErased,
        a_bound_account_finds_its_person: FindsFormerBindings,
    }
    passkeys {
        a_passkey_is_one_persons: SharesPasskeys,
        a_passkey_finds_its_person: FindsFormerPasskeys,
    }
    atomicity {
        a_refused_commit_writes_nothing: RecordsWhatWasRefused,
        a_refused_commit_writes_nothing: OpensSessionsOfWhatWasRefused,
        a_refused_commit_writes_nothing: CountsFirst,
    }
    flows {
        a_new_flow_supersedes_its_twin: KeepsTwins,
        the_oldest_flow_over_the_cap_goes: IgnoresTheCap,
        flow_replace_needs_the_revision_read: LastRevisionWins,
        a_flow_that_moved_on_is_not_finished: FinishesAnyRevision,
        a_removed_flow_takes_its_codes_along: KeepsCodesOfRemovedFlows,
        a_signed_out_flow_finds_its_person: FindsEveryFlow,
        a_signed_out_flow_finds_its_person: FindsGoneFlows,
    }
    codes {
        a_slot_holds_one_code: KeepsFormerCodes,
    }
    charges {
        a_charge_is_never_lost: LosesChargesInACrowd,
        an_attempt_given_back_is_there_again: KeepsEveryAttempt,
        a_charge_keeps_the_revision: ForgivesOnReplacement,
        a_dead_flow_pays_nothing: ChargesPastTheStamp,
        a_refused_charge_charges_nothing: ChargesWhatWasRefused,
        a_refused_charge_charges_nothing: ChargesFromAnySession,
        a_refused_charge_charges_nothing: ChargesTheDead,
    }
    rates {
        a_limit_refuses_the_commit: ToleratesExcess,
        a_window_ends_on_time: ClosesWindowsLate,
        a_cleared_count_begins_anew: ClearsNothing,
    }
    sessions {
        a_session_put_replaces_it: KeepsTheFirstPut,
        an_ended_session_leaves_its_end: EndsNothing,
        an_ended_session_leaves_its_end: EndsWhatItKnows,
        an_end_is_not_undone: BeginsAnewAtOnce,
        session_replace_needs_the_revision_read: LastRefreshWins,
        sessions_are_listed_for_their_person: ListsTheFirstAlone,
    }
    deletion {
        a_tombstone_keeps_its_identifier: LooksAtOneClaim,
        a_tombstone_ends_on_time: KeepsTombstonesLonger,
        a_forgotten_person_leaves_nothing_open: ForgetsNothing,
        a_forgotten_person_leaves_nothing_open: KeepsCounts,
        a_deletion_is_due_on_time: HurriesDeletions,
        a_deletion_is_due_on_time: NewestDeletionsFirst,
    }
    sweep {
        sweep_removes_only_what_is_over: SweepsEarly,
        sweep_removes_only_what_is_over: SweepsNothing,
    }
    outbox {
        a_due_notice_is_lent_to_one: LendsToAll,
        an_unsettled_notice_comes_back: LendsForGood,
        a_settled_notice_is_gone: SettlesNothing,
        a_notice_waits_for_its_time: HurriesNotices,
    }
    audit {
        audit_is_newest_first: OldestFirst,
        audit_filters_narrow_together: TellsOfEverybody,
        audit_filters_narrow_together: FiltersThePage,
        audit_filters_narrow_together: ForgetsTheEnd,
        audit_pages_meet: RepeatsAPage,
        audit_pages_meet: EndsEarly,
    }
};

/// One for each rule of stores that outlive their process, to be set on the store when it is opened again.
pub const DURABILITY_SABOTEURS: &[Saboteur] = saboteurs! {
    durability {
        users_outlive_the_process: ForgetsAddresses,
        users_outlive_the_process: ForgetsFactors,
        users_outlive_the_process: ForgetsPasskeys,
        users_outlive_the_process: ForgetsDevices,
        sessions_outlive_the_process: ForgetsSessions,
        flows_outlive_the_process: ForgetsFlows,
        paid_attempts_outlive_the_process: ForgetsAttempts,
        codes_outlive_the_process: ForgetsCodes,
        counts_outlive_the_process: ForgetsCounts,
        notices_outlive_the_process: ForgetsNotices,
        the_audit_trail_outlives_the_process: ForgetsTheAuditTrail,
        tombstones_outlive_the_process: ForgetsTombstones,
    }
};
