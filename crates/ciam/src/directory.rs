//! Finding and listing accounts, for the host and its administrators.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::identifier::{Login, Username};
use ciam_domain::user::{Contact, Status, User};
use ciam_domain::{Instant, TenantId, UserId};
use ciam_ports::{DirectoryQuery, Handle};

use crate::{Authority, Ciam, Error, Failure};

/// The most accounts on one page of a list.
pub const USER_PAGE: u16 = 500;

/// An account as it stands in a list, with its addresses masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// Its id.
    pub id: UserId,
    /// The sign-in name.
    pub username: Option<Username>,
    /// Whether it may act.
    pub status: Status,
    /// The masked phone.
    pub phone: Option<String>,
    /// The masked e-mail address.
    pub email: Option<String>,
    /// Whether the person administers the tenant.
    pub admin: bool,
    /// When the account was made.
    pub created_at: Instant,
}

impl ListedUser {
    fn of(user: User) -> Self {
        Self {
            phone: user.phone.as_ref().map(|Contact { address, .. }| address.masked()),
            email: user.email.as_ref().map(|Contact { address, .. }| address.masked()),
            id: user.id,
            username: user.username,
            status: user.status,
            admin: user.admin,
            created_at: user.created_at,
        }
    }
}

/// A part of the list of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The accounts, in the order of their ids.
    pub users: Vec<ListedUser>,
    /// After which id the next page begins; `None` where no other account is left.
    pub next: Option<UserId>,
}

impl Ciam {
    /// Finds the account that has a name now, and reads it as [`Ciam::view_user`] does.
    ///
    /// # Errors
    /// What keeps an administrator from acting; [`ciam_domain::refusal::AccessRefusal::Deleted`] for an account that
    /// is being erased; a failure of the store or of chance.
    pub async fn find_user(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        login: &Login,
    ) -> Result<Option<User>, Error> {
        // Who asks is looked at before the name is.
        if let Authority::Administrator(who) = by {
            self.authorise(&self.order(by, (tenant, who.user()), Action::ViewUser)).await?;
        }
        let handle = Handle::Login(login.clone());
        if let Some(user) = self.ports.store.find(tenant, &handle).await? {
            return self.view_user(by, tenant, &user).await.map(Some);
        }
        if let Authority::Administrator(who) = by {
            let order = self.order(by, (tenant, who.user()), Action::ViewUser).saying("no account");
            self.carry_out(&order, Outcome::Done, order.commit()).await?;
        }
        Ok(None)
    }

    /// Lists the accounts of a tenant, erased ones included, up to [`USER_PAGE`] at a time. That an administrator did so
    /// is recorded on their own account; the host leaves no trace.
    ///
    /// # Errors
    /// What keeps an administrator from acting; [`Failure::NotOffered`] without a directory; a failure of the store.
    pub async fn users(&self, by: Authority<'_>, query: &DirectoryQuery) -> Result<UserPage, Error> {
        let directory = self.directory.as_ref().ok_or(Failure::NotOffered)?;
        if let Authority::Administrator(who) = by {
            let order = self.order(by, (&query.tenant, who.user()), Action::ListUsers);
            self.authorise(&order).await?;
            self.carry_out(&order, Outcome::Done, order.commit()).await?;
        }
        let query = DirectoryQuery { limit: query.limit.min(USER_PAGE), ..query.clone() };
        let page = directory.page(&query).await?;
        Ok(UserPage { users: page.users.into_iter().map(ListedUser::of).collect(), next: page.next })
    }
}
