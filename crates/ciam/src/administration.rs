//! What the host and its administrators do to accounts.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::notice::NoticeKind;
use ciam_domain::refusal::{AccessRefusal, FactorRefusal};
use ciam_domain::session::Session;
use ciam_domain::user::{SecurityStamp, Status, User};
use ciam_domain::{EventId, SessionId, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{AuditPage, AuditQuery, Commit};

use crate::authority::Order;
use crate::{Authority, Ciam, Error, Failure, step};

impl Ciam {
    /// Sets the status of an account. Its sessions, flows and codes are dead in the same write. One that the host sets
    /// to [`Status::Erased`] is due at once, and erased as [`Ciam::purge`] does it.
    ///
    /// # Errors
    /// [`AccessRefusal::UnknownUser`], [`AccessRefusal::Deleted`], [`AccessRefusal::InsufficientScope`], or what
    /// keeps an administrator from acting; a failure of the store or of chance.
    pub async fn set_status(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
        status: Status,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::SetStatus).saying(status.kind().as_str());
        step::persist!(self.try_status(&order, status))
    }

    async fn try_status(&self, order: &Order<'_>, status: Status) -> Result<(), Error> {
        // Only its owner calls a deleted account back, or `restore_user`.
        let mut user = self.ordered_live(order).await?;
        if status.is_deleted() && matches!(order.by, Authority::Administrator(_)) {
            return Err(self.overrule(order, AccessRefusal::InsufficientScope).await);
        }
        user.status = match status {
            Status::Erased => Status::PendingDeletion { erase_at: order.now },
            other => other,
        };
        if user.status.is_deleted() {
            user.forget_keys();
        }
        self.replace_user(order, user, None).await?;
        if status == Status::Erased {
            drop(Box::pin(self.purge(order.tenant, order.user)).await);
        }
        Ok(())
    }

    /// Has the person choose a new password: the present one opens nothing but that, every session is over, and
    /// each verified address is told. Nobody learns or chooses a password for somebody else (ASVS 5.0, 6.4.6).
    ///
    /// # Errors
    /// [`FactorRefusal::NoFactor`] where there is no password; otherwise as of [`Ciam::set_status`].
    pub async fn demand_password_reset(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::DemandPasswordReset);
        step::persist!(self.try_reset(&order))
    }

    async fn try_reset(&self, order: &Order<'_>) -> Result<(), Error> {
        let mut user = self.ordered_live(order).await?;
        let Some(password) = &mut user.password else {
            return Err(self.overrule(order, FactorRefusal::NoFactor).await);
        };
        password.must_change = true;
        self.replace_user(order, user, Some(NoticeKind::PasswordResetDemanded)).await
    }

    /// Ends every session of a person, with every open flow and code.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`].
    pub async fn end_user_sessions(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::EndAllSessions);
        step::persist!(self.try_to_end_sessions(&order))
    }

    async fn try_to_end_sessions(&self, order: &Order<'_>) -> Result<(), Error> {
        let loaded = self.ordered(order).await?;
        self.replace_user(order, User::clone(&loaded.user), None).await
    }

    /// Ends one session of a person, one of a foreign issuer too of which there is no row yet. Another person's goes on,
    /// and is answered alike.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`].
    pub async fn end_user_session(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
        session: &SessionId,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::EndSession);
        let loaded = self.ordered(&order).await?;
        let end = self.end(&loaded.user, session, order.now);
        self.carry_out(&order, Outcome::Done, Commit { session: end, ..order.commit() }).await
    }

    /// Puts an account back that its owner deleted, within the grace: in use again, whatever was open before
    /// stays dead, and each verified address is told. An account that is not deleted stays as it is.
    ///
    /// # Errors
    /// [`AccessRefusal::Deleted`] once the grace is over; otherwise as of [`Ciam::set_status`].
    pub async fn restore_user(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::RestoreAccount);
        step::persist!(self.try_to_restore(&order))
    }

    async fn try_to_restore(&self, order: &Order<'_>) -> Result<(), Error> {
        let loaded = self.ordered(order).await?;
        if !matches!(loaded.user.status, Status::PendingDeletion { .. }) {
            return self.carry_out(&order.saying("not deleted"), Outcome::Done, order.commit()).await;
        }
        if !loaded.user.status.can_be_restored(order.now) {
            return Err(self.overrule(order, AccessRefusal::Deleted).await);
        }
        let user = User { status: Status::Normal, ..User::clone(&loaded.user) };
        self.replace_user(order, user, Some(NoticeKind::AccountRestored)).await
    }

    /// Reads an account, whole: whoever shows it decides what to leave out.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`]; an account that waits for its erasure is shown.
    pub async fn view_user(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<User, Error> {
        let order = self.order(by, (tenant, user), Action::ViewUser);
        let loaded = self.ordered(&order).await?;
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        Ok(User::clone(&loaded.user))
    }

    /// Lists the live sessions of a person, opened last first.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`].
    pub async fn user_sessions(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Vec<Session>, Error> {
        let order = self.order(by, (tenant, user), Action::ListSessions);
        let loaded = self.ordered(&order).await?;
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        let mut sessions = self.ports.store.sessions(tenant, user).await?;
        sessions.retain(|session| session.is_alive(&loaded.user.stamp, order.now));
        Ok(sessions)
    }

    /// Reads the audit trail of the tenant. That an administrator did so is recorded on the account asked for, or
    /// else on their own; the host leaves no trace in its own trail.
    ///
    /// # Errors
    /// What keeps an administrator from acting; [`Failure::NotOffered`] without an audit trail; a failure of the
    /// store.
    pub async fn audit_trail(&self, by: Authority<'_>, query: &AuditQuery) -> Result<AuditPage, Error> {
        let trail = self.audit_trail.as_ref().ok_or(Failure::NotOffered)?;
        if let Authority::Administrator(who) = by {
            let about = query.user.as_ref().unwrap_or_else(|| who.user());
            let order = self.order(by, (&query.tenant, about), Action::ViewAuditTrail);
            self.authorise(&order).await?;
            self.carry_out(&order, Outcome::Done, order.commit()).await?;
        }
        Ok(trail.records(query).await?)
    }

    pub(crate) fn order<'a>(
        &self,
        by: Authority<'a>,
        (tenant, user): (&'a TenantId, &'a UserId),
        action: Action,
    ) -> Order<'a> {
        Order { by, tenant, user, action, now: self.ports.clock.now(), detail: None }
    }

    /// Writes the account in its next version, with a new stamp: every session, flow and code is dead.
    async fn replace_user(
        &self,
        order: &Order<'_>,
        mut user: User,
        notice: Option<NoticeKind>,
    ) -> Result<(), Error> {
        let [event, stamp] = self.draw()?;
        let expected = user.version;
        user.version = expected.next();
        user.restamp(SecurityStamp::from_bytes(stamp), order.now);
        let told = notice.map(|kind| {
            let to = user.verified_addresses();
            Self::announce(&user, &EventId::from_random(event), kind, to, order.now)
        });
        let write = UserWrite::Replace { expected, user: Box::new(user) };
        let commit = Commit { user: write, outbox: told.unwrap_or_default(), ..order.commit() };
        self.carry_out(order, Outcome::Done, commit).await
    }
}
