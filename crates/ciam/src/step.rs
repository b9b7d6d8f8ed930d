//! What every step shares: read, admit, claim the flow; refuse and record the refusal.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ciam_domain::audit::Outcome;
use ciam_domain::flow::{Flow, Moment};
use ciam_domain::notice::{Notice, NoticeKind};
use ciam_domain::refusal::{AccessRefusal, FlowRefusal, RateRefusal};
use ciam_domain::session::Session;
use ciam_domain::user::{Address, SecurityStamp, User, Version};
use ciam_domain::{EventId, Instant, Refusal, SessionId};
use ciam_ports::store::{FlowWrite, SessionWrite, UserWrite};
use ciam_ports::{Commit, Loaded, StepQuery, StoreError};

use crate::audit::Deed;
use crate::config::ActingSession;
use crate::principal::told_by;
use crate::{Ciam, Error, Principal};

/// How often a step is taken anew when another write came first. Of several calls at once for one person one
/// wins each time, so this many all succeed.
pub(crate) const RETRIES: u8 = 8;

/// Takes a step anew while other writes come first: each time person and flow are read again. (A macro,
/// since a future that awaits an async closure is not `Send` for every lifetime.)
macro_rules! persist {
    ($step:expr) => {{
        for _ in 0..$crate::step::RETRIES {
            match $step.await {
                Err(error) if error.is_stale() => {}
                taken => return taken,
            }
        }
        Err(ciam_ports::StoreError::Stale.into())
    }};
}
pub(crate) use persist;

/// A refusal on its way into the audit trail; boxed, so that the rare way out does not swell every future
/// that has one.
pub(crate) type Refusing<'a> = Pin<Box<dyn Future<Output = Error> + Send + 'a>>;

impl Ciam {
    /// Reads the person with session and flow, and checks that they may act.
    pub(crate) async fn acting(&self, deed: &Deed<'_>) -> Result<Box<Loaded>, Error> {
        // Boxed, so that it is not copied from future to future.
        let loaded = self.ports.store.load(&query(deed)).await?.map(Box::new);
        let Some(loaded) = loaded else { return Err(self.refuse(deed, AccessRefusal::UnknownUser).await) };
        self.admit(deed, &loaded).await?;
        Ok(loaded)
    }

    pub(crate) async fn admit(&self, deed: &Deed<'_>, loaded: &Loaded) -> Result<(), Error> {
        match deed.who.admit(loaded, deed.now) {
            Ok(()) => Ok(()),
            Err(refusal) => {
                // Whoever may not act now must begin anew later; another session's flow is not theirs to end.
                let own = loaded.flow.as_ref().filter(|flow| Some(flow.session()) == deed.who.session());
                let write = own.map_or(FlowWrite::Keep, |flow| FlowWrite::Remove(*flow.key()));
                Err(self.refuse_with(deed, refusal.into(), write).await)
            }
        }
    }

