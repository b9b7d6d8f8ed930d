//! The store of a step: one read of what the step needs, one conditional write of what it decided.

mod flow_write;

use std::sync::Arc;

use async_trait::async_trait;
use ciam_domain::audit::AuditRecord;
use ciam_domain::challenge::{Challenge, Slot};
use ciam_domain::flow::Flow;
use ciam_domain::identifier::Login;
use ciam_domain::notice::Notice;
use ciam_domain::passkey::CredentialId;
use ciam_domain::rate::{Counter, Rate, RateKey, RateScope};
use ciam_domain::session::Session;
use ciam_domain::social::{Issuer, Subject};
use ciam_domain::tombstone::Tombstone;
use ciam_domain::user::{Address, User, Version};
use ciam_domain::{FlowKey, Instant, SessionId, TenantId, UserId};

use crate::deletion::Claim;

pub use flow_write::FlowWrite;

/// What must be unique within a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueField {
    /// The account's id.
    Id,
    /// The canonical user name.
    Username,
    /// The canonical phone number.
    Phone,
    /// The canonical e-mail address.
    Email,
    /// The canonical value of an attribute that it is unique for.
    Attribute,
    /// Issuer and subject of an account elsewhere.
    Social,
    /// The id of a passkey.
    Passkey,
}

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was read is no longer so: another write came first.
    #[error("another write came first")]
    Stale,
    /// Another account has this already.
    #[error("another account has this already")]
    Conflict {
        /// What it has.
        field: UniqueField,
    },
    /// A limit refuses one more.
    #[error("a limit is reached")]
    Limited {
        /// Which.
        scope: RateScope,
        /// From when one more is allowed; `None`: not by waiting.
        until: Option<Instant>,
    },
    /// The store cannot be reached, or does not say what happened.
    #[error("the store is unavailable")]
    Unavailable(#[source] crate::Source),
    /// What the store holds cannot be read.
    #[error("the store holds something unreadable")]
    Corrupt(#[source] crate::Source),
}

/// What leads to a person who has not said who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handle {
    /// The name that they sign in by.
    Login(Login),
    /// A former address that is held for them.
    Held(Address),
    /// An account elsewhere that is bound to theirs.
    Social(Issuer, Subject),
    /// A passkey of theirs.
    Passkey(CredentialId),
    /// A flow of [`ciam_domain::flow::Operation::SIGNED_OUT`].
    Flow(FlowKey),
}

/// What a step reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepQuery {
    /// The tenant; nothing of another one is ever found.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// Their session.
    pub session: Option<SessionId>,
    /// A flow, with the live codes that belong to it.
    pub flow: Option<FlowKey>,
    /// Counts.
    pub rates: Vec<RateKey>,
}

impl StepQuery {
    /// Reads a person alone; the other parts are filled in as needed.
    #[must_use]
    pub const fn of(tenant: TenantId, user: UserId) -> Self {
        Self { tenant, user, session: None, flow: None, rates: Vec::new() }
    }
}

/// What a step read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The person; shared, for most steps change nothing about them.
    pub user: Arc<User>,
    /// The session asked for, if it is this person's; shared like the person.
    pub session: Option<Arc<Session>>,
    /// The flow asked for, if it is this person's.
    pub flow: Option<Flow>,
    /// The codes that are in their slots for that flow.
    pub challenges: Vec<Challenge>,
    /// The counts asked for that exist.
    pub rates: Vec<(RateKey, Counter)>,
}

/// An attempt to be paid for before anything is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The flow that pays, with its person and session; the query's `flow` MUST be set.
    pub query: StepQuery,
    /// How many attempts a flow has.
    pub max_attempts: u8,
    /// The counts that are raised with it.
    pub rates: Vec<Rate>,
    /// The time.
    pub now: Instant,
}

/// How a charge ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charged {
    /// It is paid: compare now.
    Paid {
        /// What the step needs, as of the charge.
        loaded: Loaded,
        /// Attempts paid in this flow, this one included.
        attempts: u8,
    },
    /// Nothing was charged: the person has no such flow in this session.
    NoFlow {
        /// The person and session, as they are.
        loaded: Loaded,
    },
    /// Nothing was charged: the flow has no attempt left.
    Exhausted {
        /// What was read.
        loaded: Loaded,
    },
    /// Nothing was charged: a limit refuses.
    Limited {
        /// What was read.
        loaded: Loaded,
        /// Which limit.
        scope: RateScope,
        /// From when one more is allowed; `None`: not by waiting.
        until: Option<Instant>,
    },
}

