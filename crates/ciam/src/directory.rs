//! Finding accounts, for the host and its administrators.

use ciam_domain::TenantId;
use ciam_domain::audit::{Action, Outcome};
use ciam_domain::identifier::Login;
use ciam_domain::user::User;
use ciam_ports::Handle;

use crate::{Authority, Ciam, Error};

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
}
