//! The flow: what stands between a signed-in person and a sensitive operation.
//!
//! ```text
//! operation check -> [second factor] -> [code to the new phone or e-mail] -> action
//! ```
//!
//! Operations and methods are two axes: a new one of either is one new file and one line in its list.

pub mod event;
mod machine;
pub mod method;
pub mod operation;
pub mod policy;
mod snapshot;
pub mod state;

pub use event::{Effect, Event, NextStep, Reply, Step};
pub use method::{Method, MethodSet};
pub use operation::Operation;
pub use policy::{CodePolicy, FlowPolicy, PolicyError, TwoFactor};
pub use snapshot::SnapshotError;
pub use state::{Proof, State};

use crate::refusal::{AccessRefusal, ContactRefusal, FactorRefusal, FlowRefusal, Refusal};
use crate::session::Amr;
use crate::user::{SecurityStamp, User};
use crate::{FlowKey, Instant, SessionId, TenantId, UserId};

/// A flow of one person, for one operation, in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    key: FlowKey,
    tenant: TenantId,
    user: UserId,
    session: SessionId,
    stamp: SecurityStamp,
    operation: Operation,
    opened_at: Instant,
    expires_at: Instant,
    revision: u32,
    sends: u8,
    password_tries: u8,
    state: State,
}

/// Who begins a flow, where, for what.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The key of its id.
    pub key: FlowKey,
    /// The session that it is bound to.
    pub session: SessionId,
    /// What it is for.
    pub operation: Operation,
    /// The methods that may prove the person; the policy may leave fewer.
    pub methods: MethodSet,
}

/// What a decision is made against.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The time.
    pub now: Instant,
    /// The person, as the store has them.
    pub user: &'a User,
    /// How their session was opened.
    pub amr: &'a [Amr],
    /// The limits.
    pub policy: &'a FlowPolicy,
}

impl Flow {
    /// Begins a flow, bound to tenant, user, operation, session and the user's security stamp.
    ///
    /// # Errors
    /// [`FactorRefusal::NoFactor`] when a factor is demanded and the person has none; [`ContactRefusal::Paused`] where
    /// addresses stay as they are for now.
    pub fn open(opening: Opening, at: &Moment<'_>) -> Result<Self, Refusal> {
        let allowed = at.policy.allowed(opening.operation, at.user, at.amr, at.now);
        let state = match allowed.map(|allowed| allowed.within(opening.methods)) {
            None => State::Ready { proof: Proof::NotDemanded },
            Some(MethodSet::EMPTY) => return Err(FactorRefusal::NoFactor.into()),
            Some(allowed) => State::AwaitingFactor { allowed },
        };
        Self::begin(opening, state, at)
    }

    fn begin(opening: Opening, state: State, at: &Moment<'_>) -> Result<Self, Refusal> {
        if opening.operation.changes().is_some() && at.user.contacts_are_paused(at.now) {
            return Err(ContactRefusal::Paused.into());
        }
        Ok(Self {
            key: opening.key,
            tenant: at.user.tenant.clone(),
            user: at.user.id.clone(),
            session: opening.session,
            stamp: at.user.stamp,
            operation: opening.operation,
            opened_at: at.now,
            expires_at: at.now.after(at.policy.ttl),
            revision: 0,
            sends: 0,
            password_tries: 0,
            state,
        })
    }

    /// Begins a flow that the password in use is demanded for, whatever the policy demands: for a call that names no
    /// flow and holds the password.
    ///
    /// # Errors
    /// [`FactorRefusal::Unsupported`] where the policy does not take it from this person for this operation; as
    /// [`Flow::open`].
    pub fn open_for_password(opening: Opening, at: &Moment<'_>) -> Result<Self, Refusal> {
        let methods = MethodSet::from_iter([Method::Password]);
        match Self::open(Opening { methods, ..opening }, at) {
            Err(Refusal::Factor(FactorRefusal::NoFactor)) => Err(FactorRefusal::Unsupported.into()),
            opened => opened.map(|flow| flow.demanding(methods)),
        }
    }

    /// Begins a flow that a sign-in of just now has proven: for a call that names no flow, and is nowhere stored.
    ///
    /// # Errors
    /// [`AccessRefusal::StaleAuthentication`] where the person signed in too long ago, nobody knows when, or the
    /// operation takes another proof; [`ContactRefusal::Paused`].
    pub fn one_shot(opening: Opening, signed_in: Option<Instant>, at: &Moment<'_>) -> Result<Self, Refusal> {
        let proof = Proof::SignIn { at: signed_in.unwrap_or(Instant::EPOCH) };
        let flow = Self::begin(opening, State::Ready { proof }, at)?;
        if flow.still_counts(proof, at) { Ok(flow) } else { Err(AccessRefusal::StaleAuthentication.into()) }
    }

    /// The flow as its owner may use it now; whoever else presents it learns what an unknown id teaches.
    ///
    /// # Errors
    /// [`FlowRefusal::Unknown`] when it is another person's, another session's, of an older stamp, or expired.
    pub fn claimed_by(self, session: &SessionId, at: &Moment<'_>) -> Result<Self, FlowRefusal> {
        let owned = self.tenant == at.user.tenant && self.user == at.user.id && self.session == *session;
        let alive = self.stamp == at.user.stamp && at.now < self.expires_at;
        if owned && alive { Ok(self) } else { Err(FlowRefusal::Unknown) }
    }
}

/// What stores and use cases read off a flow.
impl Flow {
    /// The key of its id.
    #[must_use]
    pub const fn key(&self) -> &FlowKey {
        &self.key
    }

    /// The tenant it belongs to.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The person it belongs to.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// The session it belongs to.
    #[must_use]
    pub const fn session(&self) -> &SessionId {
        &self.session
    }

    /// The user's stamp that it is bound to.
    #[must_use]
    pub const fn stamp(&self) -> &SecurityStamp {
        &self.stamp
    }

    /// What it is for.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// When it began.
    #[must_use]
    pub const fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// The moment from which it is dead.
    #[must_use]
    pub const fn expires_at(&self) -> Instant {
        self.expires_at
    }

    /// Rises by one with every stored change; stores compare and set on it.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }
}