/// What becomes of the person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UserWrite {
    /// Nothing.
    #[default]
    Keep,
    /// A new account.
    Insert(Box<User>),
    /// The account as it shall be, if it still has the version that was read; the store stores
    /// `user.version` as given.
    Replace {
        /// The version that was read.
        expected: Version,
        /// The account as it shall be.
        user: Box<User>,
    },
}

/// What becomes of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SessionWrite {
    /// Nothing.
    #[default]
    Keep,
    /// A new session, or this one in place of what the store has under its id.
    Put(Arc<Session>),
    /// The session as it shall be, if it still has the revision that was read.
    Replace {
        /// The revision that was read.
        expected: u32,
        /// The session as it shall be.
        session: Arc<Session>,
    },
    /// The session is over: this row of the stage `Ended` takes the place of what the person has under its id, and stands
    /// there where nothing is. A later end stays, and so does what is another person's.
    End(Arc<Session>),
}

/// What becomes of a code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ChallengeWrite {
    /// Nothing.
    #[default]
    Keep,
    /// This code takes the slot, whichever flow held it before.
    Put(Box<Challenge>),
    /// The slot of the person is emptied.
    Clear(Slot),
}

/// All consequences of one step. Everything is written or nothing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The tenant.
    pub tenant: TenantId,
    /// The person that the step is about.
    pub subject: UserId,
    /// The time.
    pub now: Instant,
    /// The person.
    pub user: UserWrite,
    /// Their session.
    pub session: SessionWrite,
    /// Their flow.
    pub flow: FlowWrite,
    /// Their code.
    pub challenge: ChallengeWrite,
    /// Counts to be raised; one that refuses refuses the commit.
    pub rates: Vec<Rate>,
    /// Counts to be forgotten.
    pub cleared: Vec<RateKey>,
    /// The audit trail grows by these.
    pub audit: Vec<AuditRecord>,
    /// Notices that are due.
    pub outbox: Vec<Notice>,
    /// The identifiers that the person takes, where the write of the person takes any.
    pub claims: Vec<Claim>,
    /// The identifiers that are kept from everybody for a time.
    pub tombstones: Vec<Tombstone>,
}

impl Commit {
    /// An empty commit; the parts are filled in as needed.
    #[must_use]
    pub fn of(tenant: TenantId, subject: UserId, now: Instant) -> Self {
        Self {
            tenant,
            subject,
            now,
            user: UserWrite::default(),
            session: SessionWrite::default(),
            flow: FlowWrite::default(),
            challenge: ChallengeWrite::default(),
            rates: Vec::new(),
            cleared: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
            claims: Vec::new(),
            tombstones: Vec::new(),
        }
    }
}

