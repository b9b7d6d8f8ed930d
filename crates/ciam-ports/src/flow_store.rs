//! Sessions, flows, codes and counts alone: what may live apart from users.

use std::sync::Arc;

use async_trait::async_trait;
use ciam_domain::challenge::Challenge;
use ciam_domain::flow::Flow;
use ciam_domain::rate::{Counter, Rate, RateKey, RateScope};
use ciam_domain::session::Session;
use ciam_domain::user::SecurityStamp;
use ciam_domain::{FlowKey, Instant, TenantId, UserId};

use crate::store::{ChallengeWrite, Charge, FlowWrite, SessionWrite, StepQuery, StoreError};

/// What a flow store read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowView {
    /// The session asked for, if it is this person's.
    pub session: Option<Arc<Session>>,
    /// The flow asked for, if it is this person's.
    pub flow: Option<Flow>,
    /// The codes that are in their slots for that flow.
    pub challenges: Vec<Challenge>,
    /// The counts asked for that exist.
    pub rates: Vec<(RateKey, Counter)>,
}

/// How a charge on the flow side ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowCharge {
    /// It is paid; attempts with this one.
    Paid(u8),
    /// The person has no such flow in this session.
    NoFlow,
    /// The flow has no attempt left.
    Exhausted,
    /// A limit refuses.
    Limited {
        /// Which.
        scope: RateScope,
        /// From when one more is allowed; `None`: not by waiting.
        until: Option<Instant>,
    },
}

/// What becomes of sessions, flows, codes and counts. Everything is written or nothing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowCommit {
    /// The tenant.
    pub tenant: TenantId,
    /// The person that it is about.
    pub subject: UserId,
    /// The time.
    pub now: Instant,
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
}

impl FlowCommit {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.session == SessionWrite::Keep
            && self.flow == FlowWrite::Keep
            && self.challenge == ChallengeWrite::Keep
            && self.rates.is_empty()
            && self.cleared.is_empty()
    }
}

/// Keeps sessions, flows, codes and counts: the other half of a [`crate::SplitStore`].
///
/// It MUST keep the rules of [`crate::Store`] that speak of them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait FlowStore: Send + Sync + 'static {
    /// Reads what a step needs, in one consistent view.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn view(&self, query: &StepQuery) -> Result<FlowView, StoreError>;

    /// Pays for an attempt by one guarded write that also reads what the step needs. A flow of another
    /// `stamp` than the user's is dead and MUST NOT pay.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`]; the attempt then counts as spent.
    async fn charge(
        &self,
        charge: &Charge,
        stamp: &SecurityStamp,
    ) -> Result<(FlowCharge, FlowView), StoreError>;

    /// Writes a change, or nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Limited`] or [`StoreError::Unavailable`].
    async fn commit(&self, commit: FlowCommit) -> Result<(), StoreError>;

    /// Finds whose flow of [`ciam_domain::flow::Operation::SIGNED_OUT`] a key names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn find(&self, tenant: &TenantId, flow: &FlowKey) -> Result<Option<UserId>, StoreError>;

    /// Reads all sessions of a person, dead ones included, those opened last first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn sessions(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<Session>, StoreError>;

    /// Removes all sessions, flows and codes of a person and the counts that are named, and tells how many rows
    /// went.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn forget(&self, tenant: &TenantId, user: &UserId, counts: &[RateKey]) -> Result<u64, StoreError>;

    /// Removes what is over at `now`, and tells how many rows went.
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