    /// The session of the person, which a sensitive operation must have.
    pub(crate) async fn sensitive<'a>(&self, deed: &Deed<'a>) -> Result<&'a SessionId, Error> {
        match deed.who.sensitive_session() {
            Ok(session) => Ok(session),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    /// The flow, if it is this person's in this session and alive.
    pub(crate) async fn claim(&self, deed: &Deed<'_>, loaded: &Loaded) -> Result<Flow, Error> {
        let session = self.sensitive(deed).await?;
        let claimed = loaded.flow.clone().ok_or(FlowRefusal::Unknown);
        match claimed.and_then(|flow| flow.claimed_by(session, &self.moment(deed.who, loaded, deed.now))) {
            Ok(flow) => Ok(flow),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    /// Person and flow together, as most steps need them.
    pub(crate) async fn claimed(&self, deed: &Deed<'_>) -> Result<(Box<Loaded>, Flow), Error> {
        let loaded = self.acting(deed).await?;
        let flow = self.claim(deed, &loaded).await?;
        Ok((loaded, flow))
    }

    pub(crate) fn moment<'a>(&'a self, who: &'a Principal, loaded: &'a Loaded, now: Instant) -> Moment<'a> {
        Moment { now, user: &loaded.user, amr: who.amr(loaded), policy: &self.config.flow }
    }

    /// Records a refusal and gives it back. A refusal that cannot be recorded is a failure.
    pub(crate) fn refuse<'a>(&'a self, deed: &'a Deed<'_>, refusal: impl Into<Refusal>) -> Refusing<'a> {
        self.refuse_with(deed, refusal.into(), FlowWrite::Keep)
    }

    /// Like [`Ciam::refuse`], and the flow is over.
    pub(crate) fn refuse_and_end<'a>(
        &'a self,
        deed: &'a Deed<'_>,
        refusal: impl Into<Refusal>,
    ) -> Refusing<'a> {
        let flow = deed.flow.map_or(FlowWrite::Keep, FlowWrite::Remove);
        self.refuse_with(deed, refusal.into(), flow)
    }

    pub(crate) fn refuse_with<'a>(
        &'a self,
        deed: &'a Deed<'_>,
        refusal: Refusal,
        flow: FlowWrite,
    ) -> Refusing<'a> {
        Box::pin(self.record_refusal(deed, refusal, flow))
    }

    async fn record_refusal(&self, deed: &Deed<'_>, refusal: Refusal, flow: FlowWrite) -> Error {
        // Where another write came first, what was found out about the flow is no longer told.
        for (refusal, flow) in [(refusal, flow), (FlowRefusal::Unknown.into(), FlowWrite::Keep)] {
            let outcome = Outcome::Refused(Cow::Borrowed(refusal.reason()));
            let record = match self.record(deed, outcome) {
                Ok(record) => record,
                Err(error) => return error.into(),
            };
            let commit = Commit { flow, audit: vec![record], ..commit(deed) };
            match self.ports.store.commit(commit).await {
                Ok(()) => return refusal.into(),
                Err(StoreError::Stale) => {}
                Err(error) => return error.into(),
            }
        }
        StoreError::Stale.into()
    }

    /// Writes an effect together with its record.
    pub(crate) fn write(
        &self,
        deed: &Deed<'_>,
        mut commit: Commit,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        let id = match commit.outbox.first() {
            // The notices tell of this very event.
            Some(notice) => Ok(notice.id.clone()),
            None => self.event_id(deed),
        };
        // The store has the commit before this waits, so that it is not copied from future to future.
        let written = id.map(|id| {
            // Almost always the only one; a list grows by several at once.
            commit.audit.reserve_exact(1);
            commit.audit.push(deed.record(id, Outcome::Done));
            self.ports.store.commit(commit)
        });
        async move { Ok(written?.await?) }
    }

    /// Writes an effect on a flow. Where another write came first, the flow is no longer what it was.
    pub(crate) fn settle(
        &self,
        deed: &Deed<'_>,
        commit: Commit,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        let written = self.write(deed, commit);
        async move {
            match written.await {
                Err(error) if error.is_stale() => Err(self.refuse(deed, FlowRefusal::Unknown).await),
                written => written,
            }
        }
    }

    /// The account after a sensitive change: next version, new stamp; the acting session goes on or ends.
    pub(crate) fn restamped(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        mut user: User,
        stamp: SecurityStamp,
    ) -> Sealed {
        let expected = user.version;
        user.version = expected.next();
        user.restamp(stamp, deed.now);
        let session = match (self.config.session.acting, deed.who.session()) {
            (_, None) => SessionWrite::Keep,
            (ActingSession::Ends, Some(id)) => self.end(&user, id, deed.now),
            (ActingSession::Stays, Some(id)) => match told_by(loaded) {
                Some(own) => SessionWrite::Replace {
                    expected: own.revision,
                    session: Arc::new(Session {
                        stamp: user.stamp,
                        revision: own.revision.saturating_add(1),
                        ..own.clone()
                    }),
                },
                None => SessionWrite::Put(Arc::new(Session {
                    amr: deed.who.amr(loaded).to_vec(),
                    auth_time: deed.who.auth_time(loaded).unwrap_or(Instant::EPOCH),
                    ..Session::open(&user, id.clone(), deed.now, deed.now.after(self.config.session.ttl))
                })),
            },
        };
        Sealed { expected, user, session }
    }

    /// One notice to each address.
    pub(crate) fn announce(
        user: &User,
        id: &EventId,
        kind: NoticeKind,
        to: Vec<Address>,
        at: Instant,
    ) -> Vec<Notice> {
        to.into_iter()
            .map(|to| Notice {
                id: id.clone(),
                tenant: user.tenant.clone(),
                user: user.id.clone(),
                kind,
                to,
                at,
                revert: None,
            })
            .collect()
    }
}

/// A user that is to be written with a new stamp, and what that means for the acting session.
pub(crate) struct Sealed {
    pub(crate) expected: Version,
    pub(crate) user: User,
    pub(crate) session: SessionWrite,
}

impl Sealed {
    pub(crate) fn into_writes(self) -> (UserWrite, SessionWrite) {
        (UserWrite::Replace { expected: self.expected, user: Box::new(self.user) }, self.session)
    }
}

pub(crate) fn query(deed: &Deed<'_>) -> StepQuery {
    StepQuery {
        session: deed.who.session().cloned(),
        flow: deed.flow,
        ..StepQuery::of(deed.who.tenant().clone(), deed.who.user().clone())
    }
}

pub(crate) fn commit(deed: &Deed<'_>) -> Commit {
    Commit::of(deed.who.tenant().clone(), deed.who.user().clone(), deed.now)
}

/// What a flow's next form means for the store.
pub(crate) fn flow_write(deed: &Deed<'_>, before: u32, next: Option<Flow>) -> FlowWrite {
    match next {
        Some(flow) if flow.revision() == before => FlowWrite::Keep,
        Some(flow) => FlowWrite::Replace { expected: before, flow: Box::new(flow) },
        None => deed.flow.map_or(FlowWrite::Keep, FlowWrite::Remove),
    }
}

/// What a failed attempt means for the store. The last one ends the flow as it was when the attempt was paid: one that
/// was proven meanwhile goes on.
pub(crate) fn failed_write(deed: &Deed<'_>, before: u32, next: Option<Flow>) -> FlowWrite {
    match (next, deed.flow) {
        (None, Some(key)) => FlowWrite::Finish { expected: before, key },
        (next, _) => flow_write(deed, before, next),
    }
}

pub(crate) fn too_many_codes(until: Option<Instant>, now: Instant) -> Refusal {
    RateRefusal::TooManyCodes { retry_after: wait(until, now) }.into()
}

pub(crate) fn too_many_attempts(until: Option<Instant>, now: Instant) -> Refusal {
    RateRefusal::TooManyAttempts { retry_after: wait(until, now) }.into()
}

fn wait(until: Option<Instant>, now: Instant) -> Option<Duration> {
    until.map(|until| until.since(now))
}
