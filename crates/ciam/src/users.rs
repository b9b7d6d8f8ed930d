//! Accounts, made by the host and its administrators.

use std::borrow::Cow;

use ciam_domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_domain::identifier::{EmailAddress, PhoneNumber, Username};
use ciam_domain::profile::StandardAttribute;
use ciam_domain::refusal::{AccessRefusal, ProfileRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::user::{Contact, PasswordCredential, SecurityStamp, User};
use ciam_domain::{EventId, Instant, TenantId, UserId};
use ciam_ports::Commit;
use ciam_ports::store::UserWrite;

use crate::authority::Order;
use crate::update_profile::is_taken;
use crate::{Authority, Ciam, Error};

/// An account to be made. Its contacts count as verified.
#[derive(Default)]
pub struct NewUser {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id; a random one where it is not given. The host alone chooses one.
    pub id: Option<UserId>,
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
            .field("id", &self.id)
            .field("username", &self.username)
            .field("phone", &self.phone)
            .field("email", &self.email)
            .field("admin", &self.admin)
            .finish_non_exhaustive()
    }
}

impl Ciam {
    /// Makes an account. Its contacts count as verified.
    ///
    /// # Errors
    /// A [`ciam_domain::password::PasswordRefusal`]; a [`ProfileRefusal`] for a nickname or full name, as of an update;
    /// [`ciam_ports::StoreError::Conflict`] as a failure when a name
    /// or address is taken, or was until not long ago an erased account's; what keeps an administrator from acting; a failure of a port.
    pub async fn create_user(&self, by: Authority<'_>, new: NewUser) -> Result<User, Error> {
        let tenant = new.tenant.clone();
        let [id, stamp] = self.draw()?;
        let chosen = new.id.is_some();
        let id = new.id.unwrap_or_else(|| UserId::from_random(id));
        // While there is no account, what is refused is recorded on the administrator's own.
        let about = match by {
            Authority::Host => &id,
            Authority::Administrator(who) => who.user(),
        };
        let attempt = self.order(by, (&tenant, about), Action::CreateUser);
        self.authorise(&attempt).await?;
        // Who administers is the host's word alone: a stolen token must not make an administrator that stays.
        if (new.admin || chosen) && matches!(by, Authority::Administrator(_)) {
            return Err(self.overrule(&attempt, AccessRefusal::InsufficientScope).await);
        }
        let now = attempt.now;
        let mut user = User {
            username: new.username,
            phone: new.phone.map(|phone| Contact::verified(phone, now)),
            email: new.email.map(|email| Contact::verified(email, now)),
            admin: new.admin,
            ..User::new(new.tenant, id.clone(), SecurityStamp::from_bytes(stamp), now)
        };
        let said =
            [(StandardAttribute::Nickname, new.nickname), (StandardAttribute::FullName, new.full_name)];
        user.profile = match self.first_profile(&attempt, &user, said).await? {
            Ok(profile) => profile,
            Err(refusal) => return Err(self.overrule(&attempt, refusal).await),
        };
        let mut order = Order { user: &id, ..attempt };
        if let Some(password) = &new.password {
            let (password, breach) = match self.accept_password(&user, password).await? {
                Ok(accepted) => accepted,
                Err(refusal) => return Err(self.overrule(&attempt, refusal).await),
            };
            order.detail = breach.detail();
            let hash = self.ports.hasher.hash(&password).await?;
            user.password = Some(PasswordCredential::first(hash, now));
        }
        let commit = Commit {
            user: UserWrite::Insert(Box::new(user.clone())),
            claims: self.claims(&user.tenant, &user.logins()).await?,
            ..order.commit()
        };
        match self.carry_out(&order, Outcome::Done, commit).await {
            Ok(()) => Ok(user),
            Err(error) if is_taken(&error) => Err(self.overrule(&attempt, ProfileRefusal::Duplicate).await),
            Err(error) => Err(error),
        }
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