/// Keeps users, sessions, flows, codes, counts, the audit trail and the outbox.
///
/// - `load_finds_what_was_committed`: a load MUST show every earlier acknowledged commit.
/// - `load_keeps_tenants_apart`: nothing of another tenant MUST ever be found.
/// - `load_shows_only_the_persons_own`: a session or flow of another person MUST NOT be found.
/// - `replace_needs_the_version_read`: of two replacements from one version exactly one MUST succeed, the
///   other MUST get [`StoreError::Stale`].
/// - `a_refused_commit_writes_nothing`: after an error nothing of the commit MUST be there, not even its
///   audit records.
/// - `identifiers_are_unique`: a canonical user name, phone or e-mail MUST belong to one account of a
///   tenant at most, else [`StoreError::Conflict`] names the field.
/// - `a_changed_identifier_is_free`: what an account gave up, and what is not held for it, MUST be free for others.
/// - `a_value_held_alone_is_nobody_elses`: of the accounts of a tenant one at most MUST have an attribute and canonical
///   value in `Profile::claims`, else [`StoreError::Conflict`] names [`UniqueField::Attribute`]; of several conflicts that
///   of a user name, phone or e-mail address is told. What is shared conflicts with nothing.
/// - `a_value_given_up_is_free`: a value that an account changed, shared or cleared, or that was erased, MUST be free.
/// - `a_held_address_is_nobody_elses`: an address in `User::held` MUST conflict with the phone or e-mail address that
///   another account takes while the hold is live at the commit's `now`; a hold itself conflicts with nothing.
/// - `a_hold_ends_on_time`: from `until` on, and once the account no longer has the hold, the address MUST be free; whoever took it keeps it, also where
///   the clock runs back.
/// - `a_held_address_finds_its_account`: [`Store::find`] MUST find the account that an address is held for, live or not;
///   of several the one whose hold has the latest `since`.
/// - `a_bound_account_is_one_persons`: an issuer and subject in `User::social` MUST belong to one account of a tenant at
///   most, else [`StoreError::Conflict`], and MUST be free once that account gives them up.
/// - `a_bound_account_finds_its_person`: [`Store::find`] MUST find the account that they are bound to now.
/// - `a_passkey_is_one_persons`: an id in `User::passkeys` MUST belong to one account of a tenant at most, else
///   [`StoreError::Conflict`], and MUST be free once that account gives it up.
/// - `a_passkey_finds_its_person`: [`Store::find`] MUST find the account that has a passkey now.
/// - `a_new_flow_supersedes_its_twin`, `the_oldest_flow_over_the_cap_goes`,
///   `flow_replace_needs_the_revision_read`, `a_removed_flow_takes_its_codes_along`.
/// - `an_attempt_given_back_is_there_again`: one more MUST be paid then, of that flow alone, and never more than were paid.
/// - `a_flow_that_moved_on_is_not_finished`: a flow of another revision MUST NOT be finished, and the commit gets
///   [`StoreError::Stale`]; one that is gone stays gone, which is no error.
/// - `a_slot_holds_one_code`: a code put into a slot MUST replace the one before, of whatever flow.
/// - `a_charge_is_never_lost`: of any number of charges at once at most `max_attempts` MUST be paid.
/// - `a_charge_keeps_the_revision`: a charge MUST NOT change a flow's revision, and a replacement MUST NOT
///   give attempts back.
/// - `a_dead_flow_pays_nothing`: a flow that is over, of another session, or of another stamp than the user's
///   MUST NOT pay: whoever holds an ended session must not use up what its owner has left.
/// - `a_refused_charge_charges_nothing`: where the flow or a limit refuses, no count MUST rise.
/// - `a_limit_refuses_the_commit`, `a_window_ends_on_time`, `a_cleared_count_begins_anew`: counts MUST
///   follow [`ciam_domain::rate::RateRule::admit`].
/// - `a_session_put_replaces_it`; `an_ended_session_leaves_its_end`, whether it had a row or not.
/// - `an_end_is_not_undone`: over an end nothing MUST be put but a session whose `auth_time` is not before it, and nothing MUST
///   replace it, else [`StoreError::Stale`]; another end MUST NOT move it back.
/// - `session_replace_needs_the_revision_read`: of two replacements from one revision exactly one MUST succeed,
///   the other, and one of an ended session, MUST get [`StoreError::Stale`].
/// - `sessions_are_listed_for_their_person`: [`Store::sessions`] MUST give all sessions of the person, and no other.
/// - `a_name_finds_its_account`: [`Store::find`] MUST find the account that has the canonical name now.
/// - `a_signed_out_flow_finds_its_person`: [`Store::find`] MUST find whose flow of
///   [`ciam_domain::flow::Operation::SIGNED_OUT`] a key names, and MUST NOT find any other flow.
/// - `a_tombstone_keeps_its_identifier`: a commit with a claim whose digest has a live tombstone in the tenant MUST
///   be refused with [`StoreError::Conflict`] and the claim's field.
/// - `a_tombstone_ends_on_time`: one that is over at the time of the commit MUST NOT refuse it.
/// - `a_forgotten_person_leaves_nothing_open`: [`Store::forget`] MUST remove all sessions, flows and codes of the
///   person and the counts that are named, and nothing of anybody else.
/// - `sweep_removes_only_what_is_over`.
///
/// A future that is dropped may or may not take effect, but never in part.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Reads what a step needs, in one consistent view; `None` when there is no such person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn load(&self, query: &StepQuery) -> Result<Option<Loaded>, StoreError>;

    /// Pays for an attempt by one guarded write that also reads what the step needs; `None` when there is
    /// no such person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`]; the attempt then counts as spent.
    async fn charge(&self, charge: &Charge) -> Result<Option<Charged>, StoreError>;

    /// Writes all consequences of a step, or none.
    ///
    /// # Errors
    /// Every [`StoreError`]; after [`StoreError::Unavailable`] the write may have happened.
    async fn commit(&self, commit: Commit) -> Result<(), StoreError>;

    /// Finds the account that a handle leads to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn find(&self, tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError>;

    /// Reads all sessions of a person, dead ones included, those opened last first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError>;

    /// Removes all sessions, flows and codes of a person and the counts that are named, and tells how many rows
    /// went. Once more removes nothing more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError>;

    /// Removes flows, codes, sessions, counts and tombstones that are over at `now`, and tells how many rows went.
    /// Clean-up only: what is over counts as gone whether or not it was swept.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn sweep(&self, now: Instant) -> Result<u64, StoreError>;

    /// Answers when the store can be used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn ping(&self) -> Result<(), StoreError>;
}
