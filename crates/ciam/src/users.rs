//! Accounts, made and set by the host.

use std::borrow::Cow;
use std::sync::Arc;

use ciam_domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_domain::identifier::{EmailAddress, PhoneNumber, Username};
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::secret::SecretText;
use ciam_domain::user::{Contact, PasswordCredential, SecurityStamp, Status, User};
use ciam_domain::{EventId, Instant, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, StepQuery, StoreError};

use crate::step::RETRIES;
use crate::{Ciam, Error};

/// An account to be made. Its contacts count as verified.
#[derive(Default)]
pub struct NewUser {
    /// The tenant.
    pub tenant: TenantId,
    /// The sign-in name.
    pub username: Option<Username>,
    /// The phone.
    pub phone: Option<PhoneNumber>,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The first password; the policy applies.
    pub password: Option<SecretText>,
    /// What others see.
    pub nickname: Option<String>,
    /// The person's full name.
    pub full_name: Option<String>,
    /// Whether the person administers the tenant.
    pub admin: bool,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write about themselves stays out of logs.
        f.debug_struct("NewUser")
            .field("tenant", &self.tenant)
            .field("username", &self.username)
            .field("phone", &self.phone)
            .field("email", &self.email)
            .field("admin", &self.admin)
            .finish_non_exhaustive()
    }
}

impl Ciam {
    /// Makes an account on the host's own word.
    ///
    /// # Errors
    /// A [`ciam_domain::password::PasswordRefusal`]; [`StoreError::Conflict`] as a failure when a name or
    /// address is taken, or was until not long ago an erased account's; a failure of a port.
    pub async fn create_user(&self, new: NewUser) -> Result<User, Error> {
        let now = self.ports.clock.now();
        let id = UserId::from_random(self.random_bits()?);
        let stamp = SecurityStamp::from_bytes(self.random_bits()?);
        let mut user = User {
            username: new.username,
            phone: new.phone.map(|phone| Contact::verified(phone, now)),
            email: new.email.map(|email| Contact::verified(email, now)),
            nickname: new.nickname,
            full_name: new.full_name,
            admin: new.admin,
            ..User::new(new.tenant, id, stamp, now)
        };
        let mut detail = None;
        if let Some(password) = &new.password {
            let (password, breach) = self.accept_password(&user, password).await??;
            detail = breach.detail();
            let hash = self.ports.hasher.hash(&password).await?;
            user.password = Some(PasswordCredential::first(hash, now));
        }
        let record = self.system_record(&user, Action::CreateUser, detail, now)?;
        let commit = Commit {
            user: UserWrite::Insert(Box::new(user.clone())),
            audit: vec![record],
            claims: self.claims(&user.tenant, &user.logins()).await?,
            ..Commit::of(user.tenant.clone(), user.id.clone(), now)
        };
        self.ports.store.commit(commit).await?;
        Ok(user)
    }

    /// Sets the status of an account. Its sessions, flows and codes are dead in the same write. One that is set to
    /// [`Status::Erased`] is due at once, and erased as [`Ciam::purge`] does it.
    ///
    /// # Errors
    /// [`AccessRefusal::UnknownUser`], or a failure of the store or of chance.
    pub async fn set_status(&self, tenant: &TenantId, id: &UserId, status: Status) -> Result<(), Error> {
        let now = self.ports.clock.now();
        for _ in 0..RETRIES {
            let query = StepQuery::of(tenant.clone(), id.clone());
            let Some(loaded) = self.ports.store.load(&query).await? else {
                return Err(AccessRefusal::UnknownUser.into());
            };
            let mut user = Arc::unwrap_or_clone(loaded.user);
            // Only its owner calls a deleted account back.
            if user.status.is_deleted() {
                return Err(AccessRefusal::Deleted.into());
            }
            let expected = user.version;
            user.version = expected.next();
            user.status = match status {
                Status::Erased => Status::PendingDeletion { erase_at: now },
                other => other,
            };
            user.restamp(SecurityStamp::from_bytes(self.random_bits()?), now);
            let record = self.system_record(&user, Action::SetStatus, Some(name_of(status)), now)?;
            let commit =
                Commit { audit: vec![record], ..Commit::of(user.tenant.clone(), user.id.clone(), now) };
            let user_write = UserWrite::Replace { expected, user: Box::new(user) };
            match self.ports.store.commit(Commit { user: user_write, ..commit }).await {
                Ok(()) if status == Status::Erased => {
                    drop(Box::pin(self.purge(tenant, id)).await);
                    return Ok(());
                }
                Err(StoreError::Stale) => {}
                written => return Ok(written?),
            }
        }
        Err(StoreError::Stale.into())
    }

    pub(crate) fn system_record(
        &self,
        user: &User,
        action: Action,
        detail: Option<&'static str>,
        at: Instant,
    ) -> Result<AuditRecord, Error> {
        Ok(AuditRecord {
            id: EventId::from_random(self.random_bits()?),
            tenant: user.tenant.clone(),
            at,
            actor: Actor::System,
            user: user.id.clone(),
            session: None,
            action,
            outcome: Outcome::Done,
            flow: None,
            source: None,
            detail: detail.map(Cow::Borrowed),
        })
    }
}

const fn name_of(status: Status) -> &'static str {
    match status {
        Status::Normal => "normal",
        Status::Locked { .. } => "locked",
        Status::Frozen => "frozen",
        Status::Disabled => "disabled",
        Status::PendingDeletion { .. } => "pending_deletion",
        Status::Purging { .. } => "purging",
        Status::Erased => "erased",
    }
}
